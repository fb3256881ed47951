import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

/** Writes the TypeScript types of each API description beside it: `console.yaml` becomes `generated/console.ts`. */
const folder = new URL('./', import.meta.url);
mkdirSync(new URL('generated/', folder), { recursive: true });
for (const name of readdirSync(folder).filter((one) => one.endsWith('.yaml'))) {
  const types = astToString(await openapiTS(new URL(name, folder)));
  writeFileSync(new URL(`generated/${name.replace('.yaml', '.ts')}`, folder), `// Generated from ${name}; do not edit.\n${types}`);
}
