import type { Formats } from '@loopwell/http';
import type { WithoutHelp } from '@loopwell/sdoh';

/** Makes the English texts about where a referral stands: parts of one sentence after "Now". */
export const standingTexts = (formats: Formats) => ({
  waits,
  partnerWaits,
  states,
  status,
  ...outTexts(formats),
  ...endTexts(formats),
  reasons,
  otherReason: 'the agreement or consent that it rested on no longer stands',
  withoutHelp,
  record,
  trouble,
  policies,
});

const outTexts = ({ instant }: Formats) => ({
  updating: 'being updated. Look again in a moment',
  outAndUpdated: (out: string) => `${out}. Being updated, look again in a moment`,
  partnersOpen: (at: Date) =>
    `Waiting: the partners that serve this need take new requests again ${instant(at)}`,
  goesOut: (at: Date) => `Goes out after ${instant(at)}`,
  onItsWay: (partner: string) => `on its way to ${partner}; not yet known whether it arrived`,
  withPartner: (partner: string, since: Date, statusText: string) =>
    `with ${partner} since ${instant(since)}: ${statusText}`,
  answered: 'the partner has answered; the next step is being decided',
  had: (partner: string, from: Date, to: Date) =>
    `${partner} had it from ${instant(from)} to ${instant(to)}`,
});

const endTexts = (formats: Formats) => ({ ...closedTexts(formats), ...withdrawnTexts });

const closedTexts = ({ instant }: Formats) => ({
  closedBy: (who: string) => `closed without help by ${who}`,
  helped: (partner: string, at: Date) => `closed: ${partner} has helped, reported ${instant(at)}`,
  doneWithoutOutcome: (partner: string, at: Date) =>
    `closed: ${partner} reports it as done without showing what was done, reported ${instant(at)}`,
  tooLateToTakeBack: (helped: string) => `${helped}, before it could be taken back`,
});

const withdrawnTexts = {
  endedBefore: (why: string) => `ended before it went to a partner: ${why}`,
  endedWaiting: (why: string, had: string) => `ended while it waited: ${why}. Before that ${had}`,
  takenBack: (why: string, had: string) =>
    `taken back: ${why}. ${had}; what the partner had read by then cannot be taken back`,
  hadAs: (had: string, statusText: string) => `${had} (${statusText})`,
  refusedBy: (who: string) => `the need was refused by ${who}`,
  notWanted: 'the person no longer wants this help',
};

const states: Readonly<Record<string, string>> = {
  partner: 'with a partner',
  closed: 'closed: a partner has helped',
  failed: 'closed without help',
  withdrawn: 'ended before it went to a partner',
  recalled: 'withdrawn after it was with a partner',
};

const policies: Readonly<Record<string, string>> = {
  'policy:unambiguous': 'Loopwell (auto-approved: unambiguous answer)',
  'policy:confirmed-in-ehr': 'Loopwell (auto-approved: confirmed in the chart)',
};

const waits: Readonly<Record<string, string>> = {
  saidNo: 'Said no. Waiting for the next visit',
  review: 'Awaiting review',
  listGiven: 'They have a list of places. Ask at the next visit what became of it',
  withSibling: 'One referral for the family: it goes with that of a brother or sister',
  withoutHelp: 'Awaiting a decision: no partner could help',
  agreement: "Awaiting the person's agreement",
  consent: 'Awaiting a consent to share',
  noServiceCode: 'Awaiting a choice of service',
  noPartner: 'Awaiting a partner that serves this need',
  underWay: 'The same need is under way already. Somebody says whether it goes out anyway',
  hold: 'Awaiting an operator: sending is on hold',
  send: 'Waiting until sending is switched on',
};

const partnerWaits: Readonly<Record<string, string>> = {
  paused: 'Waiting: the partners that serve this need take nothing new for now',
  weekFull: 'Waiting: the partners that serve this need have their number for this week',
  full: 'Waiting: the partners that serve this need are full',
  noAgreement: 'Waiting: no agreement with a partner that serves this need is on file',
  agreementNotYet: 'Waiting: the agreement with the partner has not begun',
  agreementEnded: 'Waiting: the agreement with the partner has run out',
  confidential:
    'For you: only a confidential service gives this help. Nothing is sent. Give the person the ' +
    'number, or call together with them; then close it by hand when they say so',
};

const status: Readonly<Record<string, string>> = {
  requested: 'not accepted yet',
  received: 'seen, not accepted yet',
  accepted: 'accepted',
  'in-progress': 'in progress',
  'on-hold': 'accepted, and on hold there',
};

const reasons: Readonly<Record<string, string>> = {
  refused: 'the need was refused',
  'agreement-withdrawn': 'the order or goal in the chart that said yes no longer stands',
  'consent-revoked': 'the consent to share was taken back',
  'helped-elsewhere': 'the person was helped elsewhere',
  'no-longer-wanted': 'the person no longer wants this help',
  'not-reached': 'the person could not be reached',
  moved: 'the person has moved away',
  'person-died': 'the person has died',
  'person-merged': "the person's chart was merged into another one",
  'person-inactive': "the person's chart is no longer active",
};

const withoutHelp: Readonly<Record<WithoutHelp, string>> = {
  'all-declined': 'Every partner that serves this need declined or did not answer.',
  silent: 'No partner that serves this need answered.',
  'partner-failed': 'The partner accepted it, and then ended it without help.',
  'cancelled-by-partner': 'The partner canceled it.',
  'rejected-after-acceptance': 'The partner accepted it and then declined.',
  'handed-back': 'The partner said yes, and cannot help after all.',
  'handed-over': 'The partner says that somebody else could help.',
  'person-declined': 'The partner says that the person does not want this help.',
  'wrong-contact': 'The partner says that the contact for the person is wrong.',
  'unable-to-reach': 'The partner could not reach the person.',
  'did-not-come': 'The person did not come to the partner.',
  'given-up-by-operator': 'Sending it failed, and an operator stopped trying.',
  'outcome-doubted': 'The partner says that it is done, but everything it shows contradicts that.',
};

const isUnclear = 'It is not clear whether this person is alive and this record is in use.';
const noPolicy = 'No policy approves this automatically.';

/**
 * Points of the record that a reviewer has to know before deciding, for the page and for a row of a
 * list.
 */
const record = {
  unclear: {
    page: `${isUnclear} Nothing goes out until the chart says so.`,
    row: 'Record unclear: nothing goes out until the chart says that the person is alive and the record is in use',
  },
  minor: {
    page: `Under age: decide whom to ask. ${noPolicy}`,
    row: 'Under age: decide whom to ask',
  },
  ageUnknown: {
    page: `The chart does not tell the age, so this may be a child: decide whom to ask. ${noPolicy}`,
    row: 'Age not known, may be a child: decide whom to ask',
  },
};

/**
 * Reasons why work on a referral stands still, such as an unproved recall or a partner that cannot
 * be reached.
 */
const trouble = {
  recordUnclear: `${isUnclear} The partner reads nothing until the chart says so`,
  tellByHand:
    'The partner has to be told by hand, for example by phone, that it is not to help any more',
  outcomeUnknown: (next: string) => `It is not known whether the partner still has it; ${next}`,
  notAsked: (next: string) =>
    `The partner could not be asked, or its answer could not be used; ${next}`,
  notDone: (next: string) => `A step could not be done; ${next}`,
  byOperator: 'an operator has to look at it',
  again: 'it is tried again automatically',
};
