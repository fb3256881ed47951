import { systems } from '@loopwell/fhir';
import { deriveId, newId } from '@loopwell/kit';
import {
  type Database,
  type LedgerRow,
  migrate,
  openDatabase,
  ownResources,
  saveConnection,
  writeBacks,
} from '@loopwell/store';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testDatabase } from '../../../../packages/testing/src/index.ts';
import type { PulledType } from './check/pulled-types.ts';
import { savePages } from './save-page.ts';

/**
 * Whoever loses something on which permission rests is looked at again, in the transaction that
 * stores the page.
 */
const source = { tenant: 'o', connection: 'clinic', base: 'https://ehr.example/fhir' };
const personOf = (patient: string) => deriveId('o', 'person', 'clinic', patient);

let db: Database;
let close: () => Promise<unknown>;
beforeAll(async () => {
  const scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant: 'o', max: 2 });
  close = async () => {
    await db.close();
    await scratch.close();
  };
  await db.tx((tx) =>
    saveConnection(tx, {
      id: 'clinic',
      tenant: 'o',
      base: source.base,
      quirks: 'plain-r4',
    }),
  );
});
afterAll(() => close());

const consent = (more: object = {}) => ({
  resourceType: 'Consent',
  id: 'c',
  status: 'active',
  scope: { coding: [{ system: systems.consentScope, code: 'patient-privacy' }] },
  category: [{ coding: [{ system: systems.actCode, code: 'IDSCL' }] }],
  patient: { reference: 'Patient/ada' },
  dateTime: '2026-06-01',
  ...more,
});
const goal = (more: object = {}) => ({
  resourceType: 'Goal',
  id: 'g',
  lifecycleStatus: 'active',
  description: { text: 'x' },
  subject: { reference: 'Patient/ada' },
  ...more,
});

async function save(...resources: object[]): Promise<string[]> {
  const pages = resources.map((resource) => ({
    row: { tenant: 'o', subject: newId(), trace: newId() } as LedgerRow,
    type: (resource as { resourceType: PulledType }).resourceType,
    page: { resources: [resource], invalid: [] },
  }));
  await db.tx((tx) => savePages(tx, [{ source, pages }], { batch: newId(), coalesceMs: 0 }));
  const { rows } = await db.query<{ subject: string }>(
    "select subject from ledger where stage = 'screen'",
  );
  return rows.map((row) => row.subject);
}

beforeEach(async () => {
  for (const table of ['ehr_resource', 'ehr_resource_version', 'quarantine', 'ledger'])
    await db.query(`delete from ${table}`);
  await save(consent(), goal(), { resourceType: 'Patient', id: 'ada', active: true });
  await db.query('delete from ledger');
});

const pageOf = async (
  type: PulledType,
  resources: readonly object[],
  invalid: { reason: string; entry: unknown }[] = [],
) => {
  const row = { tenant: 'o', subject: newId(), trace: newId() } as LedgerRow;
  await db.tx((tx) =>
    savePages(tx, [{ source, pages: [{ row, type, page: { resources, invalid } }] }], {
      batch: newId(),
      coalesceMs: 0,
    }),
  );
  const { rows } = await db.query<{ code: string; n: string }>(
    'select code, count(*) as n from quarantine group by code order by code',
  );
  return Object.fromEntries(rows.map((one) => [one.code, Number(one.n)]));
};

it('lists a thousand of what one page holds that cannot be kept, and tells how many more', async () => {
  const others = Array.from({ length: 2_500 }, (_, n) => ({ resourceType: 'Group', id: `g${n}` }));
  expect(await pageOf('Encounter', others)).toEqual({
    'more-of-the-same': 1,
    'unexpected-type': 1_000,
  });
  const { rows } = await db.query(
    "select source_id, facts from quarantine where code = 'more-of-the-same'",
  );
  expect(rows).toEqual([
    { source_id: 'and-1500-more', facts: '{"count":1500,"codes":"unexpected-type"}' },
  ]);
});

it('lists every Consent that cannot be kept, for any may be a no', async () => {
  const nobodys = Array.from({ length: 1_200 }, (_, n) =>
    consent({ id: `c${n}`, patient: undefined }),
  );
  expect(await pageOf('Consent', nobodys)).toEqual({ 'missing-subject': 1_200 });
});

it.each<[string, object]>([
  ['a Consent that is another person’s now', consent({ patient: { reference: 'Patient/bo' } })],
  ['a Consent that is nobody’s any more', consent({ patient: { display: 'Ada' } })],
  ['a Consent without a person', consent({ patient: undefined })],
  ['a Consent whose status is a list', consent({ status: ['inactive'] })],
  ['a Consent that ended under the same version', consent({ status: 'inactive' })],
  ['a Goal that is another person’s now', goal({ subject: { reference: 'Patient/bo' } })],
  ['a Goal that cannot be read any more', goal({ subject: ['Patient/ada'] })],
  ['a Patient that cannot be read any more', { resourceType: 'Patient', id: 'ada', name: 'Ada' }],
])('makes the person due of %s', async (_name, resource) => {
  expect(await save(resource)).toContain(personOf('ada'));
});

it('makes nobody due of what it knows already', async () => {
  expect(await save(consent(), goal())).toEqual([]);
});

it.each<[string, object]>([
  ['says something twice', consent({ id: 'new', 'status (1)': 'inactive' })],
  ['names two people', consent({ id: 'new', 'patient (1)': { reference: 'Patient/bo' } })],
])(
  'makes the person due of a Consent that %s, and puts it aside with its place',
  async (_name, resource) => {
    const element = 'Consent.status';
    const page = {
      resources: [],
      invalid: [{ reason: 'repeated-member', entry: { resource }, resource, element }],
    };
    const row = { tenant: 'o', subject: newId(), trace: newId() } as LedgerRow;
    await db.tx((tx) =>
      savePages(tx, [{ source, pages: [{ row, type: 'Consent', page }] }], {
        batch: newId(),
        coalesceMs: 0,
      }),
    );
    const { rows } = await db.query<{ subject: string }>(
      "select subject from ledger where stage = 'screen'",
    );
    expect(rows.map((one) => one.subject)).toEqual([personOf('ada')]);
    const { rows: put } = await db.query('select source_id, code, facts from quarantine');
    expect(put).toEqual([
      { source_id: 'new', code: 'repeated-member', facts: JSON.stringify({ path: element }) },
    ]);
  },
);

describe('what the EHR made of a write of ours', () => {
  const madeId = deriveId('made', 'condition');
  const theirs = (more: object = {}) => ({
    resourceType: 'Condition',
    id: 'c1',
    meta: { versionId: '2' },
    verificationStatus: { coding: [{ code: 'confirmed' }] },
    code: { coding: [{ system: 'http://snomed.info/sct', code: '733423003' }] },
    subject: { reference: 'Patient/ada' },
    ...more,
  });
  const observation = {
    resourceType: 'Observation',
    id: 'o1',
    status: 'final',
    category: [{ coding: [{ code: 'survey' }] }],
    subject: { reference: 'Patient/ada' },
  };

  async function altered(
    type: 'Condition' | 'Observation',
    ehrId: string,
    takenBack = false,
  ): Promise<void> {
    const id = type === 'Condition' ? madeId : deriveId('made', type);
    await db.tx(async (tx) => {
      const common = { tenant: 'o', connection: 'clinic', person: personOf('ada') };
      await ownResources.saveOwnResources(tx, [{ ...common, id, type, body: '{}' }]);
      await writeBacks.wantWriteBacks(tx, [
        { ...common, madeId: id, type, referral: deriveId('r'), version: 1 },
      ]);
      const both = { lost: ['verificationStatus'], sent: '{}', stored: '{}', takenBack };
      await writeBacks.settleWriteBack(tx, id, {
        state: 'altered',
        version: 1,
        ehrId,
        etag: 'W/"2"',
        altered: both,
      });
    });
  }
  const kept = async (type: string) =>
    (
      await db.query<{ body: string }>('select body from ehr_resource where type = $1', [type])
    ).rows.map((row) => JSON.parse(row.body) as { identifier?: { value: string }[] });
  beforeEach(async () => {
    for (const table of ['altered_write', 'write_back', 'own_resource'])
      await db.query(`delete from ${table}`);
  });

  it('is known by its id where our identifier was dropped, and is no Condition of theirs', async () => {
    await altered('Condition', 'c1');
    await save(theirs());
    expect((await kept('Condition'))[0]?.identifier).toMatchObject([{ value: madeId }]);
  });

  it('is no clinician’s word where we took it back ourselves, and is one when somebody has changed it since', async () => {
    await altered('Condition', 'c1', true);
    await save(theirs());
    expect(await kept('Condition')).toEqual([]);
    await save(theirs({ meta: { versionId: '3' } }));
    expect((await kept('Condition'))[0]?.identifier).toMatchObject([{ value: madeId }]);
  });

  it('is no answer of the person', async () => {
    await altered('Observation', 'o1');
    await save(observation, { ...observation, id: 'o2' });
    expect(
      (await db.query("select source_id from ehr_resource where type = 'Observation'")).rows,
    ).toEqual([{ source_id: 'o2' }]);
  });
});

describe('an Appointment', () => {
  const appointment = (more: object = {}) => ({
    ...{ resourceType: 'Appointment', id: 'a', status: 'booked', start: '2026-12-03T15:00:00Z' },
    comment: 'Partner must not know',
    reasonCode: [{ text: 'Follow-up of an injury' }],
    participant: [
      { actor: { reference: 'Patient/ada', display: 'Ada' } },
      { actor: { reference: 'Practitioner/p', display: 'Dr. Lee' } },
      { actor: { reference: 'Location/l', display: 'Lake Clinic' } },
    ],
    ...more,
  });
  const kept = async () =>
    (await db.query<{ body: string }>("select body from ehr_resource where type = 'Appointment'"))
      .rows;

  it('is kept with when and where, and nothing else; nobody is coded again for it', async () => {
    expect(await save(appointment())).toEqual([]);
    const [row] = await kept();
    expect(JSON.parse(row?.body ?? '{}')).toEqual({
      ...{ resourceType: 'Appointment', id: 'a', status: 'booked', start: '2026-12-03T15:00:00Z' },
      participant: [{ actor: { reference: 'Location/l', display: 'Lake Clinic' } }],
    });
    await save(appointment({ status: 'cancelled' }));
    expect((await kept())[0]?.body).toContain('cancelled');
  });

  it.each<[string, object]>([
    ['of nobody', { participant: [] }],
    ['of several people', { participant: [1, 2].map((n) => who(`Patient/${n}`)) }],
    ['of a Patient elsewhere', { participant: [who('https://other.example/Patient/ada')] }],
    ['without participants that are objects', { participant: 'ada' }],
  ])('%s is left out, and nobody has to look at it', async (_, more) => {
    await save(appointment(more));
    expect(await kept()).toEqual([]);
    expect((await db.query('select 1 from quarantine')).rows).toEqual([]);
  });
});

const who = (reference: string) => ({ actor: { reference } });
