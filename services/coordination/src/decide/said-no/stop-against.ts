import { findNo, type PersonNo } from '@loopwell/sdoh';
import {
  contact,
  grants,
  type HistoryLine,
  type NewNoRow,
  type NoRow,
  type ReferralRow,
  type TaskRow,
  type Tx,
  tasks,
} from '@loopwell/store';
import type { Reviewer } from '../../reviewer.ts';

/** A referral, and the no that is against it. */
type Against = { referral: ReferralRow; no: PersonNo };

/**
 * Ends what partners read of referrals against nos that are recorded now. The gates take the Tasks
 * back afterward. A no to a place stops what is at that place alone.
 *
 * @returns the open referrals that a no is against, each once
 */
export async function stopAgainst(
  tx: Tx,
  rows: readonly NewNoRow[],
  { open, reviewer, today }: { open: readonly ReferralRow[]; reviewer: Reviewer; today: string },
): Promise<Against[]> {
  const humanOf = await contact.patientsOfHumans(
    tx,
    open.map(({ person }) => person),
  );
  const attempts = await tasks.tasksOfReferrals(
    tx,
    open.map(({ id }) => id),
  );
  const against = open.flatMap((referral) => {
    const same = humanOf.get(referral.person) ?? [referral.person];
    const theirs = rows.filter(({ person }) => same.includes(person)).map(standingNo);
    const no = noAgainst(theirs, referral, attempts.get(referral.id) ?? [], today);
    return no ? [{ referral, no }] : [];
  });
  const ids = against.map(({ referral }) => referral.id);
  await grants.endGrantsOfReferrals(tx, { referrals: ids, by: reviewer.id });
  return against;
}

function noAgainst(
  nos: readonly PersonNo[],
  { category }: ReferralRow,
  attempts: readonly TaskRow[],
  today: string,
): PersonNo | undefined {
  const partner = attempts.find(({ live }) => live)?.partner;
  return findNo(nos, { category, partner, today });
}

const standingNo = (row: NewNoRow): PersonNo => contact.noOf({ ...row, ...standing });

const standing = {
  recorded_at: new Date(0),
  brought_up_on: null,
  lifted_by: null,
  lifted_at: null,
  lifted_request: null,
  brought_up: null,
} satisfies Partial<NoRow>;

/** Makes the line of history about a referral and a no. */
export const lineOf = (
  { tenant, id, person, trace }: ReferralRow,
  reviewer: Reviewer,
  outcome: string,
  kind: string,
): HistoryLine => ({
  tenant,
  stage: 'refer',
  subject: id,
  person,
  outcome,
  trace,
  principal: reviewer.id,
  facts: { kind },
});
