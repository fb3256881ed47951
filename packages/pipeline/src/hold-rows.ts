import { parkOf } from './backoff.ts';
import type { IoDeps, IoStage, Lease } from './lease.ts';
import type { Row } from './ledger-port.ts';
import { heldUpBy } from './stages.ts';

/** The rows of one claim, as long as this process holds their leases. */
export type Holder<Tx, R extends Row> = {
  lease: Lease<Tx, R>;
  held: Map<string, R>;
  /** Rows of which `isOurs` once said no. */
  doubted: Set<string>;
  isStuck: () => boolean;
  stop: () => void;
};

/** Holds the rows of a claim: renews their leases until `stop`. */
export function holdRows<Tx, R extends Row>(
  deps: IoDeps<Tx, R>,
  stage: IoStage<Tx, R>,
  rows: readonly R[],
  claimedAt: number,
): Holder<Tx, R> {
  const held = new Map(rows.map((row) => [row.subject, row]));
  const doubted = new Set<string>();
  const renewal = keepRenewing(deps, stage, held, claimedAt);
  const settle = settling(deps, held);
  const isOurs = (row: R) => {
    const ours = held.has(row.subject) && renewal.leftMs() > stage.leaseMs / 2;
    if (!ours) doubted.add(row.subject);
    return ours;
  };
  const { waitAt, isStuck } = placesOf(held, deps.letsWait ?? (() => false));
  const park = parking(deps, stage, settle);
  const lease = { rows, isOurs, park, settle, waitAt, giveBack: givingBack(deps, settle) };
  return { lease, held, doubted, isStuck, stop: renewal.stop };
}

/**
 * Renews the leases of held rows three times in their duration. Rows whose leases are lost are let
 * go.
 */
function keepRenewing<Tx, R extends Row>(
  deps: IoDeps<Tx, R>,
  { stage, leaseMs }: IoStage<Tx, R>,
  held: Map<string, R>,
  claimedAt: number,
): { leftMs: () => number; stop: () => void } {
  let until = claimedAt + leaseMs;
  const renew = async () => {
    const asked = performance.now();
    const kept = await deps.tx((tx) => deps.ledger.renewLease(tx, [...held.values()], leaseMs));
    for (const subject of held.keys()) if (!kept.has(subject)) held.delete(subject);
    until = asked + leaseMs;
  };
  const report = (error: unknown) =>
    deps.log.error('A lease could not be renewed', error, { stage });
  const timer = setInterval(() => void renew().catch(report), leaseMs / 3);
  return { leftMs: () => until - performance.now(), stop: () => clearInterval(timer) };
}

/**
 * Makes the function that settles rows in one transaction as far as we still hold them, and then
 * nudges for what that makes due.
 */
function settling<Tx, R extends Row>(
  deps: IoDeps<Tx, R>,
  held: Map<string, R>,
): Lease<Tx, R>['settle'] {
  return async (rows, work, first) => {
    const nudges = await deps.tx(async (tx) => {
      await first?.(tx);
      const ours = await deps.ledger.holdLeases(tx, rows);
      for (const row of rows) if (!ours.includes(row)) held.delete(row.subject);
      if (ours.length === 0) return [];
      const result = await work(tx, ours);
      await deps.ledger.settle(tx, result.settled);
      for (const { row } of result.settled) held.delete(row.subject);
      return result.nudges ?? [];
    });
    await deps.nudge(nudges);
  };
}

/** Makes the function that parks one row after an error. */
function parking<Tx, R extends Row>(
  deps: IoDeps<Tx, R>,
  { stage }: IoStage<Tx, R>,
  settle: Lease<Tx, R>['settle'],
): Lease<Tx, R>['park'] {
  return async (row, error) => {
    if (deps.isAway(error)) throw error;
    deps.log.error('A row failed and is parked', error, { stage });
    const settlement = parkOf(error, row, deps.retry);
    const settled = [{ row, settlement, principal: deps.principal }];
    await settle([row], async () => ({ settled }));
  };
}

/** Remembers which servers the rows of a batch wait for. */
function placesOf<R extends Row>(
  held: ReadonlyMap<string, R>,
  letsWait: (receiver: string) => boolean,
) {
  const places = new Map<string, string>();
  const isWaiting = (subject: string) => {
    const place = places.get(subject);
    return place !== undefined && letsWait(place);
  };
  return {
    waitAt: (rows: readonly R[], receiver: string) => {
      for (const row of rows) places.set(row.subject, receiver);
    },
    isStuck: () => held.size > 0 && [...held.keys()].every(isWaiting),
  };
}

/** Makes the function that gives rows back as they were. */
function givingBack<Tx, R extends Row>(
  deps: IoDeps<Tx, R>,
  settle: Lease<Tx, R>['settle'],
): Lease<Tx, R>['giveBack'] {
  return async (rows, delayMs) => {
    if (rows.length === 0) return;
    await settle(rows, async (_tx, ours) => ({
      settled: ours.map((row) => ({
        row,
        settlement: givenBack(row, delayMs),
        principal: deps.principal,
      })),
    }));
  };
}

/**
 * Makes the settlement of a row that is given back as it was before it was claimed. Earlier
 * failures count on, and show. The server counts as holding the row up.
 */
export const givenBack = (row: Row, delayMs: number) => {
  const untried = { quiet: true, unresolved: true, owedBy: heldUpBy(row.stage) };
  return {
    kind: 'wait' as const,
    outcome: 'given-back',
    waitsFor: row.waits_for,
    delayMs,
    ...untried,
  };
};
