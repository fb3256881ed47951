import { systemClock } from '@loopwell/kit';
import { type Database, directory, migrate, openDatabase, partnerProfiles } from '@loopwell/store';
import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Partner } from '../model.ts';
import { loadStandings } from './load-standings.ts';

const tenant = 'o';
const food = 'food-insecurity';
const now = new Date('2026-11-30T18:00:00Z');
const clock = { ...systemClock, now: () => now, timeZone: 'America/Chicago' };
const mail: Partner = { id: 'mail', name: '', address: 'mailto:in@mail.example', channel: 'email' };
const rest: Partner = {
  ...mail,
  id: 'rest',
  address: 'https://rest.example',
  channel: 'fhir-rest',
};
let db: Database;
let scratch: Awaited<ReturnType<typeof testDatabase>>;

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant, max: 3 });
  const rows = [mail, rest].map(({ id, name, address, channel: kind }, position) => ({
    ...{ id, tenant, position, name, address, kind },
    body: JSON.stringify({ id, categories: [food] }),
  }));
  await db.tx((tx) => directory.saveDirectory(tx, tenant, rows));
});
afterAll(async () => {
  await db.close();
  await scratch.close();
});

const rowsNow = () => directory.loadDirectory(db, tenant);
const standings = async (sendsTo = new Set<string>()) => {
  const rows = await rowsNow();
  return db.tx((tx) => loadStandings(tx, rows, { clock, sendsTo }));
};
const edit = (changes: object) =>
  db.tx((tx) =>
    partnerProfiles.editProfile(tx, { partner: 'mail', changes, by: 'person:ana', now }),
  );

it('lets nothing go by e-mail before an agreement is on file, and counts bearers as one', async () => {
  const before = await standings();
  expect(before.of(mail, food, clock)).toEqual({ kind: 'noAgreement' });
  expect(before.of(rest, food, clock)).toEqual({ kind: 'noAgreement' });
  expect((await standings(new Set([rest.address]))).of(rest, food, clock).kind).toBe('takes');
  await edit({ agreement: { kind: 'memorandum', from: '2026-01-01' } });
  expect((await standings()).of(mail, food, clock)).toEqual({ kind: 'takes' });
});

it('counts what the batch sends, and says when the week is over', async () => {
  await edit({ perWeek: 1 });
  const batch = await standings();
  expect(batch.of(mail, food, clock).kind).toBe('takes');
  batch.countSend(mail);
  const until = new Date('2026-12-07T06:00:00Z');
  const opensInMs = until.getTime() - now.getTime();
  expect(batch.of(mail, food, clock)).toEqual({ kind: 'weekFull', until, opensInMs });
});

it('lets one batch at a time decide about a partner that takes only so many', async () => {
  const rows = await rowsNow();
  const order: string[] = [];
  await db
    .tx(async (tx) => {
      await loadStandings(tx, rows, { clock });
      const second = db.tx(async (other) => {
        await loadStandings(other, rows, { clock });
        order.push('second');
      });
      const waits = `select 1 from pg_locks where locktype = 'advisory' and not granted`;
      while ((await tx.query(waits)).rows.length === 0) await new Promise(setImmediate);
      order.push('first');
      return { second };
    })
    .then(({ second }) => second);
  expect(order).toEqual(['first', 'second']);
});

it('judges a pause as of the moment that is asked about', async () => {
  const until = new Date('2026-12-02T15:00:00Z');
  await db.tx((tx) =>
    partnerProfiles.pausePartner(tx, { partner: 'mail', until, saidBy: 'a text', now }),
  );
  const paused = await standings();
  expect(paused.of(mail, food, clock)).toMatchObject({ kind: 'paused', until });
  expect(paused.of(mail, food, { ...clock, now: () => until }).kind).toBe('takes');
});
