/** Changes since the sender stored the gate at which a referral waits. */
type SinceStored = {
  /** The consent to send to the partner that is asked next has run out. */
  hasConsentEnded: boolean;
  /** A hold stands before that partner, or before all. */
  isHeld: boolean;
};

/**
 * Returns the gate at which a waiting referral stands now: the one that the sender stored when it
 * last asked, corrected by time and holds. A consent that has run out lets nothing go, and a hold
 * stands in front of a send that is switched off.
 *
 * @param stored null where the sender has not looked yet (DECISIONS D129)
 */
export function standingGate(
  stored: string | null,
  { hasConsentEnded, isHeld }: SinceStored,
): string {
  const isPermitted = stored === 'hold' || stored === 'send';
  if (isPermitted && hasConsentEnded) return 'consent';
  if (stored === 'send' && isHeld) return 'hold';
  return stored ?? 'review';
}
