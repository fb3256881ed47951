import { readRunTotals } from '@loopwell/store';
import { totalsAndRecount } from '@loopwell/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../services/cli/src/lifecycle/free-port.ts';
import { differences } from '../../services/cli/src/run/expected-totals.ts';
import { duplicatesInEhr, duplicatesOf, tasksAtPartners } from './counting.ts';
import { type Harness, openHarness, untilAtRest, whatFailed } from './harness.ts';
import { populationOf, respondingDirectory, respondingPartners } from './population.ts';

describe('two EHRs whose ids collide', () => {
  let opened: Harness | undefined;
  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });

  it('keep their people apart in one database: each need goes out once, and back to its own chart', {
    timeout: 150_000,
  }, async () => {
    // The same ids in both: Patient/person-0 is another person in each, with other answers.
    const [north, south] = [populationOf(12, 11), populationOf(12, 22)];
    const harness = await openHarness({
      ehrs: { north: north.resources, south: south.resources },
      partners: respondingPartners,
      directory: respondingDirectory,
    });
    opened = harness;
    for (const ehrName of ['north', 'south']) {
      const worker = harness.startWorker({ ehrName, port: await freePort(), acceptByMs: 600_000 });
      await worker.ready;
      await untilAtRest(harness, 70_000);
      await worker.kill();
    }
    expect(await whatFailed(harness)).toEqual([]);
    const totals = await harness.db.tx((tx) => readRunTotals(tx, 'default'));
    const sum = (a: Record<string, number>, b: Record<string, number>) =>
      Object.fromEntries(
        Object.keys({ ...a, ...b }).map((key) => [key, (a[key] ?? 0) + (b[key] ?? 0)]),
      );
    const both = {
      encounters: sum(
        north.script.encounters,
        south.script.encounters,
      ) as typeof north.script.encounters,
      referrals: {
        needed: north.script.referrals.needed + south.script.referrals.needed,
        closed: north.script.referrals.closed + south.script.referrals.closed,
        failed: north.script.referrals.failed + south.script.referrals.failed,
        waiting: sum(north.script.referrals.waiting, south.script.referrals.waiting),
      },
    };
    expect(differences(both, totals)).toEqual([]);
    // Two workers were killed on the way: what was undone with them is counted nowhere.
    const { kept, counted } = await totalsAndRecount(harness.db);
    expect(kept).toEqual(counted);
    expect(new Set(kept.map((one) => one.kind))).toContain('history');
    expect(
      duplicatesOf(
        await tasksAtPartners(
          harness,
          respondingPartners.map((one) => one.name),
        ),
      ),
    ).toEqual([]);
    for (const [name, population] of [
      ['north', north],
      ['south', south],
    ] as const) {
      expect(await duplicatesInEhr(harness, name)).toEqual([]);
      const requests = await harness.dump('ehr', name, 'ServiceRequest');
      expect(requests.filter((one) => one.status === 'completed')).toHaveLength(
        population.script.referrals.closed,
      );
    }
  });
});
