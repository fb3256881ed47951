import { AppError } from '@loopwell/kit';
import type { Tx } from './database.ts';
import { appendHistory, due, type LedgerRow, settle } from './ledger.ts';

/** What an operator may do to rows of the ledger, one or many, all or nothing; each with a line of history. */

export type RowKey = { stage: string; subject: string };

export type OperatorAction = {
  organisation: string;
  rows: readonly RowKey[];
  principal: string;
  /** A code, not words: history holds no free text. */
  reason: string;
};

type LockedRow = LedgerRow & { is_leased: boolean };

/** @throws AppError NOT_FOUND naming the first row that is not there (any more) */
async function lockRows(tx: Tx, organisation: string, keys: readonly RowKey[]): Promise<LockedRow[]> {
  const { rows } = await tx.query<LockedRow>(
    `select l.organisation, l.stage, l.subject, person, batch, waits_for, generation, fence, attempts, cause, error_code, trace, since,
            coalesce(leased_until > clock_timestamp(), false) as is_leased
       from ledger l join unnest($2::text[], $3::text[]) as k(stage, subject) on l.stage = k.stage and l.subject = k.subject
      where l.organisation = $1 order by l.stage, l.subject for update of l`,
    [organisation, keys.map((key) => key.stage), keys.map((key) => key.subject)],
  );
  const found = new Set(rows.map((row) => `${row.stage}\n${row.subject}`));
  const missing = keys.find((key) => !found.has(`${key.stage}\n${key.subject}`));
  if (missing) throw new AppError('NOT_FOUND', 'This work is not in the ledger any more; nothing was changed', { facts: missing });
  return rows;
}

/** Makes rows due now, as if they had never failed. */
export async function retryRows(tx: Tx, action: OperatorAction & { batch: string }): Promise<LedgerRow[]> {
  const rows = await lockRows(tx, action.organisation, action.rows);
  await due(
    tx,
    rows.map(({ organisation, stage, subject, person, trace }) => ({
      organisation,
      stage,
      subject,
      trace,
      batch: action.batch,
      ...(person ? { person } : {}),
    })),
  );
  await appendHistory(
    tx,
    rows.map(({ organisation, stage, subject, person, trace }) => ({
      organisation,
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
 * Gives failed rows up for good. Only what has failed and is not being worked on can be discarded: what waits for
 * somebody is that somebody's to end.
 *
 * @throws AppError CONFLICT naming the first row that did not fail or is being worked on
 */
export async function discardRows(tx: Tx, action: OperatorAction): Promise<LedgerRow[]> {
  const rows = await lockRows(tx, action.organisation, action.rows);
  const wrong = rows.find((row) => row.error_code === null || row.is_leased);
  if (wrong) {
    const { stage, subject } = wrong;
    throw new AppError('CONFLICT', 'Only failed work that nobody is working on can be discarded; nothing was changed', {
      facts: { stage, subject },
    });
  }
  await settle(
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
