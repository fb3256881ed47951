import { newId } from '@loopwell/kit';
import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../database/database.ts';
import { appendHistory } from '../database/history.ts';
import { migrate } from '../database/migrate.ts';
import { claim, claimLease, due, holdLeases, type LedgerRow, renewLease, wake } from './ledger.ts';
import { settleWork } from './settle-work.ts';

const trace = newId();
const batch = newId();
const row = (subject: string, stage = 'screen', extra = {}) => ({
  tenant: 'o',
  stage,
  subject,
  batch,
  trace,
  ...extra,
});
const done = (one: LedgerRow) => ({
  row: one,
  settlement: { kind: 'done' as const, outcome: 'ok' },
  principal: 'system:test',
});

describe('ledger', () => {
  let db: Database;
  let scratch: { url: string; close: () => Promise<void> };

  beforeAll(async () => {
    scratch = await testDatabase();
    await migrate(scratch.url);
    db = openDatabase({ url: scratch.url, tenant: 'o' });
  });
  afterAll(async () => {
    await db?.close();
    await scratch?.close();
  });
  beforeEach(async () => {
    await db.query('truncate ledger, history');
  });

  const rows = async () =>
    (
      await db.query<{ subject: string; generation: number; waits_for: string }>(
        'select * from ledger order by subject',
      )
    ).rows;

  it('gives each due row to one of two workers that claim at once', async () => {
    await db.tx((tx) =>
      due(
        tx,
        ['a', 'b', 'c', 'd'].map((subject) => row(subject)),
      ),
    );
    const [first, second] = await Promise.all(
      [1, 2].map(() =>
        db.tx(async (tx) => {
          const claimed = await claim(tx, 'screen', { batch }, 3);
          await new Promise((resolve) => setTimeout(resolve, 50));
          await settleWork(tx, claimed.map(done));
          return claimed.map((one) => one.subject);
        }),
      ),
    );
    expect([...(first ?? []), ...(second ?? [])].sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(await rows()).toEqual([]);
  });

  it('knows since when somebody is waited for, whatever is looked at again in between', async () => {
    const long = new Date('2026-01-02T03:04:05Z');
    const waits = (waitsFor: 'operator' | 'reviewer' | 'worker', more = {}) => ({
      kind: 'wait' as const,
      outcome: 'waits',
      waitsFor,
      ...more,
    });
    const look = (settlement: Parameters<typeof settleWork>[1][number]['settlement']) =>
      db.tx(async (tx) => {
        const [one] = await claimLease(tx, 'refer', { subjects: ['a'] }, 1, 60_000);
        if (one) await settleWork(tx, [{ row: one, settlement, principal: 'system:test' }]);
      });
    const since = async () =>
      (await db.query<{ since: Date; waits_for: string }>('select since, waits_for from ledger'))
        .rows[0];
    await db.tx((tx) => due(tx, [row('a', 'refer')]));
    await look(waits('operator'));
    await db.query('update ledger set since = $1', [long]);
    // A release that lets it go nowhere, a change of the directory, new work, and a try that is to
    // be repeated.
    await db.tx((tx) => wake(tx, 'o', newId()));
    await look(waits('operator'));
    expect(await since()).toEqual({ since: long, waits_for: 'operator' });
    await db.tx((tx) => wake(tx, 'o', newId()));
    await db.tx((tx) => wake(tx, 'o', newId()));
    await db.tx((tx) => due(tx, [row('a', 'refer')]));
    await look(waits('worker', { delayMs: 0 }));
    await look(waits('operator'));
    expect(await since()).toEqual({ since: long, waits_for: 'operator' });
    // Somebody else is waited for now: that began now, and what was before is forgotten.
    await db.tx((tx) => wake(tx, 'o', newId()));
    await look(waits('reviewer'));
    expect((await since())?.since.getTime()).toBeGreaterThan(long.getTime());
    await db.tx((tx) => wake(tx, 'o', newId()));
    await look(waits('operator'));
    expect((await since())?.since.getTime()).toBeGreaterThan(long.getTime());
  });

  it('does not lose work that is made due while its row is being finished', async () => {
    await db.tx((tx) => due(tx, [row('a')]));
    const locked = Promise.withResolvers<void>();
    const finishing = db.tx(async (tx) => {
      const claimed = await claim(tx, 'screen', { batch }, 1);
      locked.resolve();
      await new Promise((resolve) => setTimeout(resolve, 100));
      await settleWork(tx, claimed.map(done));
    });
    await locked.promise;
    // Blocks on the locked row, then finds it deleted, and must insert it anew.
    await db.tx((tx) => due(tx, [row('a')]));
    await finishing;
    expect((await rows()).map((one) => one.subject)).toEqual(['a']);
  });

  it('keeps a leased row that was made due again meanwhile, due now', async () => {
    await db.tx((tx) => due(tx, [row('t', 'track')]));
    const [leased] = await db.tx((tx) => claimLease(tx, 'track', { batch }, 1, 60_000));
    await db.tx((tx) => due(tx, [row('t', 'track')]));
    await db.tx(async (tx) =>
      settleWork(tx, (await holdLeases(tx, [leased as LedgerRow])).map(done)),
    );
    expect((await rows()).map((one) => one.generation)).toEqual([2]);
    expect(await db.tx((tx) => claimLease(tx, 'track', { batch }, 1, 60_000))).toHaveLength(1);
  });

  it('hands a row over when its lease has ended, and lets only the latest holder settle', async () => {
    await db.tx((tx) => due(tx, [row('t', 'track')]));
    const [stopped] = await db.tx((tx) => claimLease(tx, 'track', { batch }, 1, 60_000));
    expect(await db.tx((tx) => claimLease(tx, 'track', { batch }, 1, 60_000))).toHaveLength(0);
    await db.query("update ledger set leased_until = now() - interval '1 second'");
    const [second] = await db.tx((tx) => claimLease(tx, 'track', { batch }, 1, 60_000));
    expect(second?.fence).toBeGreaterThan(stopped?.fence ?? 0);
    expect(await db.tx((tx) => holdLeases(tx, [stopped as LedgerRow]))).toEqual([]);
    expect(await db.tx((tx) => renewLease(tx, [stopped as LedgerRow], 1_000))).toEqual(new Set());
    expect(await db.tx((tx) => holdLeases(tx, [second as LedgerRow]))).toHaveLength(1);
  });

  it('never lets a later due date push an earlier one away', async () => {
    await db.tx((tx) => due(tx, [row('a')]));
    await db.tx((tx) => due(tx, [row('a', 'screen', { delayMs: 60_000 })]));
    expect(await db.tx((tx) => claim(tx, 'screen', { waitedMs: 0 }, 10))).toHaveLength(1);
  });

  it('parks a failure with its code and a later date, and starts afresh when new work arrives', async () => {
    await db.tx((tx) => due(tx, [row('a')]));
    await db.tx(async (tx) => {
      const [one] = await claim(tx, 'screen', { batch }, 1);
      const settlement = {
        kind: 'park' as const,
        code: 'REMOTE_INVALID',
        delayMs: 60_000,
        waitsFor: 'worker' as const,
      };
      await settleWork(tx, [{ row: one as LedgerRow, settlement, principal: 'system:test' }]);
    });
    expect(await db.tx((tx) => claim(tx, 'screen', { batch }, 1))).toEqual([]);
    const parked = await db.query('select attempts, error_code from ledger');
    expect(parked.rows).toEqual([{ attempts: 1, error_code: 'REMOTE_INVALID' }]);
    await db.tx((tx) => due(tx, [row('a')]));
    const [again] = await db.tx((tx) => claim(tx, 'screen', { batch }, 1));
    expect(again).toMatchObject({ attempts: 0, error_code: null });
  });

  it('lets a row wait for a person, out of reach of workers, until something makes it due', async () => {
    await db.tx((tx) => due(tx, [row('r', 'refer')]));
    const [leased] = await db.tx((tx) => claimLease(tx, 'refer', { batch }, 1, 60_000));
    const settlement = { kind: 'wait' as const, outcome: 'review', waitsFor: 'reviewer' as const };
    await db.tx((tx) =>
      settleWork(tx, [{ row: leased as LedgerRow, settlement, principal: 'system:test' }]),
    );
    expect(await db.tx((tx) => claimLease(tx, 'refer', { waitedMs: 0 }, 1, 1_000))).toEqual([]);
    await db.tx((tx) => due(tx, [row('r', 'refer')]));
    expect(await db.tx((tx) => claimLease(tx, 'refer', { batch }, 1, 1_000))).toHaveLength(1);
  });

  it('survives two writers that make the same rows due in opposite orders', async () => {
    const subjects = Array.from({ length: 200 }, (_, index) => `s${index}`);
    const make = (list: string[]) =>
      db.tx((tx) =>
        due(
          tx,
          list.map((subject) => row(subject)),
        ),
      );
    await Promise.all([
      make(subjects),
      make([...subjects].reverse()),
      make(subjects),
      make([...subjects].reverse()),
    ]);
    const all = await rows();
    expect(all).toHaveLength(200);
    expect(new Set(all.map((one) => one.generation))).toEqual(new Set([4]));
  });

  it('never takes the lease of a later row for its own, when its own row was finished and made again', async () => {
    await db.tx((tx) => due(tx, [row('t', 'track')]));
    const [stopped] = await db.tx((tx) => claimLease(tx, 'track', { batch }, 1, 1));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const [second] = await db.tx((tx) => claimLease(tx, 'track', { batch }, 1, 60_000));
    await db.tx(async (tx) =>
      settleWork(tx, (await holdLeases(tx, [second as LedgerRow])).map(done)),
    );
    await db.tx((tx) => due(tx, [row('t', 'track')]));
    const [third] = await db.tx((tx) => claimLease(tx, 'track', { batch }, 1, 60_000));
    expect(third).toBeDefined();
    expect(await db.tx((tx) => holdLeases(tx, [stopped as LedgerRow]))).toEqual([]);
    expect(await db.tx((tx) => renewLease(tx, [stopped as LedgerRow], 1_000))).toEqual(new Set());
  });

  it('is not leased again by a heartbeat that comes after the settlement', async () => {
    await db.tx((tx) => due(tx, [row('t', 'track')]));
    const [leased] = await db.tx((tx) => claimLease(tx, 'track', { batch }, 1, 60_000));
    const settlement = {
      kind: 'wait' as const,
      outcome: 'requested',
      waitsFor: 'partner' as const,
      delayMs: 0,
    };
    const locked = Promise.withResolvers<void>();
    const settling = db.tx(async (tx) => {
      await holdLeases(tx, [leased as LedgerRow]);
      await settleWork(tx, [{ row: leased as LedgerRow, settlement, principal: 'system:test' }]);
      locked.resolve();
      await new Promise((resolve) => setTimeout(resolve, 200));
    });
    await locked.promise;
    // Waits for the row that is being settled, and must then see that there is no lease any more.
    expect(await db.tx((tx) => renewLease(tx, [leased as LedgerRow], 60_000))).toEqual(new Set());
    await settling;
    expect(await db.tx((tx) => holdLeases(tx, [leased as LedgerRow]))).toEqual([]);
    expect(await db.tx((tx) => claimLease(tx, 'track', { batch }, 1, 60_000))).toHaveLength(1);
  });

  it('starts afresh, without the old failure, when new work came while it failed', async () => {
    await db.tx((tx) => due(tx, [row('t', 'track')]));
    const [leased] = await db.tx((tx) => claimLease(tx, 'track', { batch }, 1, 60_000));
    await db.tx((tx) => due(tx, [row('t', 'track')]));
    const settlement = {
      kind: 'park' as const,
      code: 'REMOTE_INVALID',
      facts: { status: 500 },
      waitsFor: 'operator' as const,
    };
    await db.tx((tx) =>
      settleWork(tx, [{ row: leased as LedgerRow, settlement, principal: 'system:test' }]),
    );
    const { rows: after } = await db.query(
      'select waits_for, attempts, error_code, error_facts, leased_until from ledger',
    );
    expect(after).toEqual([
      { waits_for: 'worker', attempts: 0, error_code: null, error_facts: null, leased_until: null },
    ]);
    expect(await db.tx((tx) => claimLease(tx, 'track', { batch }, 1, 1_000))).toHaveLength(1);
  });

  it('goes on counting failures through a wait that achieved nothing', async () => {
    const attempts: number[] = [];
    await db.tx((tx) => due(tx, [row('r', 'refer')]));
    for (const settlement of [
      { kind: 'park' as const, code: 'OUTCOME_UNKNOWN', delayMs: 0, waitsFor: 'worker' as const },
      {
        kind: 'wait' as const,
        outcome: 'asked',
        delayMs: 0,
        waitsFor: 'worker' as const,
        unresolved: true,
      },
      { kind: 'park' as const, code: 'OUTCOME_UNKNOWN', delayMs: 0, waitsFor: 'worker' as const },
      { kind: 'wait' as const, outcome: 'found', delayMs: 0, waitsFor: 'worker' as const },
    ]) {
      const [one] = await db.tx((tx) => claimLease(tx, 'refer', { batch }, 1, 60_000));
      await db.tx((tx) =>
        settleWork(tx, [{ row: one as LedgerRow, settlement, principal: 'system:test' }]),
      );
      attempts.push(
        (await db.query<{ attempts: number }>('select attempts from ledger')).rows[0]?.attempts ??
          -1,
      );
    }
    expect(attempts).toEqual([1, 1, 2, 0]);
  });

  it('counts failures by their cause, and shows a row that is given back as it was', async () => {
    const told: unknown[] = [];
    await db.tx((tx) => due(tx, [row('r', 'refer')]));
    const park = (code: string) => ({
      kind: 'park' as const,
      code,
      delayMs: 0,
      waitsFor: 'worker' as const,
    });
    const givenBack = {
      ...{ kind: 'wait' as const, outcome: 'given-back', quiet: true, unresolved: true },
      delayMs: 0,
      waitsFor: 'worker' as const,
    };
    const done = { kind: 'wait' as const, outcome: 'read', delayMs: 0, waitsFor: 'ehr' as const };
    for (const settlement of [
      ...[
        park('REMOTE_UNAVAILABLE'),
        park('REMOTE_UNAVAILABLE'),
        givenBack,
        park('REMOTE_INVALID'),
        park('REMOTE_INVALID'),
        done,
      ],
      park('REMOTE_INVALID'),
    ]) {
      const [one] = await db.tx((tx) => claimLease(tx, 'refer', { waitedMs: 0 }, 1, 60_000));
      await db.tx((tx) =>
        settleWork(tx, [{ row: one as LedgerRow, settlement, principal: 'system:test' }]),
      );
      told.push(
        Object.values(
          (await db.query('select attempts, cause, error_code from ledger')).rows[0] ?? {},
        ),
      );
    }
    expect(told).toEqual([
      [1, 'REMOTE_UNAVAILABLE', 'REMOTE_UNAVAILABLE'],
      [2, 'REMOTE_UNAVAILABLE', 'REMOTE_UNAVAILABLE'],
      [2, 'REMOTE_UNAVAILABLE', 'REMOTE_UNAVAILABLE'],
      [1, 'REMOTE_INVALID', 'REMOTE_INVALID'],
      [2, 'REMOTE_INVALID', 'REMOTE_INVALID'],
      [0, null, null],
      [1, 'REMOTE_INVALID', 'REMOTE_INVALID'],
    ]);
  });

  it('looks again at what waits for an operator until some time, and never at what waits for him for good', async () => {
    await db.tx((tx) => due(tx, [row('key', 'pull'), row('hold', 'pull')]));
    const waits = { kind: 'wait' as const, outcome: 'waits', waitsFor: 'operator' as const };
    for (const one of await db.tx((tx) => claimLease(tx, 'pull', { batch }, 2, 60_000))) {
      const settlement = one.subject === 'key' ? { ...waits, delayMs: 0 } : waits;
      await db.tx((tx) => settleWork(tx, [{ row: one, settlement, principal: 'system:test' }]));
    }
    const again = await db.tx((tx) => claimLease(tx, 'pull', { waitedMs: 0 }, 10, 60_000));
    expect(again.map((one) => one.subject)).toEqual(['key']);
    expect(await db.tx((tx) => claimLease(tx, 'pull', { waitedMs: 0 }, 10, 60_000))).toEqual([]);
  });

  it('wakes what waits for a switch or a person, and leaves alone what failed or is at a partner', async () => {
    await db.tx((tx) =>
      due(tx, [
        row('held', 'refer', { waitsFor: 'operator' }),
        row('review', 'refer', { waitsFor: 'reviewer' }),
        row('failed', 'refer'),
        row('out', 'track', { waitsFor: 'partner', delayMs: 60_000 }),
      ]),
    );
    const [failed] = await db.tx((tx) =>
      claimLease(tx, 'refer', { subjects: ['failed'] }, 1, 60_000),
    );
    await db.tx((tx) =>
      settleWork(tx, [
        {
          row: failed as LedgerRow,
          settlement: { kind: 'park', code: 'CONFLICT', waitsFor: 'operator' },
          principal: 'system:test',
        },
      ]),
    );
    const woken = newId();
    await db.tx((tx) => wake(tx, 'o', woken));
    const found = await db.tx((tx) => claimLease(tx, 'refer', { batch: woken }, 10, 1_000));
    expect(found.map((one) => one.subject)).toEqual(['held', 'review']);
    expect(await db.tx((tx) => claimLease(tx, 'track', { waitedMs: 0 }, 10, 1_000))).toEqual([]);
  });

  it('passes over rows that another transaction holds, at once', async () => {
    await db.tx((tx) =>
      due(
        tx,
        ['a', 'b'].map((subject) => row(subject, 'track')),
      ),
    );
    const [locked, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const holding = db.tx(async (tx) => {
      await tx.query("select 1 from ledger where subject = 'a' for update");
      locked.resolve();
      await release.promise;
    });
    await locked.promise;
    const claimed = await db.tx((tx) => claimLease(tx, 'track', { batch }, 10, 1_000));
    release.resolve();
    await holding;
    expect(claimed.map((one) => one.subject)).toEqual(['b']);
  });

  it('appends to the history in the transaction of what happened', async () => {
    await db
      .tx(async (tx) => {
        await appendHistory(tx, [
          { tenant: 'o', stage: 'screen', subject: 'a', outcome: 'x', trace, principal: 'p' },
        ]);
        throw new Error('rolled back');
      })
      .catch(() => undefined);
    expect((await db.query('select 1 from history')).rows).toEqual([]);
  });
});
