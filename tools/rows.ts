import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@loopwell/kit';
import { migrate, openDatabase } from '@loopwell/store';
import { rowsSource } from '@loopwell/testing';
import { startEmbeddedServer } from '../services/cli/src/embedded/server.ts';

/**
 * `pnpm generate:rows`: migrates an empty PostgreSQL of its own and writes the types of its rows.
 * With `--check` it writes nothing, and exits 1 when the file is not what the migrations say.
 */
const path = 'packages/store/src/database/rows.generated.ts';
const file = join(import.meta.dirname, '..', path);

async function generate(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'loopwell-rows-'));
  const server = await startEmbeddedServer(folder, silentLog);
  try {
    await migrate(server.url);
    const db = openDatabase({ url: server.url, tenant: 'default', max: 1 });
    try {
      return await rowsSource(db);
    } finally {
      await db.close();
    }
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const source = await generate();
if (!process.argv.includes('--check')) writeFileSync(file, source);
else if (readFileSync(file, 'utf8') !== source) {
  process.stderr.write(`${path} is not what the migrations say; run: pnpm generate:rows\n`);
  process.exit(1);
}
process.stdout.write(`${path} says what the migrations say\n`);
