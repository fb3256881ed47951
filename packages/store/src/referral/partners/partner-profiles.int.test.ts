import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../database/database.ts';
import { migrate } from '../../database/migrate.ts';
import { saveDirectory } from '../partner-directory.ts';
import { editProfile, latestEdits, loadProfiles, pausePartner } from './partner-profiles.ts';

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

const now = new Date('2026-11-30T15:00:00Z');
const pausedAt = new Date('2026-11-30T16:00:00Z');
const service = (more: object = {}) => ({
  service: 's1',
  categories: ['food-insecurity'],
  places: [],
  ...more,
});
/** Puts the directory in place, as a file that is loaded does. */
const put = (services?: object[]) =>
  db.tx((tx) =>
    saveDirectory(tx, 'o', [
      {
        ...{ id: 'pantry', tenant: 'o', position: 0, name: 'Pantry', address: 'manual:pantry' },
        body: JSON.stringify({ id: 'pantry', categories: ['food-insecurity'], services }),
      },
    ]),
  );
const profile = async () => (await loadProfiles(db)).get('pantry')?.profile();

it('keeps what people wrote when a new file comes', async () => {
  await put([service({ phone: '612-555-0100', arrival: 'theyCome' })]);
  const edit = { partner: 'pantry', by: 'person:ana', now };
  await db.tx((tx) => editProfile(tx, { ...edit, changes: { phone: '612-555-0199' } }));
  await db.tx((tx) => editProfile(tx, { ...edit, changes: { perWeek: 3 } }));
  await put([service({ phone: '612-555-0111', arrival: 'ticket' })]);
  expect(await profile()).toMatchObject({
    phone: '612-555-0199',
    arrival: 'ticket',
    intake: { perWeek: 3 },
  });
  expect((await loadProfiles(db)).get('pantry')).toMatchObject({
    editedBy: 'person:ana',
    editedAt: now,
  });
});

it('pauses a partner and opens it again, and keeps who said so', async () => {
  await put([service({ capacity: { code: 'no-capacity' } })]);
  const until = new Date('2026-12-03T14:00:00Z');
  const pause = { partner: 'pantry', saidBy: 'a text from its number', now: pausedAt };
  await db.tx((tx) => pausePartner(tx, { ...pause, until }));
  expect((await profile())?.intake.pausedUntil).toBe(until.toISOString());
  const later = new Date('2026-12-01T15:00:00Z');
  await db.tx((tx) => pausePartner(tx, { ...pause, until: null, now: later }));
  const open = await profile();
  expect(open?.intake).not.toHaveProperty('pausedUntil');
  expect(open?.capacity).toEqual({
    code: 'capacity',
    saidBy: 'a text from its number',
    saidAt: later.toISOString(),
  });
  const edits = await latestEdits(db, 'pantry', 2);
  expect(edits.map(({ changes }) => changes.pausedUntil)).toEqual([null, until.toISOString()]);
});

it('reads a row of before as one service without details', async () => {
  await put();
  const stored = (await loadProfiles(db)).get('pantry');
  expect(stored?.services).toEqual([
    {
      ...{ service: 'pantry', at: 'manual:pantry' },
      ...{ categories: ['food-insecurity'], places: [] },
    },
  ]);
});

it('is another tenant’s secret', async () => {
  const other = openDatabase({ url: scratch.url, tenant: 'other', max: 1 });
  try {
    expect((await loadProfiles(other)).size).toBe(0);
    expect(await latestEdits(other, 'pantry', 5)).toEqual([]);
  } finally {
    await other.close();
  }
});
