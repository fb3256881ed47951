import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rowsSource, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase } from './database.ts';
import { migrate } from './migrate.ts';

let scratch: Awaited<ReturnType<typeof testDatabase>>;
let db: ReturnType<typeof openDatabase>;
beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant: 'default', max: 1 });
});
afterAll(async () => {
  await db.close();
  await scratch.close();
});

const generated = () => rowsSource(db);

it('the types of rows are those of the migrations', async () => {
  const file = join(import.meta.dirname, 'rows.generated.ts');
  expect(await generated()).toBe(readFileSync(file, 'utf8'));
});

it('follow a column that is added, its check and whether it may be missing', async () => {
  await db.query(
    "alter table hold add column level text not null default 'a' check (level in ('a', 'b')), add column n bigint",
  );
  expect(await generated()).toContain("    level: 'a' | 'b';\n    n: number | null;\n  };");
});

it('are refused for a type that nobody has decided on', async () => {
  await db.query('alter table hold add column area point');
  await expect(generated()).rejects.toThrow('hold.area is a point');
});
