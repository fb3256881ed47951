import { defineConfig } from 'vitest/config';

/** Two kinds of tests: `x.test.ts` needs nothing; `x.int.test.ts` needs a real PostgreSQL and a real queue. */
const common = { environment: 'node', testTimeout: 20_000, hookTimeout: 60_000 } as const;

export default defineConfig({
  test: {
    globalSetup: ['tools/testing/follow-parent.ts'],
    projects: [
      {
        test: {
          ...common,
          name: 'unit',
          include: ['{packages,services,openapi,tools}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.int.test.ts'],
        },
      },
      {
        test: {
          ...common,
          name: 'integration',
          include: ['{packages,services,tools}/**/*.int.test.ts'],
          exclude: ['**/node_modules/**'],
          // Each suite says which queue it really ran on, and fails when QUEUE_URL asked for another.
          setupFiles: ['tools/testing/queue-witness.setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Two cores: each file brings its own database, and more at once only makes clocks lie.
          maxWorkers: 2,
        },
      },
    ],
  },
});
