import { suiteDatabase } from '@loopwell/testing';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../database/database.ts';
import { migrate } from '../../database/migrate.ts';
import {
  type AlertCause,
  claimAlerts,
  finishRound,
  openAlerts,
  raiseAlerts,
  readAlertState,
  takeAlert,
} from './duty-alerts.ts';

const [kia, kiaElsewhere, maya] = [
  '11111111-1111-4111-8111-111111111111',
  '22222222-2222-4222-8222-222222222222',
  '33333333-3333-4333-8333-333333333333',
];
const times = { everyMs: 300_000, retryMs: 30_000 };
let db: Database;
let scratch: { url: string };
const suite = suiteDatabase(migrate);
afterAll(suite.close);
beforeEach(async () => {
  scratch = await suite.fresh();
  db = openDatabase({ url: scratch.url, tenant: 'o', max: 4 });
  await db.query(
    `insert into patient_link (tenant, connection, patient_id, patient, person) values
      ('o', 'a', '1', $1, $1), ('o', 'b', '9', $2, $1), ('o', 'a', '2', $3, $3)`,
    [kia, kiaElsewhere, maya],
  );
});
afterEach(async () => {
  await db.close();
});

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
const cause = (more: Partial<AlertCause> = {}): AlertCause => ({
  person: kia,
  kind: 'see-first',
  answeredAt: hoursAgo(1),
  source: 'QuestionnaireResponse/1',
  ...more,
});
const raise = (...causes: AlertCause[]) => db.tx((tx) => raiseAlerts(tx, causes));
const claim = (leaseMs = 60_000) => db.tx((tx) => claimAlerts(tx, leaseMs));
const move = (by: string) =>
  db.query(`update duty_alert set next_at = next_at - $1::interval where tenant = $tenant`, [by]);

describe('an alert', () => {
  it.each([
    ['an answer of the last day', [cause()], ['see-first']],
    ['an answer without a date', [cause({ answeredAt: null })], ['see-first']],
    ['an old answer, with a summary later', [cause({ answeredAt: hoursAgo(25) })], []],
    ['two kinds', [cause(), cause({ kind: 'call-today' })], ['call-today', 'see-first']],
    ['two answers', [cause(), cause({ source: 'Observation/2' })], ['see-first', 'see-first']],
    ['two people', [cause(), cause({ person: maya })], ['see-first', 'see-first']],
  ] as const)('is due at once after %s', async (_what, causes, kinds) => {
    await raise(...causes);
    expect((await claim()).map(({ kind }) => kind).sort()).toEqual(kinds);
  });

  it('is raised once by the same answer, also under another Patient of the same human', async () => {
    expect(await raise(cause())).toBe(1);
    expect(await raise(cause(), cause({ person: kiaElsewhere }))).toBe(0);
    await db.tx((tx) => takeAlert(tx, kia, 'person:ada'));
    expect(await raise(cause())).toBe(0);
    expect(await raise(cause({ source: 'QuestionnaireResponse/2' }))).toBe(1);
  });

  it('is taken for all Patients of the human, once', async () => {
    await raise(cause(), cause({ person: kiaElsewhere, source: 'Observation/7' }));
    await raise(cause({ person: maya }));
    expect(await openAlerts(db, [kiaElsewhere])).toHaveLength(2);
    expect(await db.tx((tx) => takeAlert(tx, kiaElsewhere, 'person:ada'))).toBe(2);
    expect(await db.tx((tx) => takeAlert(tx, kia, 'person:ben'))).toBe(0);
    expect((await openAlerts(db, [kia, maya])).map(({ person }) => person)).toEqual([maya]);
    expect(await claim()).toHaveLength(1);
  });

  it('is worked by one process until its lease ends, and finished by the latest', async () => {
    await raise(cause());
    const [first] = await claim(0);
    const [second] = await claim();
    expect([second?.id, await claim()]).toEqual([first?.id, []]);
    const round = { id: first?.id ?? '', hasReached: true, problem: null };
    await finishRound(db, [{ ...round, fence: first?.fence ?? 0 }], times);
    expect((await openAlerts(db, [kia]))[0]?.told_at).toBeNull();
    await finishRound(db, [{ ...round, fence: second?.fence ?? 0 }], times);
    expect((await openAlerts(db, [kia]))[0]?.told_at).not.toBeNull();
  });

  it('is due again five minutes after somebody was told, and sooner where nobody was', async () => {
    await raise(cause());
    const [claimed] = await claim();
    const round = { id: claimed?.id ?? '', fence: claimed?.fence ?? 0 };
    await finishRound(db, [{ ...round, hasReached: false, problem: 'nobody-on-duty' }], times);
    expect(await readAlertState(db)).toEqual({ open: 1, untold: 1, problem: 'nobody-on-duty' });
    expect(await claim()).toEqual([]);
    await move('30 seconds');
    const [again] = await claim();
    expect(again).toMatchObject({ id: round.id, rounds: 0 });
    await finishRound(
      db,
      [{ ...round, fence: again?.fence ?? 0, hasReached: true, problem: null }],
      times,
    );
    await move('295 seconds');
    expect(await claim()).toEqual([]);
    await move('5 seconds');
    expect(await claim()).toMatchObject([{ id: round.id, rounds: 1 }]);
    expect(await readAlertState(db)).toEqual({ open: 1, untold: 0, problem: null });
  });
});

describe('a summary', () => {
  it('is one for all old answers, and is told once in 24 hours', async () => {
    await raise(
      cause({ answeredAt: hoursAgo(100) }),
      cause({ source: 'b', answeredAt: hoursAgo(30) }),
    );
    await raise(cause({ person: maya, answeredAt: hoursAgo(900) }));
    expect(await claim()).toEqual([]);
    await move('4 minutes');
    const [summary, ...others] = await claim();
    expect([summary?.kind, others]).toEqual(['summary', []]);
    const round = {
      id: summary?.id ?? '',
      fence: summary?.fence ?? 0,
      hasReached: true,
      problem: null,
    };
    await finishRound(db, [round], times);
    await raise(cause({ source: 'c', answeredAt: hoursAgo(50) }));
    await move('23 hours');
    expect(await claim()).toEqual([]);
    await move('1 hour');
    expect(await claim()).toMatchObject([{ kind: 'summary' }]);
  });

  it.each([
    ['the first read has not ended', {}, 'summary'],
    ['the first read has ended', { upto: 'now()' }, 'see-first'],
    ['the type cannot be read', { gap: "'{}'" }, 'see-first'],
    ['the first read takes days', { begun_at: "now() - interval '2 days'" }, 'see-first'],
    ['another EHR is read for the first time', { connection: "'b'" }, 'see-first'],
  ])('tells of a new answer where %s: %j', async (_what, more, kind) => {
    const fields = {
      ...{ tenant: "'o'", id: "'c'", connection: "'a'", type: "'QuestionnaireResponse'" },
      ...{ scope: "''", begun_at: 'now()', ...more },
    };
    await db.query(`insert into connection (id, tenant, base)
      values ('a', 'o', 'https://ehr.example'), ('b', 'o', 'https://other.example')`);
    await db.query(
      `insert into pull_cursor (${Object.keys(fields)}) values (${Object.values(fields)})`,
    );
    // What somebody of the care team writes down is told at once in any case.
    await raise(cause({ person: maya, kind: 'call-today', isByStaff: true }));
    expect(await claim()).toMatchObject([{ kind: 'call-today' }]);
    await raise(cause({ person: maya }));
    await move('4 minutes');
    expect(await claim()).toMatchObject([{ kind }]);
  });
});
