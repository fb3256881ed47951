import { AppError } from '@loopwell/kit';
import {
  doesNoStand,
  isNoAbout,
  personsNoReason,
  type ReopenFacts,
  type ReopenRefusal,
  whyNotReopened,
} from '@loopwell/sdoh';
import {
  contact,
  type ReferralPatch,
  type ReferralRow,
  referrals,
  reviews,
  type Tx,
  tasks,
} from '@loopwell/store';
import type { ReviewDeps, Reviewer } from '../../reviewer.ts';
import type { DecisionOf } from '../apply-decision.ts';

const sentences: Readonly<Record<ReopenRefusal, string>> = {
  open: 'This referral has not ended, so it is not opened again; nothing was recorded',
  'not-staff': 'Only what staff refused or closed is opened again; nothing was recorded',
  'brought-up':
    'The person said no. Say on which day they brought it up again; nothing was recorded',
  'another-is-open': 'There is an open referral for this need already; nothing was recorded',
};

/**
 * Makes the patch that opens a referral again, for review. Over a person's no it needs the day on
 * which the person brought it up, and the person has to agree anew. DECISIONS D167.
 *
 * @throws AppError FORBIDDEN for a caller who is no signed-in person; REQUEST_INVALID without that
 *   day, or for a day to come; CONFLICT for a referral that is not opened again
 */
export async function openAgain(
  tx: Tx,
  deps: Pick<ReviewDeps, 'clock'>,
  reviewer: Reviewer,
  referral: ReferralRow,
  { broughtUpOn, askAgain }: DecisionOf<'openAgain'>,
  today: string,
): Promise<ReferralPatch> {
  if (reviewer.kind !== 'person')
    throw new AppError('FORBIDDEN', 'A referral is opened again by a signed-in person only');
  const { id, person, category, state } = referral;
  if (broughtUpOn !== undefined && broughtUpOn > today)
    throw invalid(id, 'A day to come is not one on which the person brought it up');
  const others = (await referrals.referralsOfPeople(tx, [person])).filter((row) => row.id !== id);
  const isOpen = (row: ReferralRow) => row.state === 'waiting' || row.state === 'partner';
  const nos = await nosAbout(tx, referral, today);
  const endedBy = nos.length > 0 ? 'person' : await endOf(tx, referral);
  const isBroughtUp = broughtUpOn !== undefined;
  const hasOpen = others.some((row) => row.category === category && isOpen(row));
  const rule = whyNotReopened({ state, endedBy, isBroughtUp, hasOpen });
  if (rule === 'brought-up') throw invalid(id, sentences[rule]);
  if (rule) throw new AppError('CONFLICT', sentences[rule], { facts: { referral: id, rule } });
  if (broughtUpOn !== undefined)
    await contact.liftNos(tx, { person, ids: nos, broughtUpOn, category, by: reviewer.id });
  const attempts = (await tasks.tasksOfReferrals(tx, [id])).get(id) ?? [];
  return {
    ...opened(deps, attempts.length),
    ...(askAgain ? { turns_from: attempts.length } : {}),
    ...(endedBy === 'person' ? notAgreed : {}),
  };
}

/** Lists the person's nos that stand against this help. */
async function nosAbout(
  tx: Tx,
  { person, category }: ReferralRow,
  today: string,
): Promise<string[]> {
  const all = (await contact.nosOfPeople(tx, [person])).get(person) ?? [];
  const standing = all.filter((no) => doesNoStand(no, today) && no.kind !== 'not-this-place');
  return standing.filter((no) => isNoAbout(no, category)).map(({ id }) => id);
}

const invalid = (referral: string, says: string) =>
  new AppError('REQUEST_INVALID', says, { facts: { referral, field: 'broughtUpOn' } });

const opened = ({ clock }: Pick<ReviewDeps, 'clock'>, attempts: number): ReferralPatch => ({
  state: 'waiting',
  gate: 'review',
  ended_reason: null,
  given_up_by: null,
  approval: null,
  approved_by: null,
  approved_at: null,
  recipient: null,
  closed_for: null,
  list_given_at: null,
  without_help: null,
  without_help_since: null,
  decide_by: null,
  asked_after: attempts,
  undo_until: null,
  undone_at: clock.now(),
});

const notAgreed = {
  agreement_on: null,
  agreement_by: null,
  agreement_source: null,
  agreement_withdrawn_at: null,
};

/** Says who ended a referral: staff, the person, or something in the record. */
async function endOf(tx: Tx, referral: ReferralRow): Promise<ReopenFacts['endedBy']> {
  const { ended_reason: reason, given_up_by, approval, approved_by } = referral;
  const isTakenBack = reason === 'agreement-withdrawn' || reason === 'consent-revoked';
  if (isTakenBack || referral.agreement_withdrawn_at !== null) return 'person';
  if (referral.without_help === 'person-declined') return 'person';
  if (given_up_by !== null) return 'staff';
  const isRefusal = approval === 'refused' && approved_by?.startsWith('system:') !== true;
  if (isRefusal && reason === 'no-longer-wanted') return 'person';
  if (isRefusal && byHand.includes(reason ?? '')) return 'staff';
  if (!isRefusal || reason !== 'refused') return 'other';
  const lines = await reviews.decisionsOf(tx, referral.tenant, referral.id);
  const refusal = lines.findLast(({ decision }) => decision === 'refuse');
  return refusal?.reason === personsNoReason ? 'person' : 'staff';
}

/** Ends by hand that are the staff's own. */
const byHand: readonly string[] = ['helped-elsewhere', 'not-reached', 'moved'];
