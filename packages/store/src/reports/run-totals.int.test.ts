import { randomUUID } from 'node:crypto';
import { insertTask, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { readHeldWork } from './operations-counts.ts';
import { hasReadAnything, readRunTotals, readUnfinished, readUnreadNotes } from './run-totals.ts';
import { readSendPreview } from './send-preview.ts';
import { readGates, readRefusals } from './stage-status.ts';

let db: Database;
let close: () => Promise<void>;

beforeAll(async () => {
  const database = await testDatabase();
  await migrate(database.url);
  db = openDatabase({ url: database.url, tenant: 'o', max: 3 });
  close = async () => {
    await db.close();
    await database.close();
  };
});
afterAll(() => close());

beforeEach(async () => {
  await db.query(
    'truncate connection, ledger, pull_cursor, ehr_resource, quarantine, screening, own_resource, evidence, referral, task, task_delivery, task_version, receipt, write_back, partner, hold cascade',
  );
  await db.query(
    "insert into connection (id, tenant, base) values ('a', 'o', 'https://ehr.example/fhir'), ('b', 'o', 'https://other.example/fhir')",
  );
});

const totals = () => db.tx((tx) => readRunTotals(tx, 'o'));

async function insert(table: string, row: Record<string, unknown>): Promise<void> {
  const names = Object.keys(row);
  await db.query(
    `insert into ${table} (${names.join(',')}) values (${names.map((_, index) => `$${index + 1}`).join(',')})`,
    Object.values(row),
  );
}

const pulled = (person: string, id: string, connection = 'a') =>
  insert('ehr_resource', {
    tenant: 'o',
    connection,
    type: 'Encounter',
    source_id: id,
    version_id: '1',
    person,
    body: '{}',
  });
const screened = (person: string, encounter: string | null, outcome: string, connection = 'a') =>
  insert('screening', {
    id: randomUUID(),
    tenant: 'o',
    connection,
    person,
    instrument: 'x',
    authored: '2026-01-01',
    encounter,
    outcome,
    quarantine: outcome === 'quarantined' ? 'two-values' : null,
    sources: '[]',
    issues: '[]',
  });
const due = (stage: string, subject: string, more: Record<string, unknown> = {}) =>
  insert('ledger', {
    tenant: 'o',
    stage,
    subject,
    batch: randomUUID(),
    waits_for: 'worker',
    due: new Date(),
    trace: randomUUID(),
    ...more,
  });
const lane = (id: string, type: string, more: Record<string, unknown> = {}) =>
  insert('pull_cursor', { id, tenant: 'o', connection: 'a', type, ...more });

async function referral(state: string, more: Record<string, unknown> = {}): Promise<string> {
  const id = randomUUID();
  await insert('referral', {
    id,
    tenant: 'o',
    connection: 'a',
    person: randomUUID(),
    category: 'food-insecurity',
    state,
    unambiguous: true,
    sensitive: false,
    conditions: '[]',
    since: '2026-01-01',
    trace: randomUUID(),
    ...more,
  });
  return id;
}

const task = (of: string, more: Record<string, unknown> = {}) =>
  insertTask(db, {
    id: randomUUID(),
    tenant: 'o',
    referral: of,
    person: randomUUID(),
    attempt: 1,
    partner: 'p',
    channel: 'fhir-rest',
    address: 'https://p.example',
    receipt_key: randomUUID(),
    status: 'requested',
    ...more,
  });

describe('Encounters', () => {
  it('are each in one place, the gravest that holds', async () => {
    const places: [string, string[], Record<string, unknown> | undefined][] = [
      ['nothing', [], undefined],
      ['nothing-found', ['nothingToCode'], undefined],
      ['coded', ['coded', 'needsPerson', 'nothingToCode'], undefined],
      ['person', ['needsPerson', 'nothingToCode'], undefined],
      ['busy', ['coded'], { waits_for: 'worker' }],
      ['quarantined', ['quarantined', 'coded'], undefined],
      ['quarantined-and-busy', ['quarantined'], { waits_for: 'worker' }],
      ['parked', ['coded'], { waits_for: 'operator', error_code: 'RESOURCE_INVALID' }],
    ];
    for (const [id, outcomes, work] of places) {
      const person = randomUUID();
      await pulled(person, id);
      for (const outcome of outcomes) await screened(person, id, outcome);
      if (work) await due('screen', person, { person, ...work });
    }
    await insert('quarantine', {
      tenant: 'o',
      connection: 'a',
      type: 'Encounter',
      source_id: 'unread',
      code: 'missing-subject',
    });
    const { encounters } = await totals();
    expect(encounters).toEqual({
      pulled: 9,
      nothingToCode: 2,
      coded: 1,
      needsPerson: 1,
      inProgress: 1,
      quarantined: 4,
    });
  });

  it('of the same id in two EHRs are two, and one that was read once and is unreadable now is one', async () => {
    const person = randomUUID();
    await pulled(person, 'e', 'a');
    await pulled(randomUUID(), 'e', 'b');
    await screened(person, 'e', 'coded', 'a');
    await insert('quarantine', {
      tenant: 'o',
      connection: 'b',
      type: 'Encounter',
      source_id: 'e',
      code: 'two-values',
    });
    await insert('ehr_resource', {
      tenant: 'other',
      connection: 'c',
      type: 'Encounter',
      source_id: 'e',
      version_id: '1',
      person: randomUUID(),
      body: '{}',
    });
    expect((await totals()).encounters).toMatchObject({ pulled: 2, coded: 1, quarantined: 1 });
  });

  it('without answers are in progress for as long as answers are read for the first time', async () => {
    await pulled(randomUUID(), 'e');
    await lane('a/Observation/', 'Observation');
    await due('pull', 'a/Observation/');
    expect((await totals()).encounters).toMatchObject({ inProgress: 1, nothingToCode: 0 });
    await db.query('update pull_cursor set upto = now()');
    expect((await totals()).encounters).toMatchObject({ inProgress: 0, nothingToCode: 1 });
  });
});

describe('screenings that need a person', () => {
  const warning = { severity: 'warning', code: 'sensitive' };
  const danger = { ...warning, danger: 'may be hurt or threatened' };
  it.each<[string, object[], boolean, [number, number]]>([
    ['nothing stands out', [{ severity: 'information', code: 'mended' }], false, [0, 0]],
    ['a warning', [warning], false, [1, 0]],
    ['a warning that says danger', [danger], false, [1, 1]],
    ['a danger that somebody has looked at', [danger], true, [0, 0]],
  ])('are counted beside the sum: %s', async (_what, issues, isSeen, counts) => {
    const person = randomUUID();
    await screened(person, null, 'needsPerson');
    await db.query('update screening set issues = $1, seen_at = $2', [
      JSON.stringify(issues),
      isSeen ? new Date() : null,
    ]);
    const { read, unattached, needsPerson, danger: inDanger } = (await totals()).screenings;
    expect([read, unattached, needsPerson, inDanger]).toEqual([1, 1, ...counts]);
  });
});

describe('screenings', () => {
  it('read are those attached, those without an Encounter, those not completed yet, and those that could not be read', async () => {
    const person = randomUUID();
    for (const [encounter, outcome] of [
      ['e', 'coded'],
      ['e', 'nothingToCode'],
      [null, 'coded'],
      ['e', 'quarantined'],
      [null, 'quarantined'],
      ['e', 'inProgress'],
    ] as const)
      await screened(person, encounter, outcome);
    await insert('quarantine', {
      tenant: 'o',
      connection: 'a',
      type: 'QuestionnaireResponse',
      source_id: 'q',
      code: 'missing-status',
    });
    await insert('quarantine', {
      tenant: 'o',
      connection: 'a',
      type: 'Consent',
      source_id: 'c',
      code: 'missing-status',
    });
    const read = await totals();
    expect(read.screenings).toEqual({
      read: 7,
      attached: 2,
      unattached: 1,
      quarantined: 3,
      inProgress: 1,
      needsPerson: 0,
      danger: 0,
    });
    expect(read.quarantine.map(({ code, count }) => [code, count])).toEqual([
      ['missing-status', 2],
      ['two-values', 2],
    ]);
  });
});

describe('Conditions', () => {
  it('count what was made once, and each further piece of evidence', async () => {
    const [person, ours] = [randomUUID(), randomUUID()];
    await insert('own_resource', {
      id: ours,
      tenant: 'o',
      connection: 'a',
      type: 'Condition',
      person,
      body: '{}',
      hash: '',
    });
    await insert('own_resource', {
      id: randomUUID(),
      tenant: 'o',
      connection: 'a',
      type: 'Observation',
      person,
      body: '{}',
      hash: '',
    });
    const evidence = (condition: string, observation: string) =>
      insert('evidence', {
        condition,
        observation,
        tenant: 'o',
        person,
        source: 's',
        rule: 'r',
        rule_version: '1',
        code_systems: '{}',
        sentence: '',
      });
    for (const observation of ['1', '2', '3']) await evidence(ours, observation);
    await evidence('Condition/theirs', '4');
    expect((await totals()).conditions).toEqual({ created: 1, evidenceAdded: 3 });
  });
});

describe('referrals', () => {
  it('needed are all that wait, by gate, and all that have ended', async () => {
    for (const gate of [
      'review',
      'withoutHelp',
      'agreement',
      'consent',
      'noServiceCode',
      'noPartner',
      'hold',
      'send',
    ])
      await referral('waiting', { gate });
    await referral('waiting');
    await referral('partner', { gate: 'partner', sent: true });
    await referral('closed', { sent: true });
    await referral('failed', { sent: true });
    await referral('failed');
    await referral('withdrawn');
    // Taken back by coding before anybody had looked: no need.
    const back = await referral('withdrawn');
    await db.query(
      "update referral set approval = 'refused', approved_by = 'system:enrichment' where id = $1",
      [back],
    );
    const { referrals } = await totals();
    expect(referrals).toEqual({
      needed: 14,
      waiting: {
        review: 2,
        saidNo: 0,
        listGiven: 0,
        withSibling: 0,
        withoutHelp: 1,
        agreement: 1,
        consent: 1,
        noServiceCode: 1,
        noPartner: 1,
        underWay: 0,
        hold: 1,
        send: 1,
        partner: 1,
      },
      closed: 1,
      failed: 2,
      withdrawn: 1,
      sent: 3,
    });
  });

  it('whose Task may have arrived wait for the partner, whatever gate they came through', async () => {
    const unknown = await referral('waiting', { gate: 'send' });
    await task(unknown, { remote_id: null });
    const declined = await referral('waiting', { gate: 'hold', sent: true });
    await task(declined, { live: false, status: 'rejected' });
    expect((await totals()).referrals).toMatchObject({
      needed: 2,
      waiting: { send: 0, partner: 1, hold: 1 },
      sent: 1,
    });
    expect(
      (await db.tx((tx) => readGates(tx, 'o'))).map(({ gate, count }) => [gate, count]),
    ).toEqual([
      ['hold', 1],
      ['partner', 1],
    ]);
  });
});

describe('what is written back', () => {
  it('is done, refused or waiting', async () => {
    for (const state of ['done', 'done', 'refused', 'waiting']) {
      await insert('write_back', {
        own_resource: randomUUID(),
        tenant: 'o',
        connection: 'a',
        person: randomUUID(),
        type: 'Condition',
        rank: 2,
        wanted_version: 1,
        state,
      });
    }
    expect((await totals()).writeBack).toEqual({ done: 2, refused: 1, altered: 0, waiting: 1 });
  });
});

describe('what went wrong', () => {
  it('for good is quarantined with its reason and an id; what is tried again is not, but is not done either', async () => {
    await lane('a/Observation/', 'Observation');
    await due('pull', 'a/Observation/', { waits_for: 'operator', error_code: 'REMOTE_REFUSED' });
    await due('write-back', randomUUID(), { error_code: 'REMOTE_UNAVAILABLE' });
    await due('refer', randomUUID(), { waits_for: 'operator' });
    expect((await totals()).quarantine).toEqual([
      { code: 'REMOTE_REFUSED', count: 1, example: 'pull/a/Observation/' },
    ]);
    expect(
      (await db.tx((tx) => readUnfinished(tx, 'o'))).map(({ stage, code, count }) => [
        stage,
        code,
        count,
      ]),
    ).toEqual([['write-back', 'REMOTE_UNAVAILABLE', 1]]);
    expect(await db.tx((tx) => hasReadAnything(tx, 'o'))).toBe(false);
  });

  it('a lane that waits for its next window is at rest; one that was never read to its end is not', async () => {
    await lane('a/Goal/', 'Goal', { upto: new Date() });
    await due('pull', 'a/Goal/', { waits_for: 'ehr' });
    expect(await db.tx((tx) => readUnfinished(tx, 'o'))).toEqual([]);
    expect(await db.tx((tx) => hasReadAnything(tx, 'o'))).toBe(true);
    await lane('a/Consent/', 'Consent');
    await due('pull', 'a/Consent/', { waits_for: 'ehr' });
    expect(await db.tx((tx) => readUnfinished(tx, 'o'))).toMatchObject([
      { stage: 'pull', count: 1, example: 'a/Consent/' },
    ]);
  });

  it('names a type that is given for single patients only, while no patient is known', async () => {
    await lane('a/Observation/', 'Observation', {
      by_patient: true,
      done: true,
      note: 'Give them with --patients.',
    });
    expect((await totals()).quarantine).toEqual([
      { code: 'no-patients-named', count: 1, example: 'pull/a/Observation/' },
    ]);
    expect(await db.tx((tx) => readUnreadNotes(tx, 'o'))).toEqual(['Give them with --patients.']);
    await lane('a/Observation/p1', 'Observation', { scope: 'p1' });
    expect((await totals()).quarantine).toEqual([]);
    expect(await db.tx((tx) => readUnreadNotes(tx, 'o'))).toEqual([]);
  });
});

describe('what would go where', () => {
  const next = { next_partner: 'p', next_address: 'https://p.example' };

  it('is what the sender decided, but for what time and holds have changed since', async () => {
    const partner = { tenant: 'o', position: 0, address: 'https://p.example', body: '{}' };
    await insert('partner', { ...partner, id: 'p', name: 'P' });
    await referral('waiting', { gate: 'send', ...next, send_off: true });
    await referral('waiting', {
      gate: 'send',
      ...next,
      next_until: new Date(Date.now() - 1_000),
      send_off: true,
    });
    await referral('waiting', {
      gate: 'hold',
      next_partner: 'q',
      next_address: 'https://q.example',
    });
    await referral('waiting', { gate: 'withoutHelp' });
    await referral('waiting', {
      gate: 'review',
      conditions: JSON.stringify(['x', 'y', 'Condition/1']),
      ...next,
    });
    const out = await referral('waiting', { gate: 'send', ...next });
    await task(out);
    await insert('write_back', {
      own_resource: randomUUID(),
      tenant: 'o',
      connection: 'a',
      person: randomUUID(),
      type: 'Condition',
      rank: 2,
      wanted_version: 1,
      state: 'waiting',
    });
    const would = () => db.tx((tx) => readSendPreview(tx, 'o'));
    const rows = async () =>
      (await would()).referrals.map((one) => [
        one.gate,
        one.partner,
        one.name,
        one.sendOff,
        one.count,
      ]);
    expect(await rows()).toEqual([
      ['consent', 'p', 'P', true, 1],
      ['hold', 'q', null, false, 1],
      ['review', 'p', 'P', false, 1],
      ['send', 'p', 'P', true, 1],
      ['withoutHelp', null, null, false, 1],
    ]);
    expect((await would()).copies).toEqual([
      { connection: 'a', base: 'https://ehr.example/fhir', type: 'Condition', count: 1 },
    ]);
    expect((await would()).suggested).toBe(2);
    await insert('hold', { tenant: 'o', scope: 'partner:p', principal: 'person:op' });
    expect(await rows()).toContainEqual(['hold', 'p', 'P', true, 1]);
    expect((await db.tx((tx) => readHeldWork(tx, 'o'))).referrals).toEqual([
      { partner: 'p', name: 'P', count: 1 },
      { partner: 'q', name: null, count: 1 },
    ]);
  });
});

describe('what was refused', () => {
  const receipt = (
    key: string,
    receiver: string,
    state: string,
    more: Record<string, unknown> = {},
  ) =>
    insert('receipt', {
      key,
      tenant: 'o',
      person: randomUUID(),
      receiver,
      kind: 'Task',
      state,
      principal: 'system:referral',
      settled_at: new Date(Date.now() - 60_000),
      ...more,
    });
  const refused = async () =>
    (await db.tx((tx) => readRefusals(tx, 'o'))).map(({ receiver, status }) => [receiver, status]);

  it('is listed until that partner has taken a Task since', async () => {
    await receipt('1', 'partner:pantry', 'settled', { settled_at: new Date(Date.now() - 120_000) });
    await receipt('2', 'partner:pantry', 'refused', { status: 403 });
    await receipt('3', 'partner:shelter', 'refused', { status: 404 });
    expect(await refused()).toEqual([
      ['partner:pantry', 403],
      ['partner:shelter', 404],
    ]);
    await receipt('4', 'partner:pantry', 'settled', { settled_at: new Date() });
    expect(await refused()).toEqual([['partner:shelter', 404]]);
  });

  it('of one Task is listed until its referral is elsewhere or has ended, whatever else the partner takes', async () => {
    const id = await referral('waiting', { gate: 'noPartner' });
    await task(id, { live: false, receipt_key: '1' });
    await receipt('1', 'partner:pantry', 'refused', { status: 422 });
    await receipt('2', 'partner:pantry', 'settled', { settled_at: new Date() });
    expect(await refused()).toEqual([['partner:pantry', 422]]);
    await db.query("update referral set state = 'closed' where id = $1", [id]);
    expect(await refused()).toEqual([]);
  });
});
