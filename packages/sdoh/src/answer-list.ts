import type { Answer } from './model.ts';
import type { AnswerRow, QuestionRow } from './table-rows.ts';
import { plain, wordsHash } from './words.ts';

/** A question's row with ways into its list of answers. */
export type Question = QuestionRow & {
  byCode: ReadonlyMap<string, AnswerRow>;
  byWords: ReadonlyMap<string, readonly AnswerRow[]>;
  byHash: ReadonlyMap<string, readonly AnswerRow[]>;
  asksForNeed: boolean;
};

export const one = <T>(some: readonly T[] | undefined): T | undefined => (some?.length === 1 ? some[0] : undefined);

/** What each key stands for; several things where it does not tell them apart. */
export function grouped<T>(pairs: readonly (readonly [string, T])[]): ReadonlyMap<string, readonly T[]> {
  return new Map([...Map.groupBy(pairs, ([key]) => key)].map(([key, some]) => [key, [...new Set(some.map(([, value]) => value))]]));
}

export function indexed(row: QuestionRow): Question {
  const answers = row.answers ?? [];
  return {
    ...row,
    byCode: new Map(answers.map((answer) => [answer.code, answer])),
    byWords: grouped(
      answers.flatMap((answer) => [answer.display, ...(answer.words ?? [])].map((words) => [plain(words), answer] as const)),
    ),
    byHash: grouped(answers.flatMap((answer) => (answer.wordings ?? []).map((hash) => [hash, answer] as const))),
    asksForNeed: answers.some((answer) => answer.positive === true),
  };
}

const codeOf = (answer: Answer) => answer.code?.trim().toUpperCase();

export function belongs(row: Question | undefined, answer: Answer): boolean {
  if (!row) return false;
  const code = codeOf(answer);
  return code === undefined || row.answers === undefined || row.byCode.has(code);
}

/** Several answers written into one text, where each part is one of the list; else the text as it is. */
export function partsOf(row: Question, answer: Answer): Answer[] {
  const { text } = answer;
  if (row.multiple !== true || text === undefined || !/[;|\n]/.test(text) || findAnswer(row, answer)) return [answer];
  const parts = text.split(/[;|\n]/).flatMap((part) => (part.trim() === '' ? [] : { ...answer, text: part.trim(), split: true }));
  return parts.length > 1 && parts.every((part) => findAnswer(row, part)) ? parts : [answer];
}

export type Found = { row: AnswerRow; mended: boolean; mislabelled: boolean };

/** By code; else by words that match exactly one answer of the list, said so; anything else is not guessed. */
export function findAnswer(row: Question, answer: Answer): Found | undefined {
  const code = codeOf(answer);
  if (code !== undefined) {
    const found = row.byCode.get(code);
    if (!found) return undefined;
    const words = [answer.display, ...(answer.beside ?? [])].filter((one) => one !== undefined);
    return {
      row: found,
      mended: answer.mended === true || code !== answer.code,
      mislabelled: words.some((one) => {
        const meant = row.byWords.get(plain(one)) ?? row.byHash.get(wordsHash(one));
        return meant !== undefined && !meant.includes(found);
      }),
    };
  }
  const words = answer.text ?? answer.display;
  const match = one(row.byWords.get(plain(words))) ?? one(row.byHash.get(wordsHash(words ?? '')));
  return match ? { row: match, mended: true, mislabelled: false } : undefined;
}
