import type { AppError } from '@loopwell/kit';
import { type AnswerSoFar, conditionCodesOf } from '@loopwell/sdoh';
import type { ListedState } from '@loopwell/store';
import type { WorklistView } from './ask.ts';
import { serviceChoices } from './changes.ts';

/** Plain words for what a reviewer is asked. */
export const gateWords: Readonly<Record<WorklistView, { short: string; asks: string }>> = {
  review: {
    short: 'Suggestions',
    asks: 'Is this a need that somebody should help with? Approving lets the referral go on; the Condition stays unconfirmed until a clinician confirms it.',
  },
  withoutHelp: {
    short: 'Nobody could help',
    asks: 'No partner could help with these. They belong to the reviewers: each waits here until one of you has the next partner asked or closes it, with a reason, or a new partner for the need is in the directory. When nobody has decided by the time that a row names, the operators are told.',
  },
  agreement: {
    short: 'Agreement',
    asks: 'Did the person say yes to this help? A consent to share data is not that.',
  },
  consent: {
    short: 'Consent',
    asks: 'Nothing that Loopwell can read permits sharing with a partner. Open a referral to see why; record a consent that was signed elsewhere.',
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
  'next-asked': 'The next partner will be asked',
  'closed-without-help': 'Closed without help',
} as const;

/** A category in plain words: "transportation-insecurity" is "Transportation insecurity". */
export const needWords = (category: string): string =>
  `${category.charAt(0).toUpperCase()}${category.slice(1)}`.replaceAll('-', ' ');

const waits: Readonly<Record<string, string>> = {
  review: 'for a yes or no',
  withoutHelp: 'for a person: nobody could help',
  agreement: "for the person's own yes",
  consent: 'for a consent to share',
  noServiceCode: 'for a service to be chosen',
  noPartner: 'for a partner that serves it',
  hold: 'for an operator: sending is on hold',
  send: 'for sending to be switched on',
};

const states: Readonly<Record<string, string>> = {
  partner: 'with a partner',
  closed: 'closed: a partner has helped',
  failed: 'closed without help',
  withdrawn: 'ended before it went to a partner',
  recalled: 'withdrawn after it had been with a partner',
};

/** Where a referral stands, in plain words. */
export function nowWords({
  state,
  gate,
  sent,
}: {
  state: string;
  gate: string | null;
  sent: boolean;
}): string {
  if (state === 'waiting') return `waits ${waits[gate ?? 'review'] ?? gate ?? ''}`;
  return states[state === 'withdrawn' && sent ? 'recalled' : state] ?? state;
}

/** What a reviewer has to know of the person's record before deciding; undefined where there is nothing. */
export function recordWords({
  standing,
  age,
}: {
  standing: string;
  age: string;
}): string | undefined {
  if (standing === 'unclear')
    return 'It cannot be read whether this person is alive and whether this record is in use. Nothing goes out until the chart says so.';
  if (age === 'minor') return 'Under age: decide whom to ask. No policy approves this.';
  return age === 'unknown'
    ? 'The chart does not tell the age, so this may be a child: decide whom to ask. No policy approves this.'
    : undefined;
}

/** The same in a few words, for a row of a list. */
export function recordNote({
  standing,
  age,
}: {
  standing: string;
  age: string;
}): string | undefined {
  if (standing === 'unclear')
    return 'Record unclear: nothing goes out until the chart says that the person is alive and the record is in use';
  if (age === 'minor') return 'Under age: decide whom to ask';
  return age === 'unknown' ? 'Age not known, may be a child: decide whom to ask' : undefined;
}

/** Why work on a referral stands still: a recall that cannot be proved, a partner that cannot be reached. */
export const troubleWords = ({
  stage,
  code,
  waitsFor,
}: {
  stage: string;
  code: string;
  waitsFor: string;
}): string => {
  const who = waitsFor === 'operator' ? 'an operator has to look at it' : 'it is tried again';
  if (code === 'RECORD_UNCLEAR')
    return 'It cannot be read whether the person is alive and whether this record is in use. The partner reads nothing until the chart says so';
  if (code === 'OUTCOME_UNKNOWN') return `It is not known whether the partner still has it; ${who}`;
  return stage === 'track'
    ? `The partner could not be asked, or its answer could not be used; ${who}`
    : `A step could not be done; ${who}`;
};

/** What can be listed beside what waits for a reviewer. */
export const listWords: Readonly<Record<ListedState, { short: string; asks: string }>> = {
  noPartner: {
    short: 'No partner',
    asks: 'No partner in the directory serves these needs. Whoever keeps the directory can add one.',
  },
  hold: { short: 'Held', asks: 'Sending is on hold. An operator releases it.' },
  send: { short: 'Not switched on', asks: 'Sending is not switched on here.' },
  partner: {
    short: 'With a partner',
    asks: 'It is the turn of a partner, longest unchanged first.',
  },
  closed: { short: 'Helped', asks: 'Closed: a partner has helped. Latest first.' },
  failed: {
    short: 'Closed without help',
    asks: 'Nobody could help, and a person closed it with a reason. Latest first.',
  },
  refused: {
    short: 'Refused',
    asks: 'A reviewer refused the need. Latest first. They count as withdrawn, too.',
  },
  withdrawn: {
    short: 'Withdrawn',
    asks: 'Refused, the agreement or the consent was taken back, or the person has died or their record is not in use any more. Latest first.',
  },
  all: {
    short: 'All of one person',
    asks: 'Every referral of this person, whatever has become of it. Latest first.',
  },
};

/** What became of a screening, beside what it asks somebody to look at. */
export const screeningWords: Readonly<Record<string, string>> = {
  coded: 'something was suggested from it',
  nothingToCode: 'nothing was suggested from it',
  needsPerson: 'nothing was suggested from it',
  quarantined: 'it could not be read',
  inProgress: 'it is not completed yet',
};

/** Who decided, in plain words: policies and systems have names of their own. */
export function whoWords(principal: string | null): string {
  if (principal === 'policy:unambiguous') return 'Loopwell, because the answer was clear';
  if (principal === 'policy:confirmed-in-ehr')
    return 'Loopwell, because it is confirmed in the chart';
  return (principal ?? '').replace(/^person:/, '').replace(/^system:.*/, 'Loopwell');
}

const decided: Readonly<Record<string, string>> = {
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
};

/** What was decided, with the day or the code that belongs to it. */
export function decisionWords(
  { decision, facts }: { decision: string; facts: string | null },
  category: string,
): string {
  const { until, agreedOn, code, serviceCode } = JSON.parse(facts ?? '{}') as Readonly<
    Record<string, string | undefined>
  >;
  const finding =
    conditionCodesOf(category).find((one) => one.code === code)?.display ??
    (code === undefined ? undefined : 'as suggested');
  const service = serviceChoices(category).find((one) => one.code === serviceCode)?.display;
  const more = [
    until === undefined ? undefined : `until ${until}`,
    agreedOn,
    finding,
    service,
  ].filter((one) => one !== undefined);
  return [decided[decision] ?? decision, ...more].join(': ');
}

/** What a restricting label on the answers means for whoever decides. */
export const restrictionWords: Readonly<Record<'one-recipient' | 'named-consent', string>> = {
  'one-recipient':
    'The clinic marked these answers as restricted. Nothing goes out unless you approve this referral by itself and choose the one partner that may get it. The partner reads what help is asked for, not the finding, and nothing is written into the chart.',
  'named-consent':
    'These answers are marked as substance use treatment information (ETH or 42 CFR Part 2). They may leave only under a consent that names the partner, and such a consent cannot be recorded here yet. The referral stays here; you can refuse or postpone it.',
};

/** What is missing in a form, by the field that is. */
const missing: Readonly<Record<string, string>> = {
  reason: 'Give a reason in one line of at most 500 characters; it is kept with the decision.',
  until: 'Choose the day on which it should be shown again.',
  agreedOn: 'Say on which day the person said yes.',
  askedBy: 'Say who asked the person.',
  dateTime: 'Say on which day the consent was signed.',
  scope: 'Write down the words on the form.',
  serviceCode: 'Choose a service.',
  code: 'Choose a finding.',
  recipient: 'Choose the partner that it may go to.',
};

/** Why a decision could not be made, in a sentence for the page. */
export function problemWords(error: AppError): string {
  const field = typeof error.facts.field === 'string' ? error.facts.field : '';
  const isIncomplete = error.code === 'REQUEST_INVALID' && error.facts.referral === undefined;
  return (isIncomplete ? missing[field] : undefined) ?? `${error.message}.`.replace(/\.\.$/, '.');
}
