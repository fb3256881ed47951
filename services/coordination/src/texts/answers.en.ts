import { zoneName } from '@loopwell/http';
import type { PersonReason, PhoneStatus } from '@loopwell/sdoh';

/** What a partner says by phone, in the words of a caller. */
const statuses: Readonly<Record<PhoneStatus, string>> = {
  received: 'They have it and have not decided',
  accepted: 'They took it',
  'in-progress': 'They are working on it',
  'on-hold': 'It is on hold there',
  completed: 'It is done',
  rejected: 'The partner said no',
  failed: 'They tried and could not help',
  cancelled: 'They stopped it',
};

/** What a partner says of the person. */
const reasonCodes: Readonly<Record<PersonReason, string>> = {
  'person-declined': 'They said no thank you',
  'wrong-contact': 'The number was wrong',
  'unable-to-reach': 'They could not be reached',
  'did-not-come': 'They did not come',
};

/** The text for a field that breaks a rule, by field and rule. */
const problems: Readonly<Record<string, string>> = {
  status: 'Choose what they said.',
  reasonCode: 'Choose what they said of the person.',
  reason: 'Enter the reason they gave, in at most 500 characters.',
  note: 'Enter at most 2,000 characters.',
  saidBy: 'Enter who said it, in at most 120 characters.',
  at: 'Enter the day and time of the call.',
  'at future': 'This time is in the future.',
  'at before-sent': 'The partner did not have the referral yet at this time.',
  'reason required': 'Enter the reason they gave. Whoever goes on with the referral needs it.',
  'note nothing-new': 'This is known already. Enter what else they said.',
  'status move-not-allowed': 'The referral has moved on meanwhile. See what partners said above.',
  'status no-open-task': 'No partner has this referral any more.',
};

/** English texts of the form for what a partner said by phone. */
export const answerFormTexts = {
  title: 'Record what the partner said',
  intro: (partner: string) =>
    `Fill this in after a call with ${partner}. It counts like an answer from the partner's system.`,
  status: 'What they said',
  choose: 'choose …',
  statuses,
  reasonCode: 'What they said of the person',
  reasonCodeHint: 'a no is kept as the person’s no, and nobody calls to check',
  nothingOfThem: 'nothing of these',
  reasonCodes,
  reason: 'Reason they gave',
  reasonHint: 'required if they said no, could not help, or stopped',
  note: 'What else they said',
  optional: 'optional',
  legalNote: 'Optional. This is legal help: if they said no or stopped, no words are kept.',
  saidBy: 'Who said it',
  at: 'When',
  inZone: (zone: string) => `in ${zoneName('en-US', zone)}`,
  record: 'Record answer',
  problems,
  notRecorded: 'Nothing was recorded. See the field that is marked below.',
  recorded: 'The answer was recorded. The referral follows within moments.',
  same: 'This answer was recorded before. Nothing was changed.',
  tooLate: 'Nothing was recorded. No partner has this referral any more.',
};
