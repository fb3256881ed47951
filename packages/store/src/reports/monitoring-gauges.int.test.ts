import { deriveId, newId } from '@loopwell/kit';
import { newTask, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { markSeen } from '../coding/screening-reviews.ts';
import { saveScreenings } from '../coding/screenings.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrate.ts';
import { saveConnection } from '../ehr/connections.ts';
import { addCursors, loadCursors, type PullCursor, saveCursor } from '../ehr/pull-cursors.ts';
import { claimLease, due, type LedgerRow, type WaitsFor } from '../ledger/ledger.ts';
import { type Settlement, settleWork } from '../ledger/settle-work.ts';
import { raiseAlerts, takeAlert } from '../people/safety/duty-alerts.ts';
import { moveTasks } from '../referral/move-task.ts';
import { patchReferrals, type ReferralPatch, saveNeeds } from '../referral/referrals.ts';
import { addTasks } from '../referral/tasks.ts';
import { type Gauge, readGauges } from './monitoring-gauges.ts';

const [tenant, trace] = ['o', newId()];
const idOf = (name: string) => deriveId('test', name);
const hour = 3_600;

/** Everything is a day older: what is written afterward has an age of its own. */
const olderBy = (table: string, columns: string[], hours: number) =>
  `update ${table} set ${columns.map((one) => `${one} = ${one} - ${hours} * interval '1 hour'`).join(', ')}`;

describe('ages of what waits', () => {
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
      'truncate ledger, history, referral, task, task_delivery, task_version, screening, pull_cursor, connection, receipt, duty_alert cascade',
    );
  });

  const read = (kind: Gauge['kind'], today = '2026-11-29', who = tenant) =>
    db.tx(async (tx) => (await readGauges(tx, who, today)).filter((one) => one.kind === kind));
  /** In whole hours; what is not late is left out. */
  const late = async (kind: Gauge['kind']) =>
    Object.fromEntries(
      (await read(kind))
        .filter((one) => one.n > 60)
        .map((one) => [`${one.a} ${one.b}`.trim(), Math.round(one.n / hour)]),
    );

  describe('of work', () => {
    const makeDue = (stage: string, more: { waitsFor?: WaitsFor; delayMs?: number } = {}) =>
      db.tx((tx) => due(tx, [{ tenant, stage, subject: 's', batch: newId(), trace, ...more }]));
    const settled = async (stage: string, settlement: Settlement) => {
      await db.query("update ledger set due = now() - interval '1 second'");
      const [row] = await db.tx((tx) => claimLease(tx, stage, { subjects: ['s'] }, 1, 60_000));
      await db.tx((tx) =>
        settleWork(tx, [{ row: row as LedgerRow, settlement, principal: 'system:test' }]),
      );
    };
    const hours = (count: number) => db.query(olderBy('ledger', ['owed_since'], count));
    const away: Settlement = {
      kind: 'park',
      code: 'REMOTE_UNAVAILABLE',
      waitsFor: 'worker',
      owedBy: 'ehr',
      delayMs: 300_000,
    };
    const polled: Settlement = {
      kind: 'wait',
      outcome: 'pulled',
      waitsFor: 'ehr',
      delayMs: 60_000,
      quiet: true,
    };

    it('has a number for every stage and everybody who may hold it up, 0 where nothing is late', async () => {
      const rows = await read('owed');
      expect([rows.length, new Set(rows.map((one) => one.n))]).toEqual([21, new Set([0])]);
    });

    it('grows while nobody takes it', async () => {
      await makeDue('code');
      await hours(2);
      expect(await late('owed')).toEqual({ 'code worker': 2 });
      expect((await read('owed', '2026-11-29', 'another')).every((one) => one.n === 0)).toBe(true);
    });

    it('grows through each attempt while an EHR is away, and is told apart', async () => {
      await makeDue('pull');
      for (let attempt = 0; attempt < 3; attempt += 1) {
        await hours(1);
        await settled('pull', away);
      }
      expect(await late('owed')).toEqual({ 'pull ehr': 3 });
      // Rows that are given back untried, and ones that are made due again, are as late as they
      // were.
      await settled('pull', {
        kind: 'wait',
        outcome: 'given-back',
        waitsFor: 'worker',
        delayMs: 1_000,
        quiet: true,
        unresolved: true,
        owedBy: 'ehr',
      });
      await makeDue('pull');
      expect(await late('owed')).toEqual({ 'pull ehr': 3 });
      await settled('pull', polled);
      expect(await late('owed')).toEqual({});
    });

    it('is silent through a quiet night: each look that finds nothing is work done', async () => {
      await makeDue('pull');
      for (let look = 0; look < 3; look += 1) {
        await settled('pull', polled);
        await hours(0);
      }
      expect(await late('owed')).toEqual({});
      await hours(1);
      expect(await late('owed')).toEqual({ 'pull ehr': 1 });
    });

    it.each<WaitsFor>(['reviewer', 'operator'])(
      'is no age of work while it waits for the %s',
      async (waitsFor) => {
        await makeDue('refer');
        await hours(5);
        await settled('refer', {
          kind: 'wait',
          outcome: 'waits:somebody',
          waitsFor,
          delayMs: 15_000,
        });
        await hours(5);
        expect(await late('owed')).toEqual({});
        await makeDue('refer');
        expect(await late('owed')).toEqual({});
        await hours(1);
        expect(await late('owed')).toEqual({ 'refer worker': 1 });
      },
    );

    it('begins anew where new work came while the old was done', async () => {
      await makeDue('track', { waitsFor: 'partner' });
      await hours(3);
      const [row] = await db.tx((tx) => claimLease(tx, 'track', { subjects: ['s'] }, 1, 60_000));
      await makeDue('track');
      await db.tx((tx) =>
        settleWork(tx, [
          {
            row: row as LedgerRow,
            settlement: { kind: 'done', outcome: 'tracked' },
            principal: 'system:test',
          },
        ]),
      );
      expect(await late('owed')).toEqual({});
      await hours(1);
      expect(await late('owed')).toEqual({ 'track worker': 1 });
    });
  });

  describe('of an EHR', () => {
    const lane = (id: string, type = 'Observation', scope = '') => ({
      id,
      tenant,
      connection: 'clinic',
      type,
      scope,
      since: null,
    });
    const save = (id: string, change: Partial<PullCursor>) =>
      db.tx(async (tx) => {
        const [one] = await loadCursors(tx, [id]);
        await saveCursor(tx, { ...(one as PullCursor), ...change });
      });
    const hours = (count: number) =>
      db.query(olderBy('pull_cursor', ['read_at', 'begun_at', 'answered_at'], count));
    const page = (id: string, pages: number, change: Partial<PullCursor> = {}) =>
      save(id, { window_to: new Date(), pages, ...change });
    const end = (id: string, change: Partial<PullCursor> = {}) =>
      save(id, { window_to: null, window_from: null, upto: new Date(), ...change });
    beforeEach(() =>
      db.tx(async (tx) => {
        await saveConnection(tx, {
          id: 'clinic',
          tenant,
          base: 'https://ehr.example/fhir',
          quirks: 'generic',
        });
        await addCursors(tx, [lane('a'), lane('e', 'Encounter')]);
      }),
    );

    it('rises for each type that is not read, and falls with an empty page', async () => {
      await hours(2);
      await page('e', 1);
      await end('e');
      expect(await late('read-up-to')).toEqual({ 'clinic Observation': 2 });
      expect(await late('unanswered')).toEqual({ 'clinic Observation': 2 });
    });

    it('is read up to where its window was begun, whatever the clock of the EHR says', async () => {
      await page('a', 1, { window_to: new Date('2020-01-01') });
      await hours(3);
      await page('a', 2, { window_to: new Date('2020-01-01') });
      expect(await late('unanswered')).toEqual({ 'clinic Encounter': 3 });
      await end('a', { upto: new Date('2020-01-01') });
      expect(await late('read-up-to')).toEqual({ 'clinic Encounter': 3, 'clinic Observation': 3 });
      await page('a', 3);
      await end('a', { upto: new Date('2020-01-01') });
      expect(await late('read-up-to')).toEqual({ 'clinic Encounter': 3 });
    });

    it('counts what is refused as not read, until a person says that it need not be', async () => {
      await hours(4);
      await end('a', { gap: '{"kind":"refused","status":403}' });
      await end('e');
      expect(await late('read-up-to')).toEqual({ 'clinic Observation': 4 });
      expect(await late('unanswered')).toEqual({ 'clinic Observation': 4 });
      await end('a', { closed_by: 'person:opal' });
      expect(await late('read-up-to')).toEqual({});
    });

    it('says of patients that are read one by one how far the last is behind, and that the server answers', async () => {
      await db.tx((tx) =>
        addCursors(tx, [lane('a1', 'Observation', 'p1'), lane('a2', 'Observation', 'p2')]),
      );
      await db.query("update pull_cursor set done = true where id = 'a'");
      await hours(5);
      await page('a1', 1);
      await end('a1');
      await end('e');
      expect([await late('read-up-to'), await late('unanswered')]).toEqual([
        { 'clinic Observation': 5 },
        {},
      ]);
      await db.query("update pull_cursor set done = true where id = 'a2'");
      expect(await late('read-up-to')).toEqual({});
    });
  });

  describe('of referrals, Tasks and dangers', () => {
    const need = (name: string, more: { person?: string; danger?: string } = {}) => ({
      ...{
        id: idOf(name),
        tenant,
        connection: 'clinic',
        category: name,
        episode: 1,
        unambiguous: true,
        sensitive: false,
      },
      ...{ conditions: '[]', since: '2026-11-02', trace, person: idOf(more.person ?? name) },
      ...(more.danger ? { danger: more.danger } : {}),
    });
    const patch = (name: string, change: ReferralPatch) =>
      db.tx((tx) => patchReferrals(tx, [{ id: idOf(name), patch: change }]));
    const hours = (count: number) =>
      db.query(olderBy('referral', ['gate_since', 'danger_since', 'changed_at'], count));
    const task = (name: string, status = 'requested') =>
      db.tx((tx) =>
        addTasks(tx, [
          newTask({
            ...{
              id: idOf(`task ${name}`),
              tenant,
              referral: idOf(name),
              person: idOf(name),
              attempt: 1,
              partner: 'pantry',
            },
            ...{
              channel: 'fhir-rest',
              address: 'https://pantry.example/fhir',
              receipt_key: name,
              status,
            },
          }),
        ]),
      );
    const people = async (today?: string) => (await read('danger-people', today))[0]?.n;

    it('a gate is as old as the referral that has stood longest at it, whatever else has changed about it', async () => {
      await db.tx((tx) => saveNeeds(tx, [need('a'), need('b'), need('c')]));
      await patch('b', { gate: 'consent' });
      await hours(30);
      await patch('b', { service_code: '1' });
      await db.tx((tx) => saveNeeds(tx, [{ ...need('b'), conditions: '["x"]' }]));
      await patch('c', { gate: 'consent' });
      expect(await late('gate')).toEqual({ review: 30, consent: 30 });
      await patch('b', { gate: 'hold' });
      await patch('a', { state: 'partner', gate: null });
      expect(await late('gate')).toEqual({});
      await hours(2);
      expect(await late('gate')).toEqual({ consent: 2, hold: 2 });
      await task('b');
      expect(await late('gate')).toEqual({ consent: 2 });
    });

    it('a Task is as old as its acceptance, until it ends', async () => {
      await db.tx((tx) => saveNeeds(tx, [need('a')]));
      await task('a');
      await db.query(olderBy('task', ['requested_at'], 90));
      expect(await read('accepted')).toEqual([]);
      const move = (from: string, to: string) =>
        db.tx((tx) =>
          moveTasks(tx, [{ task: idOf('task a'), from: { status: from }, to, by: 'target' }]),
        );
      await move('requested', 'accepted');
      await db.query(olderBy('task', ['accepted_at'], 50));
      await move('accepted', 'in-progress');
      expect(await late('accepted')).toEqual({ pantry: 50 });
      await move('in-progress', 'completed');
      expect(await read('accepted')).toEqual([]);
    });

    it('counts people in danger once, from when the danger was first known, until somebody acts', async () => {
      expect([await people(), (await read('danger-oldest'))[0]?.n]).toEqual([0, 0]);
      const danger = 'heating is shut off';
      await db.tx((tx) =>
        saveNeeds(tx, [
          need('a', { person: 'p', danger }),
          need('b', { person: 'p', danger }),
          need('c'),
        ]),
      );
      await hours(6);
      await patch('a', { gate: 'consent' });
      expect([await people(), await late('danger-oldest')]).toEqual([1, { '': 6 }]);
      await patch('b', { approval: 'refused', state: 'withdrawn' });
      await patch('a', { postponed_until: '2026-11-30' });
      expect([await people('2026-11-29'), await people('2026-11-30')]).toEqual([0, 1]);
      await task('a');
      expect(await people('2026-11-30')).toBe(0);
    });

    it('counts alerts that nobody was told of, and that nobody has taken', async () => {
      const counts = async () =>
        Object.fromEntries((await read('duty-alerts')).map(({ a, n }) => [a, n]));
      const raise = (source: string, answeredAt = new Date()) =>
        db.tx((tx) =>
          raiseAlerts(tx, [{ person: idOf('p'), kind: 'see-first', answeredAt, source }]),
        );
      expect(await counts()).toEqual({ untold: 0, untaken: 0 });
      await raise('a');
      await raise('b');
      await raise('old', new Date(Date.now() - 48 * hour * 1_000));
      await db.query('update duty_alert set first_told_at = loopwell_now() where source = $1', [
        'b',
      ]);
      await db.query(olderBy('duty_alert', ['raised_at'], 2));
      // The summary of old answers is an alert of its own, and is told later.
      expect(await counts()).toEqual({ untold: 2, untaken: 1 });
      expect(await late('duty-oldest')).toEqual({ untold: 2, untaken: 2 });
      await db.tx((tx) => takeAlert(tx, idOf('p'), 'person:ada'));
      expect(await counts()).toEqual({ untold: 1, untaken: 0 });
    });

    it('counts a screening that warns of a danger until somebody has looked, and again when it warns of another', async () => {
      const warning = (danger: string) =>
        JSON.stringify([{ severity: 'warning', danger }]).replace('": "', '":"');
      const save = (issues: string, outcome = 'needsPerson') =>
        db.tx((tx) =>
          saveScreenings(
            tx,
            [idOf('p')],
            [
              {
                ...{
                  id: idOf('s'),
                  tenant,
                  connection: 'clinic',
                  person: idOf('p'),
                  instrument: 'ahc-hrsn',
                  authored: '2026-11-02',
                },
                ...{ encounter: null, outcome, quarantine: null, sources: '[]', issues },
              },
            ],
          ),
        );
      await save(warning('may not be safe'));
      await db.query(olderBy('screening', ['asks_since'], 3));
      await save(warning('may not be safe'), 'coded');
      expect([await people(), await late('danger-oldest')]).toEqual([1, { '': 3 }]);
      const { rows } = await db.query<{ shown: string }>(
        'select md5(issues) as shown from screening',
      );
      await db.tx((tx) =>
        markSeen(tx, tenant, idOf('s'), {
          principal: 'person:ada',
          shown: rows[0]?.shown ?? '',
        }),
      );
      expect(await people()).toBe(0);
      await save(warning('hurt at home'));
      expect([await people(), await late('danger-oldest')]).toEqual([1, {}]);
    });
  });
});
