/** The words for what is wrong with a field, by field and rule. */
const problems: Readonly<Record<string, string>> = {
  why: 'Choose why it ends.',
  on: 'Enter the day.',
  'on future': 'This day is in the future.',
  note: 'Enter at most 500 letters.',
  partner: 'Choose a partner.',
  'partner not-this-place': 'The person does not want this place.',
  'partner had-turn': 'This partner has the referral, or has had its turn.',
  recipient: 'This partner cannot be chosen.',
  partners: 'Choose one to three places, each once.',
  'partners unknown-place': 'A place is not in the directory any more.',
  'partners kept-out': 'The person asked to keep one of these places out of everything.',
  'partners not-this-place': 'The person does not want one of these places.',
  'partners at-partner': 'A partner has this referral.',
  'partners said-no': 'The person said no to this help.',
  'partners no-list': 'They have no list of places.',
};

/** Why somebody ends a referral by hand. */
const reasons = {
  'helped-elsewhere': 'Helped elsewhere',
  'no-longer-wanted': 'No longer wanted: this is a no',
  'not-reached': 'Not reached',
  moved: 'Moved away',
  died: 'Died: everything outgoing for this person stops',
} as const;

/** The words of the list of places that a person is given. */
const listTexts = {
  listTitle: 'Give the list',
  listHint: 'Up to three places, on paper or read aloud. Nothing is sent to them.',
  place: (n: number) => `Place ${n}`,
  noMore: 'no other place',
  printed: 'Print the list',
  readAloud: 'I read it aloud',
  listGiven: (at: string) => `They have a list of places since ${at}. What became of it?`,
  showList: 'Show the list',
  saidOn: 'They said it on',
  said: {
    helped: 'They were helped',
    'not-helped': 'It did not help',
    'no-longer-wanted': 'They no longer want this help',
  },
  listPage: {
    title: 'Places that can help',
    back: 'Back to the referral',
    hint: 'Print this page with your browser.',
    none: 'No list was given, or the person has said what became of it.',
  },
};

/** The English texts of what somebody does to a referral by hand. */
export const byHandTexts = {
  title: 'By hand',
  done: 'It was recorded.',
  wrong: 'Nothing was recorded.',
  partner: 'Partner',
  partnerHint: 'a referral that another partner has comes back from there first',
  choosePartner: 'Choose this partner',
  underWayTitle: 'The same need is under way already',
  underWay: {
    waiting: 'It was approved and waits.',
    partner: 'A partner has it.',
    closed: 'A partner says that it helped meanwhile.',
  },
  underWayAt: (partner: string, day: string) => `${partner} has it since ${day}.`,
  underWayLink: 'Show it',
  underWayHint: 'This one goes out by itself where the other ends without help.',
  sendAnyway: 'Send anyway',
  noPartner: 'No partner of the directory serves this need.',
  closeTitle: 'Close',
  closeHint: 'A referral that a partner has comes back. The partner reads nothing more.',
  why: 'Why it ends',
  reasons,
  on: 'Since',
  note: 'Note',
  careTeamOnly: 'care team only',
  close: 'Close this referral',
  problems,
  ...listTexts,
};
