import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** Suites that a run leaves out, by path, with commas between them; the run has to say so. */
const leftOut = process.env.TEST_EXCLUDE?.split(',').filter(Boolean) ?? [];
/** `pnpm test:long`: what needs Java, many processes or more minutes than `pnpm test` may take. */
const isLong = process.env.TEST_LONG === '1';
/** Integration suites some tests of which are tagged `browser`: those run in `pnpm test:long`. */
const withBrowserTests = globSync('{packages/*/src,services/*/src,tests}/**/*.int.test.ts').filter(
  (file) => readFileSync(file, 'utf8').includes("tags: ['browser']"),
);
const common = { environment: 'node', testTimeout: 20_000, hookTimeout: 60_000 } as const;

/**
 * Three kinds of tests: `x.test.ts` needs nothing; `x.int.test.ts` needs a real PostgreSQL and a real queue;
 * `x.long.test.ts` kills processes, needs Java, or takes minutes. Tests tagged `browser` need Chromium, and run with those.
 */
export default defineConfig({
  test: {
    tags: [{ name: 'browser', description: 'looks at pages in Chromium' }],
    globalSetup: ['tools/testing/follow-parent.ts'],
    projects: [
      {
        test: {
          ...common,
          name: 'unit',
          // Files of one worker share what they import: a third of the time was imports.
          isolate: false,
          include: ['{packages,services,openapi,tools,tests}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.int.test.ts', '**/*.long.test.ts'],
        },
      },
      {
        test: {
          ...common,
          name: isLong ? 'long' : 'integration',
          isolate: isLong,
          include: isLong
            ? ['{packages,services,tools,tests}/**/*.long.test.ts', ...withBrowserTests]
            : ['{packages,services,tools,tests}/**/*.int.test.ts'],
          exclude: ['**/node_modules/**', ...leftOut],
          // Each suite says which queue it really ran on, and fails when QUEUE_URL asked for another.
          setupFiles: ['tools/testing/queue-witness.setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // The pure tests come first.
          sequence: { groupOrder: 1 },
          // Two cores: each file brings its own database, and more at once only makes clocks lie.
          maxWorkers: 2,
        },
      },
    ],
  },
});
