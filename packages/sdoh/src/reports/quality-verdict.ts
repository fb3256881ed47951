import type { Quality } from './data-quality.ts';

type InstrumentQuality = Quality['instruments'][string];

/**
 * Tells in one sentence which share of one instrument's answers could be read, and how many a
 * person has to look at. A refusal was read; where nothing was answered there is nothing to read.
 * The share is never rounded up to all.
 */
export function verdictOf({ name, questions, forPerson }: InstrumentQuality): string {
  let [read, unread] = [0, 0];
  for (const question of Object.values(questions)) {
    read += question.coded + question.declined;
    unread += question.unread;
  }
  const answered = read + unread;
  const share =
    answered === 0
      ? 'nothing was answered'
      : `${Math.floor((read * 100) / answered)} % of answers read`;
  return `${name}: ${share}; ${needs(forPerson)}`;
}

function needs(forPerson: number): string {
  if (forPerson === 0) return 'nothing needs a person';
  return forPerson === 1 ? '1 needs a person' : `${forPerson} need a person`;
}

/**
 * Returns the label of a question in the instruments that arrived; its code where none of them asks
 * it.
 */
export function questionLabel({ instruments }: Quality, question: string): string {
  const labels = Object.values(instruments).map(({ questions }) => questions[question]?.label);
  return labels.find((label) => label !== undefined) ?? question;
}

/** Tells in one sentence how many social Conditions stand in the charts. */
export function onFileSentence({ conditions, people, restricted }: Quality['onFile']): string {
  if (conditions === 0) return 'No social Condition stands in the charts.';
  const is = conditions === 1 ? 'Condition stands' : 'Conditions stand';
  const of = `${people} ${people === 1 ? 'person' : 'people'}`;
  return (
    `${conditions} social ${is} in the charts of ${of} ` +
    `already${restricted > 0 ? `, ${restricted} of them restricted` : ''}.`
  );
}
