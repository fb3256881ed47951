import { suiteDatabase } from '@loopwell/testing';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { migrate } from './migrate.ts';
import { changeSite, identifierSystem, readSite, seedSite, siteVersions } from './site.ts';

const [by, clinic] = ['person:ada', 'https://clinic.example.org/loopwell'];
let db: Database;
let other: Database;
let scratch: { url: string };
const suite = suiteDatabase(migrate);
afterAll(suite.close);
beforeEach(async () => {
  scratch = await suite.fresh();
  db = openDatabase({ url: scratch.url, tenant: 'north', max: 8 });
  other = openDatabase({ url: scratch.url, tenant: 'south' });
});
afterEach(async () => {
  await db.close();
  await other.close();
});

const settings = async (from = db) => JSON.parse((await readSite(from))?.settings ?? 'null');
const seed = (seeds: object, from = db) =>
  from.tx((tx) => seedSite(tx, { ...seeds }, 'system:loopwell'));
const change = (version: number, next: object, system?: string) =>
  db.tx((tx) => changeSite(tx, { version, settings: next, identifierSystem: system, by }));

describe('the site', () => {
  it('takes from a start what it does not have yet, and nothing else', async () => {
    expect(await readSite(db)).toBeUndefined();
    await seed({ name: 'Lakes' });
    await seed({ name: 'Rivers', phone: '612 555 0100' });
    expect(await settings()).toEqual({ name: 'Lakes', phone: '612 555 0100' });
    const { version } = await seed({ name: 'Rivers' });
    expect([version, await settings(other)]).toEqual([2, null]);
  });

  it('agrees where several start at once', async () => {
    const rows = await Promise.all(
      Array.from({ length: 6 }, (_, index) => seed({ name: `Clinic ${index}`, minorAge: index })),
    );
    expect(new Set(rows.map((row) => row.settings)).size).toBe(1);
    expect(await siteVersions(db, 10)).toHaveLength(2);
  });

  it('does not fill again what a person has left empty', async () => {
    const { version } = await seed({ phone: '612 555 0100' });
    await change(version, { phone: null });
    await seed({ phone: '612 555 0100' });
    expect(await settings()).toEqual({ phone: null });
  });

  it('keeps every version with who made it', async () => {
    const { version } = await seed({ name: 'Lakes' });
    await change(version, { name: 'Rivers' });
    const versions = await siteVersions(db, 10);
    expect(versions.map((row) => [row.version, row.changed_by, row.settings])).toEqual([
      [2, by, '{"name":"Rivers"}'],
      [1, 'system:loopwell', '{"name":"Lakes"}'],
      [0, 'system:loopwell', '{}'],
    ]);
  });

  it.each([-1, 1, 7])('is not changed from version %d where it is at another', async (version) => {
    await expect(change(version, { name: 'Late' })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await readSite(db)).toBeUndefined();
  });

  it('lets one of two changes of the same version through', async () => {
    const { version } = await seed({ name: 'Lakes' });
    const both = await Promise.allSettled([
      change(version, { name: 'Ada' }),
      change(version, { name: 'Bo' }),
    ]);
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('has one identifier system for each tenant, which changes until a resource carries it', async () => {
    const systems = await Promise.all(
      Array.from({ length: 8 }, () => db.tx((tx) => identifierSystem(tx))),
    );
    expect(new Set(systems).size).toBe(1);
    expect(await other.tx((tx) => identifierSystem(tx))).not.toBe(systems[0]);
    const row = await readSite(db);
    await change(row?.version ?? 0, {}, clinic);
    expect(await db.tx((tx) => identifierSystem(tx))).toBe(clinic);
    const id = '6b0a8f5e-0000-4000-8000-000000000001';
    await db.query(
      `insert into own_resource (id, tenant, connection, person, type, body, hash)
       values ($1, $tenant, 'c', $1, 'Condition', '{}', 'h')`,
      [id],
    );
    const next = (await readSite(db))?.version ?? 0;
    await expect(change(next, {}, 'urn:oid:1.2.3')).rejects.toMatchObject({
      code: 'CONFLICT',
      facts: { field: 'identifierSystem' },
    });
    await change(next, { name: 'Lakes' }, clinic);
    expect(await db.tx((tx) => identifierSystem(tx))).toBe(clinic);
  });
});
