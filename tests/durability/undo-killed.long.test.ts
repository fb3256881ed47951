import { sessionCookie } from '@loopwell/http';
import { sleep } from '@loopwell/kit';
import { access } from '@loopwell/store';
import { afterEach, expect, it } from 'vitest';
import { freePort } from '../../services/cli/src/lifecycle/free-port.ts';
import { duplicatesOf, tasksAtPartners } from './counting.ts';
import { type Harness, openHarness, until, whatIsLeft } from './harness.ts';
import { hungryPeople, pantryDirectory } from './population.ts';

/**
 * Somebody decides on a page, and the process is killed at random before, while and after the send
 * is claimed; some decisions are undone before or after that. What the partner holds is what counts.
 */
const [rounds, perRound, waitMs] = [8, 3, 3_000];
const pantry = { name: 'northside-food', behavior: 'silent', stepMs: 400 } as const;

let harness: Harness | undefined;
afterEach(async () => {
  await harness?.close();
  harness = undefined;
});

async function openWith(people: number): Promise<Harness> {
  harness = await openHarness({
    ehrs: { clinic: hungryPeople(people) },
    partners: [pantry],
    directory: pantryDirectory,
  });
  return harness;
}

type Undone = { undone: string[]; recalled: string[] };

/** Decides and undoes as a signed-in person does, at the address of a worker. */
async function reviewerOf({ db }: Harness) {
  const granted = { tenant: 'default', kind: 'session' as const, principal: 'person:ada' };
  const roles = { roles: ['reviewer'], routes: [] };
  const secret = await db.tx((tx) => access.grantAccess(tx, { ...granted, ...roles }));
  const cookie = { cookie: `${sessionCookie}=${secret}`, 'sec-fetch-site': 'same-origin' };
  return {
    async approve(address: string, referrals: readonly string[]): Promise<string> {
      const fields = [...referrals.map((id) => ['referral', id]), ['decision', 'approve']];
      const answer = await fetch(`${address}/review/decisions`, {
        ...{ method: 'POST', redirect: 'manual', headers: cookie },
        body: new URLSearchParams([...fields, ['back', '/review']]),
      });
      expect(answer.status).toBe(303);
      return /request=([0-9a-f-]{36})/.exec(answer.headers.get('location') ?? '')?.[1] ?? '';
    },
    async undo(address: string, request: string): Promise<Undone> {
      const answer = await fetch(`${address}/api/v1/reviews/undo`, {
        ...{ method: 'POST', body: JSON.stringify({ request }) },
        headers: { ...cookie, 'content-type': 'application/json' },
      });
      expect(answer.status, await answer.clone().text()).toBe(200);
      return (await answer.json()) as Undone;
    },
  };
}

it('is never sent before the end of the undo, never lost, and never sent once undone', {
  timeout: 420_000,
}, async () => {
  const world = await openWith(rounds * perRound);
  const { db } = world;
  const waiting = async () =>
    (
      await db.query<{ id: string }>(
        "select id from referral where tenant = $tenant and gate = 'review' order by id",
      )
    ).rows.map(({ id }) => id);
  const start = { port: await freePort(), readsOn: true, acceptByMs: 600_000 };
  const startWorker = () => world.startWorker({ ...start, undoFor: `${waitMs}ms` });
  let worker = startWorker();
  await worker.ready;
  await until('all wait', async () => (await waiting()).length === rounds * perRound, 120_000);
  const all = await waiting();
  const reviewer = await reviewerOf(world);
  const untilOf = new Map<string, Date>();
  const undone = new Set<string>();
  const recalled = new Set<string>();
  const undo = async (address: string, request: string) => {
    const answer = await reviewer.undo(address, request);
    for (const id of answer.undone) undone.add(id);
    for (const id of answer.recalled) recalled.add(id);
  };
  for (let round = 0; round < rounds; round += 1) {
    const { address } = await worker.ready;
    const chosen = all.slice(round * perRound, (round + 1) * perRound);
    const request = await reviewer.approve(address, chosen);
    const { rows } = await db.query<{ id: string; undo_until: Date }>(
      'select id, undo_until from referral where tenant = $tenant and id = any($1::uuid[])',
      [chosen],
    );
    for (const { id, undo_until: end } of rows) untilOf.set(id, end);
    await sleep(Math.random() * waitMs * 1.2);
    if (round % 4 === 1) await undo(address, request);
    await worker.kill();
    worker = startWorker();
    const next = await worker.ready;
    if (round % 4 === 3) await undo(next.address, request);
  }
  const kept = all.filter((id) => !undone.has(id) && !recalled.has(id));
  const sent = async () => {
    const tasks = await tasksAtPartners(world, [pantry.name]);
    const { rows } = await db.query<{ receipt_key: string; referral: string }>(
      `select d.receipt_key, t.referral from task t
         join task_delivery d on d.tenant = $tenant and d.task = t.id where t.tenant = $tenant`,
    );
    const referralOf = new Map(rows.map((row) => [row.receipt_key, row.referral]));
    return tasks.map((task) => ({ task, referral: referralOf.get(task.receipt) ?? '' }));
  };
  const hasAll = async () => {
    const there = new Set((await sent()).map(({ referral }) => referral));
    return kept.every((id) => there.has(id));
  };
  await until('the partner has what nobody undid', hasAll, 180_000).catch(async (error: Error) => {
    throw new Error(`${error.message}: ${(await whatIsLeft(world)).join('; ')}`);
  });
  // What was undone would go out by now, too.
  await sleep(waitMs);
  const found = await sent();
  expect(duplicatesOf(found.map(({ task }) => task))).toEqual([]);
  expect(found.filter(({ referral }) => undone.has(referral))).toEqual([]);
  const early = found.filter(({ task, referral }) => {
    const end = untilOf.get(referral)?.getTime() ?? Number.POSITIVE_INFINITY;
    return Date.parse(task.meta?.lastUpdated ?? '') < end;
  });
  expect(early).toEqual([]);
  // Rounds without an undo that came in time would show nothing.
  expect(undone.size + recalled.size).toBeGreaterThan(0);
  expect(kept.length).toBeGreaterThan(rounds);
});
