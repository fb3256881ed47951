import { nowOnce, realNow } from '../database/clock-sql.ts';
import { requireTenant, type Tx } from '../database/database.ts';
import { overRows } from '../database/insert-rows.ts';
import type { Rows } from '../database/rows.generated.ts';
import { byLockOrder, inLockOrder } from './lock-order.ts';

/**
 * The party that a row of the ledger waits for. The ledger says what is due or waits, and for whom.
 *
 * Three columns let many workers share it. `generation` grows each time work is made due; a worker
 * finishes a row only at the generation that it claimed, so that new work never vanishes with old.
 * `fence` is a number that no other lease ever had, in this row or in one that takes its place
 * later; only its holder may settle. `leased_until` says when another worker may take the row over.
 *
 * `owed_since` says since when the work should have been done: no failed attempt moves it.
 * `owed_by` says who holds it up.
 * DECISIONS D4. DECISIONS D11.
 */
export type WaitsFor = Rows['ledger']['waits_for'];

/** Work that is to be made due. */
export type DueRow = {
  tenant: string;
  stage: string;
  subject: string;
  batch: string;
  trace: string;
  person?: string | undefined;
  /** Milliseconds from now (database clock). */
  delayMs?: number;
  waitsFor?: WaitsFor;
};

/** A row of the ledger as a worker gets it. */
export type LedgerRow = Pick<
  Rows['ledger'],
  | 'tenant'
  | 'stage'
  | 'subject'
  | 'person'
  | 'batch'
  | 'waits_for'
  | 'generation'
  | 'fence'
  | 'attempts'
  | 'cause'
  | 'error_code'
  | 'trace'
  | 'since'
>;

/**
 * The rows that a worker asks for: those of a batch, named rows, or all that are due and have
 * waited for a while.
 */
export type Claim = { batch: string } | { subjects: readonly string[] } | { waitedMs: number };

const columns =
  'tenant, stage, subject, person, batch, waits_for, generation, fence, attempts, cause, ' +
  'error_code, trace, since';

/**
 * Writes what a row waited for before it is looked at again, in SQL. It is kept until it is known
 * whether the row still waits for the same.
 */
const waitedFor = (next: string) =>
  `case when l.waits_for in ('worker', ${next}) then l.waited_for else l.waits_for end`;
/** Writes since when a row waited for that, in SQL. */
const waitedSince = (next: string) =>
  `case when l.waits_for in ('worker', ${next}) then l.waited_since else l.since end`;

/**
 * Makes work due. It never uses `do nothing`: a row that another transaction is about to delete
 * would swallow the new work. Rows come in the order of locks, so that two writers never wait for
 * each other in a circle.
 *
 * A row that becomes due sooner anyway keeps its batch, whose nudge is still to come: then no index
 * changes.
 */
export async function due(tx: Tx, rows: readonly DueRow[]): Promise<void> {
  if (rows.length === 0) return;
  requireTenant(tx, rows);
  const unique = new Map<string, DueRow>();
  for (const row of rows) unique.set(`${row.stage}\n${row.subject}`, row);
  const sorted = [...unique.values()].sort(inLockOrder);
  await overRows(tx, dueTypes, sorted.map(dueValues), dueStatement);
}

/** Types of the columns of `dueValues`. */
const dueTypes = ['text', 'text', 'text', 'uuid', 'uuid', 'text', 'float8', 'uuid'];

const dueValues = (row: DueRow): unknown[] => [
  row.tenant,
  row.stage,
  row.subject,
  row.person ?? null,
  row.batch,
  row.waitsFor ?? 'worker',
  row.delayMs ?? 0,
  row.trace,
];

const dueStatement = (lists: string): string =>
  `insert into ledger as l (tenant, stage, subject, person, batch, waits_for, due, trace, owed_by,
    owed_since)
   select tenant, stage, subject, person, batch, waits_for, at, trace, waits_for,
          case when waits_for in ('worker', 'partner', 'ehr') then at else 'infinity' end
     from (select n.*, ${nowOnce} + delay_ms * interval '1 millisecond' as at from unnest(${lists})
       as n(tenant, stage, subject, person, batch, waits_for, delay_ms, trace)) n
   on conflict (tenant, stage, subject) do update set generation = l.generation + 1,
   due = least(l.due, excluded.due),
     batch = case when l.due > ${nowOnce} and l.due <= excluded.due and l.error_code is null
                   and l.waits_for = excluded.waits_for then l.batch else excluded.batch end,
     waited_for = ${waitedFor('excluded.waits_for')},
     waited_since = ${waitedSince('excluded.waits_for')},
     waits_for = excluded.waits_for, attempts = 0, cause = null, error_code = null,
     error_facts = null,
     owed_by = case when l.owed_since <= ${nowOnce} then l.owed_by else excluded.owed_by end,
     owed_since = least(l.owed_since, excluded.owed_since),
     since = case when l.waits_for = excluded.waits_for then l.since else ${nowOnce} end`;

/** Writes the condition of a claim in SQL, with its values. */
function claimCondition(claim: Claim, first: number): { where: string; values: unknown[] } {
  if ('batch' in claim) return { where: `batch = $${first}`, values: [claim.batch] };
  if ('subjects' in claim) return { where: `subject = any($${first})`, values: [claim.subjects] };
  return {
    where: `due <= ${nowOnce} - $${first} * interval '1 millisecond'`,
    values: [claim.waitedMs],
  };
}

/**
 * Claims rows of a pure stage for as long as this transaction lasts. Rows that another worker holds
 * are passed over. An empty answer means that no such row is left to work.
 */
export async function claim(
  tx: Tx,
  stage: string,
  what: Claim,
  limit: number,
): Promise<LedgerRow[]> {
  const { where, values } = claimCondition(what, 3);
  const order = 'waitedMs' in what ? 'order by due' : 'order by subject';
  const { rows } = await tx.query<LedgerRow>(
    `select ${columns} from ledger where tenant = $tenant and stage = $1 and due <= ${nowOnce}
      and waits_for = 'worker'
       and leased_until is null and ${where} ${order} limit $2 for update skip locked`,
    [stage, limit, ...values],
  );
  return rows;
}

/**
 * Locks the work of some subjects at another stage until this transaction ends, after waiting for
 * the worker that holds it. It serves two stages that write the same: the one that calls it then
 * reads what the other wrote. Only one of the two calls it, with rows of its own claimed already.
 * The other passes over rows that are held, so that the two never wait in a circle.
 */
export async function awaitStage(
  tx: Tx,
  stage: string,
  subjects: readonly string[],
): Promise<void> {
  if (subjects.length === 0) return;
  await tx.query(
    `select 1 from ledger where tenant = $tenant and stage = $1 and subject = any($2)
      order by subject collate "C" for update`,
    [stage, subjects],
  );
}

/**
 * Claims rows of an io stage under a lease. It also claims rows that wait for an operator until
 * some time: what the operator does elsewhere (a key, a configuration) then brings them back by
 * itself. The caller commits, does its I/O outside any transaction, and settles with the fence that
 * it got here.
 *
 * @param leaseMs longer than the longest request plus a margin, or renewed in time
 */
export async function claimLease(
  tx: Tx,
  stage: string,
  what: Claim,
  limit: number,
  leaseMs: number,
): Promise<LedgerRow[]> {
  const { where, values } = claimCondition(what, 4);
  const { rows } = await tx.query<LedgerRow>(
    `with ready as (
       select subject from ledger where tenant = $tenant and stage = $1 and due <= ${nowOnce}
       and waits_for in ('worker', 'partner', 'ehr')
         and (leased_until is null or leased_until < ${realNow}) and ${where}
       order by due limit $2 for update skip locked),
     again as (
       select subject from ledger where tenant = $tenant and stage = $1 and due <= ${nowOnce}
       and waits_for = 'operator' and due < 'infinity'
         and (leased_until is null or leased_until < ${realNow}) and ${where}
       order by due limit $2 for update skip locked),
     picked as (select subject as picked from ready union all select subject from again)
     update ledger set fence = nextval('ledger_fence'),
     leased_until = ${realNow} + $3 * interval '1 millisecond'
       from picked where ledger.tenant = $tenant and stage = $1 and subject = picked
         returning ${columns}`,
    [stage, limit, leaseMs, ...values],
  );
  return rows.sort((a, b) => (a.subject < b.subject ? -1 : 1));
}

/**
 * Renews the leases that are still ours, and returns their subjects. A row that was settled
 * meanwhile is not leased again.
 */
export async function renewLease(
  tx: Tx,
  rows: readonly LedgerRow[],
  leaseMs: number,
): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const { rows: kept } = await tx.query<{ subject: string }>(
    `with ours as (
       select l.subject from ledger l join unnest($1::text[], $2::bigint[]) as held(subject, fence)
           on l.subject = held.subject and l.fence = held.fence
        where l.tenant = $tenant and l.stage = $4 and l.leased_until is not null
        order by l.subject collate "C" for update of l)
     update ledger l set leased_until = ${realNow} + $3 * interval '1 millisecond'
       from ours where l.tenant = $tenant and l.stage = $4 and l.subject = ours.subject
         returning l.subject`,
    [rows.map((row) => row.subject), rows.map((row) => row.fence), leaseMs, rows[0]?.stage],
  );
  return new Set(kept.map((row) => row.subject));
}

/**
 * Locks leased rows and proves which leases are still ours. Call it first in the settling
 * transaction: only what is written for the rows that it returns counts.
 */
export async function holdLeases(tx: Tx, rows: readonly LedgerRow[]): Promise<LedgerRow[]> {
  if (rows.length === 0) return [];
  const { rows: held } = await tx.query<{ subject: string }>(
    `select l.subject from ledger l join unnest($2::text[], $3::bigint[]) as h(subject, fence)
        on l.subject = h.subject and l.fence = h.fence
      where l.tenant = $tenant and l.stage = $1 and l.leased_until is not null
        order by l.subject collate "C" for update of l`,
    [rows[0]?.stage, rows.map((row) => row.subject), rows.map((row) => row.fence)],
  );
  const subjects = new Set(held.map((row) => row.subject));
  return rows.filter((row) => subjects.has(row.subject));
}

/**
 * Makes due again the work that waits for a switch, a hold, a directory or a reviewer, without
 * having failed. Each row then finds out for itself whether it still has to wait. Rows are locked
 * in the order of `due`.
 */
export async function wake(tx: Tx, tenant: string, batch: string): Promise<void> {
  await tx.query(
    `with waiting as (
       select stage, subject from ledger k where tenant = $1 and error_code is null
          and ((stage = 'refer' and waits_for in ('reviewer', 'operator')) or (stage = 'write-back'
          and waits_for = 'operator'))
        order by ${byLockOrder('k')} for update)
     update ledger l set waits_for = 'worker', due = ${nowOnce}, generation = generation + 1,
     batch = $2,
         waited_for = ${waitedFor("'worker'")}, waited_since = ${waitedSince("'worker'")},
         since = ${nowOnce},
         owed_by = 'worker', owed_since = ${nowOnce}
       from waiting w where l.stage = w.stage and l.subject = w.subject`,
    [tenant, batch],
  );
}
