import { status, type Tx } from '@loopwell/store';
import type { ReviewGate } from './read.ts';

/** Plain words for what a reviewer is asked. */
export const gateWords: Readonly<Record<ReviewGate, { short: string; asks: string }>> = {
  review: {
    short: 'Suggestions',
    asks: 'Is this a need that somebody should help with? Approving lets the referral go on; the Condition stays unconfirmed until a clinician confirms it.',
  },
  agreement: { short: 'Agreement', asks: 'Did the person say yes to this help? A consent to share data is not that.' },
  consent: {
    short: 'Consent',
    asks: 'Nothing that we can read permits sharing with a partner. Record a consent that was signed elsewhere.',
  },
  noServiceCode: {
    short: 'Service',
    asks: 'No service code belongs to this category. Choose a general one that fits.',
  },
};

export const outcomeWords = {
  approved: 'Approved',
  refused: 'Refused',
  'agreement-recorded': 'Agreement recorded',
  'agreement-withdrawn': 'Agreement taken back',
  'consent-recorded': 'Consent recorded',
  'consent-withdrawn': 'Consent taken back',
  'service-chosen': 'Service chosen',
} as const;

/** How many referrals wait at each gate. */
export async function gateCounts(tx: Tx, organisation: string): Promise<Record<string, number>> {
  const gates = await status.readGates(tx, organisation);
  return Object.fromEntries(gates.map((one) => [one.gate, one.count]));
}
