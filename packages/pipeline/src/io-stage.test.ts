import { AppError, silentLog, sleep } from '@loopwell/kit';
import { describe, expect, it } from 'vitest';
import { defaultRetry } from './backoff.ts';
import { workIo } from './io-stage.ts';
import type { Flight, IoDeps, Lease } from './lease.ts';
import type { Row, Settled } from './ledger-port.ts';

const rowOf = (subject: string): Row => ({
  tenant: 'o',
  stage: 'refer',
  subject,
  person: null,
  batch: 'b',
  waits_for: 'worker',
  generation: 1,
  fence: 1,
  attempts: 0,
  cause: null,
  trace: 't',
});

/**
 * A ledger that gives its rows once and remembers what became of them; what `lost` names has passed
 * to others.
 */
function ledgerOf(subjects: readonly string[], lost: Set<string> = new Set()) {
  let rows = subjects.map(rowOf);
  const settled: Settled<Row>[] = [];
  const deps: IoDeps<null, Row> = {
    tx: (work) => work(null),
    isAway: (error) => error instanceof Error && error.message === 'away',
    ledger: {
      claim: async () => [],
      claimLease: async () => rows.splice(0, rows.length),
      renewLease: async (_tx, some) =>
        new Set(some.map((row) => row.subject).filter((one) => !lost.has(one))),
      holdLeases: async (_tx, some) => some.filter((row) => !lost.has(row.subject)),
      settle: async (_tx, some) => void settled.push(...some),
    },
    nudge: async () => {},
    retry: defaultRetry,
    principal: 'system:test',
    log: silentLog,
  };
  const told = () =>
    Object.fromEntries(
      settled.map(({ row, settlement }) => [
        row.subject,
        settlement.kind === 'park' ? settlement.code : settlement.outcome,
      ]),
    );
  return { deps, told, settled, refill: () => (rows = subjects.map(rowOf)) };
}

const finish = (lease: Lease<null, Row>, rows: readonly Row[]) =>
  lease.settle(rows, async (_tx, ours) => ({
    settled: ours.map((row) => ({
      row,
      settlement: { kind: 'done', outcome: 'sent' } as const,
      principal: 'p',
    })),
  }));
const stageOf = (work: (lease: Lease<null, Row>) => Promise<void>, leaseMs = 60_000) => ({
  stage: 'refer' as const,
  limit: 100,
  leaseMs,
  work,
});

describe('a batch under a lease', () => {
  const subjects = Array.from({ length: 100 }, (_, index) => `r${index}`);

  it('is halved down to the one row to blame, and the other 99 are done', async () => {
    const { deps, told } = ledgerOf(subjects);
    const work = async (lease: Lease<null, Row>) => {
      if (lease.rows.some((row) => row.subject === 'r42')) throw new Error('invalid byte sequence');
      await finish(lease, lease.rows);
    };
    expect(await workIo(deps, stageOf(work), { batch: 'b' })).toBe(100);
    const all = Object.entries(told());
    expect(all.filter(([, outcome]) => outcome === 'sent')).toHaveLength(99);
    expect(told().r42).toBe('INTERNAL');
  });

  it('is not worked again in halves when the other server is away', async () => {
    const { deps, told } = ledgerOf(['a', 'b', 'c', 'd']);
    let asked = 0;
    const work = async () => {
      asked += 1;
      throw new AppError('REMOTE_UNAVAILABLE', 'The other server cannot be reached');
    };
    await workIo(deps, stageOf(work), { batch: 'b' });
    expect(asked).toBe(1);
    expect(told()).toEqual({
      a: 'REMOTE_UNAVAILABLE',
      b: 'REMOTE_UNAVAILABLE',
      c: 'REMOTE_UNAVAILABLE',
      d: 'REMOTE_UNAVAILABLE',
    });
  });

  it('parks one row while its neighbors go on', async () => {
    const { deps, told } = ledgerOf(['a', 'b']);
    const work = async (lease: Lease<null, Row>) => {
      for (const row of lease.rows)
        await (row.subject === 'a'
          ? lease.park(row, new AppError('REMOTE_INVALID', 'Not FHIR'))
          : finish(lease, [row]));
    };
    await workIo(deps, stageOf(work), { batch: 'b' });
    expect(told()).toEqual({ a: 'REMOTE_INVALID', b: 'sent' });
  });

  it('blames no row when the database is away', async () => {
    const { deps, told } = ledgerOf(['a', 'b']);
    await expect(
      workIo(
        deps,
        stageOf(() => Promise.reject(new Error('away'))),
        { batch: 'b' },
      ),
    ).rejects.toThrow('away');
    const parking = async (lease: Lease<null, Row>) => lease.park(rowOf('a'), new Error('away'));
    const second = ledgerOf(['a']);
    await expect(workIo(second.deps, stageOf(parking), { batch: 'b' })).rejects.toThrow('away');
    expect([told(), second.told()]).toEqual([{}, {}]);
  });

  it('counts a row that its story forgot as a failure', async () => {
    const { deps, told } = ledgerOf(['a']);
    await workIo(
      deps,
      stageOf(async () => {}),
      { batch: 'b' },
    );
    expect(told()).toEqual({ a: 'INTERNAL' });
  });

  it('lets nothing begin in the last half of a lease that could not be renewed, and gives its row back unblamed', async () => {
    const { deps, told } = ledgerOf(['a']);
    deps.ledger.renewLease = () => Promise.reject(new Error('away'));
    const answers: boolean[] = [];
    const work = async (lease: Lease<null, Row>) => {
      const [row] = lease.rows;
      if (!row) return;
      answers.push(lease.isOurs(row));
      while (lease.isOurs(row)) await sleep(20);
      answers.push(lease.isOurs(row));
    };
    await workIo(deps, stageOf(work, 400), { batch: 'b' });
    expect(answers).toEqual([true, false]);
    expect(told()).toEqual({ a: 'given-back' });
  });

  it('says of a row that has passed to another worker that it is not ours, and settles nothing of it', async () => {
    const lost = new Set<string>();
    const { deps, told } = ledgerOf(['a', 'b'], lost);
    const work = async (lease: Lease<null, Row>) => {
      lost.add('a');
      const [a, b] = lease.rows;
      if (!a || !b) return;
      while (lease.isOurs(a)) await sleep(20);
      expect(lease.isOurs(b)).toBe(true);
      await finish(lease, [a, b]);
    };
    await workIo(deps, stageOf(work, 3_000), { batch: 'b' });
    expect(told()).toEqual({ b: 'sent' });
  });
});

describe('rows that wait for servers', () => {
  it('make a batch stuck once all that is left of it waits for servers that let somebody wait', async () => {
    const { deps } = ledgerOf(['a', 'b']);
    const slow = new Set<string>();
    const flights: Flight[] = [];
    const told: boolean[] = [];
    const work = async (lease: Lease<null, Row>) => {
      const [a, b] = lease.rows as [Row, Row];
      const look = () => told.push(flights[0]?.isStuck() ?? true);
      look();
      lease.waitAt([a, b], 'https://slow.test');
      look();
      slow.add('https://slow.test');
      look();
      lease.waitAt([b], 'https://quick.test');
      look();
      await finish(lease, [b]);
      look();
      await finish(lease, [a]);
      look();
    };
    await workIo(
      { ...deps, letsWait: (one) => slow.has(one) },
      stageOf(work),
      { batch: 'b' },
      (flight) => flights.push(flight),
    );
    expect(told).toEqual([false, false, true, false, true, false]);
  });

  it('are given back as they were, for whom they waited, and told nowhere', async () => {
    const { deps, settled } = ledgerOf(['a']);
    await workIo(
      deps,
      stageOf((lease) => lease.giveBack(lease.rows, 7_000)),
      { batch: 'b' },
    );
    expect(settled.map((one) => one.settlement)).toEqual([
      {
        kind: 'wait',
        outcome: 'given-back',
        waitsFor: 'worker',
        delayMs: 7_000,
        quiet: true,
        unresolved: true,
        owedBy: 'partner',
      },
    ]);
  });
});
