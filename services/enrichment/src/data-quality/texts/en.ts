import { type Formats, intlFormats } from '@loopwell/http';

/** Makes the English texts of the data-quality page. */
export const english = (timeZone: string, now?: () => Date) => {
  const formats = intlFormats('en-US', timeZone, now);
  return {
    language: 'en',
    formats,
    title: 'Data quality',
    ...introTexts(formats),
    ...sectionTexts,
    ...countTexts(formats),
    columns,
    unknown,
  };
};

/** The texts that every language of the page has. */
export type QualityTexts = ReturnType<typeof english>;

const introTexts = ({ count, instant }: Formats) => ({
  intro:
    'What arrives from each EHR, and what can be made of it. Counts and codes only; nothing ' +
    'about a person.',
  upTo: (most: number) => `Based on up to ${count(most)} people;`,
  everyone: 'looks at everyone.',
  asOf: (at: Date) =>
    `As of ${instant(at)}; renewed in the background when it is older than half a minute.`,
  none: 'No records have been pulled yet.',
});

const countTexts = ({ count, plural }: Formats) => {
  const screenings = (n: number) => `${count(n)} ${plural(n, 'screening', 'screenings')}`;
  const people = (n: number) => `${count(n)} ${plural(n, 'person', 'people')}`;
  return {
    totals: (persons: number, read: number, unread: number) =>
      `: ${people(persons)}, ${screenings(read)}, ${count(unread)} of them could not be read.`,
    instrument: (name: string, n: number) => `${name}, ${screenings(n)}`,
    percent: (share: number) => `${share} %`,
    times: (n: number) => `${count(n)} × `,
  };
};

const columns = {
  question: 'Question',
  arrived: 'Arrived',
  read: 'Read',
  shareRead: 'share read',
  refused: 'Refused',
  noAnswer: 'No answer',
  notReadable: 'Not readable',
};

const unknown = {
  title: 'Unknown, most frequent first',
  question: 'question',
  answer: 'answer to',
  label: (label: string) => `“${label}” `,
};

const sectionTexts = {
  connection: 'Connection',
  mended: 'Read only after repair',
  issues: 'Needs review, by reason',
  onFile: 'Social Conditions in the charts',
  notScreening: 'Not a screening for social needs',
  neverSeen: 'SDOHCC categories that no question covers',
  allSeen: 'None: all 24 are covered.',
};
