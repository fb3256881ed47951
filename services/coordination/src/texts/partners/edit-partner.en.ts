import type { Formats } from '@loopwell/http';
import type { Arrival, PartnerKind, ProfileRule, StandingForNew } from '@loopwell/sdoh';

type Words = { [K in StandingForNew['kind']]: (of: StandingForNew & { kind: K }) => string };

const noRoom: Readonly<Record<string, string>> = {
  'no-capacity': 'No room',
  waitlist: 'Waiting list, no room',
  'additional-assessment-required': 'Assesses people first, no room',
};

const standingsOf = (formats: Formats) => ({
  ...({
    takes: () => 'Takes new requests',
    confidential: () => 'Confidential: nothing is sent',
    noAgreement: () => 'No agreement',
    agreementNotYet: ({ from }) => `Agreement begins ${formats.day(from)}`,
    agreementEnded: ({ until }) => `Agreement ran out ${formats.day(until)}`,
    paused: ({ until }) => `Full until ${formats.instant(until)}`,
    full: ({ code }) => noRoom[code] ?? 'No room',
    weekFull: ({ perWeek, until }) => `Full until ${formats.instant(until)}: ${perWeek} new a week`,
  } satisfies Words),
  stopped: 'Stopped texts',
  aged: 'Said about its room long ago: ask again',
});

const rules: Readonly<Record<ProfileRule, string>> = {
  choice: 'Choose one of the list.',
  closedDays: 'Write days as 2026-12-24, with commas between them.',
  day: 'Give a day.',
  hours: 'Write times as 8 am-12 pm, 1 pm-5 pm; leave it blank for a closed day.',
  later: 'Give a day after today, or leave it blank: then it takes new requests.',
  long: 'Write 500 characters at most.',
  name: 'Write who said it.',
  notBefore: 'The last day cannot be before the first.',
  notLater: 'This day has not come yet.',
  number: 'Write a whole number from 1, or leave it blank.',
  phone: 'Write a phone number with its area code.',
};

const kinds: Readonly<Record<PartnerKind, string>> = {
  violence: 'Help after violence',
  'crisis-shelter': 'Crisis shelter',
  'substance-use': 'Substance use',
  health: 'Health',
  legal: 'Legal help',
  food: 'Food',
  housing: 'Housing',
  transport: 'Rides',
  utilities: 'Bills of a home',
  money: 'Money',
  work: 'Work',
  education: 'School and learning',
  company: 'Company',
  other: 'Other',
};

const arrivals: Readonly<Record<Arrival, string>> = {
  weContact: 'They contact the person',
  theyCome: 'The person comes to them',
  ticket: 'The person comes with a code',
};

const capacities: Readonly<Record<string, string>> = {
  '': 'Nobody has said',
  capacity: 'Room',
  'no-capacity': 'No room',
  waitlist: 'Waiting list',
  'additional-assessment-required': 'Assesses people first',
};

const agreements: Readonly<Record<string, string>> = {
  '': 'Nothing on file',
  memorandum: 'Memorandum of understanding',
  'data-sharing': 'Data sharing agreement',
  'business-associate': 'Business associate agreement',
  other: 'Another agreement',
  none: 'None: nothing is sent by e-mail, text or to their server',
};

const fieldNames: Readonly<Record<string, string>> = {
  phone: 'Phone',
  arrival: 'How people come',
  kind: 'Kind',
  confidential: 'Confidential',
  pausedUntil: 'Takes nothing new until',
  perWeek: 'New requests a week, at most',
  capacity: 'Room',
  saidBy: 'Who said it',
  saidAt: 'When they said it',
  note: 'Note',
  agreement: 'Agreement',
  agreedFrom: 'From',
  agreedUntil: 'Last day',
  'open-mon': 'Monday',
  'open-tue': 'Tuesday',
  'open-wed': 'Wednesday',
  'open-thu': 'Thursday',
  'open-fri': 'Friday',
  'open-sat': 'Saturday',
  'open-sun': 'Sunday',
  closedDays: 'Closed on',
};

/** Makes the words of the page about how a partner works. */
export const editPartnerTexts = (formats: Formats) => ({
  title: (name: string) => `${name}: how they work`,
  standings: standingsOf(formats),
  standing: 'New requests',
  links: 'More',
  edit: 'Edit',
  people: 'People and codes',
  sheet: 'Who came today?',
  saved: 'Saved. Requests that wait for a partner are looked at again.',
  unchanged: 'Nothing was changed.',
  wrong: 'Nothing was saved. Look at the fields that are marked.',
  intro: 'What you write here counts before the directory, and stays when a new one is put in.',
  legends: { new: 'New requests', hours: 'Open hours', about: 'About them' },
  hoursHint: 'Such as 8 am-12 pm, 1 pm-5 pm. Blank is closed.',
  hoursUnknown: 'Nobody has said yet: until then Monday to Friday, 8 am to 5 pm, counts.',
  closedHint: 'days such as 2026-12-24',
  blankOpen: 'blank: open',
  blankAny: 'blank: no limit',
  suggested: 'Their entry says walk-in: a code is suggested.',
  confidentialHint: 'Nothing is ever sent, and their name stands on no list.',
  yesNo: { yes: 'Yes', no: 'No' },
  save: 'Save',
  history: 'What people have written',
  none: 'Nothing yet.',
  when: 'When',
  by: 'By',
  what: 'Changed',
  partner: 'The partner',
  changed: {
    hours: 'Open hours',
    arrival: 'How people come',
    capacity: 'Room',
    pausedUntil: 'Takes nothing new until',
    perWeek: 'New requests a week',
    kind: 'Kind',
    agreement: 'Agreement',
    isConfidential: 'Confidential',
    phone: 'Phone',
    places: 'Places',
  } as Readonly<Record<string, string>>,
  fieldNames,
  rules,
  choices: { kind: kinds, arrival: arrivals, capacity: capacities, agreement: agreements },
});
