import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { newId, silentLog, sleep } from '@loopwell/kit';
import { queueUrl, testDatabase } from '@loopwell/testing';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { openQueues, type Queues } from '../index.ts';

const hasRedisServer = spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  return typeof address === 'object' && address ? address.port : 0;
}

async function redisWith(policy: string): Promise<{ url: string; kill: () => Promise<void> }> {
  const port = await freePort();
  const server = spawn(
    'redis-server',
    [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--maxmemory',
      '64mb',
      '--maxmemory-policy',
      policy,
    ],
    { stdio: 'ignore' },
  );
  const ended = once(server, 'exit');
  const probe = new Redis(port, '127.0.0.1', {
    retryStrategy: () => 50,
    maxRetriesPerRequest: null,
  });
  probe.on('error', () => {});
  await probe.ping();
  probe.disconnect();
  const kill = async () => {
    server.kill('SIGKILL');
    await ended;
  };
  return { url: `redis://127.0.0.1:${port}`, kill };
}

const open = (url: string) =>
  openQueues({
    url,
    tenant: 'default',
    stages: ['screen'],
    log: silentLog,
    prefix: `{${newId()}}`,
  });

describe('the queue', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  it.skipIf(!hasRedisServer).each(['allkeys-lru', 'volatile-ttl'])(
    'refuses a Redis that may evict jobs (%s), in one sentence',
    async (policy) => {
      const redis = await redisWith(policy);
      closing.push(redis.kill);
      await expect(open(redis.url)).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('noeviction'),
        facts: { policy },
      });
    },
  );

  it.each([
    ['redis', 'Redis'],
    ['postgres', 'PostgreSQL'],
  ])('says in one sentence that %s cannot be reached, and gives up', async (scheme, name) => {
    const url = `${scheme}://127.0.0.1:${await freePort()}/nothing`;
    await expect(open(url)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(new RegExp(`^${name} at QUEUE_URL cannot be reached`)),
    });
  });

  it('carries references only: neither what a job failed of nor its stack quotes anybody', async () => {
    const scratch = await testDatabase();
    closing.push(scratch.close);
    const prefix = `{${newId()}}`;
    const queues = await openQueues({
      tenant: 'default',
      url: queueUrl(scratch.url),
      stages: ['screen'],
      log: silentLog,
      prefix,
    });
    closing.unshift(queues.close);
    let tries = 0;
    queues.work('screen', 1, async () => {
      tries += 1;
      throw new Error('duplicate key (name)=(Maria Lopez)');
    });
    await queues.nudge([{ stage: 'screen', batch: newId() }]);
    while (tries < 2) await sleep(50);
    const text =
      queues.backend === 'redis' ? await redisText(prefix) : await postgresText(scratch.url);
    expect(text).toContain('The work could not be done now');
    expect(text).not.toContain('Maria');
  });

  it('gives a nudge to the workers of its tenant only, on one server', async () => {
    const scratch = await testDatabase();
    closing.push(scratch.close);
    const shared = {
      url: queueUrl(scratch.url),
      stages: ['screen'] as const,
      log: silentLog,
      prefix: `{${newId()}}`,
    };
    const tenants = ['lakes', 'hills', 'lakes.screen'];
    const worked: string[] = [];
    const opened = new Map<string, Queues>();
    for (const tenant of tenants) {
      const queues = await openQueues({ ...shared, tenant });
      closing.unshift(queues.close);
      opened.set(tenant, queues);
    }
    await opened.get('hills')?.nudge([{ stage: 'screen', batch: newId() }]);
    const waiting = async (tenant: string) =>
      (await opened.get(tenant)?.counts())?.screen?.waiting ?? 0;
    expect(await Promise.all(tenants.map(waiting))).toEqual([0, 1, 0]);
    for (const [tenant, queues] of opened)
      queues.work('screen', 1, async () => void worked.push(tenant));
    const last = newId();
    for (const tenant of tenants)
      await opened.get(tenant)?.nudge([{ stage: 'screen', batch: last }]);
    while (worked.length < 4) await sleep(20);
    expect(worked.toSorted()).toEqual(['hills', 'hills', 'lakes', 'lakes.screen']);
  });

  it.skipIf(!hasRedisServer || !/^redis/.test(process.env.QUEUE_URL ?? ''))(
    'neither holds up a batch for long nor our end when its server is gone',
    async () => {
      const redis = await redisWith('noeviction');
      const queues = await open(redis.url);
      queues.work('screen', 1, async () => {});
      await redis.kill();
      const nudge = { stage: 'screen' as const, batch: newId() };
      // The first one waits for an answer; those after it do not.
      for (let n = 0; n < 20; n += 1) await queues.nudge([nudge]);
      await queues.close();
    },
  );
});

async function postgresText(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows: tables } = await client.query<{ name: string }>(
    "select format('bullmq.%I', tablename) as name from pg_tables where schemaname = 'bullmq'",
  );
  const parts: string[] = [];
  for (const { name } of tables)
    parts.push(
      ...(await client.query<{ text: string }>(`select t::text as text from ${name} t`)).rows.map(
        (row) => row.text,
      ),
    );
  await client.end();
  return parts.join('\n');
}

async function redisText(prefix: string): Promise<string> {
  const redis = new Redis(process.env.QUEUE_URL ?? '');
  const parts: string[] = [];
  for (const key of await redis.keys(`${prefix.replace(/[{}]/g, '?')}*`)) {
    if ((await redis.type(key)) === 'hash')
      parts.push(key, JSON.stringify(await redis.hgetall(key)));
  }
  redis.disconnect();
  return parts.join('\n');
}
