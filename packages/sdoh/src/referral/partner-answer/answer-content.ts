import { canonical } from './answer-words.ts';
import type { PartnerAnswer } from './read-answer.ts';
import type { Oddity } from './task-oddities.ts';
import type { ShownOutput } from './task-outputs.ts';

/** What an answer says, whichever door it came by. */
export type AnswerContent = PartnerAnswer & {
  outputs: readonly ShownOutput[];
  oddities: readonly Oddity[];
};

/**
 * Returns a text that two answers about one Task share only where they say the same: status,
 * reason, note, business status, outputs and oddities. Who said it, when, and by which door does
 * not count, nor do line breaks, blanks, and the Unicode form of its words.
 */
export function answerContent(answer: AnswerContent): string {
  const { status, codes, outputs, oddities } = answer;
  const [reason, note, businessStatus] = [answer.reason, answer.note, answer.businessStatus].map(
    withPlainBlanks,
  );
  return canonical({ status, reason, note, businessStatus, codes, outputs, oddities });
}

/** Writes words as they are compared. A form, an API and a server write blanks differently. */
const withPlainBlanks = (words: string | null): string | undefined =>
  words?.normalize('NFC').replace(/\s+/g, ' ').trim();
