import { intlFormats } from '@loopwell/http';
import type { DoorEvent } from '@loopwell/store';

/** What is wrong with a form about the people of a partner. */
export const peopleProblems = {
  name: 'Write the name of the person.',
  address: 'Write one phone number or one e-mail address.',
  addressNeeded:
    'Write a phone number or an e-mail address: people of this partner need a one-time code.',
  called: 'Call the number of the directory first, tick the box, and write whom you spoke with.',
  number: 'The number in the directory has changed meanwhile. Call the one that stands here now.',
  noNumber: 'The directory has no phone number of this partner. Write one into it first.',
  noKey: 'Codes cannot be made here: this process has no LOOPWELL_SECRET_KEY.',
} as const;

const kinds: Readonly<Record<DoorEvent['kind'], string>> = {
  'signed-in': 'Signed in',
  'signed-out': 'Signed out',
  'second-code': 'One-time code sent',
  'no-code': 'Form sent without a code: probably a mail scanner',
  'wrong-code': 'Wrong code',
  'many-wrong-codes': 'Many wrong codes within an hour',
  'helper-added': 'Person added',
  'helper-removed': 'Person removed',
  'code-changed': 'New code',
  'codes-changed': 'Somebody left: all codes changed',
  'link-changed': 'Link changed',
};

/** The words of the list. */
const listTexts = {
  people: 'People of this partner',
  title: (name: string) => `${name}: people who answer`,
  intro:
    'Each person has a code of their own. A code counts for 90 days, and ends after 30 days without a sign-in.',
  none: 'Nobody at this partner has a code yet. The first person is a director, who adds the others.',
  name: 'Name',
  role: 'Role',
  roles: { director: 'Director', member: 'Member' },
  lastSignIn: 'Last sign-in',
  never: 'Never',
  codeEnds: 'Code ends',
  noCode: 'No code',
  oneTime: 'One-time codes go to',
  nowhere: '–',
} as const;

/** The words of the forms. */
const formTexts = {
  add: 'Add a person',
  isDirector: 'Director: adds and removes people',
  address: 'Phone or e-mail for one-time codes',
  addButton: 'Add, and show the code',
  renew: 'New code',
  renewLegend: 'Give somebody a new code',
  renewButton: 'Show a new code',
  remove: 'Remove',
  who: 'Who',
  removeLegend: 'Somebody does not answer for them any more',
  left: 'Remove, and change all other codes',
  link: 'Change the link',
  linkHint: 'When many wrong codes come in. Messages from then on have another link.',
  call: (phone: string) => `Call ${phone}, the number in the directory`,
  callHint:
    'Never give a code to somebody who calls or writes to you: hang up, and call this number.',
  called: (phone: string) => `I called ${phone}`,
  spokeWith: 'I spoke with',
  codeOf: (name: string) => `Code of ${name}`,
  readCode: 'Read it out now. It is shown once, and nobody can look it up.',
  removed: (name: string) => `${name} is removed, and signed out everywhere.`,
  linkChanged: 'The link is changed. The old one leads nowhere.',
} as const;

/** The words of what happened. */
const eventTexts = {
  happened: 'What happened at their door',
  nothing: 'Nothing yet.',
  when: 'When',
  what: 'What',
  by: 'By',
  calledFirst: 'Called first',
  manyWrong: (count: number) =>
    `Many wrong codes were typed at their door lately: ${count}. If nobody at the partner mistyped, change the link.`,
  kinds,
  browser: 'A browser',
  system: 'Loopwell',
} as const;

/** The words of the page about the people of a partner. */
export const partnerPeopleTexts = (timeZone: string, now: () => Date) => {
  const formats = intlFormats('en-US', timeZone, now);
  return {
    language: 'en',
    formats,
    ...listTexts,
    ...formTexts,
    ...eventTexts,
  };
};

/** The words of the page in one language. */
export type PartnerPeopleTexts = ReturnType<typeof partnerPeopleTexts>;
