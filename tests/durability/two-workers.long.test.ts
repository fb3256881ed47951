import { sleep } from '@loopwell/kit';
import type { Nudge } from '@loopwell/pipeline';
import { readRunTotals } from '@loopwell/store';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../services/cli/src/lifecycle/free-port.ts';
import { differences } from '../../services/cli/src/run/expected-totals.ts';
import { duplicatesInEhr, duplicatesOf, tasksAtPartners } from './counting.ts';
import { openHarness, untilAtRest, whatFailed } from './harness.ts';
import { populationOf, respondingDirectory, respondingPartners } from './population.ts';

describe('two workers on one database and one queue', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  it('do each piece of work once, though every nudge comes three times', {
    timeout: 300_000,
  }, async () => {
    const { script, resources } = populationOf(30);
    const harness = await openHarness({
      ehrs: { clinic: resources },
      partners: respondingPartners,
      directory: respondingDirectory,
    });
    closing.push(harness.close);
    const port = await freePort();
    const publicUrl = `http://127.0.0.1:${port}`;
    // Their own reconcilers are slow here: what happens, happens by nudges.
    const common = { publicUrl, acceptByMs: 600_000, reconcileMs: 1_500 };
    const workers = [
      harness.startWorker({ ...common, port }),
      harness.startWorker({ ...common, port: await freePort() }),
    ];
    await Promise.all(workers.map((one) => one.ready));
    const queues = await harness.openQueues();
    const stopping = new AbortController();
    const nudging = (async () => {
      while (!stopping.signal.aborted) {
        const { rows } = await harness.db.query<Nudge>(
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
    // Nobody even tried twice: one POST for each Task.
    for (const { name } of respondingPartners)
      expect(Object.values(await harness.creates('partners', name)).filter((n) => n > 1)).toEqual(
        [],
      );
    expect(workers.map((one) => one.exited())).toEqual([false, false]);
  });

  it('may start in the same moment as their neighbors are already reading', {
    timeout: 300_000,
  }, async () => {
    const harness = await openHarness({
      ehrs: { clinic: populationOf(30).resources },
      partners: respondingPartners,
      directory: respondingDirectory,
    });
    closing.push(harness.close);
    for (let round = 0; round < 2; round++) {
      const ports = [await freePort(), await freePort(), await freePort()];
      const workers = ports.map((port) => harness.startWorker({ port, acceptByMs: 600_000 }));
      await Promise.all(workers.map((one) => one.ready));
      expect(workers.map((one) => one.exited())).toEqual([false, false, false]);
      await Promise.all(workers.map((one) => one.kill()));
    }
  });
});
