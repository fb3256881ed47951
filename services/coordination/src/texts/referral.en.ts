import type { Formats } from '@loopwell/http';
import type { AnswerSoFar } from '@loopwell/sdoh';

/** Makes the English texts of the page of one referral. */
export const referralTexts = (formats: Formats) => ({
  title: 'Referral',
  back: 'Back to the list',
  toDecision: 'Go to the decision',
  facts: { ...factTexts, ...factDetails(formats) },
  ...evidenceTexts,
  confidential: confidentialTexts,
  others: otherTexts,
  answers: answerTexts,
  screenings: { title: 'Screening alerts', none: 'None.', outcomes: screeningOutcomes },
  written: writtenTexts,
  refusedWrites: { title: 'The EHR refused', noReason: 'no reason given' },
  alteredWrites: alteredTexts,
  tasks: 'Tasks',
  decisions: decisionTexts,
  decide: decideTexts,
  takeBack: { title: 'Take back', intro: takeBackIntro },
  openAgain: {
    title: 'Open again',
    button: 'Open again',
    broughtUpOn: 'They brought it up on',
    broughtUpHint: 'only where the person had said no',
  },
});

const confidentialTexts = {
  term: 'A confidential service',
  callTogether: (numbers: string) =>
    `It gives this help: ${numbers}. Give the person the number, or call together with them. ` +
    'Nothing is sent to it, and its name is written nowhere. Close this by hand when they say so.',
};

/** What is written to the chart, in the words of whoever reads it there. */
const writtenTexts: Readonly<Record<string, string>> = {
  Condition: 'A finding',
  Observation: 'An answer',
  Goal: 'A goal',
  ServiceRequest: 'The order',
  Task: 'The referral',
  Procedure: 'What the partner did',
  Consent: 'The consent',
  other: 'An entry',
};

const factTexts = {
  person: 'Person',
  samePerson: 'Same person',
  need: 'Need',
  mayGoTo: 'May go to',
  record: "The person's record",
  answered: 'Answered',
  now: 'Now',
  standsStill: 'Stopped',
  withoutHelp: 'Still without help',
  postponed: 'Postponed',
  approval: 'Approval',
  agreement: 'Agreement',
  consent: 'Consent',
  service: 'Service',
};

const factDetails = (formats: Formats) => ({
  recordOf: (connection: string) => `Another record, at ${connection}`,
  linkProblem: (code: string) =>
    `The chart does not say clearly which record replaces this one (${code}). Nothing was joined.`,
  restricted: 'Restricted',
  only: (partner: string) => `${partner} only`,
  until: (day: string) => `until ${formats.shortDay(day)}`,
  ...waitingDetails(formats),
  ...permissionDetails(formats),
  noService: 'none yet',
  usualService: 'the usual one for this need',
});

const waitingDetails = ({ instant }: Formats) => ({
  partnerSaid: (quoted: string) => ` The partner said: “${quoted}”.`,
  since: (code: string, at: Date) => `${code}, since ${instant(at)}`,
  waitingSince: (at: Date) => ` It has waited for a reviewer since ${instant(at)}.`,
  overdue: 'Overdue: the operators have been told.',
  decideBy: (at: Date) => `The operators are told if no one decides by ${instant(at)}.`,
});

const permissionDetails = ({ instant, shortDay }: Formats) => ({
  approvedBy: (approval: string, who: string, at: Date | null) =>
    `${approval} by ${who}, ${instant(at)}`,
  notDecided: 'not decided',
  takenBack: 'taken back',
  agreedAskedBy: (day: string, who: string) => `said yes on ${shortDay(day)}, asked by ${who}`,
  agreedInChart: (day: string) => `said yes on ${shortDay(day)}, as the chart says`,
  noAgreement: 'none recorded here; the EHR may bring one',
});

const evidenceTexts = {
  why: 'Why',
  codes: 'For IT: codes and rules',
  answer: 'Answer',
  rule: 'rule',
  inVersion: (version: string) => `in version ${version}`,
  of: 'of',
};

const otherTexts = {
  title: 'Other referrals',
  none: 'None.',
  answered: (day: string, now: string) => `, answered ${day}: ${now}`,
};

const meanings: Readonly<Record<AnswerSoFar['meaning'], string>> = {
  need: 'possible need',
  none: 'no need',
  declined: 'did not want to answer',
  unread: 'could not be read',
  other: '',
};

const answerTexts = {
  title: 'Answers so far',
  none: 'None on record.',
  caption: 'Latest first, as the current tables read them.',
  answered: 'Answered',
  question: 'Question and answer',
  restricted: 'Restricted',
  means: 'Means',
  instrument: 'Instrument',
  meanings,
};

/** The result of a screening, beside the points that a person has to review. */
const screeningOutcomes: Readonly<Record<string, string>> = {
  coded: 'something was suggested from it',
  nothingToCode: 'nothing was suggested from it',
  needsPerson: 'nothing was suggested from it',
  quarantined: 'it could not be read',
  inProgress: 'it is not completed yet',
};

const alteredTexts = {
  title: 'The EHR stores something else',
  takenBack: 'it said something that no one had said. It was marked as entered in error there.',
  byHand: 'correct it in the chart, or have it removed there.',
  element: 'Element',
  sent: 'Sent',
  inChart: 'In the chart',
  nothing: 'nothing',
};

const decisionTexts = {
  title: 'Decision history',
  none: 'No decisions yet.',
  by: (decision: string, who: string) => `${decision}, by ${who}`,
  reason: (reason: string) => `. Reason: ${reason}`,
};

/** Explains a restricting label on the answers to the person who decides. */
const restriction: Readonly<Record<'one-recipient' | 'named-consent', string>> = {
  'one-recipient':
    'The clinic marked these answers as restricted. Nothing goes out unless you approve this ' +
    'referral on its own page and choose the one partner that may receive it. The partner reads ' +
    'what help is asked for, not the finding, and nothing is written into the chart.',
  'named-consent':
    'These answers are marked as substance use treatment information (ETH or 42 CFR Part 2). They ' +
    'may leave only under a consent that names the partner, and such a consent cannot be recorded ' +
    'here yet. The referral stays here. You can refuse or postpone it.',
};

const decideTexts = {
  title: 'Decide',
  need: 'The need',
  agreement: "The person's agreement",
  consent: 'Consent to share',
  service: 'Service',
  restriction,
};

const takeBackIntro =
  'This referral has ended. If the person now takes their consent or agreement back, the partner ' +
  'can no longer read the order.';
