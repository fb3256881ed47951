import type { Answer, AskedNeed, Instrument, ReadAnswers } from '../model.ts';
import { warnAbout } from './answer-issue.ts';
import {
  canAnswer,
  findAnswer,
  indexQuestions,
  type Question,
  splitAnswer,
} from './answer-lookup.ts';
import { compareFindings, compareFlags, compareStatedScores } from './contradictions.ts';
import { keepOneSafetyIssue } from './invalid-answers.ts';
import { needKey } from './need-key.ts';
import { findOutOfScopeIssue } from './out-of-scope.ts';
import { joinHalves } from './question-halves.ts';
import { noteMendedQuestion, readTableAnswer } from './read-table-answer.ts';
import { mergeRepeatedFindings } from './repeated-answers.ts';
import type { InstrumentTable, QuestionRow } from './table-schema.ts';
import { createWordingLookup } from './wording-lookup.ts';

type Questions = ReadonlyMap<string, Question>;

/**
 * A rule over several answers that a table cannot express (scores, safety). It takes the answers as
 * the table read them, and returns them as judged.
 */
export type ExtraRule = (read: ReadAnswers, table: InstrumentTable) => ReadAnswers;

/**
 * Creates an instrument from its table. Whether an answer is positive depends on instrument,
 * question and answer together.
 */
export function createInstrument(
  table: InstrumentTable,
  extra: ExtraRule = (read) => read,
  place: Pick<Instrument, 'isSettled' | 'owns'> = { isSettled: true, owns: () => false },
): Instrument {
  const questions = indexQuestions(table.questions);
  const needs = new Map(table.questions.map((row) => [row.code, listNeeds(table, row)]));
  const scores = table.questions.filter((row) => row.score).map((row) => row.code);
  const knowsAnswer = (answer: Answer) => {
    const row = questions.get(answer.question);
    return row !== undefined && findAnswer(row, answer) !== undefined;
  };
  const instrument: Instrument = {
    ...place,
    id: table.id,
    name: table.name,
    panel: table.panel,
    version: table.version,
    codeSystems: table.codeSystems,
    canonicals: table.canonicals,
    questions: [...questions.keys()],
    scores,
    ...createWordingLookup(table.questions),
    labelOf: (question) => questions.get(question)?.label ?? question,
    categoriesOf: (question) => questions.get(question)?.categories ?? [],
    asksFor: (question) => needs.get(question) ?? [],
    knows: (answers) => answers.filter(knowsAnswer).length,
    answersTo: (answers) =>
      answers.every((answer) => canAnswer(questions.get(answer.question), answer)),
    findings: (answers) => readAnswers(table, questions, extra, answers),
  };
  if (table.short !== undefined) instrument.short = table.short;
  return instrument;
}

function readAnswers(
  table: InstrumentTable,
  questions: Questions,
  extra: ExtraRule,
  answers: readonly Answer[],
): ReadAnswers {
  const byQuestion = Map.groupBy(answers, (answer) => answer.question);
  const read = joinReadings(
    [...byQuestion.values()].map((group) => readQuestion(table, questions, group)),
  );
  const scored = compareStatedScores(extra(read, table), questions);
  return keepOneSafetyIssue(compareFlags(scored));
}

const joinReadings = (readings: readonly ReadAnswers[]): ReadAnswers => ({
  findings: readings.flatMap((read) => read.findings),
  issues: readings.flatMap((read) => read.issues),
});

/** Lists the needs that the answers of a question establish. */
function listNeeds(table: InstrumentTable, row: QuestionRow): AskedNeed[] {
  const needs: AskedNeed[] = [];
  for (const { code, need } of row.answers ?? []) {
    if (!need) continue;
    const key = needKey(need, `${table.id}/${row.code}/${code}`);
    needs.push({ ...need, key, isOwn: row.categories.includes(need.category) });
  }
  return needs;
}

function readQuestion(
  table: InstrumentTable,
  questions: Questions,
  answers: readonly Answer[],
): ReadAnswers {
  const [first] = answers;
  if (!first) return { findings: [], issues: [] };
  const row = questions.get(first.question);
  if (!row) return { findings: [], issues: answers.map(reportUnknownQuestion) };
  const parts = answers.flatMap((answer) => splitAnswer(row, answer));
  const read = joinReadings(parts.map((part) => readTableAnswer(table, row, part)));
  const halves = joinHalves(row, read.findings);
  const { findings, issues: repetitions } = mergeRepeatedFindings(halves.findings);
  const mended = answers.filter((answer) => answer.mendedQuestion === true);
  const issues = [
    ...read.issues,
    ...repetitions,
    ...mended.map((answer) => noteMendedQuestion(row, answer)),
  ];
  if (row.score) return { findings, issues };
  const compared = compareFindings(row, findings.filter(halves.isComparable), answers);
  const others = findings.filter((finding) => !halves.isComparable(finding));
  return { findings: [...compared.findings, ...others], issues: [...issues, ...compared.issues] };
}

const reportUnknownQuestion = (answer: Answer) =>
  findOutOfScopeIssue(answer.question, answer) ??
  warnAbout('unmapped-question', answer, 'The question is not one of the instrument.');
