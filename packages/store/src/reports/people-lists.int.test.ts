import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { saveScreenings } from '../coding/screenings.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { movePatients } from '../people/move-patients.ts';
import { savePatients } from '../people/patient-links.ts';
import { patchReferrals, type ReferralPatch, saveNeeds } from '../referral/referrals.ts';
import {
  countLists,
  countNeeds,
  humansOf,
  listPeople,
  markedPeople,
  needsOnList,
  type PeopleList,
  patientsOf,
} from './people-lists.ts';

const today = '2026-11-24';
const person = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
let db: Database;
let scratch: { url: string; close: () => Promise<void> };

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant: 'o', max: 3 });
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});
beforeEach(async () => {
  await db.query('truncate referral, screening, person, patient_link cascade');
  await db.tx((tx) =>
    savePatients(
      tx,
      [1, 2, 3, 4].map((n) => {
        const names = { connection: 'clinic', patientId: `p${n}`, patient: person(n) };
        return { ...names, unusable: null };
      }),
    ),
  );
});

let referrals = 0;
type Need = { on?: string; category?: string; since?: string; danger?: string } & ReferralPatch;
async function need(of: number, { category, since, danger, ...patch }: Need = {}): Promise<string> {
  referrals += 1;
  const id = `00000000-0000-4000-9000-${String(referrals).padStart(12, '0')}`;
  const where = { tenant: 'o', connection: 'clinic', person: person(of), trace: person(9) };
  await db.tx(async (tx) => {
    await saveNeeds(tx, [
      {
        ...where,
        id,
        category: category ?? 'food-insecurity',
        episode: 1,
        unambiguous: true,
        sensitive: false,
        conditions: '[]',
        since: since ?? '2026-11-02',
        danger,
      },
    ]);
    if (Object.keys(patch).length > 0) await patchReferrals(tx, [{ id, patch }]);
  });
  return id;
}

const listed = async (list: PeopleList, more: object = {}) =>
  (await page(list, { limit: 50, ...more })).map(({ human }) => Number(human.slice(-1)));
const page = (list: PeopleList, more: object = {}) =>
  db.tx(async (tx) =>
    listPeople(tx, { list, limit: 50, today, marked: await markedPeople(tx), ...more }),
  );
const counts = (hidden: readonly string[] = []) =>
  db.tx(async (tx) => countLists(tx, { today, marked: await markedPeople(tx) }, hidden));
const seeFirst = (of: number) =>
  db.tx((tx) =>
    saveScreenings(
      tx,
      [person(of)],
      [
        {
          ...{ id: person(of), tenant: 'o', connection: 'clinic', person: person(of) },
          ...{ instrument: 'ahc-hrsn', authored: '2026-11-02', encounter: null, outcome: 'coded' },
          ...{ quarantine: null, sources: '[]', issues: '[]', safety: true },
        },
      ],
    ),
  );

describe('the list of a referral', () => {
  const on = new Date('2026-11-20T10:00:00Z');
  it.each<[title: string, patch: ReferralPatch, list: PeopleList | undefined]>([
    ['one that nobody has decided about', {}, 'decide'],
    ['one without a gate', { gate: null }, 'decide'],
    ['one that was just approved', { approval: 'approved' }, 'waiting'],
    ['one that was just refused', { approval: 'refused' }, undefined],
    ['one to ask about', { gate: 'agreement' }, 'ask'],
    [
      'one that a signed form agrees to and the gate does not',
      { gate: 'agreement', agreement_source: 'form', agreement_on: '2026-11-20' },
      'ask',
    ],
    [
      'one whose yes was just recorded',
      { gate: 'agreement', agreement_source: 'reviewer', agreement_on: '2026-11-20' },
      'waiting',
    ],
    ['one without a signature', { gate: 'consent' }, 'signature'],
    ['one without a service', { gate: 'noServiceCode' }, 'service'],
    ['one whose service was chosen', { gate: 'noServiceCode', service_code: '1' }, 'waiting'],
    ['one that no partner serves', { gate: 'noPartner' }, 'withoutHelp'],
    [
      'one that nobody could help with',
      { gate: 'withoutHelp', without_help: 'all-declined', without_help_since: on },
      'withoutHelp',
    ],
    ['one that goes on to the next partner', { gate: 'withoutHelp' }, 'waiting'],
    ['one on hold', { gate: 'hold' }, 'waiting'],
    ['one at a gate that this list does not know', { gate: 'tomorrow' }, 'waiting'],
    ['one at a partner', { state: 'partner', gate: null }, 'waiting'],
    ['one that was helped', { state: 'closed', gate: null }, 'helped'],
    ['one that was closed without help', { state: 'failed', gate: null }, undefined],
    ['one that was withdrawn', { state: 'withdrawn', gate: null }, undefined],
    ['one that was postponed', { postponed_until: '2026-12-01' }, 'later'],
    ['one that the person said no to', { gate: 'saidNo', approval: 'approved' }, 'later'],
    ['one of a no that was postponed before', { gate: 'saidNo', postponed_until: today }, 'later'],
    ['one of a no that was refused', { gate: 'saidNo', approval: 'refused' }, undefined],
    ['one whose day has come', { postponed_until: today }, 'decide'],
  ])('of %s', async (_title, patch, list) => {
    await need(1, patch);
    const counted = Object.entries(await counts()).filter(([, count]) => count > 0);
    expect(counted).toEqual(list === undefined ? [] : [[list, 1]]);
    if (list !== undefined) expect(await listed(list)).toEqual([1]);
  });
});

describe('a list of people', () => {
  it('has one row for each, where their oldest answer stands', async () => {
    await need(1, { since: '2026-11-10' });
    await need(2, { since: '2026-11-05' });
    await need(1, { since: '2026-11-01', category: 'stress' });
    expect(await listed('decide')).toEqual([1, 2]);
    expect(await listed('decide', { category: 'food-insecurity' })).toEqual([2, 1]);
  });

  it('has dated needs by their dates among those to see first', async () => {
    await need(1, { since: '2026-10-01', must_by: '2026-12-02' });
    await need(2, { since: '2026-11-05', must_by: '2026-11-20' });
    await need(3, { since: '2026-11-06' });
    await need(4, { since: '2026-01-06' });
    await seeFirst(3);
    expect(await listed('decide')).toEqual([2, 3, 1, 4]);
  });

  it('has those to see first on top, and nothing tells why', async () => {
    await need(1, { since: '2026-10-01' });
    await need(2, { since: '2026-11-05' });
    await need(3, { since: '2026-11-06', danger: 'power is off' });
    await seeFirst(2);
    const rows = await page('decide');
    expect(rows.map(({ rank, human }) => [rank, human])).toEqual([
      [0, person(2)],
      [0, person(3)],
      [1, person(1)],
    ]);
    expect((await db.tx(markedPeople)).sort()).toEqual([person(2), person(3)]);
  });

  it('goes on where the last page ended, without missing or repeating anybody', async () => {
    await need(4, { since: '2026-11-04' });
    await need(1, { since: '2026-11-09' });
    await need(2, { since: '2026-11-04' });
    await need(3, { since: '2026-11-20', danger: 'power is off' });
    const seen: number[] = [];
    let after: object | undefined;
    for (let pages = 0; pages < 4; pages += 1) {
      const rows = await page('decide', { limit: 1, after });
      const [first] = rows;
      if (first) seen.push(Number(first.human.slice(-1)));
      after = first;
      expect(rows.length).toBe(pages === 3 ? 1 : 2);
    }
    expect(seen).toEqual([3, 2, 4, 1]);
  });

  it('has the latest on top where help has come', async () => {
    await need(1, { state: 'closed', gate: null });
    await need(2, { state: 'closed', gate: null });
    await db.query(
      "update referral set gate_since = gate_since - interval '1 day' where person = $1",
      [person(2)],
    );
    expect(await listed('helped')).toEqual([1, 2]);
  });

  it('postpones somebody to see first for one night at most', async () => {
    await need(1, { postponed_until: '2026-12-01' });
    await need(2, { postponed_until: '2026-11-25' });
    expect(await listed('later')).toEqual([2, 1]);
    await seeFirst(1);
    await seeFirst(2);
    expect(await listed('later')).toEqual([2]);
    expect(await listed('decide')).toEqual([1]);
  });

  it('has what waits for the person after what comes back on a day', async () => {
    await need(1, { gate: 'saidNo' });
    await need(2, { postponed_until: '2026-12-20' });
    await need(3, { postponed_until: '2026-12-01' });
    await need(4, { gate: 'saidNo', postponed_until: '2026-12-10' });
    expect(await listed('later')).toEqual([3, 2, 1, 4]);
    const [first, second, third] = await page('later');
    expect(await listed('later', { after: first })).toEqual([2, 1, 4]);
    expect(await listed('later', { after: second })).toEqual([1, 4]);
    expect(await listed('later', { after: third })).toEqual([4]);
  });

  it('joins the Patients of one person, and parts them again', async () => {
    await need(1, { since: '2026-11-01' });
    await need(2, { since: '2026-11-02' });
    await seeFirst(2);
    const move = (to: number) =>
      db.tx((tx) => {
        const reason = { reason: 'same-person', principal: 'person:rea' };
        return movePatients(tx, [{ patient: person(2), person: person(to), ...reason }]);
      });
    await move(1);
    const rows = await page('decide');
    expect(rows).toEqual([{ rank: 0, at: '2026-11-24 2026-11-01', human: person(1) }]);
    const needs = await db.tx((tx) =>
      needsOnList(tx, { list: 'decide', today, marked: [] }, [person(1)]),
    );
    expect(needs.map((one) => [one.human, one.person])).toEqual([
      [person(1), person(1)],
      [person(1), person(2)],
    ]);
    expect(await db.tx((tx) => humansOf(tx, [person(1), person(2)]))).toEqual(
      new Map([
        [person(1), person(1)],
        [person(2), person(1)],
      ]),
    );
    expect(await db.tx((tx) => patientsOf(tx, [person(1)]))).toEqual([
      { patient: person(1), human: person(1) },
      { patient: person(2), human: person(1) },
    ]);
    await move(2);
    expect(await listed('decide')).toEqual([2, 1]);
  });

  it('counts people, not referrals, and the needs of one list', async () => {
    await need(1);
    await need(1, { category: 'stress' });
    await need(2);
    await need(3, { state: 'partner', gate: null });
    const categories = ['food-insecurity', 'stress', 'homelessness'];
    expect(await counts()).toMatchObject({ decide: 2, waiting: 1, ask: 0 });
    expect(await counts([person(2)])).toMatchObject({ decide: 1, waiting: 1 });
    const ask = { list: 'decide', today, marked: [] } as const;
    expect(await db.tx((tx) => countNeeds(tx, ask, categories))).toEqual([
      { category: 'food-insecurity', count: 2 },
      { category: 'stress', count: 1 },
    ]);
  });

  it('has nothing of another tenant', async () => {
    await need(1);
    const ask = { list: 'decide', today, marked: [] } as const;
    const other = openDatabase({ url: scratch.url, tenant: 'b', max: 1 });
    try {
      const rows = await other.tx((tx) => listPeople(tx, { ...ask, limit: 5 }));
      const { decide } = await other.tx((tx) => countLists(tx, ask));
      expect([rows, decide]).toEqual([[], 0]);
    } finally {
      await other.close();
    }
  });
});
