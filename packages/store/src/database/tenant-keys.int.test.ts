import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { migrate } from './migrate.ts';

/** Tables of the database, which hold nothing of a tenant (DECISIONS D148). */
const ofNoTenant = ['clock', 'installation', 'kysely_migration', 'kysely_migration_lock'];

let db: Database;
let scratch: Awaited<ReturnType<typeof testDatabase>>;

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant: 'o', max: 2 });
});
afterAll(async () => {
  await db.close();
  await scratch.close();
});

describe('the tenant', () => {
  it('leads every primary key, every unique index and every foreign key', async () => {
    const { rows } = await db.query<{ name: string; definition: string }>(
      `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
         from pg_index i join pg_class c on c.oid = i.indrelid
        where c.relnamespace = 'loopwell'::regnamespace and i.indisunique
          and c.relname <> all($1) and c.relname <> 'receiver_end'
       union all
       select conname, pg_get_constraintdef(oid) from pg_constraint
        where connamespace = 'loopwell'::regnamespace and contype = 'f'`,
      [ofNoTenant],
    );
    expect(rows.length).toBeGreaterThan(30);
    const astray = rows.filter(({ definition }) => !/^[^(]*\(tenant\b/.test(definition));
    expect(astray).toEqual([]);
  });

  it('is a column of every table, and may not be missing', async () => {
    const { rows } = await db.query<{ name: string }>(
      `select c.relname as name from pg_class c
        where c.relnamespace = 'loopwell'::regnamespace and c.relkind = 'r'
          and c.relname <> all($1) and not exists (select 1 from pg_attribute a
            where a.attrelid = c.oid and a.attname = 'tenant' and a.attnotnull)`,
      [ofNoTenant],
    );
    expect(rows.map(({ name }) => name)).toEqual(['receiver_end']);
  });
});

describe('a statement', () => {
  it('gets the tenant behind its values, as often as it names it', async () => {
    const { rows } = await db.query<{ a: string; b: string; c: string }>(
      'select $tenant as a, $1::text as b, $tenant as c',
      ['x'],
    );
    expect(rows).toEqual([{ a: 'o', b: 'x', c: 'o' }]);
    const inside = await db.tx((tx) => tx.query<{ a: string }>('select $tenant as a'));
    expect(inside.rows).toEqual([{ a: 'o' }]);
  });
});
