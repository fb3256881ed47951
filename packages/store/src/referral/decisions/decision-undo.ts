import type { Tx } from '../../database/database.ts';
import { insertRows } from '../../database/insert-rows.ts';
import type { Rows } from '../../database/rows.generated.ts';

/** What one request changed about one referral, and whether it was undone. */
export type UndoRow = Rows['decision_undo'];

const newColumns = [
  'tenant',
  'request',
  'referral',
  'person',
  'principal',
  'before',
  'people_decided',
  'tasks',
] as const satisfies (keyof UndoRow)[];

/** A change that can be undone. */
export type NewUndo = Pick<UndoRow, (typeof newColumns)[number]>;

/** Saves what a request changed, so that it can be undone. */
export async function addUndos(tx: Tx, rows: readonly NewUndo[]): Promise<void> {
  await insertRows(
    tx,
    'decision_undo',
    newColumns,
    rows.map((row) => newColumns.map((column) => row[column])),
  );
}

/** Loads the changes of a request, in the order of their referrals. */
export async function undosOfRequest(tx: Tx, request: string): Promise<UndoRow[]> {
  const { rows } = await tx.query<UndoRow>(
    `select * from decision_undo where tenant = $tenant and request = $1 order by referral`,
    [request],
  );
  return rows;
}

/**
 * Finds the request that somebody can still undo, by referral: that person made it, and nobody has
 * decided about the referral since.
 */
export async function latestUndos(
  tx: Tx,
  principal: string,
  referrals: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await tx.query<{ referral: string; request: string }>(
    `select u.referral, u.request from decision_undo u join referral r
       on r.tenant = u.tenant and r.id = u.referral and r.people_decided = u.people_decided
      where u.tenant = $tenant and u.referral = any($2::uuid[]) and u.principal = $1
        and u.undone_at is null`,
    [principal, referrals],
  );
  return new Map(rows.map(({ referral, request }) => [referral, request]));
}

/** Marks changes of a request as undone. */
export async function markUndone(
  tx: Tx,
  { request, referrals, by }: { request: string; referrals: readonly string[]; by: string },
): Promise<void> {
  await tx.query(
    `update decision_undo set undone_at = loopwell_now(), undone_by = $3
      where tenant = $tenant and request = $1 and referral = any($2::uuid[])`,
    [request, referrals, by],
  );
}

/** A decision that a request recorded about one referral. */
export type RequestLine = Pick<Rows['decision'], 'referral' | 'person' | 'principal' | 'decision'>;

/** Lists the decisions that a request recorded, in their order. */
export async function decidedInRequest(tx: Tx, request: string): Promise<RequestLine[]> {
  const { rows } = await tx.query<RequestLine>(
    `select referral, person, principal, decision from decision
      where tenant = $tenant and request = $1 order by id`,
    [request],
  );
  return rows;
}

/**
 * Lets the changes of referrals be undone although one more decision was recorded, because that one
 * changes nothing that an undo puts back. The referrals are locked, and not yet changed.
 */
export async function passOverDecision(tx: Tx, referrals: readonly string[]): Promise<void> {
  await tx.query(
    `update decision_undo u set people_decided = u.people_decided + 1 from referral r
      where u.tenant = $tenant and r.tenant = $tenant and r.id = u.referral
        and u.referral = any($1::uuid[]) and u.people_decided = r.people_decided`,
    [referrals],
  );
}

/**
 * Lets the decisions before some that were undone be undone in their turn, since they are the latest
 * again. The referrals are locked, and have counted the undo already. DECISIONS D174.
 */
export async function leadBack(
  tx: Tx,
  { request, referrals }: { request: string; referrals: readonly string[] },
): Promise<void> {
  await tx.query(
    `update decision_undo b set people_decided = r.people_decided
       from decision_undo u
       join referral r on r.tenant = $tenant and r.id = u.referral
      where b.tenant = $tenant and u.tenant = $tenant and u.request = $1
        and u.referral = any($2::uuid[]) and b.referral = u.referral and b.undone_at is null
        and b.people_decided = u.people_decided - (select count(*) from decision d
              where d.tenant = $tenant and d.request = $1 and d.referral = u.referral)`,
    [request, referrals],
  );
}
