import type { Tx } from '../database/database.ts';

/**
 * Kinds of totals that are counted as they change. Triggers append each statement's difference in
 * its own transaction, so that a total is true at every commit, a rollback counts nothing, and no
 * two workers wait for each other.
 * DECISIONS D1.
 */
export type TotalKind =
  | 'history'
  | 'ledger'
  | 'failed'
  | 'referral'
  | 'sent'
  | 'receipt'
  | 'write-back'
  | 'quarantine'
  | 'task'
  | 'task-ended';

/**
 * A total with its two labels: stage and outcome, state and gate, type and code, partner and
 * status.
 */
export type Total = {
  kind: TotalKind;
  a: string;
  b: string;
  n: number;
};

/** Reads the totals of some kinds. */
export async function readTotals(
  tx: Tx,
  tenant: string,
  kinds: readonly TotalKind[],
): Promise<Total[]> {
  const { rows } = await tx.query<Total>(
    'select kind, a, b, n from running_totals where tenant = $1 and kind = any($2) order by ' +
      'kind, a, b',
    [tenant, kinds],
  );
  return rows;
}

/**
 * Selects waiting referrals with a Task that is out, or may be: a POST whose answer was lost. They
 * count as being with their partner, and are few.
 */
export const unsentReferrals = `select t.referral from task_delivery d
  join task t on t.tenant = d.tenant and t.id = d.task join referral w on w.tenant = $tenant
    and w.id = t.referral
  where d.tenant = $tenant and d.state = 'intended' and t.live and w.state = 'waiting'`;

/**
 * Counts referrals by place, each in one place only: a gate, `partner`, or how they ended. Every
 * count of referrals is made here, so that all totals agree. A referral that has a live Task is
 * out, or may be.
 */
export async function placeTotals(tx: Tx, tenant: string): Promise<Map<string, number>> {
  const places = new Map<string, number>();
  const add = (place: string, n: number) => places.set(place, (places.get(place) ?? 0) + n);
  for (const { a, b, n } of await readTotals(tx, tenant, ['referral']))
    add(a === 'waiting' ? b : a, n);
  const { rows } = await tx.query<{ gate: string; n: number }>(
    `select coalesce(r.gate, 'review') as gate, count(*) as n from referral r where r.tenant = $1
      and r.id in (${unsentReferrals}) group by 1`,
    [tenant],
  );
  for (const { gate, n } of rows) {
    add(gate, -n);
    add('partner', n);
  }
  return new Map([...places].filter(([, n]) => n > 0).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Sums the totals of one kind by their first label. */
export function byFirst(totals: readonly Total[], kind: TotalKind): Map<string, number> {
  const sums = new Map<string, number>();
  for (const total of totals)
    if (total.kind === kind) sums.set(total.a, (sums.get(total.a) ?? 0) + total.n);
  return sums;
}
