import type { Formats } from '@loopwell/http';
import type { ListedState, WorklistSort } from '@loopwell/store';
import type { WorklistView } from '../read/worklist-query.ts';

/**
 * Makes the English texts of the lists: the worklist, the other lists, and screenings that need
 * review.
 */
export const worklistTexts = (formats: Formats) => ({
  worklist: {
    title: 'Review',
    ...rowTexts(formats),
    gates: gateTexts,
    tabs: tabTexts(formats),
    filter: filterTexts(formats),
  },
  lists: {
    navigation: 'Other lists',
    worklist: 'Worklist',
    states: listTexts,
    whoDecided: 'The page of each referral says who decided and why.',
    onlyPerson: (name: string) => `Showing only ${name}.`,
    onePerson: 'one person',
    showEveryone: 'Show everyone',
    none: 'No referrals.',
    person: 'Person',
    need: 'Need',
    stands: 'Where it stands',
    changed: 'Changed',
    more: 'More',
  },
  find: {
    title: 'Find a person',
    patientId: 'Patient id in the chart',
    button: 'Find this person',
    notFound: 'No person with this Patient id has been read from an EHR.',
    several: 'More than one EHR has this Patient id:',
    back: 'Back to the list',
  },
  screenings: screeningTexts(formats),
  seeFirst: {
    mark: 'See first',
    decideEach: 'Decide each need of this person on its own page.',
  },
});

const rowTexts = (formats: Formats) => ({
  caption: (sort: WorklistSort) =>
    `People to see first are on top, then ${sorted[sort]}. Choose one or more referrals, then decide below.`,
  ...columnTexts,
  ...noteTexts(formats),
  ...leftOutTexts,
  forChosen: 'For the chosen referrals',
  none: 'No referrals are waiting here.',
  more: 'More',
});

const columnTexts = {
  choose: 'Choose',
  chooseRow: (need: string, name: string) => `Choose ${need} of ${name}`,
  person: 'Person',
  need: 'Need',
  because: 'Suggested because',
  answered: 'Answered',
};

const noteTexts = ({ instant }: Formats) => ({
  signedNo: 'The person signed a no: decide on the page of the referral',
  restricted: 'Restricted: approve it on its own page, for one partner',
  notClear: 'Not clear-cut: another answer speaks against it, or only a score suggests it',
  waitingSince: (since: Date) => `Waiting for your decision since ${instant(since)}.`,
  overdue: 'Overdue. The operators have been told.',
  decideBy: (at: Date) => `The operators are told after ${instant(at)}.`,
  returns: (day: string) => `Returns on ${day}`,
});

const leftOutTexts = {
  leftOut: 'Left out:',
  leftOutWhy: 'see these people first. Decide each of their needs on its own page.',
  needOf: (need: string, name: string) => `${need} of ${name}`,
  culprit: 'It is about this one:',
  culpritNote: 'Open it first. To record the others, leave it out.',
};

const sorted: Readonly<Record<WorklistSort, string>> = {
  urgency: 'the longest unchanged',
  person: 'sorted by person',
  need: 'sorted by need',
};

const tabTexts = ({ count }: Formats) => ({
  label: 'Awaiting review',
  counted: (name: string, n: number) => `${name} (${count(n)})`,
  needsReview: 'Needs review',
});

const filterTexts = ({ count }: Formats) => ({
  sortedBy: 'Sort by',
  sorts: { urgency: 'urgency', person: 'person', need: 'need' } satisfies Record<
    WorklistSort,
    string
  >,
  need: 'Need',
  all: 'all',
  needCount: (need: string, n: number) => `${need} (${count(n)})`,
  show: 'Show',
  onlyOne: 'Showing one person only.',
  allOfPerson: 'All referrals of this person',
  showEveryone: 'Show everyone',
});

/** The question to a reviewer at each gate. */
const gateTexts: Readonly<Record<WorklistView, { short: string; asks: string }>> = {
  review: {
    short: 'Suggestions',
    asks: 'Does this person need help with this? An approved referral goes on to the next step. The Condition stays unconfirmed until a clinician confirms it.',
  },
  withoutHelp: {
    short: 'Still without help',
    asks: 'No partner could help with these. Ask the next partner, or close the referral with a reason. A referral also goes on when a new partner for the need is in the directory. If no one decides by the time shown in its row, the operators are told.',
  },
  agreement: {
    short: 'Agreement',
    asks: 'Has the patient agreed to this referral? (Consent to share information is recorded separately.)',
  },
  consent: {
    short: 'Consent',
    asks: 'No consent on file permits sharing with a partner. Open a referral to see why, or record a consent that was signed elsewhere.',
  },
  noServiceCode: {
    short: 'Service',
    asks: 'This category has no service code of its own. Choose a general one that fits.',
  },
  saidNo: {
    short: 'Said no',
    asks: 'The person said no. Nobody calls or writes about it. It waits for the next visit, and goes on only when the person brings it up.',
  },
  postponed: {
    short: 'Postponed',
    asks: 'Postponed to a later day. Each referral returns on its day, or earlier if something about it changes.',
  },
};

/** The lists beside the worklist. */
const listTexts: Readonly<Record<ListedState, { short: string; asks: string }>> = {
  noPartner: {
    short: 'No partner',
    asks: 'No partner in the directory serves these needs. The people who keep the directory can add one.',
  },
  hold: { short: 'On hold', asks: 'Sending is on hold until an operator releases it.' },
  send: { short: 'Not switched on', asks: 'Sending is not switched on here.' },
  partner: {
    short: 'With a partner',
    asks: 'Waiting for a partner. The longest unchanged are first.',
  },
  closed: { short: 'Helped', asks: 'Closed: a partner has helped. Latest first.' },
  failed: {
    short: 'Closed without help',
    asks: 'No partner could help, and a person closed it with a reason. Latest first.',
  },
  refused: {
    short: 'Refused',
    asks: 'A reviewer refused the need. Latest first. These also count as withdrawn.',
  },
  withdrawn: {
    short: 'Withdrawn',
    asks: 'The need was refused, the agreement or consent was taken back, the person died, or their record is no longer in use. Latest first.',
  },
  all: {
    short: 'All referrals of one person',
    asks: 'Every referral of this person, whatever its state. Latest first.',
  },
};

const screeningTexts = (formats: Formats) => ({
  title: 'Needs review',
  recorded: 'Marked as reviewed.',
  intro:
    'Loopwell does not act on these answers: they contradict each other, or could not be read without doubt.',
  none: 'No screenings need review.',
  caption:
    'The longest waiting first. A reviewed screening leaves the list until something new is found in it.',
  ...screeningColumns,
  ...reviewedTexts(formats),
  ...originTexts,
});

const screeningColumns = {
  person: 'Person',
  screening: 'Screening',
  reason: 'Reason',
  done: 'Done',
  visit: (id: string) => `, Encounter/${id}`,
  noVisit: ', no Encounter',
  note: 'Note',
  optional: 'optional',
  markReviewed: 'Mark reviewed',
};

const reviewedTexts = ({ count, instant }: Formats) => ({
  markReviewedOf: (instrument: string, name: string) => `Mark reviewed: ${instrument} of ${name}`,
  noIssues: 'Nothing needs review.',
  reviewedBy: (who: string, at: string) => `Reviewed by ${who}, ${instant(at)}`,
  shownOf: (shown: number, all: number) =>
    `Showing the first ${count(shown)} of ${count(all)}. The next ones follow as these are reviewed.`,
});

const originTexts = {
  onFile: 'on file in the chart',
  suggested: 'suggested, unconfirmed',
  chosenInstead: (who: string, suggested: string) =>
    `chosen by ${who} instead of “${suggested}”, unconfirmed`,
  noEvidence: 'No evidence is on record for this Condition.',
};
