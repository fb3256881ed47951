import { AppError } from '@loopwell/kit';
import { realNow } from '../database/clock-sql.ts';
import type { Tx } from '../database/database.ts';
import { appendHistory } from '../database/history.ts';
import { due, type LedgerRow } from './ledger.ts';
import { byLockOrder } from './lock-order.ts';
import { settleWork } from './settle-work.ts';
import { tellByHandCode } from './tell-by-hand.ts';

/**
 * Actions of an operator on rows of the ledger, one or many, all or nothing; each with a line of
 * history.
 * DECISIONS D116.
 */

/** The key of a row of the ledger. */
export type RowKey = { stage: string; subject: string };

/** What an operator does to rows of the ledger, with the reason. */
export type OperatorAction = {
  tenant: string;
  rows: readonly RowKey[];
  principal: string;
  /** A code, not words: history holds no free text. */
  reason: string;
};

type LockedRow = LedgerRow & { is_leased: boolean };

/**
 * Locks rows of the ledger in the order of locks and returns them.
 *
 * @throws AppError NOT_FOUND naming the first row that is not there (any more)
 */
async function lockRows(tx: Tx, tenant: string, keys: readonly RowKey[]): Promise<LockedRow[]> {
  const { rows } = await tx.query<LockedRow>(
    `select l.tenant, l.stage, l.subject, person, batch, waits_for, generation, fence, attempts,
      cause, error_code, trace, since,
            coalesce(leased_until > ${realNow}, false) as is_leased
       from ledger l join unnest($2::text[], $3::text[]) as k(stage, subject) on l.stage = k.stage
       and l.subject = k.subject
      where l.tenant = $1 order by ${byLockOrder('l')} for update of l`,
    [tenant, keys.map((key) => key.stage), keys.map((key) => key.subject)],
  );
  const existing = new Set(rows.map((row) => `${row.stage}\n${row.subject}`));
  const missing = keys.find((key) => !existing.has(`${key.stage}\n${key.subject}`));
  if (missing)
    throw new AppError(
      'NOT_FOUND',
      'This work is not in the ledger any more; nothing was changed',
      { facts: missing },
    );
  return rows;
}

/** Makes rows due now, as if they had never failed. */
export async function retryRows(
  tx: Tx,
  action: OperatorAction & { batch: string },
): Promise<LedgerRow[]> {
  const rows = await lockRows(tx, action.tenant, action.rows);
  await due(
    tx,
    rows.map(({ tenant, stage, subject, person, trace }) => ({
      tenant,
      stage,
      subject,
      trace,
      batch: action.batch,
      ...(person ? { person } : {}),
    })),
  );
  await appendHistory(
    tx,
    rows.map(({ tenant, stage, subject, person, trace }) => ({
      tenant,
      stage,
      subject,
      person,
      trace,
      outcome: 'retried-by-operator',
      principal: action.principal,
      facts: { reason: action.reason },
    })),
  );
  return rows;
}

/**
 * Gives failed rows up for good. Only rows that failed and are not being worked on can be
 * discarded; a row that waits for a person is for that person to end.
 *
 * A referral that would have no work left goes to the reviewers, who decide what becomes of it. One
 * whose Task is out is not given up here: its partner may answer.
 *
 * @throws AppError CONFLICT naming the first row that did not fail, is being worked on, or follows
 *   a Task that is not ended
 */
export async function discardRows(tx: Tx, action: OperatorAction): Promise<LedgerRow[]> {
  const rows = await lockRows(tx, action.tenant, action.rows);
  const wrong = rows.find((row) => row.error_code === null || row.is_leased);
  if (wrong) {
    const { stage, subject } = wrong;
    throw new AppError(
      'CONFLICT',
      'Only failed work that nobody is working on can be discarded; nothing was changed',
      {
        facts: { stage, subject },
      },
    );
  }
  // A Task that had to be ended by hand has ended here, so its referral goes on by itself.
  const failed = rows.filter((row) => row.error_code !== tellByHandCode);
  await handToReviewers(tx, failed);
  await settleWork(
    tx,
    rows.map((row) => ({
      row,
      settlement: { kind: 'done', outcome: 'discarded' },
      principal: action.principal,
      facts: { reason: action.reason, error: row.error_code },
    })),
  );
  return rows;
}

/**
 * Hands the open referrals of these rows to the reviewers, since no work would go on with them.
 *
 * @throws AppError CONFLICT where a referral is with a partner
 */
async function handToReviewers(tx: Tx, rows: readonly LedgerRow[]): Promise<void> {
  const ledgerRows = rows.filter((row) => ['refer', 'track', 'close'].includes(row.stage));
  if (ledgerRows.length === 0) return;
  const referrals = await tx.query<{
    id: string;
    subject: string;
    is_out: boolean;
    approved: boolean;
  }>(
    `select r.id, k.subject, r.approval = 'approved' as approved,
            r.state = 'partner' or exists (select 1 from task t where t.tenant = $tenant
            and t.referral = r.id and t.live) as is_out
       from unnest($1::text[]) as k(subject)
       join referral r on r.id::text = k.subject or r.id = (select t.referral from task t
       where t.tenant = $tenant and t.id::text = k.subject)
      where r.tenant = $tenant and r.state in ('waiting', 'partner') order by r.id for update of r`,
    [ledgerRows.map((row) => row.subject)],
  );
  const out = referrals.rows.find((one) => one.is_out);
  if (out) {
    throw new AppError(
      'CONFLICT',
      'This follows a referral that is with a partner: try it again, or take the referral back ' +
        'in review; nothing was changed',
      {
        facts: {
          stage: ledgerRows.find((row) => row.subject === out.subject)?.stage,
          subject: out.subject,
        },
      },
    );
  }
  // A referral that is not approved waits for a reviewer already.
  await tx.query(
    `update referral set gate = 'withoutHelp', without_help = 'given-up-by-operator',
      without_help_since = loopwell_now(),
            decide_by = loopwell_now() + interval '1 day', changed_at = loopwell_now()
              where tenant = $tenant and id = any($1::uuid[])`,
    [referrals.rows.filter((one) => one.approved).map((one) => one.id)],
  );
}
