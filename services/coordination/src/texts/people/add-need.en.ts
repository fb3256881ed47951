/** The help that no category of the guide names. */
const services: Readonly<Record<string, string>> = {
  'free-screening': 'Free screening',
  'telehealth-help': 'Help with telehealth',
  class: 'A class',
  'help-with-bills': 'Help with bills',
};

/** The words for what is wrong with a field, by field and rule. */
const problems: Readonly<Record<string, string>> = {
  need: 'Choose the need.',
  'need already-open': 'There is an open referral for this need.',
  saidBy: 'Choose who said it.',
  saidOn: 'Enter the day on which it was said.',
  'saidOn future': 'This day is in the future.',
  mustBy: 'This date has passed, or is no day of the calendar.',
  words: 'Enter at most 500 letters.',
};

const rules: Readonly<Record<string, string>> = {
  'who required': 'Nobody is named.',
  'unknown-person': 'Nobody of this EHR has this MRN or id.',
  'several-people': 'More than one person has this number.',
  'unknown-need': 'This need is not in the catalog.',
  'by date': 'The date is no day of the calendar.',
  'by past': 'The date has passed.',
  'by too-far': 'The date is more than two years ahead.',
  head: 'The first line has to be: who,what,by',
  empty: 'The list has no rows.',
  'at-most-1000-rows': 'The list has more than 1,000 rows.',
};

const dueListTexts = {
  title: 'Due list',
  intro:
    'Paste a list with the first line “who,what,by”: an MRN or the id of the Patient, a need of the catalog, and the date. A need is opened for each row, and waits for your decision as any other. Loopwell does not decide who is due.',
  connection: 'EHR',
  noConnection: 'Choose the EHR that the people are in.',
  list: 'List',
  record: 'Open these needs',
  codes: 'The needs of the catalog',
  done: (opened: number, already: number) =>
    `${opened} opened. ${already} had an open referral already.`,
  wrong: 'Nothing was recorded. Correct these rows and send the whole list again.',
  problem: (row: string, says: string) => (row === '0' ? says : `Row ${row}: ${says}`),
  rules,
};

/** The English texts of needs that somebody adds without a form. */
export const addNeedTexts = {
  title: 'Add a need',
  open: 'Add a need that no form asked about',
  notices: {
    done: 'The need was added. It waits for a decision.',
    wrong: 'Nothing was recorded. Look at the field that is marked.',
  },
  need: 'Need',
  saidBy: 'Who said it',
  sayers: {
    person: 'The person',
    guardian: 'Their guardian',
    agent: 'Their agent',
    clinician: "A clinician's order",
  },
  saidOn: 'Said on',
  words: 'In their words',
  careTeamOnly: 'care team only',
  add: 'Add this need',
  services,
  problems,
  sources: {
    person: 'the person',
    guardian: 'their guardian',
    agent: 'their agent',
    clinician: "a clinician's order",
    'due-list': 'due list',
  },
  by: (day: string) => `By ${day}.`,
  fact: 'Added by hand',
  dueList: dueListTexts,
};
