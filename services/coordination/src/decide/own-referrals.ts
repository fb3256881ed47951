import { AppError } from '@loopwell/kit';
import type { DueRow, ReferralRow } from '@loopwell/store';
import type { Reviewer } from '../reviewer.ts';

/**
 * Gives the reviewer's own referrals in order. Another tenant's referral looks like one that does
 * not exist.
 */
export function ownReferrals(
  ids: readonly string[],
  rows: ReadonlyMap<string, ReferralRow>,
  reviewer: Reviewer,
): ReferralRow[] {
  return ids.map((id) => {
    const row = rows.get(id);
    if (!row || row.tenant !== reviewer.tenant)
      throw new AppError('NOT_FOUND', 'There is no such referral', { facts: { referral: id } });
    return row;
  });
}

/** Makes the rows of the ledger by which a stage looks at referrals, or at their people. */
export const dueRows = (
  stage: 'code' | 'refer',
  rows: readonly ReferralRow[],
  batch: string,
): DueRow[] =>
  rows.map(({ tenant, id, person, trace }) => ({
    tenant,
    stage,
    subject: stage === 'code' ? person : id,
    person,
    trace,
    batch,
  }));
