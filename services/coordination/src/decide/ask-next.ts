import { AppError } from '@loopwell/kit';
import { type DirectoryPartner, isKeptOut, turnsAmong } from '@loopwell/sdoh';
import {
  partnerProfiles,
  type ReferralPatch,
  type ReferralRow,
  type TaskRow,
  type Tx,
  tasks,
} from '@loopwell/store';
import type { ReviewDeps, Reviewer } from '../reviewer.ts';
import type { Decidable, DecisionOf } from './apply-decision.ts';
import type { ReviewDecision } from './decisions.ts';
import type { Recipient } from './recipient.ts';
import { loadKeepOuts, requireRecipient } from './recipient.ts';

/**
 * Lists the Organizations that serve a need and have not had their turn with this referral, each
 * once, in the order of the directory. Whoever the person keeps out is not among them.
 */
async function untriedFor(
  tx: Tx,
  { category, person, turns_from: from }: ReferralRow,
  attempts: readonly TaskRow[],
): Promise<Recipient[]> {
  const rows = await partnerProfiles.namedPartners(tx);
  const keepOuts = await loadKeepOuts(tx, person);
  const serving = rows.filter(
    (row) =>
      !isKeptOut(row, keepOuts) &&
      (JSON.parse(row.body) as DirectoryPartner).categories.includes(category),
  );
  const { untried } = turnsAmong(attempts.slice(from ?? 0), serving, () => true);
  return [...new Map(untried.map(({ id, name }) => [id, { id, name }])).values()];
}

/**
 * Lists the partners that a reviewer may ask next. The list is empty if the referral does not wait
 * for that. Where the person said no, the decision needs the day on which they brought it up.
 */
export async function nextPartnersOf(
  tx: Tx,
  row: ReferralRow,
  attempts: readonly TaskRow[],
): Promise<Recipient[]> {
  const isAsked =
    row.state === 'waiting' && row.gate === 'withoutHelp' && row.restriction !== 'named-consent';
  return isAsked ? untriedFor(tx, row, attempts) : [];
}

/**
 * Tells whether an approval means that its partner is asked next. It does if the referral waits
 * because no partner could help so far.
 */
export function meantAsNext(
  referral: ReferralRow,
  decision: ReviewDecision,
): decision is DecisionOf<'approve'> {
  return (
    decision.decision === 'approve' &&
    decision.recipient !== undefined &&
    referral.gate === 'withoutHelp'
  );
}

/**
 * Makes the patch by which the next partner is asked, or the named one, after a person has looked.
 * The decision approves the referral; the gates decide the rest.
 *
 * @throws AppError CONFLICT if there is no partner to go on with, FORBIDDEN or REQUEST_INVALID as
 *   for an approval
 */
export async function askNext(
  tx: Tx,
  deps: ReviewDeps,
  reviewer: Reviewer,
  referral: Decidable,
  decision: DecisionOf<'askNext'> | DecisionOf<'approve'>,
): Promise<ReferralPatch> {
  const facts = { referral: referral.id };
  if (
    referral.state !== 'waiting' ||
    (referral.gate !== 'saidNo' &&
      referral.isLifted !== true &&
      (referral.gate !== 'withoutHelp' || referral.without_help === null))
  )
    throw new AppError(
      'CONFLICT',
      'Only a referral that nobody could help with goes on to another partner; nothing was recorded',
      {
        facts,
      },
    );
  if (referral.sensitive && reviewer.kind !== 'person')
    throw new AppError('FORBIDDEN', 'A sensitive need is approved by a signed-in person only', {
      facts,
    });
  await requireRecipient(tx, reviewer, [referral], decision);
  const attempts = (await tasks.tasksOfReferrals(tx, [referral.id])).get(referral.id) ?? [];
  const isAnew = 'askAgain' in decision && decision.askAgain === true;
  const untried = await untriedFor(tx, referral, isAnew ? [] : attempts);
  if (!untried.some((one) => decision.recipient === undefined || one.id === decision.recipient))
    throw new AppError(
      'CONFLICT',
      'Every partner that this could go to has had its turn; nothing was recorded',
      { facts },
    );
  return {
    approval: 'approved',
    approved_by: reviewer.id,
    approved_at: deps.clock.now(),
    recipient: decision.recipient ?? null,
    undone_at: null,
    asked_after: attempts.length,
    ...(isAnew ? { turns_from: attempts.length } : {}),
    without_help: null,
    without_help_since: null,
    decide_by: null,
  };
}
