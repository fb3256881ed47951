import { bare, plain, wordsHash } from '../fhir-json/text-matching.ts';
import type { Answer } from '../model.ts';
import type { AnswerRow, QuestionRow } from './table-schema.ts';

/** A question's row with ways into its list of answers. */
export type Question = QuestionRow & {
  byCode: ReadonlyMap<string, AnswerRow>;
  byWords: ReadonlyMap<string, readonly AnswerRow[]>;
  byHash: ReadonlyMap<string, readonly AnswerRow[]>;
  /** What each answer is called, in bare words. */
  spoken: readonly { words: string; answer: AnswerRow }[];
  /** The answers of the whole instrument by their words. */
  elsewhere: ReadonlyMap<string, readonly string[]>;
  asksForNeed: boolean;
  lowestScore: number;
};

export const one = <T>(some: readonly T[] | undefined): T | undefined =>
  some?.length === 1 ? some[0] : undefined;

/** What each key stands for; several things where it does not tell them apart. */
export function grouped<T>(
  pairs: readonly (readonly [string, T])[],
): ReadonlyMap<string, readonly T[]> {
  return new Map(
    [...Map.groupBy(pairs, ([key]) => key)].map(([key, some]) => [
      key,
      [...new Set(some.map(([, value]) => value))],
    ]),
  );
}

const namesOf = (answer: AnswerRow) => [answer.display, ...(answer.words ?? [])];

/** The questions of an instrument by code. One without a list can still be refused, in the words of the others. */
export function indexedBy(rows: readonly QuestionRow[]): ReadonlyMap<string, Question> {
  const all = rows.flatMap((row) => row.answers ?? []);
  const refusals = [
    ...new Map(all.flatMap((one) => (one.declined ? [[one.code, one] as const] : []))).values(),
  ];
  const elsewhere = grouped(
    all.flatMap((answer) => namesOf(answer).map((words) => [plain(words), answer.code] as const)),
  );
  return new Map(rows.map((row) => [row.code, indexed(row, row.answers ?? refusals, elsewhere)]));
}

function indexed(
  row: QuestionRow,
  answers: readonly AnswerRow[],
  elsewhere: Question['elsewhere'],
): Question {
  return {
    ...row,
    byCode: new Map(answers.map((answer) => [answer.code, answer])),
    byWords: grouped(
      answers.flatMap((answer) => namesOf(answer).map((words) => [plain(words), answer] as const)),
    ),
    byHash: grouped(
      answers.flatMap((answer) => (answer.wordings ?? []).map((hash) => [hash, answer] as const)),
    ),
    spoken: answers.flatMap((answer) =>
      namesOf(answer).map((words) => ({ words: ` ${bare(words)} `, answer })),
    ),
    elsewhere,
    asksForNeed: answers.some((answer) => answer.positive === true || answer.unverified === true),
    lowestScore: Math.min(...answers.map((answer) => answer.score ?? Number.POSITIVE_INFINITY)),
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
  if (
    row.multiple !== true ||
    text === undefined ||
    !/[;|\n]/.test(text) ||
    findAnswer(row, answer)
  )
    return [answer];
  const parts = text
    .split(/[;|\n]/)
    .flatMap((part) => (part.trim() === '' ? [] : { ...answer, text: part.trim(), split: true }));
  return parts.length > 1 && parts.every((part) => findAnswer(row, part)) ? parts : [answer];
}

export type Found = { row: AnswerRow; mended: boolean; mislabeled: boolean };

/** By code; else by words that match exactly one answer of the list, said so; anything else is not guessed. */
export function findAnswer(row: Question, answer: Answer): Found | undefined {
  const code = codeOf(answer);
  if (code !== undefined) {
    const answerRow = row.byCode.get(code);
    return answerRow && foundByCode(row, answerRow, code, answer);
  }
  const words = answer.text ?? answer.display;
  const match = one(row.byWords.get(plain(words))) ?? one(row.byHash.get(wordsHash(words ?? '')));
  return match ? { row: match, mended: true, mislabeled: false } : undefined;
}

function foundByCode(row: Question, answerRow: AnswerRow, code: string, answer: Answer): Found {
  const words = [answer.display, ...(answer.beside ?? [])].filter((one) => one !== undefined);
  return {
    row: answerRow,
    mended: answer.mended === true || code !== answer.code,
    mislabeled: words.some((one) => saysOther(row, answerRow, one)),
  };
}

/** LOINC answers by which somebody chooses not to answer: any question can be refused, whether its list has one or not. */
const refusals: ReadonlyMap<string, AnswerRow> = new Map(
  [
    { code: 'LA30122-8', display: 'Chose not to answer', declined: true },
    { code: 'LA15775-2', display: "Don't know/refused", declined: true },
  ].map((one) => [one.code, one]),
);

/** A coded refusal that is not in the question's own list. */
export function findRefusal(row: Question, answer: Answer): Found | undefined {
  const code = codeOf(answer) ?? '';
  const answerRow = row.byCode.has(code) ? undefined : refusals.get(code);
  return answerRow && foundByCode(row, answerRow, code, answer);
}

/**
 * Do these words name another answer than the code does? Another one of the list, or of the instrument; or one that they
 * begin with ("No, never" beside "Yes"). Words that nothing here knows say nothing: sites word answers in their own way.
 */
function saysOther(row: Question, answerRow: AnswerRow, said: string): boolean {
  const meant = row.byWords.get(plain(said)) ?? row.byHash.get(wordsHash(said));
  if (meant) return !meant.includes(answerRow);
  const words = ` ${bare(said)} `;
  if (
    words.trim() === '' ||
    row.spoken.some((one) => one.answer === answerRow && isWithin(one.words, words))
  )
    return false;
  const codes = row.elsewhere.get(plain(said));
  if (codes) return !codes.includes(answerRow.code);
  return row.spoken.some(
    (one) =>
      one.answer !== answerRow && (words.startsWith(one.words) || one.words.startsWith(words)),
  );
}

const isWithin = (one: string, other: string) => one.includes(other) || other.includes(one);
