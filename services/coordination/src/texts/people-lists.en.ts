import type { Formats } from '@loopwell/http';
import type { PartnerStanding } from '@loopwell/sdoh';
import type { PeopleList } from '@loopwell/store';
import type { AloneReason } from '../read/list-rows.ts';
import type { ListAction } from '../read/people-lists.ts';
import { reasonPhrase } from './reasons.en.ts';

/** Makes the English texts of the lists of people, of the search and of the partners' page. */
export const peopleListTexts = (formats: Formats) => ({
  peopleLists: {
    titles: listTitles,
    asks: listAsks,
    ...rowTexts(formats),
    ...barTexts(formats),
    ...chooseTexts(formats),
    back: 'Back to the list',
    beside: 'Person',
    openPage: 'Open the page of this person',
  },
  search: searchTexts(formats),
  partnerList: {
    title: 'Partners',
    intro: 'The places in the directory, and how many people each has now.',
    partner: 'Partner',
    people: 'People there now',
    late: 'No answer in time',
    longest: 'Longest there since',
    left: 'No longer in the directory',
    manyWrong: 'Many wrong codes at their door',
    none: 'No partners are in the directory.',
  },
});

const listTitles: Readonly<Record<PeopleList, string>> = {
  decide: 'Decide',
  ask: 'Ask them',
  signature: 'Get a signature',
  service: 'Pick a service',
  later: 'Later',
  waiting: 'Waiting for partner',
  withoutHelp: 'Still without help',
  helped: 'Helped',
};

const listAsks: Readonly<Record<PeopleList, string>> = {
  decide: 'Is this a need somebody should help with?',
  ask: 'Do they want help with this?',
  signature: 'Nothing may be shared before they sign.',
  service: 'Which kind of help fits?',
  later:
    'Put off to a later day, or they said no. Each comes back on its day, or when they bring it up.',
  waiting: 'Sent, or about to be sent.',
  withoutHelp: 'No partner could help so far.',
  helped: 'A partner says that it helped.',
};

const aloneTexts: Readonly<Record<AloneReason, string>> = {
  seeFirst: 'Open to decide',
  signedNo: 'signed a no',
  restricted: 'Open to decide',
  disagree: 'Answers disagree',
  old: 'ask again first',
};

/** The texts of a row: the person, their reasons and their days. */
const rowTexts = (formats: Formats) => ({
  ...personTexts,
  ...dayTexts(formats),
  ...reasonTexts,
  ...dueTexts,
  ...listTexts(formats),
  standing: standingWords({ instantDay: (at) => formats.day(at.toISOString()) }),
});

const personTexts = {
  choose: 'Choose',
  chooseOne: (name: string) => `Choose ${name}`,
  person: 'Person',
  needs: 'Needs',
  waits: 'Waits',
  seeFirst: 'See first',
  noName: 'No name on file',
  about: aboutLine,
  languageOf: languageName,
};

const dayTexts = ({ count, plural }: Formats) => ({
  days: (n: number) => `${count(n)} ${plural(n, 'day', 'days')}`,
  day: shortDay,
});

const reasonTexts = {
  reason: (question: string, answer: string) => reasonPhrase(question, answer),
  reasonOn: (phrase: string, day: string) => (day === '' ? phrase : `${phrase} (${day})`),
  alone: aloneTexts,
};

const dueTexts = {
  askAgain: (day: string) => `${day}: ask again first`,
  by: (day: string) => `By ${day}`,
  until: (day: string) => `Back on ${day}`,
  signedNo: (day: string | undefined) =>
    day === undefined ? 'signed a no' : `signed a no on ${day}`,
  saidNo: (day: string | undefined) => (day === undefined ? 'said no' : `said no on ${day}`),
};

const listTexts = ({ count }: Formats) => ({
  none: 'Nobody is on this list.',
  more: 'More people',
  all: 'All needs',
  need: (name: string, n: number) => `${name} ${count(n)}`,
  filter: 'Needs on this list',
  mine: 'Mine',
  order: 'See first, then the oldest answer',
  quiet: (n: number) => `Quiet partners ${count(n)}`,
  quietOwner: (owner: string | undefined) =>
    'These partners have not answered and half of their time is over, or they said yes and ' +
    'nothing since. Whoever looks after the person calls the partner' +
    (owner === undefined ? '.' : `; where nobody does, ${owner}.`),
});

/** The steps of a referral at its partner. */
const stepWords: Readonly<Record<PartnerStanding['step'], string>> = {
  answered: 'answered, can still be undone',
  unsure: 'sent, not known whether it arrived',
  sent: 'sent',
  seen: 'seen',
  yes: 'said yes',
  helping: 'being helped',
  paused: 'paused',
  tried: 'they tried to reach them',
  helped: 'helped',
};

/** Says how a referral stands at its partner: "seen Nov 21 · late, answer due Nov 24". */
const standingWords =
  ({ instantDay }: { instantDay: (at: Date) => string }) =>
  (standing: PartnerStanding | undefined, today: string): string => {
    if (standing === undefined) return 'not sent yet';
    const dayOf = (at: Date | string) => (typeof at === 'string' ? at : instantDay(at));
    const says = standing.says === null ? '' : `: “${standing.says}”`;
    const at = standing.at === null ? '' : ` ${shortDay(dayOf(standing.at), today)}`;
    const by = standing.lateSince ?? standing.dueBy;
    const day = by && shortDay(instantDay(by), today);
    const words = (standing.lateSince ? lateWords : dueWords)[standing.due];
    return `${stepWords[standing.step]}${says}${at}${day ? ` · ${words} ${day}` : ''}`;
  };

/** The words before the day by which something of a partner is due, or was. */
const dueWords = { answer: 'answer by', news: 'news by' } as const;
const lateWords = {
  answer: 'late, answer due',
  news: 'nothing since, news due',
} as const;

const actionTexts: Readonly<Record<ListAction, string>> = {
  approve: "It's a need",
  refuse: 'Not a need …',
  agree: 'They said yes',
  recordConsent: 'They signed …',
  chooseService: 'Pick a service …',
  closeWithoutHelp: 'Close without help …',
  postpone: 'Later …',
};

const barTexts = (_formats: Formats) => ({
  toActions: 'Skip to the actions',
  actions: actionTexts,
  forChosen: 'For the people you chose',
});

const chooseTexts = ({ count, plural }: Formats) => ({
  confirm: confirmTexts,
  alsoDone: alsoDoneTexts,
  alsoHint: 'Fill in what is done. What you leave empty waits on its own list.',
  /** Names the people and counts their needs before anything is recorded. */
  for: (people: number, needs: number) =>
    `${count(people)} ${plural(people, 'person', 'people')}, ` +
    `${count(needs)} ${plural(needs, 'need', 'needs')}. Nothing is recorded yet.`,
  leftOut: 'Not among them, open each one alone:',
  nobody: 'Choose at least one person first. Nothing was recorded.',
  gone: 'These people are no longer on the list. Nothing was recorded.',
});

/** The button that records what was chosen. */
const confirmTexts: Readonly<Record<ListAction, { title: string; button: string }>> = {
  approve: { title: "It's a need", button: "Yes, it's a need" },
  refuse: { title: 'Not a need', button: 'Yes, not a need' },
  agree: { title: 'They said yes', button: 'Record their yes' },
  recordConsent: { title: 'They signed', button: 'Record the signatures' },
  chooseService: { title: 'Pick a service', button: 'Use this service' },
  closeWithoutHelp: { title: 'Close without help', button: 'Yes, close these' },
  postpone: { title: 'Later', button: 'Put off to this day' },
};

/** What may be done already when a need is decided, or when the person has said yes. */
const alsoDoneTexts = {
  approve: { title: 'Did they say yes or sign already?', button: 'Record need, yes and signature' },
  agree: { title: 'Did they sign as well?', button: 'Record yes and signature' },
};

const searchTexts = ({ count }: Formats) => ({
  title: 'People',
  find: 'Find a person',
  field: 'Name, birth date, MRN or phone number',
  button: 'Find',
  intro:
    'Any part of any name works, also from the middle, in any order. A family name is not needed.',
  none: 'Nobody fits. Try fewer words, or the birth date alone.',
  tooShort: 'Type at least two letters, or a birth date, MRN or phone number.',
  noSuchDate: 'There is no such day. Type the birth date as month/day/year, such as 9/21/1985.',
  futureDate: 'This birth date is in the future. Nobody is born yet on that day.',
  noPhone: 'Type at least four digits of a phone number, such as 0100 or 612-555-0100.',
  letterInPhone: 'There is a letter in this phone number. Type digits only, such as 612-555-0100.',
  yearAlone: 'To find a person by the birth date, type the whole date, such as 9/21/1985.',
  ended: 'This search has ended. Type it again.',
  many: (n: number) => `The first ${count(n)}. Type more to find the one you look for.`,
  results: 'People who fit',
  born: (day: string) => `born ${day}`,
});

/** Writes age, language and interpreter in one line. */
function aboutLine(
  age: number | undefined,
  language: string | undefined,
  needsInterpreter: boolean,
): string {
  const languageWords = needsInterpreter ? `${language ?? ''} interpreter`.trim() : language;
  return [age === undefined ? undefined : String(age), languageWords]
    .filter((part) => part !== undefined)
    .join(' · ');
}

function languageName(code: string | undefined): string | undefined {
  if (code === undefined || !/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(code)) return undefined;
  const name = new Intl.DisplayNames(['en-US'], { type: 'language', fallback: 'none' }).of(code);
  return name ?? undefined;
}

/** Writes `Nov 28`, with the year where it is not this year. Less than a day stays as it is. */
function shortDay(day: string, today: string): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return day;
  const year = day.slice(0, 4) === today.slice(0, 4) ? {} : ({ year: 'numeric' } as const);
  const parts = { month: 'short', day: 'numeric', timeZone: 'UTC', ...year } as const;
  return new Intl.DateTimeFormat('en-US', parts).format(new Date(`${day}T00:00:00Z`));
}
