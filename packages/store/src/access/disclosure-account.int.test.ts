import { deriveId } from '@loopwell/kit';
import type { Disclosure } from '@loopwell/sdoh';
import { insertTask, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { listDisclosures, logPartnerReads } from './disclosure-account.ts';
import {
  endGrantsOfTasks,
  type GrantWish,
  letGrantsRunOut,
  saveGrants,
} from './disclosure-grants.ts';
import { addHelper, logOpened } from './partner-door/partner-door.ts';
import type { DisclosureSearch } from './placed-disclosures.ts';

const id = (name: string) => deriveId(name);
const days = (count: number) => new Date(Date.now() + count * 86_400_000);

/** The Tasks of the account: whose, to whom, how, and how many days ago. */
const sent = [
  { name: 'old', person: 'ada', partner: 'hill', channel: 'fhir-rest', ago: 40, live: false },
  { name: 'copy', person: 'ada elsewhere', partner: 'hill', channel: 'fhir-rest', ago: 20 },
  { name: 'here', person: 'kia', partner: 'hill', channel: 'hub', ago: 5 },
  { name: 'taken', person: 'kia', partner: 'north', channel: 'hub', ago: 4 },
  { name: 'unsent', person: 'kia', partner: 'hill', channel: 'hub', ago: 3, live: false },
];

let db: Database;
let other: Database;
let scratch: Awaited<ReturnType<typeof testDatabase>>;

async function insertSent({ name, person, partner, channel, ago, live = true }: (typeof sent)[0]) {
  const task = id(name);
  const at = days(-ago);
  await db.query(
    `insert into referral (tenant, id, connection, person, category, episode, conditions, since,
       trace, approved_by, unambiguous, sensitive)
     values ($tenant, $1::uuid, 'one', $2, 'food', $3, '[]', '2026-01-01', $1::uuid, 'person:mai',
       true, false)`,
    [task, id(person), ago],
  );
  await insertTask(db, {
    ...{ id: task, status: 'requested', partner, tenant: 'o', referral: task, live },
    ...{ person: id(person), attempt: 1, requested_at: at, channel, address: 'https://x.example' },
    ...{ receipt_key: name, remote_id: name === 'unsent' ? null : task },
    ended_at: live ? null : days(1 - ago),
  });
  if (name === 'unsent')
    await db.query(
      "update task_delivery set state = 'abandoned' where tenant = $tenant and task = $1",
      [task],
    );
  const wish = (type: string, elements: string, more: Partial<GrantWish> = {}): GrantWish => ({
    ...{ tenant: 'o', partner, type, id: id(`${type} ${person}`), task, referral: task },
    ...{ person: id(person), elements, class: 'record', until: null, after_end_ms: 86_400_000 },
    ...more,
  });
  const wishes = [
    wish('Task', 'all', { id: task }),
    wish('Organization', 'all'),
    wish('Patient', 'name place', { class: 'personal' }),
  ];
  await db.tx((tx) => saveGrants(tx, { tasks: [task], by: 'system:referral', lifted: [] }, wishes));
  await db.query(
    'update disclosure_grant set starts_at = $2 where tenant = $tenant and task = $1',
    [task, at],
  );
}

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant: 'o', max: 3 });
  other = openDatabase({ url: scratch.url, tenant: 'p', max: 1 });
  for (const [connection, person] of [
    ['one', 'ada'],
    ['two', 'ada elsewhere'],
  ] as const)
    await db.query(
      `insert into patient_link (tenant, connection, patient_id, patient, person)
       values ($tenant, $1, 'p', $2, $3)`,
      [connection, id(person), id('ada')],
    );
  for (const task of sent) await insertSent(task);
  await db.tx(async (tx) => {
    await letGrantsRunOut(tx, [id('old')]);
    const ends = { tasks: [id('taken')], by: 'person:lee', hasTask: true };
    await endGrantsOfTasks(tx, ends);
    const read = (name: string) => ({
      ...{ partner: 'hill', task: id(name), referral: id(name), person: id('kia') },
      ...{ type: 'Patient', resource: 'x' },
    });
    const hodan = { partner: 'hill', name: 'Hodan Ali', role: 'member', addedBy: 'x' } as const;
    const helper = await addHelper(tx, hodan);
    await logPartnerReads(tx, [read('here')]);
    const { type: _type, resource: _resource, ...opened } = read('here');
    await logOpened(tx, { ...opened, helper });
    await logPartnerReads(tx, []);
  });
  // The old Task ended a month ago, and its order could be read for a day longer.
  await db.query(
    `update disclosure_grant set ended_at = case when class = 'personal' then $2::timestamptz end,
        until = case when class = 'record' then $2::timestamptz + interval '1 day' end
      where tenant = $tenant and task = $1`,
    [id('old'), days(-39)],
  );
  await db.query(
    `insert into partner (id, tenant, position, name, address, body)
     values ('hill', $tenant, 1, 'Hillside Food Shelf', 'https://x.example', '{}')`,
  );
  await db.query(
    `insert into consent_decision (tenant, person, referral, task, consent_id, consent_version,
        recipient, purpose, shared)
     values ($tenant, $1, $2, $2, 'c1', '3', 'hill', 'referral', '[]')`,
    [id('kia'), id('here')],
  );
  await db.query(
    `insert into decision (tenant, referral, person, decision, principal, principal_kind, at)
     values ($tenant, $1, $2, 'approve', 'person:lee', 'person', $3)`,
    [id('taken'), id('kia'), days(-4.5)],
  );
});
afterAll(async () => {
  await other.close();
  await db.close();
  await scratch.close();
});

const list = async (search: Partial<DisclosureSearch>, from = db) =>
  (await from.tx((tx) => listDisclosures(tx, { limit: 100, ...search }))).items;
const nameOf = ({ task }: Disclosure) => sent.find(({ name }) => id(name) === task)?.name;

describe('the account of disclosures', () => {
  it('names the people at the partner who opened a request', async () => {
    const named = (await list({})).map((entry) => [nameOf(entry), entry.openedBy]);
    expect(named.filter(([, names]) => names !== undefined)).toEqual([['here', ['Hodan Ali']]]);
  });

  it.each<[string, Partial<DisclosureSearch>, string[]]>([
    ['everything that went out, the latest first', {}, ['taken', 'here', 'copy', 'old']],
    ['a human being in every EHR', { person: id('ada') }, ['copy', 'old']],
    ['a human being by any Patient', { person: id('ada elsewhere') }, ['copy', 'old']],
    ['a person who is not known', { person: id('nobody') }, []],
    ['one partner', { partner: 'hill' }, ['here', 'copy', 'old']],
    ['a partner of no Task', { partner: 'nobody' }, []],
    ['who approved', { by: 'person:lee' }, ['taken']],
    ['what went out until a day', { to: days(-10) }, ['copy', 'old']],
    ['what was open in a week', { from: days(-12), to: days(-8) }, ['copy']],
    [
      'what was open while an order could still be read',
      { from: days(-38.5) },
      ['taken', 'here', 'copy', 'old'],
    ],
    ['one partner in one week', { partner: 'hill', from: days(-7), to: days(0) }, ['here', 'copy']],
    ['a time that has not come', { from: days(1) }, []],
  ])('lists %s', async (_what, search, expected) => {
    expect((await list(search)).map(nameOf)).toEqual(expected);
  });

  it('is another tenant’s alone', async () => {
    expect(await list({ person: id('ada') }, other)).toEqual([]);
  });

  it('goes on after the last entry of a page', async () => {
    const seen: (string | undefined)[] = [];
    let after: DisclosureSearch['after'];
    do {
      const page = await db.tx((tx) => listDisclosures(tx, { limit: 1, after }));
      seen.push(...page.items.map(nameOf));
      after = page.next;
    } while (after);
    expect(seen).toEqual(['taken', 'here', 'copy', 'old']);
  });

  it('says what, why, by whom, and what was read of it', async () => {
    const [taken, here, copy] = await list({});
    expect(here).toMatchObject({
      ...{ person: id('kia'), partner: 'hill', partnerName: 'Hillside Food Shelf' },
      ...{ elements: ['Patient.name', 'Patient.place', 'Task'], purpose: 'referral' },
      ...{ consent: 'Consent/c1/_history/3', approvedBy: 'person:mai', reads: 2 },
      ...{ lastRead: expect.any(Date), endedAt: null, endedBy: null, channel: 'hub' },
    });
    expect(copy).toMatchObject({ person: id('ada'), patient: id('ada elsewhere'), reads: 0 });
    // What was shown before it was taken back stays in the account.
    expect(taken).toMatchObject({
      ...{ elements: ['Patient.name', 'Patient.place', 'Task'], approvedBy: 'person:lee' },
      ...{ endedAt: expect.any(Date), endedBy: 'person:lee' },
    });
  });

  it('counts the reads of the period that is asked for', async () => {
    const [past] = await list({ partner: 'hill', from: days(-6), to: days(-1) });
    expect(past && [nameOf(past), past.reads, past.lastRead]).toEqual(['here', 0, null]);
  });
});
