import type { Formats } from '@loopwell/http';
import type { ListedState } from '@loopwell/store';

/**
 * Makes the English texts of the lists: the worklist, the other lists, and screenings that need
 * review.
 */
export const worklistTexts = (formats: Formats) => ({
  worklist: {
    ...leftOutTexts,
    ...noteTexts,
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

const noteTexts = {
  overdue: 'overdue, the operators have been told',
};

const leftOutTexts = {
  leftOut: 'Left out:',
  leftOutWhy: 'see these people first. Decide each of their needs on its own page.',
  needOf: (need: string, name: string) => `${need} of ${name}`,
  culprit: 'It is about this one:',
  culpritNote: 'Open it first. To record the others, leave it out.',
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
