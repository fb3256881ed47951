import { personSearch, searchTerms } from '@loopwell/sdoh';
import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Database, openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { findPeople, keepSearch, readSearch } from './find-people.ts';
import { movePatients } from './move-patients.ts';
import { savePatients } from './patient-links.ts';
import { saveTerms } from './person-terms.ts';

const idOf = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
const patients = [
  {
    ...{ name: [{ text: 'Kia Moua' }, { use: 'maiden', text: 'Kia Váng' }] },
    ...{ birthDate: '1985-09-21', identifier: [{ value: '10442' }] },
    telecom: [{ system: 'phone', value: '(612) 555-0142 x3' }],
  },
  {
    ...{ name: [{ text: 'Hodan' }], birthDate: '1985-09-21' },
    telecom: [{ system: 'phone', value: '+1-555-0152' }],
  },
  { name: [{ family: 'Moua', given: ['Mai', 'Kia'] }], identifier: [{ value: 'X-7' }] },
];
let db: Database;
let scratch: { url: string; close: () => Promise<void> };
const save = (n: number, patient: object) =>
  db.tx((tx) =>
    saveTerms(tx, [
      { patient: idOf(n), terms: searchTerms({ resourceType: 'Patient', ...patient }) },
    ]),
  );

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant: 'o', max: 2 });
  for (const [n, patient] of patients.entries()) {
    const row = { connection: 'clinic', patientId: `p${n}`, patient: idOf(n), unusable: null };
    await db.tx((tx) => savePatients(tx, [row]));
    await save(n, { id: `p${n}`, ...patient });
  }
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});

const wordsOf = (typed: string) => personSearch(typed, '2026-11-24').words ?? [];
const find = async (typed: string, limit = 20) => {
  const people = await db.tx((tx) => findPeople(tx, wordsOf(typed), limit));
  return people.map((id) => Number(id.slice(-1))).sort();
};

it.each<[typed: string, found: number[]]>([
  ['kia', [0, 2]],
  ['MOUA', [0, 2]],
  ['mou k', [0, 2]],
  ['kia mou', [0, 2]],
  ['hodan', [1]],
  ['vang', [0]],
  ['Kia Vang', [0]],
  ['9/21/1985', [0, 1]],
  ['kia 09/21/1985', [0]],
  ['10442', [0]],
  ['x7', [2]],
  ['p1', [1]],
  ['612-555-0142', [0]],
  ['555 0142', [0]],
  ['555-0143', []],
  ['0142', [0]],
  ['50142', [0]],
  ['(612) 555', [0]],
  ['0143', []],
  ['+1-555-0152', [1]],
  ['555-0152', [1]],
  ['0152', [1]],
  ['oua', [0, 2]],
  ['oda', [1]],
  ['ang', [0]],
  ['ang ia', [0]],
  ['odx', []],
  ["'; drop table person; --", []],
  ['%', []],
])('finds people by what is typed: %s', async (typed, people) => {
  expect(await find(typed)).toEqual(people);
});

it('has whole words first, then beginnings, then letters within', async () => {
  const names = ['Armack', 'Mai Warmack', 'Mac', 'Mack', 'Macken'];
  for (const [index, text] of names.entries()) {
    const n = 4 + index;
    const row = { connection: 'clinic', patientId: `p${n}`, patient: idOf(n), unusable: null };
    await db.tx((tx) => savePatients(tx, [row]));
    await save(n, { name: [{ text }] });
  }
  const found = await db.tx((tx) => findPeople(tx, wordsOf('mack'), 20));
  expect(found.map((id) => Number(id.slice(-1)))).toEqual([7, 8, 4, 5]);
  expect(await find('arma')).toEqual([4, 5]);
});

it('finds no more than it is asked for', async () => {
  expect(await find('kia', 1)).toHaveLength(1);
});

it('finds a person by what any of their Patients says, and by nothing that none says now', async () => {
  const by = { reason: 'same-person', principal: 'person:rea' };
  await db.tx((tx) => movePatients(tx, [{ patient: idOf(1), person: idOf(2), ...by }]));
  expect(await find('hodan mai')).toEqual([2]);
  await save(1, { name: [{ text: 'Ayan' }] });
  expect(await find('hodan')).toEqual([]);
  expect(await find('ayan')).toEqual([2]);
});

it('keeps a search for its own person only, and not for long', async () => {
  const id = await db.tx((tx) => keepSearch(tx, 'person:rea', 'kia'));
  const read = (principal: string) => db.tx((tx) => readSearch(tx, principal, id));
  expect(await read('person:rea')).toBe('kia');
  expect(await read('person:bo')).toBeUndefined();
  await db.query("update person_search set until = until - interval '31 minutes'");
  expect(await read('person:rea')).toBeUndefined();
  await db.tx((tx) => keepSearch(tx, 'person:rea', 'mai'));
  expect((await db.query('select typed from person_search')).rows).toEqual([{ typed: 'mai' }]);
});
