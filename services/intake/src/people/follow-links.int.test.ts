import { deriveId, newId } from '@loopwell/kit';
import {
  type Database,
  type LedgerRow,
  migrate,
  openDatabase,
  people,
  referrals,
  saveConnection,
} from '@loopwell/store';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testDatabase } from '../../../../packages/testing/src/index.ts';
import { savePages } from '../pull/save-page.ts';
import { readStoredPeople } from './read-stored-people.ts';

const source = { tenant: 'o', connection: 'clinic', base: 'https://ehr.example/fhir' };
const idOf = (patient: string) => deriveId('o', 'person', 'clinic', patient);

let db: Database;
let close: () => Promise<unknown>;
beforeAll(async () => {
  const scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant: 'o', max: 8 });
  close = async () => {
    await db.close();
    await scratch.close();
  };
  const connection = { id: 'clinic', tenant: 'o', base: source.base, quirks: 'plain-r4' };
  await db.tx((tx) => saveConnection(tx, connection));
});
afterAll(() => close());

const tables = [
  ...['ehr_resource', 'ehr_resource_version', 'ledger', 'history', 'quarantine', 'referral'],
  ...['person', 'patient_link', 'patient_statement', 'person_profile'],
];
beforeEach(async () => {
  for (const table of tables) await db.query(`delete from ${table}`);
});

let version = 0;
const link = (other: string, type = 'replaced-by') => ({
  other: { reference: other.includes('/') ? other : `Patient/${other}` },
  type,
});
const patient = (id: string, ...links: object[]) => ({
  resourceType: 'Patient',
  id,
  meta: { versionId: String((version += 1)) },
  ...(links.length > 0 ? { link: links } : {}),
});

async function pull(...resources: object[]): Promise<void> {
  const row = { tenant: 'o', subject: newId(), trace: newId() } as LedgerRow;
  const pages = [{ row, type: 'Patient' as const, page: { resources, invalid: [] } }];
  await db.tx((tx) => savePages(tx, [{ source, pages }], { batch: newId(), coalesceMs: 0 }));
}

async function refer(id: string, category: string): Promise<void> {
  const need = {
    ...{ id: newId(), tenant: 'o', connection: 'clinic', person: idOf(id), category, episode: 1 },
    ...{ unambiguous: true, sensitive: false, conditions: '[]', since: '2026', trace: newId() },
  };
  await db.tx(async (tx) => {
    await referrals.saveNeeds(tx, [need]);
    await people.linkNewReferrals(tx, [need.person]);
  });
}

/** Patient ids by the Patient whose person they are, with what is listed or awaited. */
async function linksNow(): Promise<Record<string, string>> {
  const { rows } = await db.query<Record<string, string | null>>(
    `select l.patient_id, o.patient_id as person, l.problem, l.waits_for
       from patient_link l join patient_link o on o.tenant = l.tenant and o.patient = l.person
      where l.tenant = $tenant order by 1`,
  );
  return Object.fromEntries(
    rows.map(({ patient_id: id, person, problem, waits_for: awaited }) => [
      id ?? '',
      [person, problem && `(${problem})`, awaited && `waits for ${awaited}`]
        .filter(Boolean)
        .join(' '),
    ]),
  );
}

async function linkedReferrals(): Promise<unknown[]> {
  const { rows } = await db.query<{ category: string; linked_person: string | null }>(
    'select category, linked_person from referral order by category',
  );
  return rows.map((row) => [row.category, row.linked_person]);
}

async function historyNow(): Promise<unknown[]> {
  const { rows } = await db.query<{ outcome: string; subject: string; principal: string }>(
    "select outcome, subject, principal from history where outcome like 'person-%' order by id",
  );
  return rows.map((row) => [row.outcome, row.subject, row.principal]);
}

/** Steps of pulls, each with its pages, and where the links lead in the end. */
const cases: [string, (() => Promise<void>)[], Record<string, string>][] = [
  [
    'a replaced Patient to the surviving one',
    [() => pull(patient('a'), patient('b')), () => pull(patient('a', link('b')))],
    { a: 'b', b: 'b' },
  ],
  [
    'both on one page',
    [() => pull(patient('a', link('b')), patient('b', link('a', 'replaces')))],
    { a: 'b', b: 'b' },
  ],
  [
    'where only the surviving one says so',
    [() => pull(patient('a')), () => pull(patient('b', link('a', 'replaces')))],
    { a: 'b', b: 'b' },
  ],
  ['one that waits', [() => pull(patient('a', link('b')))], { a: 'a waits for b' }],
  [
    'one that waited, when the other arrives',
    [() => pull(patient('a', link('b'))), () => pull(patient('b'))],
    { a: 'b', b: 'b' },
  ],
  [
    'a chain, in any order',
    [
      () => pull(patient('b', link('c'))),
      () => pull(patient('a', link('b'))),
      () => pull(patient('c')),
    ],
    { a: 'c', b: 'c', c: 'c' },
  ],
  [
    'two Patients to one',
    [() => pull(patient('a', link('c')), patient('b', link('c')), patient('c'))],
    { a: 'c', b: 'c', c: 'c' },
  ],
  [
    'a chain that grows at its end',
    [
      () => pull(patient('a', link('b')), patient('b')),
      () => pull(patient('b', link('c')), patient('c')),
    ],
    { a: 'c', b: 'c', c: 'c' },
  ],
  [
    'nobody in a circle',
    [() => pull(patient('a', link('b')), patient('b', link('a')))],
    { a: 'a (link-in-circle)', b: 'b (link-in-circle)' },
  ],
  [
    'nobody back where a circle closes later',
    [() => pull(patient('a', link('b')), patient('b')), () => pull(patient('b', link('a')))],
    { a: 'b (link-in-circle)', b: 'b (link-in-circle)' },
  ],
  [
    'again once a circle is mended',
    [() => pull(patient('a', link('b')), patient('b', link('a'))), () => pull(patient('b'))],
    { a: 'b', b: 'b' },
  ],
  ['nobody to itself', [() => pull(patient('a', link('a')))], { a: 'a (link-to-itself)' }],
  [
    'nobody to another type',
    [() => pull(patient('a', link('RelatedPerson/b')))],
    { a: 'a (link-to-another-type)' },
  ],
  [
    'nobody to another server',
    [() => pull(patient('a', link('https://x.example/Patient/b')), patient('b'))],
    { a: 'a (link-to-another-server)', b: 'b' },
  ],
  [
    'nobody to several',
    [() => pull(patient('a', link('b'), link('c')), patient('b'), patient('c'))],
    { a: 'a (links-to-several)', b: 'b', c: 'c' },
  ],
  [
    'again once a link can be read',
    [
      () => pull(patient('a', link('RelatedPerson/b')), patient('b')),
      () => pull(patient('a', link('b'))),
    ],
    { a: 'b', b: 'b' },
  ],
  [
    'nobody by see also and refer',
    [() => pull(patient('a', link('b', 'seealso'), link('b', 'refer')), patient('b'))],
    { a: 'a', b: 'b' },
  ],
  [
    'back where the EHR takes it back',
    [() => pull(patient('a', link('b')), patient('b')), () => pull(patient('a'))],
    { a: 'a', b: 'b' },
  ],
  [
    'back where the surviving one takes it back',
    [() => pull(patient('a'), patient('b', link('a', 'replaces'))), () => pull(patient('b'))],
    { a: 'a', b: 'b' },
  ],
  [
    'nobody for an inactive Patient that names no other',
    [() => pull({ ...patient('a'), active: false })],
    { a: 'a' },
  ],
];

describe('a pull moves', () => {
  it.each(cases)('%s', async (_name, steps, links) => {
    for (const step of steps) await step();
    expect(await linksNow()).toEqual(links);
  });

  it('the same for Patients that an earlier version stored', async () => {
    await pull(patient('a', link('b')), patient('b', link('c')), patient('c'));
    await db.query('delete from patient_statement');
    await db.query('update patient_link set unread = true, person = patient');
    await readStoredPeople(db, new AbortController().signal);
    expect(await linksNow()).toEqual({ a: 'c', b: 'c', c: 'c' });
  });

  it('a link whose two Patients are saved at the same moment', async () => {
    for (let round = 0; round < 10; round += 1) {
      const [a, b] = [`a${round}`, `b${round}`];
      await Promise.all([pull(patient(a, link(b))), pull(patient(b)), pull(patient(`c${round}`))]);
      expect((await linksNow())[a]).toBe(b);
    }
  });

  it('nobody among more Patients than a person can have', async () => {
    const length = 1_001;
    const chain = Array.from({ length }, (_, n) => patient(`p${n}`, link(`p${n + 1}`)));
    await pull(...chain);
    const links = await linksNow();
    expect(links.p0).toBe('p0 (too-many-links)');
    expect(new Set(Object.values(links).map((says) => says.replace(/^p\d+ /, ''))).size).toBe(1);
  });
});

describe('the rows about a Patient whose link is moved', () => {
  it('stay as they are, and its referrals name the person', async () => {
    await pull(patient('a'), patient('b'));
    await refer('a', 'food');
    await refer('b', 'housing');
    await pull(patient('a', link('b')));
    await refer('a', 'transport');
    expect(await linkedReferrals()).toEqual([
      ['food', idOf('b')],
      ['housing', null],
      ['transport', idOf('b')],
    ]);
    const { rows } = await db.query('select category from referral where person = $1 order by 1', [
      idOf('a'),
    ]);
    expect(rows).toEqual([{ category: 'food' }, { category: 'transport' }]);
    await pull(patient('a'));
    expect((await linkedReferrals()).map((row) => (row as unknown[])[1])).toEqual([
      null,
      null,
      null,
    ]);
    expect(await historyNow()).toEqual([
      ['person-linked', idOf('a'), 'system:intake'],
      ['person-unlinked', idOf('a'), 'system:intake'],
    ]);
  });

  it('are reachable from the surviving person', async () => {
    await pull(patient('a', link('b')), patient('b'), patient('c'));
    const same = [idOf('a'), idOf('b')].sort();
    const patientsOf = async (id: string) =>
      (await people.patientsOfSamePerson(db, idOf(id))).map((row) => row.patient).sort();
    expect(await patientsOf('a')).toEqual(same);
    expect(await patientsOf('b')).toEqual(same);
    expect(await patientsOf('c')).toEqual([idOf('c')]);
    expect(await people.patientsOfSamePerson(db, newId())).toEqual([]);
  });
});

describe('a link that a person has set', () => {
  const set = (id: string, person: string, against: string) =>
    db.tx((tx) =>
      people.movePatients(tx, [
        {
          ...{ patient: idOf(id), person: idOf(person), setAgainst: against },
          ...{ reason: 'by-person', principal: 'person:lee' },
        },
      ]),
    );

  it('stays while the EHR says the same, and goes when it says something else', async () => {
    await pull(patient('a', link('b')), patient('b'), patient('c'));
    await refer('a', 'food');
    await set('a', 'a', 'b');
    expect(await linksNow()).toMatchObject({ a: 'a' });
    expect(await linkedReferrals()).toEqual([['food', null]]);
    await pull(patient('a', link('b')));
    expect(await linksNow()).toMatchObject({ a: 'a' });
    await pull(patient('a', link('c')));
    expect(await linksNow()).toMatchObject({ a: 'c' });
    expect(await historyNow()).toEqual([
      ['person-linked', idOf('a'), 'system:intake'],
      ['person-unlinked', idOf('a'), 'person:lee'],
      ['person-linked', idOf('a'), 'system:intake'],
    ]);
  });

  it('joins two Patients that the EHR does not link', async () => {
    await pull(patient('a'), patient('b'));
    await set('a', 'b', '');
    await pull(patient('a'), patient('b'));
    expect(await linksNow()).toEqual({ a: 'b', b: 'b' });
  });

  it('leads two Patients to one person where two people join them at once', async () => {
    const join = (id: string, other: string) => {
      const choice = { patient: idOf(id), samePersonAs: idOf(other), principal: 'person:lee' };
      return db.tx((tx) => people.setPerson(tx, choice));
    };
    for (let round = 0; round < 5; round += 1) {
      const [a, b] = [`a${round}`, `b${round}`];
      await pull(patient(a), patient(b));
      await Promise.all([join(a, b), join(b, a)]);
      const links = await linksNow();
      expect(links[a]).toBe(links[b]);
    }
  });

  it('leads to no person that does not exist', async () => {
    await pull(patient('a'));
    await set('a', 'nobody', '');
    expect(await linksNow()).toEqual({ a: 'a' });
    expect(await historyNow()).toEqual([]);
  });
});
