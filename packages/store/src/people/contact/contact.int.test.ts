import { deriveId, newId } from '@loopwell/kit';
import { findNoToHelp, type PatientStanding } from '@loopwell/sdoh';
import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../database/database.ts';
import { migrate } from '../../database/migrate.ts';
import { changeSite } from '../../database/site.ts';
import { setPerson } from '../follow-links.ts';
import { isStoppedFor } from '../keep-outs.ts';
import { savePatients } from '../patient-links.ts';
import { recordReach, saveStandings } from '../reach-choices.ts';
import * as contact from './contact.ts';

const tenant = 'o';
const today = '2026-11-30';
const food = 'food-insecurity';
let db: Database;
let scratch: Awaited<ReturnType<typeof testDatabase>>;
let [ada, adaElsewhere, bo] = ['', '', ''];

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant, max: 8 });
});
afterAll(async () => {
  await db.close();
  await scratch.close();
});

/** Three Patients, of whom the first two may be one human. */
beforeEach(async () => {
  for (const table of [
    'person_no',
    'contact_try',
    'reach_choice',
    'patient_link',
    'person',
    'site',
  ])
    await db.query(`delete from ${table} where tenant = $tenant`);
  [ada, adaElsewhere, bo] = [newId(), newId(), newId()];
  const patients = [
    { connection: 'north', patientId: 'a', patient: ada, unusable: null },
    { connection: 'south', patientId: 'a2', patient: adaElsewhere, unusable: null },
    { connection: 'south', patientId: 'b', patient: bo, unusable: null },
  ];
  await db.tx(async (tx) => {
    await savePatients(tx, patients);
    const standings = patients.map(({ patient }) => ({ patient, standing: 'stands' as const }));
    await saveStandings(
      tx,
      standings.map((row) => ({ ...row, recordKey: 'k' })),
    );
  });
});

const link = (patient: string, samePersonAs: string | null) =>
  db.tx((tx) => setPerson(tx, { patient, samePersonAs, principal: 'person:rea' }));

const no = (more: object = {}) => ({
  tenant,
  id: newId(),
  person: ada,
  kind: 'not-this-help' as const,
  category: food as string | null,
  partner: null,
  until: null,
  said_on: '2026-11-08',
  said_by: 'person' as const,
  said_to: 'Rea',
  note: null,
  referral: null,
  recorded_by: 'person:rea',
  ...more,
});
const say = (more: object = {}) => db.tx((tx) => contact.addNos(tx, [no(more)]));
const standing = async (patient: string) =>
  findNoToHelp((await contact.nosOfPeople(db, [patient])).get(patient) ?? [], food, today);

const wish = (more: object = {}) => ({
  id: newId(),
  person: ada,
  channel: 'call' as const,
  category: food,
  by: 'staff' as const,
  today,
  principal: 'person:rea',
  ...more,
});
const reserve = (more: object = {}) => db.tx((tx) => contact.reserveTry(tx, wish(more)));

describe('a no', () => {
  it('holds for all records of the same human, and for no other', async () => {
    await say({ person: adaElsewhere });
    expect(await standing(ada)).toBeUndefined();
    await link(adaElsewhere, ada);
    expect(await standing(ada)).toMatchObject({ kind: 'not-this-help', saidOn: '2026-11-08' });
    expect(await standing(bo)).toBeUndefined();
    await link(adaElsewhere, null);
    expect(await standing(ada)).toBeUndefined();
    expect(await standing(adaElsewhere)).toBeDefined();
  });

  it('is one, however often it is recorded, by two people at once too', async () => {
    const written = await Promise.all([say(), say(), say(), say({ person: ada })]);
    expect(written.flat()).toHaveLength(1);
    expect(await say({ said_on: '2026-11-09' })).toHaveLength(1);
    expect(await say({ category: null, kind: 'dont-ask-again' })).toHaveLength(1);
  });

  it('by a door that brings it twice is one', async () => {
    const id = deriveId('a partner said so');
    expect(await say({ id })).toEqual([id]);
    await db.tx((tx) =>
      contact.liftNos(tx, { person: ada, ids: [id], broughtUpOn: today, by: 'person:rea' }),
    );
    expect(await say({ id })).toEqual([]);
    expect(await standing(ada)).toBeUndefined();
  });

  it('ends for the human whose it is, and stays in the record', async () => {
    await link(adaElsewhere, ada);
    const [id = ''] = await say({ person: adaElsewhere });
    const lift = (person: string) =>
      db.tx((tx) =>
        contact.liftNos(tx, { person, ids: [id], broughtUpOn: today, by: 'person:rea' }),
      );
    expect(await lift(bo)).toEqual([]);
    expect(await standing(ada)).toBeDefined();
    expect(await lift(ada)).toMatchObject([{ id, brought_up_on: today, lifted_by: 'person:rea' }]);
    expect(await lift(ada)).toEqual([]);
    expect(await standing(ada)).toBeUndefined();
    expect((await contact.personNos(db, [ada])).get(ada)).toHaveLength(1);
    expect(await say({})).toHaveLength(1);
  });

  it('that is no whole no is refused by the database, too', async () => {
    for (const bad of [
      { kind: 'not-now' },
      { kind: 'not-this-place' },
      { category: null },
      { partner: 'pantry' },
      { kind: 'perhaps' },
      { said_by: 'neighbor' },
    ])
      await expect(say(bad), JSON.stringify(bad)).rejects.toThrow();
    expect((await db.query('select 1 from person_no where tenant = $tenant')).rows).toEqual([]);
  });

  it.each(['Nws hais tias tsis kam', 'Maya, mahadsanid', '<b>nope</b> & "quoted"', 'x\u001ey'])(
    'keeps the words %s',
    async (note) => {
      await say({ note });
      expect((await contact.personNos(db, [ada])).get(ada)?.[0]?.note).toBe(note);
    },
  );
});

describe('a change in the chart', () => {
  const stand = (patient: string, standing: PatientStanding, recordKey = 'k') =>
    db.tx((tx) => saveStandings(tx, [{ patient, standing, recordKey }]));
  const asked = (person: string) =>
    db.tx((tx) =>
      recordReach(tx, {
        ...{ person, askedBy: 'person:rea', answeredAt: new Date(), instead: null },
        choice: {
          ...{ ways: ['call'], phone: { number: '+16125550123' }, phoneOwner: 'self' },
          ...{ voicemail: true, mayBeSaid: 'clinicOnly', reading: 'reads', forPartners: true },
        },
      }),
    );

  it.each<[string, PatientStanding, string, string]>([
    ['that they died', 'died', 'k', 'deceased'],
    ['that the chart was merged', 'merged', 'k', 'merged'],
    ['that it is not in use', 'inactive', 'k', 'inactive'],
    ['something that cannot be read', 'unclear', 'k', 'inactive'],
    ['another number', 'stands', 'another', 'changed'],
  ])('%s stops every try and every send at once', async (_name, standing, key, rule) => {
    await asked(ada);
    expect(await isStoppedFor(db, ada, 'pantry')).toBe(false);
    await stand(ada, standing, key);
    expect(await reserve()).toMatchObject({ may: false, rule });
    expect(await isStoppedFor(db, ada, 'pantry')).toBe(standing !== 'stands');
  });

  it('that another record of the same human tells of a death stops sends from this one', async () => {
    await link(adaElsewhere, ada);
    await stand(adaElsewhere, 'died');
    expect(await isStoppedFor(db, ada, 'pantry')).toBe(true);
    expect(await reserve()).toMatchObject({ may: false, rule: 'deceased' });
  });
});

describe('the last try', () => {
  it('goes to one of ten who want it at once, whichever record they have open', async () => {
    await link(adaElsewhere, ada);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => reserve({ person: i % 2 ? ada : adaElsewhere })),
    );
    expect(answers.filter(({ may }) => may)).toHaveLength(1);
    expect((await contact.personTries(db, [ada])).get(ada)).toHaveLength(1);
    expect((await reserve({ person: bo })).may).toBe(true);
  });

  it('is not given against a no that is recorded at the same time', async () => {
    const [written, answer] = await Promise.all([say(), reserve()]);
    expect(written).toHaveLength(1);
    const later = await reserve({ today: '2027-01-30' });
    expect(later).toMatchObject({ may: false, rule: 'said-no' });
    const made = (await contact.personTries(db, [ada])).get(ada) ?? [];
    expect(made).toHaveLength(answer.may ? 1 : 0);
  });

  it('is counted over the records that were linked since', async () => {
    await reserve({ person: ada });
    expect((await reserve({ person: adaElsewhere })).may).toBe(true);
    await link(adaElsewhere, ada);
    expect(await reserve({ person: adaElsewhere })).toMatchObject({ may: false });
  });

  it('ends once', async () => {
    const made = wish();
    await db.tx((tx) => contact.reserveTry(tx, made));
    const end = {
      id: made.id,
      outcome: 'wrong-number' as const,
      saidWhy: true,
      isIncident: true,
      note: null,
      principal: 'person:rea',
    };
    expect(await contact.settleTry(db, end)).toMatchObject({ outcome: 'wrong-number' });
    expect(await contact.settleTry(db, { ...end, outcome: 'spoke' })).toBeUndefined();
    expect(await contact.listIncidents(db, 10)).toMatchObject([{ id: made.id, said_why: true }]);
  });
});

it('is as large as the site says', async () => {
  expect(await contact.readTryBudget(db)).toEqual({ tries: 3, days: 14, perDay: 1 });
  const settings = { tryBudget: '0 in 1 day, 0 a day' };
  await db.query("insert into site (tenant, version, changed_by) values ($tenant, 1, 'test')");
  await db.tx((tx) => changeSite(tx, { version: 1, settings, by: 'person:op' }));
  expect(await reserve()).toMatchObject({ may: false, rule: 'no-tries-left' });
});
