import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { saveScreenings } from '../../coding/screenings.ts';
import { type Database, openDatabase } from '../../database/database.ts';
import { migrate } from '../../database/migrate.ts';
import { patchReferrals, saveNeeds } from '../../referral/referrals.ts';
import {
  appointmentSources,
  callTodayPeople,
  countDanger,
  noteUnsafeToAsk,
  overrideContact,
  peopleToMeet,
  recordSafety,
  safetyFacts,
  seeFirstPeople,
  seeInPersonFacts,
  typeAppointment,
} from './safety.ts';
import { peopleInDanger } from './urgent-people.ts';

const idOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const [kia, kiaElsewhere, bo] = [idOf(1), idOf(2), idOf(3)];
const today = '2999-01-01';
const page = { limit: 10 };

let db: Database;
let scratch: { url: string; close: () => Promise<void> };

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant: 'o' });
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});
beforeEach(async () => {
  await db.query(
    `truncate screening, referral, safety_record, safety_cover, contact_override,
       typed_appointment, patient_link, person, ehr_resource cascade`,
  );
  await link(kia, kia);
  await link(kiaElsewhere, kia);
  await link(bo, bo);
});

const link = (patient: string, human: string) =>
  db.query(
    `insert into patient_link (tenant, connection, patient_id, patient, person)
     values ('o', 'clinic', $1::text, $1::text::uuid, $2)
     on conflict (tenant, connection, patient_id) do update set person = excluded.person`,
    [patient, human],
  );

/** Saves one screening about safety of a Patient, with what it says. */
const screen = (person: string, says = 'hurt') =>
  db.tx((tx) =>
    saveScreenings(
      tx,
      [person],
      [
        {
          id: person.replace('4000', '4001'),
          tenant: 'o',
          connection: 'clinic',
          person,
          instrument: 'ahc-hrsn',
          authored: '2026-11-02',
          encounter: null,
          outcome: 'needsPerson',
          quarantine: null,
          sources: '[]',
          issues: JSON.stringify([{ severity: 'warning', code: 'sensitive', text: says }]),
          safety: true,
        },
      ],
    ),
  );

/** Opens a referral of a Patient whose help is useless after a date. */
const need = (person: string, dates: { mustBy?: string; danger?: boolean }) =>
  db.tx(async (tx) => {
    const id = person.replace('4000', '4002');
    const row = { id, tenant: 'o', connection: 'clinic', person, category: 'utility-insecurity' };
    const facts = { episode: 1, unambiguous: true, sensitive: false, conditions: '[]' };
    const danger = dates.danger
      ? ({ danger: 'utilities are shut off', danger_kind: 'call-today' } as const)
      : {};
    await saveNeeds(tx, [{ ...row, ...facts, since: '2026-11-02', trace: id, ...danger }]);
    if (dates.mustBy) await patchReferrals(tx, [{ id, patch: { must_by: dates.mustBy } }]);
    return id;
  });

const keysOf = async (person: string) =>
  (await safetyFacts(db, [person])).get(person)?.answers.map(({ key }) => key) ?? [];
const standingOf = async (person: string) =>
  (await safetyFacts(db, [person])).get(person)?.standing;
const record = async (
  action: Parameters<typeof recordSafety>[1]['action'],
  safeWay?: string,
  person = kia,
) => {
  const seen = await keysOf(person);
  return db.tx((tx) =>
    recordSafety(tx, { person, action, safeWay, principal: 'person:rea', seen }),
  );
};
const lists = async () => ({
  first: (await seeFirstPeople(db, today, page)).map(({ human }) => human),
  call: (await callTodayPeople(db, today, page)).map(({ human }) => human),
});

describe('an answer about safety', () => {
  it('marks, lists and blocks the human, by whichever Patient it came', async () => {
    await screen(kiaElsewhere);
    expect(await standingOf(kia)).toMatchObject({
      isMarked: true,
      isListed: true,
      isBlocked: true,
    });
    expect([...(await peopleInDanger(db, 'o', [kia, kiaElsewhere, bo]))].sort()).toEqual([
      kia,
      kiaElsewhere,
    ]);
    expect(await lists()).toEqual({ first: [kia], call: [] });
    expect(await countDanger(db, today)).toEqual({ seeFirst: 1, callToday: 0, toMeet: 1 });
    expect([...(await seeInPersonFacts(db, [kia, bo])).keys()]).toEqual([kia]);
  });

  it.each<
    [string, Parameters<typeof recordSafety>[1]['action'], string | undefined, readonly boolean[]]
  >([
    ['still blocks', 'could-not-talk-alone', undefined, [true, true, true]],
    ['still blocks without a safe way', 'talked-alone', undefined, [true, true, true]],
    ['blocks no more', 'talked-alone', 'Tuesdays at the clinic', [true, true, false]],
    ['leaves the list', 'does-not-want-this-now', undefined, [true, false, true]],
    ['leaves the list, with a safe way', 'reached-advocate', 'Tuesdays', [true, false, false]],
    ['ends with a mistake', 'answered-by-mistake', undefined, [false, false, false]],
  ])('%s', async (_, action, safeWay, flags) => {
    const [isMarked, isListed, isBlocked] = flags;
    await screen(kia);
    expect(await record(action, safeWay)).toBe(true);
    expect(await standingOf(kia)).toMatchObject({ isMarked, isListed, isBlocked });
    // The lists in SQL say the same as the rule.
    expect((await lists()).first).toEqual(isListed ? [kia] : []);
    expect((await peopleInDanger(db, 'o', [kia])).has(kia)).toBe(isMarked);
  });

  it('begins anew when it says something else, and when another is added', async () => {
    await screen(kia);
    await record('answered-by-mistake');
    await screen(kia, 'threatened');
    expect(await lists()).toEqual({ first: [kia], call: [] });
    await record('talked-alone', 'Tuesdays');
    await screen(kiaElsewhere);
    expect(await standingOf(kia)).toMatchObject({ isListed: true, isBlocked: true });
  });

  it('is not covered by a record of somebody who did not see it', async () => {
    await screen(kia);
    const seen = await keysOf(kia);
    await screen(kiaElsewhere);
    const done = { person: kia, action: 'answered-by-mistake', principal: 'p', seen } as const;
    expect(await db.tx((tx) => recordSafety(tx, done))).toBe(false);
    expect(await standingOf(kia)).toMatchObject({ isMarked: true });
  });

  it('stays with its own Patient when a wrong link is taken back', async () => {
    await screen(kia);
    await screen(kiaElsewhere);
    await record('talked-alone', 'Tuesdays');
    await link(kiaElsewhere, kiaElsewhere);
    expect(await standingOf(kiaElsewhere)).toMatchObject({ isBlocked: false, safeWay: 'Tuesdays' });
    await screen(kiaElsewhere, 'threatened');
    expect(await standingOf(kia)).toMatchObject({ isBlocked: false });
    expect(await standingOf(kiaElsewhere)).toMatchObject({ isBlocked: true });
  });

  it('is ended by no review of its screening', async () => {
    await screen(kia);
    await db.query("update screening set seen_at = now(), seen_by = 'person:ada'");
    expect(await standingOf(kia)).toMatchObject({ isListed: true, isBlocked: true });
  });

  it('blocks no more for a day where a clinician decides so by name', async () => {
    await screen(kia);
    const decided = { person: kiaElsewhere, principal: 'person:dr', reason: 'danger to life' };
    await db.tx((tx) => overrideContact(tx, decided));
    expect(await standingOf(kia)).toMatchObject({ isMarked: true, isBlocked: false });
    const facts = await seeInPersonFacts(db, [kia]);
    expect(facts.get(kia)?.override).toMatchObject({ by: 'person:dr', reason: 'danger to life' });
    await db.query("update contact_override set until = now() - interval '1 second'");
    expect(await standingOf(kia)).toMatchObject({ isBlocked: true });
  });
});

describe('a need about which nobody asks, since asking could be the danger', () => {
  const noted = async () =>
    (
      await db.query<{ person: string; kind: string }>(
        "select person, kind from equity_fact where tenant = $tenant and kind = 'not-asked-unsafe'",
      )
    ).rows;

  it('is noted once, until a safe way is known, and for nobody else', async () => {
    await db.query('truncate equity_fact');
    await need(kia, {});
    await need(bo, {});
    await db.query("update referral set gate = 'agreement'");
    expect(await db.tx(noteUnsafeToAsk)).toBe(0);
    await screen(kiaElsewhere);
    expect(await db.tx(noteUnsafeToAsk)).toBe(1);
    expect(await db.tx(noteUnsafeToAsk)).toBe(0);
    expect(await noted()).toEqual([{ person: kia, kind: 'not-asked-unsafe' }]);
    await db.query('truncate equity_fact');
    await record('talked-alone', 'Tuesdays at the clinic');
    expect(await db.tx(noteUnsafeToAsk)).toBe(0);
    expect(await noted()).toEqual([]);
  });
});

describe('a dated need', () => {
  it('is a call today, by its date', async () => {
    await need(kia, { mustBy: '2998-12-02' });
    await need(bo, { danger: true });
    expect(await lists()).toEqual({ first: [], call: [bo, kia] });
    expect(await countDanger(db, today)).toEqual({ seeFirst: 0, callToday: 2, toMeet: 2 });
    expect((await peopleInDanger(db, 'o', [kiaElsewhere, bo])).size).toBe(2);
  });

  it('is no call for somebody whom nobody may call', async () => {
    await need(kia, { mustBy: '2998-12-02' });
    await screen(kiaElsewhere);
    expect(await lists()).toEqual({ first: [kia], call: [] });
    await record('does-not-want-this-now');
    expect(await lists()).toEqual({ first: [kia], call: [] });
    await record('talked-alone', 'Tuesdays');
    expect(await lists()).toEqual({ first: [], call: [kia] });
  });

  it('leaves the list when it is refused', async () => {
    const id = await need(bo, { danger: true });
    await db.tx((tx) => patchReferrals(tx, [{ id, patch: { approval: 'refused' } }]));
    expect((await lists()).call).toEqual([]);
  });

  it('counts as one to see first where its kind is not known', async () => {
    await need(bo, { danger: true });
    await db.query('update referral set danger_kind = null');
    expect(await lists()).toEqual({ first: [bo], call: [] });
    await record('answered-by-mistake', undefined, bo);
    expect((await peopleInDanger(db, 'o', [bo])).size).toBe(0);
  });

  it('is listed page by page', async () => {
    await need(kia, { mustBy: '2998-12-02' });
    await need(bo, { mustBy: '2998-12-03' });
    const meet = await peopleToMeet(db, today, { limit: 1 });
    expect(meet).toEqual([{ human: kia, since: '2026-11-02' }]);
    expect(await peopleToMeet(db, today, { limit: 1, after: kia })).toMatchObject([{ human: bo }]);
    const [first] = await callTodayPeople(db, today, { limit: 1 });
    expect(first).toEqual({ human: kia, day: '2998-12-02', mustBy: '2998-12-02' });
    const after = { at: '2998-12-02', human: kia };
    const rest = await callTodayPeople(db, today, { limit: 1, after });
    expect(rest.map(({ human }) => human)).toEqual([bo]);
  });
});

it('keeps the next appointment that was typed in, the latest word counts', async () => {
  const at = new Date('2999-01-02T15:00:00Z');
  for (const place of ['Clinic', 'Lab'])
    await db.tx((tx) => typeAppointment(tx, { person: kia, at, place, principal: 'person:rea' }));
  const sources = (await appointmentSources(db, [kiaElsewhere])).get(kiaElsewhere);
  expect(sources?.typed).toMatchObject([{ at, place: 'Lab', principal: 'person:rea' }]);
});
