import { join } from 'node:path';
import { cruise } from './layers/cruise.ts';

/**
 * `pnpm layers`: holds every import of the workspace to `.dependency-cruiser.cjs`, and kit to its
 * six files.
 */
const { files, problems } = cruise(join(import.meta.dirname, '..'));
for (const { rule, from, to } of problems)
  process.stderr.write(`${rule}: ${from}${to ? ` -> ${to}` : ''}\n`);
process.stdout.write(`${files} files, ${problems.length} breaches of the layers\n`);
process.exit(problems.length === 0 && files > 0 ? 0 : 1);
