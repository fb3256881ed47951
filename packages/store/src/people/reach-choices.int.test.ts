import type { ReachChoice } from '@loopwell/sdoh';
import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { addKeepOuts, endKeepOut, keepOutsOf, resolveKeepOut } from './keep-outs.ts';
import { movePatients } from './move-patients.ts';
import { savePatients } from './patient-links.ts';
import { reachOf, recordReach, saveStandings } from './reach-choices.ts';

const [kia, kiaThere, bo] = [
  '00000000-0000-4000-8000-00000000000a',
  '00000000-0000-4000-8000-00000000000b',
  '00000000-0000-4000-8000-00000000000c',
] as const;

let db: Database;
let close: () => Promise<unknown>;
beforeAll(async () => {
  const scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant: 'o', max: 4 });
  close = async () => {
    await db.close();
    await scratch.close();
  };
});
afterAll(() => close());

const tables = ['person', 'patient_link', 'person_standing', 'reach_choice', 'keep_out', 'history'];
beforeEach(async () => {
  for (const table of tables) await db.query(`delete from ${table}`);
  const rows = [kia, kiaThere, bo].map((patient, index) => ({
    ...{ connection: 'clinic', patientId: `p${index}`, patient, unusable: null },
  }));
  await db.tx((tx) => savePatients(tx, rows));
  await stand(kia, 'stands');
  await stand(kiaThere, 'stands');
});

const stand = (patient: string, standing: 'stands' | 'died', recordKey = `key of ${patient}`) =>
  db.tx((tx) => saveStandings(tx, [{ patient, standing, recordKey }]));

const joinKia = () =>
  db.tx((tx) =>
    movePatients(tx, [{ patient: kiaThere, person: kia, reason: 'replaced', principal: 'test' }]),
  );

const choice: ReachChoice = {
  ...{ ways: ['text'], phone: { number: '+16125550123' }, phoneOwner: 'self' },
  ...{ voicemail: false, mayBeSaid: 'clinicOnly', reading: 'reads', forPartners: false },
};
const answeredAt = new Date('2026-11-20T12:00:00Z');
const answer = (person: string, instead: string | null, more: Partial<ReachChoice> = {}) =>
  db.tx((tx) => {
    const askedBy = 'person:nurse';
    const reached = { person, choice: { ...choice, ...more }, answeredAt, askedBy, instead };
    return recordReach(tx, reached);
  });
const reach = async (person: string) => (await reachOf(db, [person])).get(person);

describe('how a person wants to be reached', () => {
  it('is unknown where nobody has asked', async () => {
    expect(await reach(kia)).toMatchObject({ recorded: undefined, standing: 'active' });
  });

  it('keeps whether they were alone; what nobody said counts as no', async () => {
    await answer(kia, null);
    expect((await reach(kia))?.recorded?.askedAlone).toBe(false);
  });

  it('counts for all records of the same person, the latest answer alone', async () => {
    const first = await answer(kia, null);
    await joinKia();
    expect((await reach(kiaThere))?.recorded?.choice).toEqual(choice);
    const second = await answer(kiaThere, first.id, { ways: ['clinic'] });
    expect((await reach(kia))?.recorded?.id).toBe(second.id);
    expect((await reach(bo))?.recorded).toBeUndefined();
  });

  it('is not overwritten by somebody who has not seen the latest answer', async () => {
    await answer(kia, null);
    await expect(answer(kia, null)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('is recorded in history without a word of the answer', async () => {
    await answer(kia, null);
    const { rows } = await db.query<{ text: string }>(
      "select to_jsonb(h)::text as text from history h where outcome = 'reach-recorded'",
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.text).not.toContain('5550123');
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['the record says that they died', () => stand(kia, 'died'), 'deceased'],
    ['a number of the record changes', () => stand(kia, 'stands', 'another key'), 'changed'],
    ['records are joined', joinKia, 'changed'],
  ])('does not count any more once %s', async (_name, change, standing) => {
    await answer(kia, null);
    expect((await reach(kia))?.standing).toBe('active');
    await change();
    expect((await reach(kia))?.standing).toBe(standing);
  });

  it('counts again once the person was asked anew', async () => {
    const first = await answer(kia, null);
    await stand(kia, 'stands', 'another key');
    await answer(kia, first.id);
    expect((await reach(kia))?.standing).toBe('active');
  });

  it('stops for a Patient whose record was never read', async () => {
    expect((await reach(bo))?.standing).toBe('inactive');
  });
});

describe('a place or person to keep out', () => {
  const add = (words: string) =>
    db.tx((tx) =>
      addKeepOuts(tx, { person: kia, words: [words], askedBy: 'person:nurse' }, [
        { id: 'hillside', name: 'Hillside Food Shelf' },
      ]),
    );
  const keepOuts = async (person: string) => (await keepOutsOf(db, [person])).get(person) ?? [];

  it('means the Organization of that name, for all records of the person', async () => {
    await add('hillside food shelf');
    await joinKia();
    expect(await keepOuts(kiaThere)).toMatchObject([{ partners: ['hillside'] }]);
    expect(await keepOuts(bo)).toEqual([]);
  });

  it('waits for a person where no Organization has that name, and ends when taken back', async () => {
    await add('my ex');
    const [keepOut] = await keepOuts(kia);
    expect(keepOut?.partners).toBeUndefined();
    const act = { id: keepOut?.id ?? '', by: 'person:lead' };
    expect(await resolveKeepOut(db, { ...act, person: bo }, [])).toBe(false);
    expect(await resolveKeepOut(db, { ...act, person: kia }, ['hillside'])).toBe(true);
    expect(await keepOuts(kia)).toMatchObject([{ words: 'my ex', partners: ['hillside'] }]);
    expect(await endKeepOut(db, { ...act, person: bo })).toBe(false);
    expect(await endKeepOut(db, { ...act, person: kia })).toBe(true);
    expect(await keepOuts(kia)).toEqual([]);
  });
});
