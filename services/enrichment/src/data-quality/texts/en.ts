import { intlFormats } from '@loopwell/http';

/** What the page about data quality says in English. */
export const english = (timeZone: string) => {
  const formats = intlFormats('en-US', timeZone);
  const { count, instant, plural } = formats;
  const screenings = (n: number) => `${count(n)} ${plural(n, 'screening', 'screenings')}`;
  return {
    language: 'en',
    formats,
    title: 'Data quality',
    intro:
      'What arrives from each EHR, and what can be made of it. Counts and codes only; nothing about a person.',
    upTo: (most: number) => `Based on up to ${count(most)} people;`,
    everyone: 'looks at everyone.',
    asOf: (at: Date) =>
      `As of ${instant(at)}; renewed in the background when it is older than half a minute.`,
    none: 'No records have been pulled yet.',
    connection: 'Connection',
    totals: (people: number, read: number, quarantined: number) =>
      `: ${count(people)} ${plural(people, 'person', 'people')}, ${screenings(read)}, ${count(quarantined)} of them could not be read.`,
    instrument: (name: string, n: number) => `${name}, ${screenings(n)}`,
    question: 'Question',
    arrived: 'Arrived',
    read: 'Read',
    shareRead: 'share read',
    percent: (share: number) => `${share} %`,
    refused: 'Refused',
    noAnswer: 'No answer',
    notReadable: 'Not readable',
    unknown: {
      title: 'Unknown, most frequent first',
      question: 'question',
      answer: 'answer to',
      label: (label: string) => `“${label}” `,
    },
    mended: 'Read only after repair',
    issues: 'Needs review, by reason',
    onFile: 'Social Conditions in the charts',
    notScreening: 'Not a screening for social needs',
    neverSeen: 'SDOHCC categories that no question covers',
    allSeen: 'None: all 24 are covered.',
    times: (n: number) => `${count(n)} × `,
  };
};

/** The texts that every language of the page has. */
export type QualityTexts = ReturnType<typeof english>;
