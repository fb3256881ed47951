import type { AddedNeedRow } from '@loopwell/store';
import type { ReviewTexts } from '../texts/en.ts';

/** Writes what was added, who said it, and by when: "Free screening: due list, Nov 30. By Dec 31." */
export function addedSentence(
  added: AddedNeedRow,
  { addNeed: words, ...texts }: ReviewTexts,
): string {
  const { formats } = texts;
  const what = words.services[added.need] ?? texts.need(added.need);
  const who = words.sources[added.said_by as keyof typeof words.sources];
  const first = `${what}: ${who}, ${formats.shortDay(added.said_on)}.`;
  return added.due_on === null ? first : `${first} ${words.by(formats.shortDay(added.due_on))}`;
}
