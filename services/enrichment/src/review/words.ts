import type { AnswerSoFar } from '@loopwell/sdoh';
import type { WorklistView } from './ask.ts';

/** Plain words for what a reviewer is asked. */
export const gateWords: Readonly<Record<WorklistView, { short: string; asks: string }>> = {
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
  postponed: {
    short: 'Postponed',
    asks: 'Put off to a later day. Each comes back on its day, or as soon as something about it is new.',
  },
};

/** What an answer says, in plain words. */
export const meaningWords: Readonly<Record<AnswerSoFar['meaning'], string>> = {
  need: 'possible need',
  none: 'no need',
  declined: 'did not want to answer',
  unread: 'could not be read',
  other: '',
};

export const outcomeWords = {
  approved: 'Approved',
  refused: 'Refused',
  postponed: 'Postponed',
  'code-chosen': 'Code chosen',
  'agreement-recorded': 'Agreement recorded',
  'agreement-withdrawn': 'Agreement taken back',
  'consent-recorded': 'Consent recorded',
  'consent-withdrawn': 'Consent taken back',
  'service-chosen': 'Service chosen',
} as const;
