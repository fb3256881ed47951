import { newId, silentLog } from '@loopwell/kit';
import {
  defaultRetry,
  openQueues,
  type Queues,
  type Runner,
  startRunner,
  workIo,
  workPure,
} from '@loopwell/pipeline';
import {
  type Database,
  isDatabaseAway,
  type LedgerRow,
  ledger,
  migrate,
  openDatabase,
  type Tx,
} from '@loopwell/store';
import { queueUrl, testDatabase } from '@loopwell/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from './harness.ts';

describe('new work for a subject that is being worked', () => {
  let scratch: Awaited<ReturnType<typeof testDatabase>>;
  let db: Database;
  let queues: Queues;
  let runner: Runner | undefined;

  beforeEach(async () => {
    scratch = await testDatabase();
    await migrate(scratch.url);
    db = openDatabase({ url: scratch.url, tenant: 'o' });
    queues = await openQueues({
      tenant: 'o',
      url: queueUrl(scratch.url),
      stages: ['track', 'screen'],
      log: silentLog,
      prefix: `{${newId()}}`,
    });
    await db.query('create table work (what text primary key, version int not null)');
    await db.query("insert into work values ('a', 1)");
  });
  afterEach(async () => {
    await runner?.close();
    await queues.close();
    await db.close();
    await scratch.close();
  });

  const deps = () => ({
    tx: db.tx,
    isAway: isDatabaseAway,
    ledger,
    nudge: queues.nudge,
    retry: defaultRetry,
    principal: 'system:test',
    log: silentLog,
  });
  const versionOf = async (tx: Tx) =>
    Number(
      (await tx.query<{ version: number }>("select version from work where what = 'a'")).rows[0]
        ?.version,
    );

  /** The change and what makes it due, in one transaction; then its nudge. */
  async function change(stage: 'track' | 'screen', version: number): Promise<void> {
    const batch = newId();
    await db.tx(async (tx) => {
      await tx.query("update work set version = $1 where what = 'a'", [version]);
      await ledger.due(tx, [{ tenant: 'o', stage, subject: 'a', batch, trace: newId() }]);
    });
    await queues.nudge([{ stage, batch }]);
  }
  const isEmpty = async () => (await db.query('select 1 from ledger')).rows.length === 0;

  it('is worked after it, under a lease: the row is not finished with what came later', async () => {
    const seen: number[] = [];
    const [working, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const stage = {
      stage: 'track' as const,
      limit: 10,
      leaseMs: 60_000,
      work: async (lease: Parameters<Parameters<typeof workIo<Tx, LedgerRow>>[1]['work']>[0]) => {
        seen.push(await db.tx(versionOf));
        working.resolve();
        await goOn.promise;
        await lease.settle(lease.rows, async (_tx, ours) => ({
          settled: ours.map((row) => ({
            row,
            settlement: { kind: 'done', outcome: 'seen' } as const,
            principal: 'p',
          })),
        }));
      },
    };
    runner = startRunner({
      queues,
      works: [{ stage: 'track', concurrency: 3, work: (claim) => workIo(deps(), stage, claim) }],
      intervalMs: 200,
      log: silentLog,
    });
    await change('track', 1);
    await working.promise;
    await change('track', 2);
    await change('track', 3);
    goOn.resolve();
    await until('nothing is due', isEmpty);
    expect(seen).toEqual([1, 3]);
  });

  it('is worked after it, in a transaction: whoever makes it due waits for the row and makes it anew', async () => {
    const seen: number[] = [];
    const [working, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const stage = {
      stage: 'screen' as const,
      limit: 10,
      load: async (tx: Tx, rows: readonly LedgerRow[]) => {
        const version = await versionOf(tx);
        working.resolve();
        await goOn.promise;
        return new Map(rows.map((row) => [row.subject, version]));
      },
      step: (version: number) => version,
      save: async (_tx: Tx, results: readonly { done: number }[]) => {
        seen.push(...results.map((one) => one.done));
        return [];
      },
      outcome: () => 'seen',
    };
    runner = startRunner({
      queues,
      works: [{ stage: 'screen', concurrency: 3, work: (claim) => workPure(deps(), stage, claim) }],
      intervalMs: 200,
      log: silentLog,
    });
    await change('screen', 1);
    await working.promise;
    const changing = change('screen', 2);
    setTimeout(goOn.resolve, 300);
    await changing;
    await until('nothing is due', isEmpty);
    expect(seen).toEqual([1, 2]);
  });
});
