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
 * not count.
 */
export function answerContent(answer: AnswerContent): string {
  const { status, reason, note, businessStatus, codes, outputs, oddities } = answer;
  return canonical({ status, reason, note, businessStatus, codes, outputs, oddities });
}
