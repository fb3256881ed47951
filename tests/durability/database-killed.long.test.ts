import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, silentLog, sleep } from '@loopwell/kit';
import { ledger, readRunTotals } from '@loopwell/store';
import { afterEach, describe, expect, it } from 'vitest';
import { startEmbeddedServer } from '../../services/cli/src/embedded/server.ts';
import { freePort } from '../../services/cli/src/lifecycle/free-port.ts';
import { differences } from '../../services/cli/src/run/expected-totals.ts';
import { duplicatesInEhr, duplicatesOf, tasksAtPartners } from './counting.ts';
import { openHarness, until, untilAtRest, whatFailed } from './harness.ts';
import { populationOf, respondingDirectory, respondingPartners } from './population.ts';

/**
 * A PostgreSQL of the test's own, which it may kill without a word and start again where it was.
 */
async function ownServer() {
  const folder = mkdtempSync(join(tmpdir(), 'loopwell-killed-database-'));
  const port = await freePort();
  let server = await startEmbeddedServer(folder, silentLog, { port });
  return {
    url: server.url,
    async kill() {
      const postmaster = Number(
        readFileSync(join(folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0],
      );
      for (const pid of [postmaster, ...childrenOf(postmaster)]) process.kill(pid, 'SIGKILL');
      await server.close();
    },
    async start() {
      server = await startEmbeddedServer(folder, silentLog, { port });
    },
    async close() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Linux: who has this process for a parent. Elsewhere a postmaster's children end by themselves
 * when it is gone.
 */
function childrenOf(parent: number): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return all.flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent
        ? [Number(name)]
        : [];
    } catch {
      return [];
    }
  });
}

const isLinux = process.platform === 'linux';

describe.skipIf(!isLinux)('a PostgreSQL that is killed', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  it('stops nobody for long: all is done in the end, and after an idle time one new row soon', {
    timeout: 300_000,
  }, async () => {
    const server = await ownServer();
    const { script, resources } = populationOf(30);
    const harness = await openHarness({
      ehrs: { clinic: resources },
      partners: respondingPartners,
      directory: respondingDirectory,
      database: { url: server.url, close: server.close },
    });
    closing.push(harness.close);
    const worker = harness.startWorker({ port: await freePort(), acceptByMs: 600_000 });
    await worker.ready;
    const told = async () =>
      Number(
        (await harness.db.query<{ n: number }>('select count(*) as n from history')).rows[0]?.n ??
          0,
      );
    for (const moment of [20, 60]) {
      await until(`${moment} things have happened`, async () => (await told()) >= moment);
      await server.kill();
      await sleep(700);
      await server.start();
    }
    await untilAtRest(harness, 120_000);
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

    await server.kill();
    await sleep(2_000);
    await server.start();
    const [person] = (
      await harness.db.query<{ person: string }>(
        "select person from ehr_resource where type = 'Patient' limit 1",
      )
    ).rows;
    const subject = person?.person ?? '';
    await harness.db.tx((tx) =>
      ledger.due(tx, [
        {
          tenant: 'default',
          stage: 'screen',
          subject,
          person: subject,
          batch: newId(),
          trace: newId(),
        },
      ]),
    );
    await until(
      'the new row is done',
      async () =>
        (await harness.db.query('select 1 from ledger where stage = $1', ['screen'])).rows
          .length === 0,
      45_000,
    );

    // The queue's own connections came back too: a nudge is taken, without the reconciler. A job
    // that was running when the server died counts as active until BullMQ finds it stalled, a
    // minute later; it keeps nobody from taking the next.
    const queues = await harness.openQueues();
    closing.unshift(queues.close);
    await queues.nudge([{ stage: 'close', batch: newId() }]);
    await until(
      'the nudge is taken',
      async () => (await queues.counts()).close?.waiting === 0,
      60_000,
    );
    expect(worker.exited()).toBe(false);
    expect(worker.errors()).not.toContain('UNHANDLED');
  });
});
