import { sleep } from '@loopwell/kit';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../services/cli/src/lifecycle/free-port.ts';
import { tasksAtPartners } from './counting.ts';
import { type Harness, openHarness, until } from './harness.ts';
import { hungryPeople, pantryDirectory } from './population.ts';
import type { StopMoment } from './stop-moments.ts';

const pantry = 'northside-food';

async function openPantry(people: number): Promise<Harness> {
  return openHarness({
    ehrs: { clinic: hungryPeople(people) },
    partners: [{ name: pantry, behavior: 'silent', stepMs: 500 }],
    directory: pantryDirectory,
  });
}

describe('a sender that stands still past its lease', () => {
  let opened: Harness | undefined;
  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });

  /** One sender stops itself at the moment, another takes over, and then the first goes on. */
  async function stopAndGoOn(moment: StopMoment) {
    const harness = await openPantry(1);
    opened = harness;
    const common = { acceptByMs: 600_000, leaseMs: 3_000, requestTimeoutMs: 1_500 };
    const stopped = harness.startWorker({ ...common, port: await freePort(), stopAt: moment });
    await stopped.stopped;
    const other = harness.startWorker({ ...common, port: await freePort() });
    await other.ready;
    await until('the other one has sent', async () => {
      const { rows } = await harness.db.query(
        "select 1 from task_delivery where remote_id is not null and not exists (select 1 from ledger where stage = 'refer')",
      );
      return rows.length === 1;
    });
    const before = await outcomes(harness);
    stopped.signal('SIGCONT');
    // Time for everything that the first one might still do.
    await sleep(4_000);
    expect(stopped.exited()).toBe(false);
    return { harness, before };
  }

  const outcomes = async (harness: Harness) =>
    (
      await harness.db.query<{ outcome: string }>(
        "select outcome from history where stage = 'refer' and principal = 'system:referral' order by id",
      )
    ).rows.map((row) => row.outcome);
  const posts = async (harness: Harness) =>
    Object.entries(await harness.creates('partners', pantry))
      .filter(([key]) => key.startsWith('Task|'))
      .map(([, n]) => n);

  it('sends nothing any more when it goes on between its receipt and its POST', {
    timeout: 240_000,
  }, async () => {
    const { harness, before } = await stopAndGoOn('receipt-intended');
    expect(await tasksAtPartners(harness, [pantry])).toHaveLength(1);
    expect(await posts(harness)).toEqual([1]);
    // The partner was asked twice, some time apart, before the other one sent.
    expect(before.filter((one) => one === 'asked:not-there')).toHaveLength(1);
    expect(await outcomes(harness)).toEqual(before);
  });

  it('finds its Task there when it goes on inside its POST, and what it then settles counts for nothing', {
    timeout: 240_000,
  }, async () => {
    const { harness, before } = await stopAndGoOn('inside-post');
    expect(await tasksAtPartners(harness, [pantry])).toHaveLength(1);
    await until('its own POST has arrived', async () => (await posts(harness))[0] === 2);
    expect(await tasksAtPartners(harness, [pantry])).toHaveLength(1);
    expect(await outcomes(harness)).toEqual(before);
    const { rows } = await harness.db.query<{ state: string; attempts: number }>(
      "select state, attempts from receipt where kind = 'Task'",
    );
    expect(rows.map((row) => row.state)).toEqual(['settled']);
  });

  it('does not send again what a partner stored without ever answering', {
    timeout: 240_000,
  }, async () => {
    const harness = await openPantry(2);
    opened = harness;
    await harness.faults('partners', pantry, [
      { method: 'POST', path: '/Task', times: 1, effect: 'store-then-hang' },
      { method: 'POST', path: '/Task$', times: 1, effect: 'store-then-cut' },
    ]);
    await harness.startWorker({
      port: await freePort(),
      acceptByMs: 600_000,
      requestTimeoutMs: 1_500,
    }).ready;
    await until(
      'both Tasks are known to be there',
      async () =>
        (await harness.db.query('select 1 from task_delivery where remote_id is not null')).rows
          .length === 2,
    );
    expect(await tasksAtPartners(harness, [pantry])).toHaveLength(2);
    expect(await posts(harness)).toEqual([1, 1]);
  });
});
