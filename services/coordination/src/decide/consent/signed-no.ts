import { AppError } from '@loopwell/kit';
import { type ReferralRow, type Tx, tasks } from '@loopwell/store';
import type { ReviewDeps, Reviewer } from '../../reviewer.ts';
import type { ReviewDecision } from '../decisions.ts';
import { type Judging, readConsents } from './consent.ts';
import { recordedConsent } from './record-consent.ts';

type RecordDecision = Extract<ReviewDecision, { decision: 'recordConsent' }>;

/**
 * Requires that no signed no stands against a consent that somebody wants to record. Such a no is a
 * Consent of the chart, and the gate puts it before every permit, whenever each was signed.
 *
 * @throws AppError CONFLICT with the referral, the rule and the day of the no
 */
export async function requireNoSignedNo(
  tx: Tx,
  deps: ReviewDeps,
  reviewer: Reviewer,
  locked: readonly ReferralRow[],
  decision: RecordDecision,
): Promise<void> {
  const after = locked.map((referral) => {
    const recorded = recordedConsent(deps, reviewer, referral, decision);
    return { ...referral, consent_recorded: JSON.stringify(recorded) };
  });
  const [first] = await noesToAll(tx, deps, after, placesOf(decision));
  if (first === undefined) return;
  const [referral, signed] = first;
  throw new AppError(
    'CONFLICT',
    'The person signed a no: this consent would open nothing. Only a change in the chart ends that no; nothing was recorded',
    { facts: { referral, rule: 'signed-no', ...(signed !== null && { signed }) } },
  );
}

/** Lists the places that a consent names one by one; none for a kind of place and for any. */
const placesOf = ({ places, recipient = 'any' }: RecordDecision): readonly string[] =>
  places ?? (recipient === 'any' ? [] : [recipient]);

/** Finds the referrals whose person signed a no to all of some places, or to whoever is asked next. */
async function noesToAll(
  tx: Tx,
  deps: Judging,
  rows: readonly ReferralRow[],
  [first, ...others]: readonly string[],
): Promise<Map<string, string | null>> {
  const noTo = (recipient: string) =>
    signedNoes(
      tx,
      deps,
      rows.map((row) => ({ ...row, recipient })),
    );
  let noes = first === undefined ? await signedNoes(tx, deps, rows) : await noTo(first);
  for (const place of others) {
    const here = await noTo(place);
    noes = new Map([...noes].filter(([id]) => here.has(id)));
  }
  return noes;
}

/** Finds the referrals whose person signed a no, each with the day of the signature. */
export async function signedNoes(
  tx: Tx,
  deps: Judging,
  rows: readonly ReferralRow[],
): Promise<Map<string, string | null>> {
  const ids = rows.map(({ id }) => id);
  const attempts = await tasks.tasksOfReferrals(tx, ids);
  const consents = [...(await readConsents(tx, deps, rows, attempts))];
  const noes = consents.filter(([, { state }]) => state === 'signed-no');
  return new Map(noes.map(([id, { signed }]) => [id, signed]));
}
