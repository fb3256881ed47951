import type { Formats } from '@loopwell/http';

/** Why nothing goes out, by the state of the chart. */
const standing = {
  active: '',
  deceased: 'The chart says that this person has died. Nothing goes out.',
  inactive: 'The chart is not in use, or cannot be read. Nothing goes out until someone looks.',
  merged: 'The chart was merged into another one. Nothing goes out.',
  changed:
    'A number or address in the chart has changed since they were asked. Nothing goes out: ask them again.',
};

/** Why they are asked again. */
const askAgain = {
  'never-asked': '',
  'answer-is-old': 'They said this more than 90 days ago: ask again.',
  'record-changed': 'Ask again: the chart has changed.',
};

/** The English texts of how a person wants to be reached. */
export const reachTexts = (formats: Formats) => ({
  title: 'How to reach me',
  ask: 'Ask how to reach them',
  change: 'Change it',
  nobodyAsked: 'Nobody has asked yet.',
  neverAsked:
    'Nobody has asked yet. You may call once. Say only the name of the clinic, and leave no message.',
  standing,
  askAgain,
  asked: (at: Date, by: string) => `Asked ${formats.instant(at)} by ${by}`,
  from: (at: Date) => `Ask again from ${formats.instant(at)}`,
  ...words,
  form,
});

/** What each part of the answer is called. */
const terms = {
  best: 'Best way',
  also: 'Also all right',
  phone: 'Phone',
  email: 'E-mail',
  letterTo: 'Letters go to',
  meet: 'Meet in person',
  hours: 'When to call',
  voicemail: 'Messages',
  mayBeSaid: 'What you may say',
  reading: 'Reading',
  interpreter: 'Interpreter',
  forPartners: 'Partners',
  keepOut: 'Keep out of this',
};

/** The ways to reach them. */
const ways = {
  call: 'Call',
  text: 'Text',
  email: 'E-mail',
  letter: 'Letter',
  relay: 'Video relay or TTY',
  inPerson: 'In person',
  clinic: 'Only when they are at the clinic',
};

/** The words of the places and people that are kept out. */
const keepOut = {
  none: 'Nobody was named.',
  means: (names: string) => `Never asked: ${names}`,
  nobody: 'No partner of ours',
  unresolved: 'Nothing goes out until you say which partners are meant.',
  question: 'Which partners are meant?',
  save: 'Save',
  noPartner: 'None of our partners',
};

/** The words of the interpreter they want. */
const interpreter = {
  woman: 'a woman',
  man: 'a man',
  notFromCommunity: 'not from their community',
  never: 'Never a child, and never the person who came along.',
};

/** What the person may have said, in words. */
const words = {
  terms,
  ways,
  owners: {
    self: 'their own phone',
    shared: 'a phone they share',
    other: 'someone else’s phone',
  },
  voicemail: { yes: 'You may leave a message', no: 'Leave no message' },
  sayings: {
    clinicOnly: 'Only the name of the clinic',
    aboutHelp: 'That it is about help they asked for',
  },
  reading: { reads: 'Reads', hears: 'Would rather hear than read' },
  partners: {
    yes: 'May have the number or e-mail address',
    no: 'Get the clinic’s number, not theirs',
  },
  interpreter,
  keepOut,
};

/** The questions of the form about the ways to reach them, in the words that staff ask. */
const wayQuestions = {
  best: 'What is the best way to reach you?',
  also: 'Is any other way all right?',
  choose: 'Choose',
  phone: 'What number?',
  phoneHint: 'one number; put “ext. 45” after it for an extension',
  phoneOwner: 'Whose phone is it?',
  email: 'E-mail address',
  letterTo: 'Where should letters go?',
  place: 'Where can we meet you?',
  day: 'On which day?',
  hours: 'When is a good time to call?',
};

/** The questions of the form about what may be said, and in which language. */
const talkQuestions = {
  voicemail: 'May we leave a message?',
  mayBeSaid: 'What may we say to whoever answers?',
  reading: 'Do you like to read, or would you rather hear?',
  language: 'Interpreter: which language, or ASL?',
  dialect: 'Which dialect?',
  gender: 'A woman or a man?',
  either: 'Either is fine',
  notFromCommunity: 'Not from my community',
};

/** The questions of the form about partners. */
const partnerQuestions = {
  forPartners: 'May a partner that helps have your number or e-mail address?',
  keepOut: 'Any place or person we should keep out of this?',
  keepOutHint: 'one on each line',
};

/** The form in which staff write it down. */
const form = {
  title: (name: string) => `How to reach ${name}`,
  askedAlone: 'Are they alone with you?',
  back: 'Back to the person',
  intro: 'Ask when they are alone with you. Write down what they say, not what the chart says.',
  ...wayQuestions,
  ...talkQuestions,
  ...partnerQuestions,
  again: (words: string) => `They took this back: ${words}`,
  yes: 'Yes',
  no: 'No',
  save: 'Save',
  wrong: 'Nothing was saved. Look at the fields that are marked.',
  stale:
    'Someone saved another answer while you were typing. Nothing of yours was saved yet. Compare, and save again.',
  saved: 'Saved.',
  proposal: 'In the chart (ask before you use it)',
};
