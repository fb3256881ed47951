import { sleep } from '@loopwell/kit';
import type { Nudge } from '@loopwell/pipeline';
import { readRunTotals } from '@loopwell/store';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../services/cli/src/lifecycle/free-port.ts';
import { differences } from '../../services/cli/src/run/expected-totals.ts';
import { duplicatesInEhr, duplicatesOf, tasksAtPartners } from './counting.ts';
import { openWorld, untilAtRest, whatFailed } from './harness.ts';
import { talkingDirectory, talkingPartners, townOf } from './population.ts';

describe('two workers on one database and one queue', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  it('do each piece of work once, though every nudge comes three times', {
    timeout: 300_000,
  }, async () => {
    const { script, resources } = townOf(30);
    const world = await openWorld({
      ehrs: { clinic: resources },
      partners: talkingPartners,
      directory: talkingDirectory,
    });
    closing.push(world.close);
    const port = await freePort();
    const publicUrl = `http://127.0.0.1:${port}`;
    // Their own reconcilers are slow here: what happens, happens by nudges.
    const common = { publicUrl, acceptByMs: 600_000, reconcileMs: 1_500 };
    const workers = [
      world.startWorker({ ...common, port }),
      world.startWorker({ ...common, port: await freePort() }),
    ];
    await Promise.all(workers.map((one) => one.ready));
    const queues = await world.openQueues();
    const stopping = new AbortController();
    const nudging = (async () => {
      while (!stopping.signal.aborted) {
        const { rows } = await world.db.query<Nudge>(
          "select distinct stage, batch from ledger where waits_for = 'worker'",
        );
        await queues.nudge(rows.flatMap((nudge) => [nudge, nudge, nudge]));
        await sleep(300);
      }
    })();
    closing.unshift(async () => {
      stopping.abort();
      await nudging;
      await queues.close();
    });
    await untilAtRest(world, 150_000);
    expect(await whatFailed(world)).toEqual([]);
    expect(differences(script, await world.db.tx((tx) => readRunTotals(tx, 'default')))).toEqual(
      [],
    );
    expect(
      duplicatesOf(
        await tasksAtPartners(
          world,
          talkingPartners.map((one) => one.name),
        ),
      ),
    ).toEqual([]);
    expect(await duplicatesInEhr(world, 'clinic')).toEqual([]);
    // Nobody even tried twice: one POST for each Task.
    for (const { name } of talkingPartners)
      expect(Object.values(await world.creates('partners', name)).filter((n) => n > 1)).toEqual([]);
    expect(workers.map((one) => one.exited())).toEqual([false, false]);
  });

  it('may start in the same moment as their neighbors are already reading', {
    timeout: 300_000,
  }, async () => {
    const world = await openWorld({
      ehrs: { clinic: townOf(30).resources },
      partners: talkingPartners,
      directory: talkingDirectory,
    });
    closing.push(world.close);
    for (let round = 0; round < 2; round++) {
      const ports = [await freePort(), await freePort(), await freePort()];
      const workers = ports.map((port) => world.startWorker({ port, acceptByMs: 600_000 }));
      await Promise.all(workers.map((one) => one.ready));
      expect(workers.map((one) => one.exited())).toEqual([false, false, false]);
      await Promise.all(workers.map((one) => one.kill()));
    }
  });
});
