import { type Answer, type AskedNeed, type Instrument, needKey, type Read } from '../model.ts';
import { issue } from './answer-issue.ts';
import { belongs, findAnswer, indexedBy, partsOf, type Question } from './answer-lookup.ts';
import { compare, withFlags, withScores } from './contradictions.ts';
import { saidOnce } from './invalid-answers.ts';
import { beyondAt } from './out-of-scope.ts';
import { halvesOf } from './question-halves.ts';
import { mendedQuestion, readAnswer } from './read-table-answer.ts';
import { onceEach } from './repeated-answers.ts';
import type { InstrumentTable, QuestionRow } from './table-schema.ts';
import { wordingsOf } from './wording-lookup.ts';

/** Rules over several answers that a table cannot say (scores, safety): what was read in, what stands out. */
export type ExtraRule = (read: Read, table: InstrumentTable) => Read;

/** Makes an instrument of its table. Positive belongs to (instrument, question, answer) together. */
export function instrumentOf(
  table: InstrumentTable,
  extra: ExtraRule = (read) => read,
  place: Pick<Instrument, 'isSettled' | 'owns'> = { isSettled: true, owns: () => false },
): Instrument {
  const questions = indexedBy(table.questions);
  const asked = new Map(table.questions.map((row) => [row.code, needsOfRow(table, row)]));
  return {
    ...place,
    id: table.id,
    name: table.name,
    ...(table.short === undefined ? {} : { short: table.short }),
    panel: table.panel,
    version: table.version,
    codeSystems: table.codeSystems,
    canonicals: table.canonicals,
    questions: [...questions.keys()],
    scores: table.questions.flatMap((row) => (row.score ? [row.code] : [])),
    ...wordingsOf(table.questions),
    labelOf: (question) => questions.get(question)?.label ?? question,
    categoriesOf: (question) => questions.get(question)?.categories ?? [],
    asksFor: (question) => asked.get(question) ?? [],
    knows: (answers) =>
      answers.filter((answer) => {
        const row = questions.get(answer.question);
        return row !== undefined && findAnswer(row, answer) !== undefined;
      }).length,
    answersTo: (answers) =>
      answers.every((answer) => belongs(questions.get(answer.question), answer)),
    findings: (answers) => {
      const read = [...Map.groupBy(answers, (answer) => answer.question).values()].map((some) =>
        readQuestion(table, questions, some),
      );
      const findings = read.flatMap((one) => one.findings);
      return saidOnce(
        withFlags(
          withScores(
            extra({ findings, issues: read.flatMap((one) => one.issues) }, table),
            questions,
          ),
        ),
      );
    },
  };
}

const needsOfRow = (table: InstrumentTable, row: QuestionRow): AskedNeed[] =>
  (row.answers ?? []).flatMap(({ code, need }) => {
    if (!need) return [];
    return [
      {
        ...need,
        key: needKey(need, `${table.id}/${row.code}/${code}`),
        isOwn: row.categories.includes(need.category),
      },
    ];
  });

function readQuestion(
  table: InstrumentTable,
  questions: ReadonlyMap<string, Question>,
  answers: readonly Answer[],
): Read {
  const [first] = answers;
  const row = first && questions.get(first.question);
  if (!first) return { findings: [], issues: [] };
  const unknown = 'The question is not one of the instrument.';
  if (!row)
    return {
      findings: [],
      issues: answers.map(
        (one) => beyondAt(one.question, one) ?? issue('unmapped-question', one, unknown),
      ),
    };
  const read = answers
    .flatMap((answer) => partsOf(row, answer))
    .map((answer) => readAnswer(table, row, answer));
  const halves = halvesOf(
    row,
    read.flatMap((one) => one.findings),
  );
  const { findings, issues: repetitions } = onceEach(halves.findings);
  const issues = [
    ...read.flatMap((one) => one.issues),
    ...repetitions,
    ...answers.flatMap((answer) => mendedQuestion(row, answer)),
  ];
  if (row.score) return { findings, issues };
  const compared = compare(row, findings.filter(halves.isComparable), answers);
  const others = findings.filter((one) => !halves.isComparable(one));
  return { findings: [...compared.findings, ...others], issues: [...issues, ...compared.issues] };
}
