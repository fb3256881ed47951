import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

/**
 * Writes the TypeScript types of each API description beside it: `console.yaml` becomes
 * `generated/console.ts`. With `--check` it writes nothing, and exits 1 when what is there is not
 * what the descriptions say.
 */
const folder = new URL('./', import.meta.url);
const generated = new URL('generated/', folder);

async function typesByFile(): Promise<Map<string, string>> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  const made = names.map(async (name) => {
    const types = astToString(await openapiTS(new URL(name, folder)));
    return [
      name.replace('.yaml', '.ts'),
      `// Generated from ${name}; do not edit.\n${types}`,
    ] as const;
  });
  return new Map(await Promise.all(made));
}

const present = existsSync(generated) ? readdirSync(generated) : [];
const contentOf = (name: string) =>
  present.includes(name) ? readFileSync(new URL(name, generated), 'utf8') : undefined;
const types = await typesByFile();
const stale = [...types].filter(([name, text]) => contentOf(name) !== text).map(([name]) => name);
const orphans = present.filter((name) => !types.has(name));

if (process.argv.includes('--check')) {
  for (const name of stale)
    process.stderr.write(
      `openapi/generated/${name} is not what its description says; run: pnpm generate\n`,
    );
  for (const name of orphans)
    process.stderr.write(`openapi/generated/${name} has no description any more\n`);
  process.stdout.write(
    `${types.size} API descriptions, ${stale.length + orphans.length} out of date\n`,
  );
  process.exit(types.size > 0 && stale.length + orphans.length === 0 ? 0 : 1);
}
mkdirSync(generated, { recursive: true });
for (const [name, text] of types)
  if (stale.includes(name)) writeFileSync(new URL(name, generated), text);
for (const name of orphans) rmSync(new URL(name, generated));
