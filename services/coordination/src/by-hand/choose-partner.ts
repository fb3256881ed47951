import { AppError, newId } from '@loopwell/kit';
import { type DirectoryPartner, isPlaceRefused, turnsAmong } from '@loopwell/sdoh';
import {
  contact,
  partnerProfiles,
  type ReferralPatch,
  type ReferralRow,
  type Tx,
  tasks,
} from '@loopwell/store';
import { requireRecipient } from '../decide/recipient.ts';
import { keepUndos, limitedByDate, undoEndOf } from '../decide/undo/keep-undos.ts';
import { type ReviewDeps, type Reviewer, todayOf } from '../reviewer.ts';
import { badField } from '../work/typed-words.ts';
import { actOn } from './act-on.ts';
import type { PartnerBody } from './by-hand-body.ts';

/**
 * Chooses the partner of a referral by hand, or another one than has it. What is out at another
 * partner comes back first. The consent for the chosen one is looked at as for any other.
 *
 * @param isOnPage the reviewer looks at a page, which offers the undo while nothing is sent
 * @returns the request, by which it is undone
 * @throws AppError NOT_FOUND, CONFLICT, FORBIDDEN, or REQUEST_INVALID naming `partner` and the rule
 */
export async function choosePartner(
  deps: ReviewDeps,
  reviewer: Reviewer,
  id: string,
  { partner }: PartnerBody,
  { isOnPage = false }: { isOnPage?: boolean } = {},
): Promise<string> {
  const step = { decision: 'approve' as const, referrals: [id], recipient: partner };
  const made = { reviewer, request: newId(), steps: [step] };
  const undoEnd = isOnPage ? undoEndOf(deps, made) : undefined;
  const byHand = { decision: 'choosePartner', facts: { partner }, request: made.request };
  await actOn(deps, reviewer, id, byHand, async (tx, referral) => {
    await requireWanted(tx, deps, referral, partner);
    await requireRecipient(tx, reviewer, [referral], step);
    if (referral.sensitive && reviewer.kind !== 'person')
      throw new AppError('FORBIDDEN', 'A sensitive need is approved by a signed-in person only');
    const attempts = (await tasks.tasksOfReferrals(tx, [id])).get(id) ?? [];
    await requireUntried(tx, referral, attempts, partner);
    const patch: ReferralPatch = {
      approval: 'approved',
      approved_by: reviewer.id,
      approved_at: deps.clock.now(),
      recipient: partner,
      undone_at: null,
      list_given_at: null,
      ...(referral.gate === 'withoutHelp' ? goesOn(attempts.length) : {}),
    };
    if (undoEnd) patch.undo_until = limitedByDate(undoEnd, referral, todayOf(deps));
    await keepUndos(tx, made, [referral], [{ id, patch }]);
    return patch;
  });
  return made.request;
}

/** The patch of a referral that nobody could help with so far, and that goes on. */
const goesOn = (attempts: number): ReferralPatch => ({
  asked_after: attempts,
  without_help: null,
  without_help_since: null,
  decide_by: null,
});

/** Requires that the person has said no neither to the place nor to the help. */
async function requireWanted(
  tx: Tx,
  deps: ReviewDeps,
  { person, category }: ReferralRow,
  partner: string,
): Promise<void> {
  const nos = (await contact.nosOfPeople(tx, [person])).get(person) ?? [];
  if (isPlaceRefused(nos, { category, partner, today: todayOf(deps) }))
    throw badField('partner', 'not-this-place', 'The person does not want this place');
}

type Attempts = Parameters<typeof turnsAmong>[0];

/** Requires that the partner does not have the referral, and has not had its turn. */
async function requireUntried(
  tx: Tx,
  referral: ReferralRow,
  attempts: Attempts,
  partner: string,
): Promise<void> {
  const rows = await partnerProfiles.namedPartners(tx);
  const serving = rows.filter(
    (row) =>
      row.id === partner &&
      (JSON.parse(row.body) as DirectoryPartner).categories.includes(referral.category),
  );
  const { untried } = turnsAmong(attempts, serving, () => true);
  if (untried.length > 0) return;
  throw badField('partner', 'had-turn', 'This partner has the referral, or has had its turn');
}
