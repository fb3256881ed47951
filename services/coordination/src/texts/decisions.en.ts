import type { Formats } from '@loopwell/http';
import { personsNoReason } from '@loopwell/sdoh';
import type { ReviewDecision } from '../decide/decisions.ts';
import type { outcomes } from '../decide/review.ts';

type Decision = ReviewDecision['decision'];
type ByHand =
  | 'undo'
  | 'closeByHand'
  | 'choosePartner'
  | 'giveList'
  | 'sendAnyway'
  | 'saidOfList'
  | 'addNeed'
  | 'suggestRest';

/**
 * Makes the English texts of the forms, of decisions, and of the reasons why a decision could not
 * be made.
 */
export const decisionTexts = (formats: Formats) => ({
  decisions: {
    nothing: 'Nothing was recorded.',
    done: (outcome: string, n: number) => `${outcome} for ${referrals(n, formats)}.`,
    outcomes: outcomeTexts,
    decided: decidedTexts,
    until: (day: string) => `until ${formats.shortDay(day)}`,
    asSuggested: 'as suggested',
    missing: missingTexts,
    refusalReasons,
  },
  forms: { choose: 'choose …', ...needTexts, ...permissionTexts, ...codeTexts },
});

const referrals = (n: number, { count, plural }: Formats): string =>
  plural(n, 'one referral', `${count(n)} referrals`);

const outcomeTexts: Readonly<Record<(typeof outcomes)[Decision], string>> = {
  approved: 'Approved',
  refused: 'Refused',
  postponed: 'Postponed',
  'code-chosen': 'Code chosen',
  'agreement-recorded': 'Agreement recorded',
  'agreement-withdrawn': 'Agreement taken back',
  'consent-recorded': 'Consent recorded',
  'consent-withdrawn': 'Consent taken back',
  'service-chosen': 'Service chosen',
  'next-asked': 'The next partner will be asked',
  'closed-without-help': 'Closed without help',
  'sent-now': 'Sent now',
  'opened-again': 'Opened again',
};

const decidedTexts: Readonly<Record<string, string>> = {
  approve: 'Approved',
  refuse: 'Refused',
  postpone: 'Postponed',
  chooseCode: 'Another finding chosen',
  agree: "The person's agreement recorded",
  withdrawAgreement: 'Agreement taken back',
  recordConsent: 'Consent recorded',
  withdrawConsent: 'Consent taken back',
  chooseService: 'Service chosen',
  askNext: 'Next partner to be asked',
  closeWithoutHelp: 'Closed without help',
  sendNow: 'Sent now',
  openAgain: 'Opened again',
  undo: 'Decision undone',
  closeByHand: 'Closed',
  choosePartner: 'Partner chosen',
  giveList: 'List of places given',
  sendAnyway: 'Sent anyway, beside the same need',
  saidOfList: 'Said what became of the list',
  addNeed: 'Need added',
  suggestRest: 'Suggested, because they got only a part of it before',
} satisfies Record<Decision | ByHand, string>;

/** The text for a missing field of a form, by the field. */
const missingTexts: Readonly<Record<string, string>> = {
  reason: 'Give a reason in one line of at most 500 characters; it is kept with the decision.',
  until: 'Choose the day on which to show it again.',
  agreedOn: 'Enter the day on which the person said yes.',
  askedBy: 'Enter who asked the person.',
  dateTime: 'Enter the day on which the consent was signed.',
  scope: 'Enter the words on the form.',
  serviceCode: 'Choose a service.',
  code: 'Choose a finding.',
  recipient: 'Choose the partner that may receive it.',
  saidBy:
    'Choose who says that nothing is needed: the care team, or the person. A no of the person is not the care team’s.',
  broughtUpOn: 'Enter the day on which the person brought it up again.',
};

/** Reasons that are offered for a refusal. A reviewer may write another one. */
const refusalReasons: readonly string[] = [
  personsNoReason,
  'Help is already in place',
  'The answer is outdated or was a mistake',
  'No need in clinical judgment',
];

const needTexts = {
  reason: 'Reason',
  reasonToRefuse: 'required to refuse; kept with the decision',
  reasonToRefuseOrClose: 'required to refuse or to close; kept with the decision',
  mayGoTo: 'May go to',
  anyPartner: 'any partner that serves it',
  approve: 'Approve',
  otherPartner: 'A different partner than approved',
  approveForPartner: 'Approve for this partner',
  nextPartner: 'Next partner',
  askNext: 'Ask the next partner',
  close: 'Close without help',
  refuse: 'Refuse',
  whoRefuses: 'Who says that nothing is needed',
  requiredToRefuse: 'required to refuse',
  refusedBy: {
    staff: 'The care team',
    person: 'The person said no',
    guardian: 'Their parent or guardian said no',
    agent: 'Their health care agent said no',
  },
  postponeUntil: 'Not now, show again on',
  tomorrowAtMost: 'tomorrow at the latest: see this person first',
  postpone: 'Postpone',
  approveToo: 'Approve this need',
  askAgain: 'Partners that had their turn may be asked once more',
  hadTurn: (partner: string) => `${partner} (had its turn)`,
  together: 'Record all of this at once',
  togetherHint: 'It records each part that you filled in, and nothing else.',
};

const permissionTexts = {
  whoSaidYes: 'Who said yes (the person is under age)',
  authorities: {
    parent: 'A parent',
    guardian: 'A guardian',
    agent: 'An agent',
    self: 'The person alone',
  },
  minorService: 'If alone: the service that the law lets them agree to',
  minorServiceHint: 'nothing of it is written to the chart, where a parent may read it',
  minorSituation: 'Because',
  minorSituations: {
    any: 'every minor may',
    'lives-apart': 'they live apart from their parents and manage their own money',
    'married-or-parent': 'they were married or have a child',
  },
  agreedOn: 'Said yes on',
  mustBy: 'Is there a date by which this must happen?',
  mustByHint: 'optional',
  whoAsked: 'Who asked',
  interpreted: 'Who interpreted',
  interpreters: {
    none: 'Nobody',
    professional: 'An interpreter',
    staff: 'Somebody on staff',
    other: 'Someone else',
  },
  recordAgreement: 'Record agreement',
  agreementTakenBack: 'Agreement was taken back',
  signedOn: 'Signed on',
  until: 'Good to',
  optional: 'optional',
  wordsOnForm: 'Words on the form',
  wordsOptional: 'optional; kept and shown, they limit nothing',
  required: 'required',
  recordConsent: 'Record consent',
  consentTakenBack: 'Consent was taken back',
  forThisNeed:
    'This takes the consent back for this need. If the person takes it back for all needs, tick “Everything for this person”: it also shuts needs that come later, until the person signs again.',
};

const codeTexts = {
  service: 'Service',
  chooseService: 'Choose service',
  otherFinding: (finding: string) => `Another finding instead of “${finding}”`,
  staysUnconfirmed: 'it stays unconfirmed',
  asSuggested: (finding: string) => `As it was suggested: ${finding}`,
  chooseCode: 'Choose this code',
};
