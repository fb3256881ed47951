import { sleep } from '@loopwell/kit';
import { readRunTotals } from '@loopwell/store';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../services/cli/src/lifecycle/free-port.ts';
import { differences } from '../../services/cli/src/run/expected-totals.ts';
import { duplicatesInEhr, duplicatesOf, tasksAtPartners } from './counting.ts';
import { type Harness, openHarness, untilAtRest, whatFailed } from './harness.ts';
import { populationOf, respondingDirectory, respondingPartners } from './population.ts';
import { sayToRedis, startRedis } from './redis.ts';

const onRedis = /^rediss?:/.test(process.env.QUEUE_URL ?? '');

/** Everything that BullMQ keeps is gone: its tables emptied, or the whole of Redis. */
async function emptyQueue(url: string): Promise<void> {
  if (onRedis) {
    expect(await sayToRedis(url, 'FLUSHALL')).toMatch(/^\+OK/);
    return;
  }
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    while (!(await truncateAll(client))) await sleep(50);
  } finally {
    await client.end();
  }
}

/**
 * False when workers held its tables in another order: PostgreSQL ends such a circle by refusing
 * one of the two.
 */
async function truncateAll(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'bullmq' and tablename not like '%migration%'",
  );
  if (rows.length === 0) return true;
  const emptied = client.query(
    `truncate ${rows.map((row) => `bullmq."${row.name}"`).join(', ')} cascade`,
  );
  return emptied.then(
    () => true,
    (error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === '40P01') return false;
      throw error;
    },
  );
}

describe('a queue that is emptied while people are being helped', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  it('loses nothing and does nothing twice, for the ledger has the work', {
    timeout: 300_000,
  }, async () => {
    const redis = onRedis ? await startRedis() : undefined;
    const { script, resources } = populationOf(30);
    const harness: Harness = await openHarness({
      ehrs: { clinic: resources },
      partners: respondingPartners,
      directory: respondingDirectory,
      ...(redis ? { queueUrl: redis.url } : {}),
    });
    closing.push(harness.close, async () => redis?.close());
    const worker = harness.startWorker({ port: await freePort(), acceptByMs: 600_000 });
    await worker.ready;
    for (let round = 0; round < 6; round += 1) {
      await emptyQueue(harness.queueUrl);
      await sleep(500);
    }
    await untilAtRest(harness, 150_000);
    expect(await whatFailed(harness)).toEqual([]);
    expect(differences(script, await harness.db.tx((tx) => readRunTotals(tx, 'default')))).toEqual(
      [],
    );
    expect(
      duplicatesOf(
        await tasksAtPartners(
          harness,
          respondingPartners.map((one) => one.name),
        ),
      ),
    ).toEqual([]);
    expect(await duplicatesInEhr(harness, 'clinic')).toEqual([]);
    expect(worker.exited()).toBe(false);
  });
});
