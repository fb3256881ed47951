import { randomUUID } from 'node:crypto';
import { insertTask, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Database, openDatabase } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';
import { migrate } from '../database/migrate.ts';
import { type ListedState, listReferrals } from '../reports/listed-referrals.ts';
import { readCounts } from '../reports/operations-counts.ts';
import { readRunTotals, waitingPlaces } from '../reports/run-totals.ts';
import { readSendPreview } from '../reports/send-preview.ts';
import { countReferrals, readGates } from '../reports/stage-status.ts';

/** Whoever counts or lists referrals agrees with everybody else, whatever there is. */
let db: Database;
let close: () => Promise<void>;

beforeAll(async () => {
  const database = await testDatabase();
  await migrate(database.url);
  db = openDatabase({ url: database.url, tenant: 'o', max: 3 });
  close = async () => {
    await db.close();
    await database.close();
  };
});
afterAll(() => close());
beforeEach(async () => {
  await db.query('truncate referral, task, task_delivery, task_version, partner, hold cascade');
});

/** The same throws in every run (mulberry32). */
function dice(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    coin: () => next() < 0.5,
    pick: <T>(some: readonly T[]): T => some[Math.floor(next() * some.length)] as T,
  };
}

const day = 86_400_000;
const columns = [
  'id',
  'tenant',
  'connection',
  'person',
  'category',
  'state',
  'gate',
  'unambiguous',
  'sensitive',
  'conditions',
  'since',
  'sent',
  'approval',
  'approved_by',
  'decide_by',
  'postponed_until',
  'next_partner',
  'trace',
];
/** Referrals as the database lets them be, in tenants of which only one is ours. */
async function throwReferrals(seed: number, count: number): Promise<void> {
  const { coin, pick } = dice(seed);
  const tasks: Parameters<typeof insertTask>[1][] = [];
  const rows = Array.from({ length: count }, () => {
    const id = randomUUID();
    const tenant = pick(['o', 'o', 'o', 'other']);
    const state = pick(['waiting', 'waiting', 'partner', 'closed', 'failed', 'withdrawn']);
    const gate =
      state === 'waiting'
        ? pick([null, ...waitingPlaces.filter((one) => one !== 'partner')])
        : pick([null, 'partner']);
    // What waits has a live Task only while nobody knows whether it arrived.
    const isOut =
      state === 'partner'
        ? coin()
        : state === 'waiting' && (gate === 'send' || gate === 'hold') && coin();
    const task = (live: boolean, attempt: number) => ({
      ...{ id: randomUUID(), tenant, referral: id, person: id, attempt, partner: 'p' },
      ...{ channel: 'fhir-rest', address: 'https://p.example', receipt_key: randomUUID() },
      status: live ? 'requested' : 'rejected',
      remote_id: live && state === 'waiting' ? null : 'r',
      live,
    });
    if (coin()) tasks.push(task(false, 1));
    if (isOut) tasks.push(task(true, 2));
    const approvedBy = pick(['person:rea', 'system:enrichment', 'policy:unambiguous', null]);
    const decideBy = pick([null, new Date(Date.now() - day), new Date(Date.now() + day)]);
    return [
      id,
      tenant,
      'a',
      randomUUID(),
      pick(['food-insecurity', 'homelessness']),
      state,
      gate,
      true,
      false,
      '[]',
      '2026-01-01',
      coin(),
      pick([null, 'approved', 'refused']),
      approvedBy,
      decideBy,
      pick([null, '2020-01-01', '2999-01-01']),
      pick([null, 'p']),
      randomUUID(),
    ];
  });
  for (const tenant of ['o', 'other']) {
    const theirs = rows.filter((row) => row[1] === tenant);
    await insertRows({ ...db, tenant }, 'referral', columns, theirs);
  }
  for (const task of tasks) await insertTask(db, task);
}

it.each([1, 2, 3, 4, 5])(
  'every referral is in one place, and all totals and lists say the same (%i)',
  async (seed) => {
    await throwReferrals(seed, 400);
    const { referrals } = await db.tx((tx) => readRunTotals(tx, 'o'));
    const { waiting, closed, failed, withdrawn, needed } = referrals;
    const all = await db.query<{ n: number }>(
      "select count(*)::int as n from referral where tenant = 'o' and not (state = 'withdrawn' and coalesce(approved_by, '') = 'system:enrichment')",
    );
    expect(needed).toBe(all.rows[0]?.n);
    expect(
      Object.values(waiting).reduce((sum, n) => sum + n, 0) + closed + failed + withdrawn,
    ).toBe(needed);

    const gates = await db.tx((tx) => readGates(tx, 'o'));
    expect(Object.fromEntries(gates.map((one) => [one.gate, one.count]))).toEqual(
      Object.fromEntries(Object.entries(waiting).filter(([, n]) => n > 0)),
    );

    const { partner, ...others } = waiting;
    const stillWaits = Object.values(others).reduce((sum, n) => sum + n, 0);
    expect(await db.tx((tx) => countReferrals(tx, 'o'))).toEqual({
      waiting: stillWaits,
      partner,
      closed,
      failed,
      withdrawn,
    });

    const counts = await db.tx((tx) => readCounts(tx, 'o', new Date().toISOString().slice(0, 10)));
    const measured = counts
      .filter((one) => one.kind === 'referral')
      .map((one) => [one.b === '' ? one.a : one.b, one.n]);
    expect(Object.fromEntries(measured)).toEqual(
      Object.fromEntries(
        Object.entries({ ...waiting, closed, failed, withdrawn }).filter(([, n]) => n > 0),
      ),
    );
    const overdue = gates.find((one) => one.gate === 'withoutHelp')?.overdue;
    expect(counts.find((one) => one.kind === 'overdue')?.n).toBe(overdue);
    expect(overdue).toBeGreaterThan(0);

    const lists: Partial<Record<ListedState, number>> = {
      noPartner: others.noPartner,
      hold: others.hold,
      send: others.send,
      partner,
      closed,
      failed,
      withdrawn,
    };
    for (const [state, n] of Object.entries(lists)) {
      const rows = await db.tx((tx) =>
        listReferrals(tx, 'o', { state: state as ListedState, limit: 1_000 }),
      );
      expect([state, rows.length, new Set(rows.map((one) => one.id)).size]).toEqual([state, n, n]);
    }

    const would = (await db.tx((tx) => readSendPreview(tx, 'o'))).referrals.reduce(
      (sum, one) => sum + one.count,
      0,
    );
    expect(would).toBe(stillWaits);
  },
);
