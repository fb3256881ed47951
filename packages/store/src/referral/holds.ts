import { AppError } from '@loopwell/kit';
import type { Tx } from '../database/database.ts';
import type { Rows } from '../database/rows.generated.ts';
import { wake } from '../ledger/ledger.ts';
import { byLockOrder } from '../ledger/lock-order.ts';

/**
 * The scope of a hold, which stands until it is released: `all`, `partner:<id>`, `ehr:<connection>`
 * (no writes to it), `connection:<id>` (paused: it is neither read nor written to) or
 * `receiver:<origin>` (that server is asked nothing).
 */
export type HoldScope = string;

export type HoldWish = {
  tenant: string;
  scope: HoldScope;
  principal: string;
  reason?: string;
};

/** A scope that a hold can be put on, with the names that people know it by. */
export type Holdable = { scope: HoldScope; names: string[] };

/**
 * Normalizes a scope as it is stored. The origin of a server is written as URLs write themselves,
 * since stored scopes are compared with those.
 */
export function keptScope(scope: HoldScope): HoldScope {
  const origin = /^receiver:(.+)$/i.exec(scope)?.[1];
  return origin !== undefined && URL.canParse(origin)
    ? `receiver:${new URL(origin).origin}`
    : scope;
}

/**
 * Lists all scopes that a hold can be put on now. A partner that has left the directory counts
 * while it holds Tasks.
 */
export async function holdables(tx: Tx, tenant: string): Promise<Holdable[]> {
  const partners = await tx.query<{ id: string; name: string | null; address: string }>(
    `select id, name, address from partner where tenant = $1
     union all select distinct t.partner, null, d.address from task t
       join task_delivery d on d.tenant = t.tenant and d.task = t.id and d.number = t.delivery
       where t.tenant = $1 and t.live order by 1`,
    [tenant],
  );
  const ehrs = await tx.query<{ id: string; base: string; aliases: string; client: string }>(
    'select id, base, aliases, client from connection where tenant = $1 and deleted_at is null ' +
      'order by id',
    [tenant],
  );
  const tokenUrlOf = (client: string) => (JSON.parse(client) as { tokenUrl?: string }).tokenUrl;
  const addresses = [
    ...partners.rows.map((one) => one.address),
    ...ehrs.rows.flatMap((ehr) => [
      ehr.base,
      ...(JSON.parse(ehr.aliases) as string[]),
      tokenUrlOf(ehr.client) ?? '',
    ]),
  ];
  const origins = new Set(
    addresses.filter((one) => URL.canParse(one)).map((one) => new URL(one).origin),
  );
  const ofPartners = [...Map.groupBy(partners.rows, (one) => one.id)].map(([id, addressRows]) => {
    const names = addressRows.flatMap((one) => [one.address, one.name ?? []].flat());
    return { scope: `partner:${id}`, names: [...new Set([id, ...names])] };
  });
  const ofEhrs = ehrs.rows.flatMap(({ id, base }) =>
    ['ehr', 'connection'].map((kind) => ({ scope: `${kind}:${id}`, names: [id, base] })),
  );
  const sorted = [...origins].sort();
  const ofReceivers = sorted.map((origin) => ({ scope: `receiver:${origin}`, names: [origin] }));
  return [{ scope: 'all', names: ['all'] }, ...ofPartners, ...ofEhrs, ...ofReceivers];
}

/**
 * Puts a hold on a scope that is known here.
 *
 * @throws AppError REQUEST_INVALID for any other scope: a hold that holds nothing would look like
 *   one that does
 */
export async function addHold(tx: Tx, hold: HoldWish): Promise<void> {
  const scope = keptScope(hold.scope);
  if (!(await holdables(tx, hold.tenant)).some((one) => one.scope === scope)) {
    const message =
      'There is nothing of this name to hold: no such partner in the directory, connection, or ' +
      'server of one of them';
    throw new AppError('REQUEST_INVALID', message, { facts: { field: 'scope', rule: 'known' } });
  }
  await keepHold(tx, { ...hold, scope });
}

/**
 * Stores a hold without checking its scope. A process uses it to hold a server by itself; people go
 * through `addHold`.
 */
export async function keepHold(tx: Tx, hold: HoldWish): Promise<void> {
  await tx.query(
    `insert into hold (tenant, scope, principal, reason) values ($1, $2, $3, $4)
     on conflict (tenant, scope) do update set principal = excluded.principal,
     reason = excluded.reason, at = loopwell_now()`,
    [hold.tenant, hold.scope, hold.principal, hold.reason ?? null],
  );
  await recordDecision(tx, { ...hold, decision: 'held' });
}

/**
 * Deletes a hold and records who released it.
 *
 * @returns false when nothing of that scope was held (any more)
 */
export async function removeHold(
  tx: Tx,
  tenant: string,
  scope: HoldScope,
  by: { principal: string; reason?: string },
): Promise<boolean> {
  const { rowCount } = await tx.query('delete from hold where tenant = $1 and scope = $2', [
    tenant,
    scope,
  ]);
  if ((rowCount ?? 0) === 0) return false;
  await recordDecision(tx, { tenant, scope, decision: 'released', ...by });
  return true;
}

/**
 * Releases a hold, and makes due what waited behind it: sends, writes, and the cursors of a
 * connection that was paused.
 *
 * @returns false when nothing of that scope was held (any more)
 */
export async function letGo(
  tx: Tx,
  { tenant, scope, batch, ...by }: HoldWish & { batch: string },
): Promise<boolean> {
  const kept = keptScope(scope);
  if (!(await removeHold(tx, tenant, kept, by))) return false;
  // In the order of the ledger's keys: pull comes before refer and write-back.
  if (kept.startsWith('connection:'))
    await wakeCursors(tx, kept.slice('connection:'.length), batch);
  await wake(tx, tenant, batch);
  return true;
}

/** Tells whether a connection is paused, so that its EHR is asked nothing. */
export async function isPaused(tx: Tx, connection: string): Promise<boolean> {
  const { rows } = await tx.query('select 1 from hold where tenant = $tenant and scope = $1', [
    `connection:${connection}`,
  ]);
  return rows.length > 0;
}

export type HoldDecision = Pick<
  Rows['hold_decision'],
  'scope' | 'decision' | 'principal' | 'at' | 'reason'
>;

/** Records that a scope was held or released, by whom and why. */
async function recordDecision(
  tx: Tx,
  holdDecision: Omit<HoldDecision, 'at' | 'reason'> & { tenant: string; reason?: string },
): Promise<void> {
  await tx.query(
    'insert into hold_decision (tenant, scope, decision, principal, reason) values ($1, $2, ' +
      '$3, $4, $5)',
    [
      holdDecision.tenant,
      holdDecision.scope,
      holdDecision.decision,
      holdDecision.principal,
      holdDecision.reason ?? null,
    ],
  );
}

/** Lists the decisions about holds, the latest first. */
export async function recentDecisions(tx: Tx, tenant: string, limit = 20): Promise<HoldDecision[]> {
  const { rows } = await tx.query<HoldDecision>(
    'select scope, decision, principal, at, reason from hold_decision where tenant = $1 order ' +
      'by at desc, id desc limit $2',
    [tenant, limit],
  );
  return rows;
}

export type Hold = Pick<Rows['hold'], 'scope' | 'principal' | 'at' | 'reason'>;

/** Lists the active holds of a tenant, by scope. */
export async function loadHolds(tx: Tx, tenant: string): Promise<Hold[]> {
  const { rows } = await tx.query<Hold>(
    'select scope, principal, at, reason from hold where tenant = $1 order by scope',
    [tenant],
  );
  return rows;
}

/**
 * Makes due the cursors that waited because their connection was paused. They go on from where they
 * stopped; a cursor that failed meanwhile stays as it is.
 */
async function wakeCursors(tx: Tx, connection: string, batch: string): Promise<void> {
  await tx.query(
    `with waiting as (
       select stage, subject from ledger k where k.tenant = $tenant and stage = 'pull'
       and waits_for = 'operator' and error_code is null
          and subject in (select id from pull_cursor where tenant = $tenant and connection = $1)
        order by ${byLockOrder('k')} for update)
     update ledger l set waits_for = 'worker', due = loopwell_now(), generation = generation + 1,
     batch = $2,
         waited_for = l.waits_for, waited_since = l.since, since = loopwell_now(),
         owed_by = 'worker', owed_since = loopwell_now()
       from waiting w where l.stage = w.stage and l.subject = w.subject`,
    [connection, batch],
  );
}
