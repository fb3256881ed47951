import { bare, plain, wordsHash } from '../fhir-json/text-matching.ts';
import type { Answer } from '../model.ts';
import type { AnswerRow, QuestionRow } from './table-schema.ts';

/** A question's row with indexes of its list of answers. */
export type Question = QuestionRow & {
  byCode: ReadonlyMap<string, AnswerRow>;
  byWords: ReadonlyMap<string, readonly AnswerRow[]>;
  byHash: ReadonlyMap<string, readonly AnswerRow[]>;
  /** The names of each answer, in bare words. */
  names: readonly { words: string; answer: AnswerRow }[];
  /** The answers of the whole instrument by their words. */
  elsewhere: ReadonlyMap<string, readonly string[]>;
  asksForNeed: boolean;
  lowestScore: number;
};

/** Returns the member of a list of one; undefined for any other list. */
export const onlyMember = <T>(members: readonly T[] | undefined): T | undefined =>
  members?.length === 1 ? members[0] : undefined;

/** Groups members by key, each member once per key. */
export function groupPairs<T>(
  pairs: readonly (readonly [string, T])[],
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, Set<T>>();
  for (const [key, member] of pairs) {
    const group = groups.get(key) ?? new Set();
    groups.set(key, group.add(member));
  }
  return new Map([...groups].map(([key, group]) => [key, [...group]]));
}

const namesOf = (answer: AnswerRow) => [answer.display, ...(answer.words ?? [])];

/**
 * Indexes the questions of an instrument by code. A question without a list of answers gets the
 * refusals of the others.
 */
export function indexQuestions(rows: readonly QuestionRow[]): ReadonlyMap<string, Question> {
  const answers = rows.flatMap((row) => row.answers ?? []);
  const declined = answers.filter((answer) => answer.declined);
  const refusals = [...new Map(declined.map((answer) => [answer.code, answer])).values()];
  const elsewhere = groupPairs(
    answers.flatMap((answer) =>
      namesOf(answer).map((words) => [plain(words), answer.code] as const),
    ),
  );
  return new Map(
    rows.map((row) => [row.code, indexQuestion(row, row.answers ?? refusals, elsewhere)]),
  );
}

function indexQuestion(
  row: QuestionRow,
  answers: readonly AnswerRow[],
  elsewhere: Question['elsewhere'],
): Question {
  const named = answers.flatMap((answer) => namesOf(answer).map((words) => ({ words, answer })));
  const hashed = answers.flatMap((answer) =>
    (answer.wordings ?? []).map((hash) => [hash, answer] as const),
  );
  const scores = answers.map((answer) => answer.score ?? Number.POSITIVE_INFINITY);
  return {
    ...row,
    byCode: new Map(answers.map((answer) => [answer.code, answer])),
    byWords: groupPairs(named.map(({ words, answer }) => [plain(words), answer] as const)),
    byHash: groupPairs(hashed),
    names: named.map(({ words, answer }) => ({ words: ` ${bare(words)} `, answer })),
    elsewhere,
    asksForNeed: answers.some((answer) => answer.positive === true || answer.unverified === true),
    lowestScore: Math.min(...scores),
  };
}

const codeOf = (answer: Answer) => answer.code?.trim().toUpperCase();

/** Tells whether an answer can be one to the question. An answer without a code can. */
export function canAnswer(row: Question | undefined, answer: Answer): boolean {
  if (!row) return false;
  const code = codeOf(answer);
  return code === undefined || row.answers === undefined || row.byCode.has(code);
}

const separator = /[;|\n]/;

/**
 * Splits a text that holds several answers, where each part is one of the list; else returns the
 * answer alone.
 */
export function splitAnswer(row: Question, answer: Answer): Answer[] {
  const { text } = answer;
  const mayHoldSeveral = row.multiple === true && text !== undefined && separator.test(text);
  if (!mayHoldSeveral || findAnswer(row, answer)) return [answer];
  const texts = text.split(separator).map((part) => part.trim());
  const parts = texts
    .filter((part) => part !== '')
    .map((part): Answer => ({ ...answer, text: part, split: true }));
  return parts.length > 1 && parts.every((part) => findAnswer(row, part)) ? parts : [answer];
}

/**
 * The row that an answer means. `mended`: it was written in another way. `mislabeled`: its words
 * name another row.
 */
export type FoundAnswer = { row: AnswerRow; mended: boolean; mislabeled: boolean };

/**
 * Finds the row of an answer by code, else by words that match exactly one answer of the list.
 * Nothing is guessed.
 */
export function findAnswer(row: Question, answer: Answer): FoundAnswer | undefined {
  const code = codeOf(answer);
  if (code !== undefined) {
    const answerRow = row.byCode.get(code);
    return answerRow && foundByCode(row, answerRow, code, answer);
  }
  const words = answer.text ?? answer.display;
  const match =
    onlyMember(row.byWords.get(plain(words))) ?? onlyMember(row.byHash.get(wordsHash(words ?? '')));
  return match ? { row: match, mended: true, mislabeled: false } : undefined;
}

function foundByCode(
  row: Question,
  answerRow: AnswerRow,
  code: string,
  answer: Answer,
): FoundAnswer {
  const words = [answer.display, ...(answer.beside ?? [])].filter((one) => one !== undefined);
  return {
    row: answerRow,
    mended: answer.mended === true || code !== answer.code,
    mislabeled: words.some((one) => saysOther(row, answerRow, one)),
  };
}

/**
 * LOINC answers of a person who chooses not to answer. They apply to any question, whether its list
 * has them or not.
 */
const refusals: ReadonlyMap<string, AnswerRow> = new Map(
  [
    { code: 'LA30122-8', display: 'Chose not to answer', declined: true },
    { code: 'LA15775-2', display: "Don't know/refused", declined: true },
  ].map((one) => [one.code, one]),
);

/** Finds the row of a coded refusal that is not in the question's own list. */
export function findRefusal(row: Question, answer: Answer): FoundAnswer | undefined {
  const code = codeOf(answer) ?? '';
  const answerRow = row.byCode.has(code) ? undefined : refusals.get(code);
  return answerRow && foundByCode(row, answerRow, code, answer);
}

/**
 * Tells whether words name another answer than the code does: another one of the list or of the
 * instrument, or one that they begin with ("No, never" beside "Yes"). Unknown words contradict no
 * code, since sites word answers in their own way.
 */
function saysOther(row: Question, answerRow: AnswerRow, text: string): boolean {
  const meant = row.byWords.get(plain(text)) ?? row.byHash.get(wordsHash(text));
  if (meant) return !meant.includes(answerRow);
  const words = ` ${bare(text)} `;
  const ownNames = row.names.filter((name) => name.answer === answerRow);
  if (words.trim() === '' || ownNames.some((name) => isWithin(name.words, words))) return false;
  const codes = row.elsewhere.get(plain(text));
  if (codes) return !codes.includes(answerRow.code);
  const otherNames = row.names.filter((name) => name.answer !== answerRow);
  return otherNames.some((name) => words.startsWith(name.words) || name.words.startsWith(words));
}

const isWithin = (one: string, other: string) => one.includes(other) || other.includes(one);
