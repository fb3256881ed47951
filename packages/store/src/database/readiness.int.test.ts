import { newId } from '@loopwell/kit';
import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { migrate } from './migrate.ts';
import { workStalled } from './readiness.ts';

let db: Database;
let close: () => Promise<void>;

beforeAll(async () => {
  const database = await testDatabase();
  await migrate(database.url);
  db = openDatabase({ url: database.url, tenant: 'o', max: 2 });
  close = async () => {
    await db.close();
    await database.close();
  };
});
afterAll(() => close());
beforeEach(async () => {
  await db.query('truncate ledger, history');
});

type Work = { stage?: string; waitsFor?: string; dueAgo?: string; leasedFor?: string };

const work = ({ stage = 'code', waitsFor = 'worker', dueAgo = '10 minutes', leasedFor }: Work) =>
  db.query(
    `insert into ledger (tenant, stage, subject, batch, waits_for, due, leased_until, trace)
     values ('o', $1, $2, gen_random_uuid(), $3, now() - $4::interval, now() + $5::interval, gen_random_uuid())`,
    [stage, newId(), waitsFor, dueAgo, leasedFor ?? null],
  );
const line = (stage: string, ago: string) =>
  db.query(
    `insert into history (tenant, stage, subject, outcome, at, trace, principal) values ('o', $1, 's', 'done', now() - $2::interval, $3, 'system:test')`,
    [stage, ago, newId()],
  );
const stalled = async (stages = ['pull', 'code', 'refer']) =>
  /of (.*) for/.exec((await workStalled(db, stages)) ?? '')?.[1];

describe('work that nobody takes', () => {
  it.each<[string, Work[], [string, string][], string | undefined]>([
    ['nothing is due', [], [], undefined],
    ['due for minutes', [{}], [], 'code'],
    [
      'due for a partner or an EHR',
      [{ waitsFor: 'partner' }, { stage: 'pull', waitsFor: 'ehr' }],
      [],
      'code, pull',
    ],
    ['due a moment ago', [{ dueAgo: '1 minute' }], [], undefined],
    ['due later', [{ dueAgo: '-1 hour' }], [], undefined],
    ['one due later beside one that is due', [{ dueAgo: '-1 hour' }, {}], [], 'code'],
    ['due, and for a person', [{ waitsFor: 'reviewer' }, { waitsFor: 'operator' }], [], undefined],
    ['some of it held by a worker', [{}, { leasedFor: '30 seconds' }], [], undefined],
    ['held once, by a worker that is gone', [{}, { leasedFor: '-1 minute' }], [], 'code'],
    [
      'held at another stage',
      [{}, { stage: 'refer', dueAgo: '0', leasedFor: '30 seconds' }],
      [],
      'code',
    ],
    ['done a minute ago', [{}], [['code', '1 minute']], undefined],
    ['done long ago', [{}], [['code', '1 hour']], 'code'],
    ['done a minute ago at another stage', [{}], [['refer', '1 minute']], 'code'],
    ['two stages of three', [{}, { stage: 'refer' }], [['pull', '1 minute']], 'code, refer'],
    ['of a stage that is not worked here', [{ stage: 'close' }], [], undefined],
  ])('is told when %s', async (_when, rows, lines, expected) => {
    for (const one of rows) await work(one);
    for (const [stage, ago] of lines) await line(stage, ago);
    expect(await stalled()).toBe(expected);
  });
});
