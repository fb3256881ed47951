import { AppError, newId, silentLog } from '@loopwell/kit';
import { queueUrl, testDatabase } from '@loopwell/testing';
import pg from 'pg';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  defaultRetry,
  openQueues,
  type PureStage,
  type Queues,
  type Row,
  type Settled,
  startRunner,
  workPure,
} from './index.ts';
import { backendOf } from './queue/open-queues.ts';

/**
 * The shell against a real queue and a real database. The ledger here is the smallest that keeps
 * the port's promises; the store's own is tested where it lives and, with everything else, in the
 * services.
 */
type Tx = pg.PoolClient;

describe('pipeline', () => {
  let scratch: Awaited<ReturnType<typeof testDatabase>>;
  let pool: pg.Pool;
  let queues: Queues;

  beforeAll(() => {
    process.stderr.write(
      `pipeline suite runs on the ${backendOf(process.env.QUEUE_URL ?? 'postgres://')} queue\n`,
    );
  });
  beforeEach(async () => {
    scratch = await testDatabase();
    pool = new pg.Pool({ connectionString: scratch.url, max: 6 });
    pool.on('error', () => {});
    await pool.query(`create table due (subject text primary key, batch uuid, generation bigint default 1, fence bigint default 0,
      attempts int default 0, due timestamptz default now(), code text);
      create table result (subject text primary key check (subject <> 'refused-by-database'), n int default 1)`);
    queues = await openQueues({
      tenant: 'o',
      url: queueUrl(scratch.url),
      stages: ['screen'],
      log: silentLog,
      prefix: `{${newId()}}`,
    });
  });
  afterEach(async () => {
    await queues.close();
    await pool.end();
    await scratch.close();
  });

  const tx = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      const result = await work(client);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  };

  const ledger = {
    async claim(client: Tx, stage: string, what: object, limit: number): Promise<Row[]> {
      const where =
        'batch' in what
          ? 'batch = $1'
          : 'subjects' in what
            ? 'subject = any($1)'
            : `due <= now() - $1 * interval '1 ms'`;
      const { rows } = await client.query(
        `select subject, batch, generation, fence, attempts from due where due <= now() and ${where} order by subject limit ${limit} for update skip locked`,
        [Object.values(what)[0]],
      );
      return rows.map((row) => ({
        ...row,
        stage,
        tenant: 'o',
        person: null,
        trace: newId(),
      }));
    },
    claimLease: async () => [],
    renewLease: async () => new Set<string>(),
    holdLeases: async () => [],
    async settle(client: Tx, settled: readonly Settled<Row>[]) {
      for (const { row, settlement } of settled) {
        if (settlement.kind === 'done')
          await client.query('delete from due where subject = $1', [row.subject]);
        else
          await client.query(
            `update due set attempts = attempts + 1, code = $2, due = now() + interval '1 hour' where subject = $1`,
            [row.subject, 'code' in settlement ? settlement.code : null],
          );
      }
    },
  };

  const stage: PureStage<Tx, Row, string, string> = {
    stage: 'screen',
    limit: 100,
    load: async (_tx, rows) => new Map(rows.map((row) => [row.subject, row.subject])),
    step: (subject) => {
      if (subject === 'throws') throw new AppError('RESOURCE_INVALID', 'Encounter has no subject');
      return subject;
    },
    save: async (client, results) => {
      for (const { done } of results) {
        await client.query(
          'insert into result (subject) values ($1) on conflict (subject) do update set n = result.n + 1',
          [done],
        );
      }
      return [];
    },
    outcome: () => 'ok',
  };
  const deps = () => ({
    tx,
    isAway: () => false,
    ledger,
    nudge: queues.nudge,
    retry: defaultRetry,
    principal: 'system:test',
    log: silentLog,
  });
  const fill = async (subjects: string[], batch = newId()) => {
    await pool.query('insert into due (subject, batch) select s, $2 from unnest($1::text[]) s', [
      subjects,
      batch,
    ]);
    return batch;
  };
  const left = async () =>
    (await pool.query('select subject, code from due order by subject')).rows;
  const results = async () =>
    (await pool.query('select subject, n from result order by subject')).rows;
  const until = async (condition: () => Promise<boolean>) => {
    await expect.poll(condition, { timeout: 60_000 }).toBe(true);
  };

  it('does each item once although every nudge is sent three times', async () => {
    const runner = startRunner({
      queues,
      works: [{ stage: 'screen', concurrency: 3, work: (claim) => workPure(deps(), stage, claim) }],
      intervalMs: 60_000,
      log: silentLog,
    });
    const batch = await fill(Array.from({ length: 250 }, (_, index) => `s${index}`));
    const nudge = { stage: 'screen' as const, batch };
    await queues.nudge([nudge, nudge, nudge]);
    await until(async () => (await left()).length === 0);
    await runner.close();
    const all = await results();
    expect(all).toHaveLength(250);
    expect(new Set(all.map((one) => one.n))).toEqual(new Set([1]));
  });

  it('finds work whose nudge was lost', async () => {
    const runner = startRunner({
      queues,
      works: [{ stage: 'screen', work: (claim) => workPure(deps(), stage, claim) }],
      intervalMs: 50,
      log: silentLog,
    });
    await fill(['a', 'b']);
    await until(async () => (await left()).length === 0);
    await runner.close();
    expect(await results()).toHaveLength(2);
  });

  it('lets neither a throw nor a row that the database refuses hold up the other 98 of a batch', async () => {
    const good = Array.from({ length: 98 }, (_, index) => `s${index}`);
    const batch = await fill([...good, 'throws', 'refused-by-database']);
    while ((await workPure(deps(), stage, { batch })) > 0);
    expect(await results()).toHaveLength(98);
    expect(await left()).toEqual([
      { subject: 'refused-by-database', code: 'INTERNAL' },
      { subject: 'throws', code: 'RESOURCE_INVALID' },
    ]);
  });

  it('refuses an address that is neither PostgreSQL nor Redis', () => {
    expect(() => backendOf('amqp://somewhere')).toThrow(/QUEUE_URL/);
  });
});
