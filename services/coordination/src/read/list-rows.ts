import { isSafetyCategory } from '@loopwell/sdoh';
import {
  type EvidenceLine,
  type ListedNeed,
  type PeopleRow,
  reviews,
  type Tx,
} from '@loopwell/store';
import { versionOf } from '../decide/versions.ts';
import type { PersonFacts } from './person-facts.ts';
import type { RecordConcern } from './record.ts';

/** Why somebody is decided about alone, and not among many. */
export type AloneReason = 'seeFirst' | 'signedNo' | 'restricted' | 'disagree' | 'old';

/** An answer that a need rests on: which question and answer, and the day. */
export type ListedAnswer = { question: string; answer: string; day: string };

/** A need in a row. One about safety has no name on any list. */
export type RowNeed = {
  id: string;
  version: string;
  category: string;
  isHidden: boolean;
  answers: readonly ListedAnswer[];
  row: ListedNeed;
};

/** A row of a list: one person. */
export type ListRow = {
  person: PersonFacts;
  seeFirst: boolean;
  needs: readonly RowNeed[];
  /** The first day of what the row is about. */
  since: string;
  alone: AloneReason | undefined;
  /** The day on which the person signed a no, or null for no day; undefined where they did not. */
  signedNo?: string | null | undefined;
  /** What somebody has to know of the person's record. */
  concern?: RecordConcern | undefined;
};

/** After this many days an answer is asked again before anybody acts on it. */
const oldAnswerDays = 90;

/** The whole days from one day to another (YYYY-MM-DD). */
export const daysBetween = (from: string, to: string): number =>
  Math.max(0, Math.round((Date.parse(to) - Date.parse(from.slice(0, 10))) / 86_400_000));

/** What makes rows of people and their needs. */
export type RowParts = {
  rows: readonly Pick<PeopleRow, 'human' | 'rank'>[];
  needs: readonly ListedNeed[];
  facts: ReadonlyMap<string, PersonFacts>;
  marked: ReadonlySet<string>;
  looksAtAnswers: boolean;
  /** The days of signed nos by referral. */
  noes?: ReadonlyMap<string, string | null>;
  /** People get a signature here, so that whoever signed a no is not among many. */
  isAboutConsent?: boolean;
  /** Concerns about the records of people, by Patient. */
  concerns?: ReadonlyMap<string, RecordConcern>;
  today: string;
};

/** Makes the rows of a list, with one query for the answers that the needs rest on. */
export async function makeRows(tx: Tx, parts: RowParts): Promise<ListRow[]> {
  const { rows, facts, today, marked } = parts;
  const answers = await answersOf(tx, parts.needs);
  const byHuman = Map.groupBy(parts.needs, ({ human }) => human);
  return rows.map(({ human }) => {
    const listed = byHuman.get(human) ?? [];
    const needs = listed.map((row) => needOf(row, answers));
    const person = facts.get(human) ?? { human, patients: [human], needsInterpreter: false };
    const seeFirst = marked.has(human);
    const since = listed.map((row) => row.since.slice(0, 10)).sort()[0] ?? today;
    const against = needs.find(({ id }) => parts.noes?.has(id));
    const signedNo = against && (parts.noes?.get(against.id) ?? null);
    const alone = seeFirst ? 'seeFirst' : doubtOf(needs, parts);
    const concern = listed.map((row) => parts.concerns?.get(row.person)).find(Boolean);
    return { person, seeFirst, needs, since, alone, signedNo, concern };
  });
}

/**
 * Gives the reason to decide about somebody alone. A need under 42 CFR Part 2 goes to one partner
 * that is named, so no decision about many fits it.
 */
function doubtOf(
  needs: readonly RowNeed[],
  { looksAtAnswers, noes, isAboutConsent, today }: RowParts,
): AloneReason | undefined {
  if (isAboutConsent && needs.some(({ id }) => noes?.has(id))) return 'signedNo';
  if (needs.some(({ row }) => row.restriction !== null)) return 'restricted';
  if (!looksAtAnswers) return undefined;
  if (needs.some(({ row }) => !row.unambiguous)) return 'disagree';
  return needs.some((need) => isOld(need, today)) ? 'old' : undefined;
}

/** An answer counts from the last day on which it was given. */
function isOld({ answers, row }: RowNeed, today: string): boolean {
  const last =
    answers
      .map(({ day }) => day)
      .sort()
      .at(-1) ?? row.since;
  return daysBetween(last, today) > oldAnswerDays;
}

const keyOf = (line: Pick<EvidenceLine, 'person' | 'condition'>) =>
  `${line.person} ${line.condition}`;

async function answersOf(tx: Tx, needs: readonly ListedNeed[]) {
  const shown = needs.filter(({ category }) => !isSafetyCategory(category));
  const conditions = shown.flatMap((row) => JSON.parse(row.conditions) as string[]);
  const people = [...new Set(shown.map(({ person }) => person))];
  return Map.groupBy(await reviews.evidenceFor(tx, people, [...new Set(conditions)]), keyOf);
}

function needOf(row: ListedNeed, evidence: ReadonlyMap<string, readonly EvidenceLine[]>): RowNeed {
  const isHidden = isSafetyCategory(row.category);
  const conditions = JSON.parse(row.conditions) as string[];
  const lines = conditions.flatMap(
    (condition) => evidence.get(keyOf({ person: row.person, condition })) ?? [],
  );
  const answers = isHidden ? [] : lines.map(answerIn);
  const { id, category } = row;
  return { id, version: versionOf(row), category, isHidden, answers, row };
}

/** A rule names the instrument, the question and the answer. */
function answerIn({ rule, authored }: EvidenceLine): ListedAnswer {
  const [, question = '', answer = ''] = rule.split('/');
  return { question, answer, day: (authored ?? '').slice(0, 10) };
}
