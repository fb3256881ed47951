import type { TaskRow } from '@loopwell/store';
import type { Partner, Permit, ReferralFacts } from './model.ts';

/**
 * Gives the partner to which the last one has handed a referral over, if it had no turn yet and the
 * person's consent covers it now. In every other case a person looks. DECISIONS D197.
 */
export function handedNext(
  { handedTo, consentFor, whyNotYet }: ReferralFacts,
  open: readonly TaskRow[],
  untried: readonly Partner[],
): { partner: Partner; consent: Permit } | undefined {
  if (open.at(-1)?.reason !== 'handed-over') return undefined;
  const partner = untried.find(({ id }) => id === handedTo);
  if (partner === undefined) return undefined;
  const consent = consentFor(partner);
  if (consent.kind !== 'permit' || whyNotYet(consent) !== undefined) return undefined;
  return { partner, consent };
}
