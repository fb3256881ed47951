import { RequestProblems } from '@loopwell/http';
import { AppError, newId } from '@loopwell/kit';
import type { NudgeFunction } from '@loopwell/pipeline';
import { type Database, holds, ledger, operations, type Tx } from '@loopwell/store';
import type { Hold } from '../status/overview.ts';
import type { Operator } from '../work/work.ts';

/** Work that waits behind holds, with its receiver. */
export type Held = {
  scope: string;
  name: string;
  what: 'referrals' | 'resources';
  count: number;
};

export type HoldsView = { holds: Hold[]; waiting: Held[] };

const scopePattern =
  /^(all|(partner|ehr|connection):[A-Za-z0-9.-]{1,64}|receiver:https?:\/\/[A-Za-z0-9.:[\]-]{1,255}\/?)$/;

/**
 * Parses the scope of a hold.
 * @throws AppError REQUEST_INVALID for anything else
 */
export function parseScope(scope: unknown): string {
  if (typeof scope === 'string' && scopePattern.test(scope)) return holds.keptScope(scope);
  throw new AppError(
    'REQUEST_INVALID',
    'Say all, partner:<id>, ehr:<connection>, connection:<id> or receiver:<origin>',
  );
}

/**
 * Parses one scope or several, from an API request or a form.
 * @throws AppError REQUEST_INVALID for none, or for anything else
 */
export function parseScopes(listed: unknown): string[] {
  const scopes = (Array.isArray(listed) ? listed : [listed]).map(parseScope);
  if (scopes.length > 0) return scopes;
  throw new AppError('REQUEST_INVALID', 'Say what to hold');
}

/**
 * Holds scopes: stops their outgoing requests within seconds, because each send checks the holds in
 * its claim. Pulling goes on, except for a paused connection.
 * @throws RequestProblems naming each unknown scope; then nothing is held
 */
export async function hold(
  deps: { db: Database },
  who: Operator,
  scopes: readonly string[],
  reason: string | undefined,
): Promise<HoldsView> {
  return deps.db.tx(async (tx) => {
    await refuseUnknown(tx, who.tenant, scopes);
    for (const scope of [...new Set(scopes)].sort()) {
      await holds.addHold(tx, {
        tenant: who.tenant,
        scope,
        principal: who.id,
        ...(reason ? { reason } : {}),
      });
      await tell(tx, who, scope, 'held');
    }
    return readHolds(tx, who.tenant);
  });
}

async function refuseUnknown(tx: Tx, tenant: string, scopes: readonly string[]): Promise<void> {
  const holdables = await holds.holdables(tx, tenant);
  const pathOf = (index: number) => (scopes.length === 1 ? '/body/scope' : `/body/scopes/${index}`);
  const problems = scopes
    .map((scope, index) => ({ scope, path: pathOf(index), rule: 'known' }))
    .filter(({ scope }) => !holdables.some((holdable) => holdable.scope === scope))
    .map(({ path, rule }) => ({ path, rule }));
  if (problems.length === 0) return;
  throw new RequestProblems(
    'There is nothing of this name to hold: no such partner in the directory, ' +
      'connection, or server of one of them',
    problems,
  );
}

/**
 * Releases a scope. All work that waits checks its gates again.
 * @throws AppError NOT_FOUND when that scope is not held
 */
export async function release(
  deps: { db: Database; nudge: NudgeFunction },
  who: Operator,
  scope: string,
  reason?: string,
): Promise<HoldsView> {
  const batch = newId();
  const view = await deps.db.tx(async (tx) => {
    const wish = {
      tenant: who.tenant,
      scope,
      batch,
      principal: who.id,
      ...(reason ? { reason } : {}),
    };
    const removed = await holds.letGo(tx, wish);
    if (!removed) throw new AppError('NOT_FOUND', 'There is no such hold');
    await tell(tx, who, scope, 'released');
    return readHolds(tx, who.tenant);
  });
  await deps.nudge([
    { stage: 'pull', batch },
    { stage: 'refer', batch },
    { stage: 'write-back', batch },
  ]);
  return view;
}

async function tell(
  tx: Tx,
  { tenant, id }: Operator,
  scope: string,
  outcome: 'held' | 'released',
): Promise<void> {
  await ledger.appendHistory(tx, [
    {
      tenant,
      stage: 'refer',
      subject: `hold:${scope}`,
      outcome,
      trace: newId(),
      principal: id,
    },
  ]);
}

/** Reads the holds and the work that waits behind them. */
export async function readHolds(tx: Tx, tenant: string): Promise<HoldsView> {
  const held = await holds.loadHolds(tx, tenant);
  const work = await operations.readHeldWork(tx, tenant);
  const referrals = work.referrals.map(({ partner, name, count }) => ({
    scope: partner === null ? '' : `partner:${partner}`,
    name: name ?? partner ?? 'no partner left',
    what: 'referrals' as const,
    count,
  }));
  const copies = work.copies.map(({ connection, count }) => ({
    scope: `ehr:${connection}`,
    name: connection,
    what: 'resources' as const,
    count,
  }));
  const scopes = new Set(held.map(({ scope }) => scope));
  const waiting = copies.filter((copy) => holdsOver(copy).some((scope) => scopes.has(scope)));
  return { holds: held, waiting: [...referrals, ...waiting] };
}

/**
 * Returns the holds that stop a piece of work. A pause of the connection stops writes as a hold on
 * them does.
 */
const holdsOver = ({ scope }: Pick<Held, 'scope'>): string[] => {
  const pause = scope.replace(/^ehr:/, 'connection:');
  return ['all', scope, pause];
};

/** Returns the work that would go if one hold were released and the others stayed. */
export function goesOnRelease(view: HoldsView, scope: string): Held[] {
  const scopes = view.holds.map((held) => held.scope);
  const others = scopes.filter((other) => other !== scope);
  return view.waiting.filter((held) => {
    const over = holdsOver(held);
    return over.includes(scope) && !over.some((other) => others.includes(other));
  });
}
