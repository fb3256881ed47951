import type { Quality } from './data-quality.ts';

type InstrumentQuality = Quality['instruments'][string];

/**
 * What one instrument's answers are worth, in one sentence: which share of what was answered could be read, and how much of it a
 * person has to look at. A refusal was read; where nothing was answered there is nothing to read. Never rounded up to all.
 */
export function verdictOf({ name, questions, forPerson }: InstrumentQuality): string {
  const answers = Object.values(questions);
  const sum = (of: (questionQuality: (typeof answers)[number]) => number) =>
    answers.reduce((whole, one) => whole + of(one), 0);
  const [read, unread] = [sum((one) => one.coded + one.declined), sum((one) => one.unread)];
  const share =
    read + unread === 0
      ? 'nothing was answered'
      : `${Math.floor((read * 100) / (read + unread))} % of answers read`;
  return `${name}: ${share}; ${forPerson === 0 ? 'nothing needs a person' : forPerson === 1 ? '1 needs a person' : `${forPerson} need a person`}`;
}

/** What a question is called in the instruments that arrived; its code where none of them asks it. */
export function questionLabel({ instruments }: Quality, question: string): string {
  const label = Object.values(instruments)
    .map((one) => one.questions[question]?.label)
    .find((one) => one !== undefined);
  return label ?? question;
}

/** How many social Conditions stand in the charts, in one sentence. */
export function onFileSentence({ conditions, people, restricted }: Quality['onFile']): string {
  if (conditions === 0) return 'No social Condition stands in the charts.';
  const is = conditions === 1 ? 'Condition stands' : 'Conditions stand';
  const of = `${people} ${people === 1 ? 'person' : 'people'}`;
  return `${conditions} social ${is} in the charts of ${of} already${restricted > 0 ? `, ${restricted} of them restricted` : ''}.`;
}
