import { withoutUndefined } from '@loopwell/fhir';
import { AppError, newId } from '@loopwell/kit';
import {
  grants,
  type HistoryLine,
  ledger,
  type ReferralPatch,
  type ReferralRow,
  referrals,
  type Tx,
} from '@loopwell/store';
import { dueRows, ownReferrals } from '../decide/own-referrals.ts';
import type { ReviewDeps, Reviewer } from '../reviewer.ts';
import { requireVisible } from '../shown-people.ts';

/** What somebody does by hand, as it stands in the decisions and in history. */
export type ByHand = {
  decision: string;
  /** Words of whoever does it; personal data. */
  reason?: string | undefined;
  facts: Readonly<Record<string, unknown>>;
  /** The request by which it can be undone. */
  request?: string;
  /** Partners read nothing more of it with this transaction. */
  endsReads?: boolean;
};

type Meant = { tx: Tx; id: string };

/**
 * Does something by hand to a referral, in one transaction: it is locked in the order of workers,
 * changed, written down, and its gates are looked at again.
 *
 * @param meantBy lists all referrals that it is about, where these are more than the one
 * @throws AppError NOT_FOUND, CONFLICT for one that has ended; nothing is recorded then
 */
export async function actOn(
  deps: ReviewDeps,
  reviewer: Reviewer,
  id: string,
  byHand: ByHand,
  patchOf: (tx: Tx, referral: ReferralRow) => Promise<ReferralPatch>,
  meantBy: (meant: Meant) => Promise<readonly string[]> = async () => [id],
): Promise<void> {
  const batch = newId();
  await deps.tx(async (tx) => {
    ownReferrals([id], await referrals.loadReferrals(tx, [id]), reviewer);
    const ids = await meantBy({ tx, id });
    const seen = ownReferrals(ids, await referrals.loadReferrals(tx, ids), reviewer);
    // The ledger's rows are locked before the referrals, in the order in which workers lock them.
    await ledger.due(tx, dueRows('refer', seen, batch));
    const locked = ownReferrals(ids, await referrals.lockReferrals(tx, ids), reviewer);
    const people = locked.map(({ person }) => person);
    const facts = () => ({ referral: id });
    await requireVisible(tx, reviewer, people, 'There is no such referral', facts);
    requireOpen(locked.find((referral) => referral.id === id));
    const open = locked.filter(isOpen);
    for (const referral of open) await apply(tx, reviewer, referral, byHand, patchOf);
  });
  await deps.nudge([{ stage: 'refer', batch }]);
}

async function apply(
  tx: Tx,
  reviewer: Reviewer,
  referral: ReferralRow,
  byHand: ByHand,
  patchOf: (tx: Tx, referral: ReferralRow) => Promise<ReferralPatch>,
): Promise<void> {
  const { id } = referral;
  const seen = { postponed_until: null, people_decided: referral.people_decided + 1 };
  const patch = { ...seen, ...(await patchOf(tx, referral)) };
  await referrals.patchReferrals(tx, [{ id, patch }]);
  if (byHand.endsReads) await grants.endGrantsOfReferrals(tx, { referrals: [id], by: reviewer.id });
  await referrals.addDecisions(tx, [decisionOf(referral, reviewer, byHand)]);
  await ledger.appendHistory(tx, [lineOf(referral, reviewer, byHand)]);
}

const isOpen = ({ state, approval, given_up_by }: ReferralRow): boolean =>
  (state === 'waiting' || state === 'partner') && approval !== 'refused' && given_up_by === null;

function requireOpen(referral: ReferralRow | undefined): void {
  if (referral && isOpen(referral)) return;
  const facts = { referral: referral?.id, state: referral?.state };
  throw new AppError('CONFLICT', 'This referral has ended; nothing was recorded', { facts });
}

function decisionOf(
  { tenant, id, person }: ReferralRow,
  { id: principal, kind: principalKind }: Reviewer,
  { decision, reason, facts, request }: ByHand,
) {
  const row = { tenant, referral: id, person, decision, principal, principalKind };
  return { ...row, ...withoutUndefined({ reason, request, facts: JSON.stringify(facts) }) };
}

const lineOf = (
  { tenant, id, person, trace }: ReferralRow,
  reviewer: Reviewer,
  { decision }: ByHand,
): HistoryLine => ({
  tenant,
  stage: 'refer',
  subject: id,
  person,
  trace,
  principal: reviewer.id,
  outcome: decision,
});
