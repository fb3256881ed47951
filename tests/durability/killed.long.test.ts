import { sleep } from '@loopwell/kit';
import { readRunTotals } from '@loopwell/store';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../services/cli/src/lifecycle/free-port.ts';
import { differences } from '../../services/cli/src/run/expected-totals.ts';
import { duplicatesInEhr, duplicatesOf, tasksAtPartners } from './counting.ts';
import { type Harness, openHarness, untilAtRest, whatFailed } from './harness.ts';
import { populationOf, respondingDirectory, respondingPartners } from './population.ts';

/** Mulberry32: the same seed, the same moments. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('a run that is killed again and again', () => {
  let harness: Harness | undefined;
  afterEach(async () => {
    await harness?.close();
    harness = undefined;
  });

  it('brings 500 Encounters to their scripted ends, each Task at its partner once, nothing twice in the EHR', {
    timeout: 420_000,
  }, async () => {
    const seed = Number(process.env.DURABILITY_SEED ?? Date.now() % 1_000_000);
    process.stderr.write(`Killed at the moments of DURABILITY_SEED=${seed}\n`);
    const next = dice(seed);
    const { script, resources } = populationOf(175, seed);
    expect(
      resources.filter((one) => one.resourceType === 'Encounter').length,
    ).toBeGreaterThanOrEqual(480);
    harness = await openHarness({
      ehrs: { clinic: resources },
      partners: respondingPartners,
      directory: respondingDirectory,
    });
    const worker = { port: await freePort(), acceptByMs: 600_000 };
    for (let kills = 0; kills < 8; kills += 1) {
      const one = harness.startWorker(worker);
      // Most are killed in the middle of their work, some before they have begun.
      if (next() < 0.85) await one.ready;
      await sleep(next() * 2_500);
      await one.kill();
    }
    await harness.startWorker(worker).ready;
    await untilAtRest(harness, 240_000);
    const tasks = await tasksAtPartners(
      harness,
      respondingPartners.map((one) => one.name),
    );
    expect(await whatFailed(harness)).toEqual([]);
    expect(duplicatesOf(tasks)).toEqual([]);
    expect(await duplicatesInEhr(harness, 'clinic')).toEqual([]);
    expect(differences(script, await harness.db.tx((tx) => readRunTotals(tx, 'default')))).toEqual(
      [],
    );
    expect(tasks.filter((task) => task.status === 'completed')).toHaveLength(
      script.referrals.closed,
    );
    const requests = await harness.dump('ehr', 'clinic', 'ServiceRequest');
    expect(requests.filter((one) => one.status === 'completed')).toHaveLength(
      script.referrals.closed,
    );
  });
});
