import type { Formats } from '@loopwell/http';

/** Writes who did something, as people say it. */
function who(principal: string | null): string {
  if (principal === null) return 'Nobody on record';
  if (principal === 'system:task-end') return 'The referral ended';
  if (principal === 'system:time-limit') return 'The time ran out';
  if (principal.startsWith('system:')) return 'Loopwell';
  if (principal.startsWith('policy:')) return 'The site’s policy';
  if (principal.startsWith('service:')) return `Program ${principal.slice('service:'.length)}`;
  return principal.replace(/^person:/, '');
}

/** What partners may be shown, in words. What is not listed is written as it is. */
const elements: Readonly<Record<string, string>> = {
  'Patient.name': 'name',
  'Patient.age': 'age',
  'Patient.birthDate': 'birth date',
  'Patient.place': 'town and ZIP code',
  'Patient.address': 'address',
  'Patient.contact': 'phone or e-mail',
  'Patient.language': 'language',
  'Patient.household': 'household size',
  Patient: 'who the person is',
  Condition: 'the need',
  Consent: 'the consent',
  Procedure: 'what the partner did',
  LegalDemand: 'what a legal demand asked for',
  ServiceRequest: 'the order',
  Task: 'the referral',
  'Task.status': 'how the referral stands',
};

const wordsOf = (name: string): string =>
  elements[name] ??
  (name.split('.').at(-1) ?? name).replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

/** The column headings of the account of disclosures. */
const disclosureColumns = {
  person: 'Person',
  partner: 'Partner',
  at: 'Sent',
  elements: 'What',
  approvedBy: 'Approved by',
  consent: 'Consent',
  reads: 'Read',
  ended: 'Ended',
};

/** The words of what went out, and of whether it arrived. */
const disclosureContents = {
  elements: (names: readonly string[]) => names.map(wordsOf).join(', ') || 'Nothing on record',
  consent: { yes: 'On file', no: 'None on record' },
  copy: 'The partner has a copy.',
  notArrived: {
    intended: 'Nobody knows yet whether it arrived.',
    refused: 'The partner refused it.',
    abandoned: 'It was not sent.',
  },
};

/** The words of who read it, and of when it ended. */
const disclosureReads = (formats: Formats) => ({
  reads: (count: number, last: Date | null, names: readonly string[] = []) => {
    if (last === null) return 'Never';
    const times = `${formats.count(count)} ${formats.plural(count, 'time', 'times')}`;
    const opened = names.length > 0 ? `; opened by ${names.join(', ')}` : '';
    return `${times}, last ${formats.instant(last)}${opened}`;
  },
  ended: (at: Date | null, by: string | null) =>
    at === null ? 'Still open' : `${formats.instant(at)}: ${who(by)}`,
});

/** The texts of the account of disclosures. */
const disclosureTexts = (formats: Formats) => ({
  title: 'What went out',
  intro:
    'What partners got or could read: everything that was open to them in the days that you ask ' +
    'for. Reads are counted within these days.',
  none: 'Nothing went out that fits.',
  caption: 'Latest first',
  download: 'Save as CSV',
  downloadHint: 'without names',
  columns: disclosureColumns,
  ...disclosureContents,
  ...disclosureReads(formats),
});

/** The texts of the list of views. */
const viewTexts = {
  title: 'Who saw whom',
  intro: 'Each person that a page, a list or a search showed to somebody who works here.',
  none: 'Nobody was shown anybody that fits.',
  caption: 'Latest first',
  columns: { at: 'When', by: 'Who looked', person: 'Person', what: 'How' },
  what: {
    list: 'In a list',
    search: 'Found by a search',
    person: 'Opened',
    safety: 'Opened why they are seen first',
    address: 'Opened the address',
    print: 'Printed',
    copy: 'Copied for the chart',
    export: 'Saved as a file',
  },
  ofPerson: 'Views of this person',
  byThem: 'All that they saw',
};

/** The column headings of the list of sign-ins. */
const signInColumns = { who: 'Who', kind: 'What', roles: 'Roles', at: 'When', state: 'State' };

/** The words for a sign-in or a link that is good still. */
const signInStates = ({ instant }: Formats) => ({
  locks: (at: Date | null) => (at === null ? 'Open' : `Open, locks ${instant(at)}`),
  unused: (at: Date | null) => (at === null ? 'Not used' : `Not used, good until ${instant(at)}`),
});

/** The words for how a sign-in or a link ended. */
const signInEnds = ({ instant }: Formats) => ({
  used: (at: Date) => `Used ${instant(at)}`,
  over: (at: Date | null) => (at === null ? 'Locked' : `Locked ${instant(at)}`),
  ended: (at: Date, by: string | null) => `Ended ${instant(at)} by ${who(by)}`,
});

/** The words of the button that ends sign-ins. */
const signInEndTexts = ({ count, plural }: Formats) => ({
  end: 'End all',
  endOf: (name: string) => `End all sign-ins of ${name}`,
  done: (ended: number) => `${count(ended)} ${plural(ended, 'was', 'were')} ended.`,
});

/** The texts of the list of sign-ins. */
const signInTexts = (formats: Formats) => ({
  title: 'Who signed in',
  intro:
    'Sign-ins, and links that were made for people. Links and sign-ins themselves are kept nowhere.',
  none: 'Nobody has signed in.',
  caption: 'Latest first',
  columns: signInColumns,
  kinds: { session: 'Signed in', 'sign-in': 'Link made' },
  ...signInStates(formats),
  ...signInEnds(formats),
  ...signInEndTexts(formats),
});

/** The texts of the account of disclosures, of views and of sign-ins. */
export const accountTexts = (formats: Formats) => ({
  who,
  navigation: 'Accounts',
  tabs: {
    disclosures: 'Went out',
    views: 'Was seen',
    signIns: 'Signed in',
    demands: 'Legal demands',
    retention: 'Kept and erased',
  },
  hidden: 'Restricted chart',
  noName: 'No name on file',
  wrong: 'Nothing is listed. Look at the fields that are marked.',
  show: 'Show',
  more: 'More',
  fields: {
    partner: 'Partner',
    by: 'Approved by',
    looked: 'Who looked',
    from: 'From',
    to: 'To',
    dayHint: 'such as 2026-11-23',
  },
  disclosures: disclosureTexts(formats),
  views: viewTexts,
  signIns: signInTexts(formats),
});
