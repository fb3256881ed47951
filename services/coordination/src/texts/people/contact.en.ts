import { systemClock } from '@loopwell/kit';
import type { ContactChannel, ContactRule, NoKind, TryOutcome } from '@loopwell/sdoh';

const kinds: Readonly<Record<NoKind, string>> = {
  'not-now': 'Not now',
  'not-this-help': 'Not this help',
  'not-this-place': 'Not this place',
  'dont-ask-again': 'Do not ask again',
};

const sayers = { person: 'The person', guardian: 'Their guardian', agent: 'Their agent' } as const;

const outcomes: Readonly<Record<TryOutcome, string>> = {
  spoke: 'We spoke',
  'no-answer': 'No answer',
  'left-message': 'Left a message',
  'someone-else': 'Someone else answered',
  'wrong-number': 'Wrong number',
  'not-made': 'I did not call',
};

const channels: Readonly<Record<ContactChannel, string>> = {
  call: 'Call',
  text: 'Text',
  email: 'E-mail',
  letter: 'Letter',
  relay: 'Relay',
  inPerson: 'Meet them',
  clinic: 'At the visit',
};

/** Why nobody contacts someone now. The mark *See first* says nothing of its reason. */
const rules: Readonly<Record<ContactRule, string>> = {
  deceased: 'The chart says that this person has died. Do not contact them.',
  inactive: 'The chart is not in use, or cannot be read. Do not contact them.',
  merged: 'The chart was merged with another one. Do not contact them from here.',
  changed: 'Their number or address changed in the chart. Ask at the next visit how to reach them.',
  'see-in-person': 'Do not contact them. See them alone at the next visit.',
  'said-no': 'They said no. Wait for the next visit, and for them to bring it up.',
  'way-not-chosen': 'They did not choose this way. Look at how to reach them.',
  'not-asked-how': 'Nobody has asked how to reach them. Ask at the next visit.',
  'no-tries-left': 'No tries are left. Wait for the next visit.',
};

/** The words for what is wrong with a field, by field and rule. */
const problems: Readonly<Record<string, string>> = {
  kind: 'Choose what they said no to.',
  category: 'Choose the help that they do not want.',
  partner: 'Choose the place for "Not this place", and leave it empty otherwise.',
  until: 'Enter a later day for "Not now", and leave it empty otherwise.',
  saidOn: 'Enter the day on which they said it.',
  'saidOn future': 'This day is in the future.',
  saidTo: 'Enter one name of at most 120 letters.',
  note: 'Enter at most 2,000 letters.',
  on: 'Enter the day on which they brought it up.',
  'on future': 'This day is in the future.',
  'on before-said': 'This day is before they said no.',
  saidWhy: 'Say whether they were told why you called.',
};

/** Writes a day of the site as `Nov 8`, with its year where that is another one. */
function dayWords(day: string, now: () => Date): string {
  const at = new Date(`${day}T12:00:00Z`);
  const isThisYear = at.getUTCFullYear() === now().getUTCFullYear();
  const parts: Intl.DateTimeFormatOptions = { month: 'short', day: 'numeric', timeZone: 'UTC' };
  if (!isThisYear) parts.year = 'numeric';
  return new Intl.DateTimeFormat('en-US', parts).format(at);
}

/** Writes a no that is on record in one sentence. */
function noSentence(day: string, kind: NoKind, about: string | undefined, to: string): string {
  const help = about === undefined ? '' : ` (${about})`;
  return `Said no on ${day} to ${to}: ${kinds[kind]}${help}.`;
}

/** Writes a try in two sentences: how they were contacted, and how it ended. */
function trySentences(day: string, channel: ContactChannel, outcome: TryOutcome | null): string {
  const end = outcome === null ? 'Not finished' : outcomes[outcome];
  return `${day}: ${channels[channel]}. ${end}.`;
}

/** Writes how many tries are left. */
function triesLeft(tries: number): string {
  return tries === 1 ? '1 try is left.' : `${tries} tries are left.`;
}

/** The words of the nos that are on record. */
const noTexts = (now: () => Date) => ({
  title: 'What they said no to',
  none: 'They have not said no to anything.',
  said: (kind: NoKind, about: string | undefined, on: string, to: string) =>
    noSentence(dayWords(on, now), kind, about, to),
  until: (until: string) => `Until ${dayWords(until, now)}.`,
  everything: 'every help',
  partnerSaid: (name: string) => `${name}, a partner`,
  broughtUpOn: 'They brought it up on',
  broughtUpHint: 'needed for a yes to what they said no to',
  bringUp: 'They brought it up',
});

/** The words of what they said no to, on the form that records it. */
const noFieldTexts = {
  recordTitle: 'Record a no',
  recordHint: 'It counts for every visit, form and partner until they bring it up again.',
  kind: 'What they said',
  kinds,
  category: 'Help',
  everyHelp: 'Every help',
  partner: 'Place',
  noPlace: 'No place in particular',
};

/** The words of who said the no, when and to whom, on the same form. */
const sayerFieldTexts = {
  untilField: 'Not before',
  saidOn: 'Said on',
  todayIfEmpty: 'today if you leave it empty',
  theySaidNo: 'They said no',
  saidBy: 'Said by',
  sayers,
  saidTo: 'Said to',
  note: 'Note',
  noteHint: 'care team only',
  record: 'Record the no',
};

/** The words that say whether they may be contacted, and how. */
const triesLeftTexts = (now: () => Date) => ({
  triesTitle: 'Tries to reach them',
  left: triesLeft,
  from: (until: string) => `From ${dayWords(until, now)} on they may be asked again.`,
  onlyClinic: 'Name only the clinic. Say nothing of why.',
  notThose: 'Do not bring up what they said no to.',
  noMessage: 'Do not leave a message.',
  channels,
});

/** The words of the form that records a try, and of the tries on record. */
const tryTexts = (now: () => Date) => ({
  start: 'I am calling now',
  showWhyFirst: 'See first. Press “Show why” before you contact them.',
  how: 'How did it end?',
  saidWhy: 'Someone else answered: did you say why you called?',
  saidWhyChoices: { no: 'No', yes: 'Yes', none: 'Nobody else answered' },
  outcomes,
  tried: (on: string, channel: ContactChannel, outcome: TryOutcome | null) =>
    trySentences(dayWords(on, now), channel, outcome),
});

/** The words for what came of a form. */
const outcomeTexts = {
  rules,
  problems,
  wrong: 'Nothing was recorded. Look at the field that is marked.',
  done: 'It was recorded.',
  same: 'This no stood already.',
  back: 'Back to the person',
};

/** The words of the list of incidents. */
const incidents = {
  title: 'Calls that went wrong',
  intro:
    'Somebody else was told why we called, or a message was left that was not allowed. See the person first, and tell your lead.',
  none: 'There are none.',
  caption: 'The latest 200, newest first.',
  person: 'Person',
  day: 'Day',
  how: 'How',
  what: 'What happened',
  saidWhy: 'They were told why we called.',
  notAllowed: 'The person had not allowed it.',
  by: 'Recorded by',
};

/** The words of the list of keep-outs that nobody has resolved. */
const keepOuts = {
  title: 'Places to keep out: whom do they mean?',
  intro:
    'These people asked us to keep a place or a person out, and no partner has that name. Nothing goes out for them until somebody says which partners are meant.',
  none: 'There are none.',
  caption: 'The oldest 200, oldest first.',
  person: 'Person',
  since: 'Asked',
  by: 'Asked by',
  next: 'Next',
  resolve: 'Say which partners are meant',
};

/** Makes the English texts about a person's nos and the tries to reach them. */
export const contactTexts = (now: () => Date = systemClock.now) => ({
  ...noTexts(now),
  ...noFieldTexts,
  ...sayerFieldTexts,
  ...triesLeftTexts(now),
  ...tryTexts(now),
  ...outcomeTexts,
  incidents,
  keepOuts,
  dayWords: (day: string) => dayWords(day, now),
});
