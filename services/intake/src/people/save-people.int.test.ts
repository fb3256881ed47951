import { deriveId, newId } from '@loopwell/kit';
import {
  type Database,
  type LedgerRow,
  migrate,
  openDatabase,
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
  db = openDatabase({ url: scratch.url, tenant: 'o', max: 4 });
  close = async () => {
    await db.close();
    await scratch.close();
  };
  const connection = { id: 'clinic', tenant: 'o', base: source.base, quirks: 'plain-r4' };
  await db.tx((tx) => saveConnection(tx, connection));
});
afterAll(() => close());

const tables = ['ehr_resource', 'ledger', 'person', 'patient_link', 'person_profile', 'quarantine'];
beforeEach(async () => {
  for (const table of tables) await db.query(`delete from ${table}`);
});

const patient = (id: string, more: object = {}) => ({ resourceType: 'Patient', id, ...more });

async function pull(...resources: object[]): Promise<void> {
  const row = { tenant: 'o', subject: newId(), trace: newId() } as LedgerRow;
  const pages = [{ row, type: 'Patient' as const, page: { resources, invalid: [] } }];
  await db.tx((tx) => savePages(tx, [{ source, pages }], { batch: newId(), coalesceMs: 0 }));
}

type Profile = { patient: string; body: string; changed_at: Date };

async function profiles(): Promise<Profile[]> {
  const { rows } = await db.query<Profile>(
    'select patient, body, changed_at from person_profile where tenant = $tenant order by patient',
  );
  return rows;
}

async function linksNow() {
  const { rows } = await db.query<{ patient_id: string; person: string; unread: boolean }>(
    'select patient_id, person, unread from patient_link where tenant = $tenant order by 1',
  );
  return rows;
}

describe('a Patient that is pulled', () => {
  it('becomes a person of its own, with a profile', async () => {
    await pull(patient('ada', { name: [{ text: 'Ada Lind' }], telecom: [{ value: '1' }] }));
    expect(await linksNow()).toEqual([{ patient_id: 'ada', person: idOf('ada'), unread: false }]);
    const [profile] = await profiles();
    expect(profile?.patient).toBe(idOf('ada'));
    expect(JSON.parse(profile?.body ?? '')).toMatchObject({
      names: [{ text: 'Ada Lind' }],
      notes: ['telecom[0].system'],
    });
    const { rows } = await db.query('select tenant, id from person');
    expect(rows).toEqual([{ tenant: 'o', id: idOf('ada') }]);
  });

  it('has the gates of its referrals look again where it replaces another one', async () => {
    const need = (name: string) => ({
      id: idOf(`need ${name}`),
      tenant: 'o',
      connection: 'clinic',
      person: idOf(name),
      category: 'food-insecurity',
      episode: 1,
      unambiguous: true,
      sensitive: false,
      conditions: '[]',
      since: '2026-11-02',
      trace: newId(),
    });
    await pull(patient('ada'), patient('ida'), patient('eva'));
    await db.tx((tx) => referrals.saveNeeds(tx, ['ada', 'ida', 'eva'].map(need)));
    await db.query('delete from ledger');
    const other = { reference: 'Patient/ida' };
    await pull(patient('ada', { active: false, link: [{ type: 'replaced-by', other }] }));
    const { rows } = await db.query<{ subject: string }>(
      "select subject from ledger where stage = 'refer'",
    );
    const both = [idOf('need ada'), idOf('need ida')];
    expect(rows.map(({ subject }) => subject).toSorted()).toEqual(both.toSorted());
  });

  it('changes its profile only where it says something else', async () => {
    await pull(patient('ada', { name: [{ text: 'Ada Lind' }] }));
    const [before] = await profiles();
    await pull(patient('ada', { name: [{ text: 'Ada Lind' }], gender: 'female' }));
    expect(await profiles()).toEqual([before]);
    await pull(patient('ada', { name: [{ text: 'Ada Berg' }], gender: 'female' }));
    const [after] = await profiles();
    expect(after?.body).toContain('Ada Berg');
    expect(after?.changed_at.getTime()).toBeGreaterThan(before?.changed_at.getTime() ?? 0);
  });

  it('has the profile of its newest version where a page holds two', async () => {
    const version = (versionId: string, lastUpdated: string, text: string) =>
      patient('ada', { meta: { versionId, lastUpdated }, name: [{ text }] });
    const newer = version('2', '2026-11-02T00:00:00Z', 'Newer');
    await pull(newer, version('1', '2026-11-01T00:00:00Z', 'Older'));
    expect((await profiles())[0]?.body).toContain('Newer');
    await pull(version('1', '2026-11-01T00:00:00Z', 'Older'));
    expect((await profiles())[0]?.body).toContain('Newer');
  });

  it('keeps its earlier profile while a later version is in quarantine', async () => {
    await pull(patient('ada', { name: [{ text: 'Ada Lind' }] }));
    await pull(patient('ada', { name: 'Ada', meta: { versionId: '2' } }));
    expect(await db.query('select code from quarantine')).toMatchObject({ rowCount: 1 });
    expect((await profiles())[0]?.body).toContain('Ada Lind');
  });
});

describe('Patients that an earlier version stored', () => {
  const forget = async () => {
    await db.query('delete from person_profile');
    await db.query('update patient_link set unread = true');
  };

  it('get their profiles at the start, without being pulled again', async () => {
    const ids = Array.from({ length: 450 }, (_, n) => `p${n}`);
    await pull(...ids.map((id) => patient(id, { name: [{ text: `Name of ${id}` }] })));
    const before = (await profiles()).map(({ body }) => body);
    await forget();
    await readStoredPeople(db, new AbortController().signal);
    expect((await profiles()).map(({ body }) => body)).toEqual(before);
    expect((await linksNow()).filter(({ unread }) => unread)).toEqual([]);
  });

  it('are each read once where several processes start', async () => {
    const ids = Array.from({ length: 450 }, (_, n) => `p${n}`);
    await pull(...ids.map((id) => patient(id)));
    await forget();
    const { signal } = new AbortController();
    await Promise.all([1, 2, 3].map(() => readStoredPeople(db, signal)));
    expect(await profiles()).toHaveLength(450);
  });

  it('wait for the next start where the process stops', async () => {
    await pull(patient('ada'));
    await forget();
    await readStoredPeople(db, AbortSignal.abort());
    expect(await profiles()).toEqual([]);
  });
});
