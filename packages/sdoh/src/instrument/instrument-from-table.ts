import { needKey } from '../coding/need-evidence.ts';
import { isRefusal } from '../fhir-json/absent-reasons.ts';
import { isVoid } from '../fhir-json/flaws.ts';
import type { Answer, AskedNeed, CodingIssue, Finding, Instrument } from '../model.ts';
import { issue } from './answer-issue.ts';
import {
  belongs,
  type Found,
  findAnswer,
  findRefusal,
  indexedBy,
  partsOf,
  type Question,
} from './answer-lookup.ts';
import { invalidAnswer, saidOnce, unreadSafety } from './invalid-answers.ts';
import { beyondAt } from './out-of-scope.ts';
import { halvesOf } from './question-halves.ts';
import { onceEach } from './repeated-answers.ts';
import { isInForce } from './table-listing.ts';
import type { InstrumentTable, QuestionRow } from './table-schema.ts';
import { wordingsOf } from './wording-lookup.ts';

/** What reading an instrument's answers gave so far. */
export type Read = { findings: Finding[]; issues: CodingIssue[] };

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

/** Stated scores are compared last: one that the answers overruled contradicts none that agrees with them. */
function withScores(read: Read, questions: ReadonlyMap<string, Question>): Read {
  const stated = Map.groupBy(
    read.findings.filter((one) => one.stated && !one.overruled),
    (one) => one.question,
  );
  return [...stated].reduce((whole, [question, some]) => {
    const row = questions.get(question);
    if (!row || some.length < 2) return whole;
    const compared = compare(
      row,
      some,
      some.flatMap((one) => one.answers),
    );
    const findings = whole.findings.map((one) => compared.findings[some.indexOf(one)] ?? one);
    return { findings, issues: [...whole.issues, ...compared.issues] };
  }, read);
}

/** What was answered counts, not the POS or NEG that came with it; that they disagree is said. */
function withFlags({ findings, issues }: Read): Read {
  const isDisputed = (one: Finding) => {
    const [answer] = one.answers;
    if (one.computed || answer?.flag === undefined) return false;
    if (answer.flag === 'NEG') return one.positive;
    return [
      one.needless,
      one.negative,
      one.declined,
      one.unanswered,
      answer.absent !== undefined,
    ].includes(true);
  };
  if (!findings.some(isDisputed)) return { findings, issues };
  const told = findings.filter(isDisputed).flatMap(({ answers: [answer] }) => answer ?? []);
  return {
    findings: findings.map((one) => (isDisputed(one) ? { ...one, contradicted: true } : one)),
    issues: [
      ...issues,
      ...told.map((answer) =>
        issue(
          'contradiction',
          answer,
          'The answer and its interpretation disagree: the answer counts.',
        ),
      ),
    ],
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

function compare(row: Question, findings: Finding[], answers: readonly Answer[]): Read {
  if (findings.length < 2 || !disagree(row, findings)) return { findings, issues: [] };
  const first = firstOf(answers);
  if (!first) return { findings, issues: [] };
  const issues = [issue('contradiction', first, `The answers to “${row.label}” disagree.`)];
  // One answer was asked for, and both "yes" and something else came: no need follows from that. Among several answers
  // a hazard counts beside "none of the above".
  const doubtful = row.multiple !== true && new Set(findings.map((one) => one.positive)).size > 1;
  return { findings: findings.map((one) => contradictedBy(one, doubtful)), issues };
}

function mendedQuestion(row: Question, answer: Answer): CodingIssue[] {
  if (answer.mendedQuestion !== true) return [];
  return [
    {
      ...issue(
        'mended',
        answer,
        `The code of the question “${row.label}” was read as ${row.code}.`,
      ),
      severity: 'information',
    },
  ];
}

function contradictedBy({ need, ...finding }: Finding, doubtful: boolean): Finding {
  return { ...finding, contradicted: true, ...(doubtful ? { doubtful } : need ? { need } : {}) };
}

/** Made once: a collator for each comparison would take a tenth of all coding. */
const places = new Intl.Collator('en', { numeric: true });

/** The one that stands first in its resource. */
export function firstOf(answers: readonly Answer[]): Answer | undefined {
  let [first] = answers;
  for (const one of answers) if (first && isBefore(one, first)) first = one;
  return first;
}

const isBefore = (a: Answer, b: Answer) =>
  a.source === b.source ? places.compare(a.place, b.place) < 0 : a.source < b.source;

/** Several answers to a question with one answer, or a hazard beside "none of the above". */
function disagree(row: QuestionRow, findings: readonly Finding[]): boolean {
  // What could not be read speaks against nothing that could.
  const said = findings.filter(
    ({ answers: [answer] }) => answer?.absent === undefined && !(answer && isVoid(answer)),
  );
  // Whoever does not want to answer, and does, has said two things.
  if (said.some((one) => one.declined) && said.some((one) => !one.declined)) return true;
  if (new Set(said.map((one) => `${one.rule} ${one.answers[0]?.number ?? ''}`)).size < 2)
    return false;
  if (row.multiple !== true) return true;
  // What nobody could read ("other", free text) speaks against none of the others.
  return new Set(said.flatMap((one) => (one.unread ? [] : [one.positive]))).size > 1;
}

const wordsFor = ({ display, beside }: Answer, { row, mislabeled }: Found): string =>
  mislabeled ? (display ?? beside?.[0] ?? row.display) : row.display;

type Base = Omit<Finding, 'positive'>;

function readAnswer(table: InstrumentTable, row: Question, answer: Answer): Read {
  const found =
    answer.invalid || answer.withoutSystem
      ? undefined
      : (findAnswer(row, answer) ?? findRefusal(row, answer));
  const ruleVersion = found?.row.version ?? row.version;
  const base: Base = {
    rule: `${table.id}/${row.code}/${found?.row.code ?? 'value'}`,
    ...(ruleVersion === undefined ? {} : { ruleVersion }),
    question: row.code,
    // Words that say something else stay as they came: whoever reads them later has to see it.
    answers: [
      found
        ? { ...answer, code: found.row.code, display: wordsFor(answer, found) }
        : numbered(row, answer),
    ],
    categories: row.categories,
    ...(row.categoryText ? { categoryText: row.categoryText } : {}),
    label: `“${row.label}”: ${found?.row.display ?? (answer.number === undefined ? (answer.absent ?? answer.text ?? '') : String(answer.number))}`,
    sensitive: row.sensitive === true,
    restricted: row.restricted === true,
    ...(row.safety ? { safety: true } : {}),
    computed: false,
    ...(row.score ? { stated: true } : {}),
  };
  if (answer.absent !== undefined) {
    const declined = isRefusal(answer.absent) ? { declined: true } : {};
    return {
      findings: [
        {
          ...base,
          positive: false,
          ...declined,
          ...(answer.blank ? { blank: true } : {}),
          ...(answer.unsaid ? { unsaid: true } : {}),
        },
      ],
      issues: answer.unsaid ? [unsaid(row, answer)] : [],
    };
  }
  if (!isInForce(row, answer.authored) || !isInForce(found?.row ?? {}, answer.authored)) {
    const text = `The answer to “${row.label}” is of a day on which its row is not in force.`;
    return {
      findings: [{ ...base, positive: false, unread: true }],
      issues: [issue('unmapped-answer', answer, text)],
    };
  }
  const read = found ? readFound(row, answer, found, base) : readUnknown(row, answer, base);
  return answer.misnamed ? doubted(read, row, answer) : read;
}

/** Nothing follows from an answer to which the form words another question. */
function doubted({ findings, issues }: Read, row: Question, answer: Answer): Read {
  const text = `The question “${row.label}” goes by the code or the words of another one, too.`;
  return {
    findings: findings.map(({ negative: _negative, needless: _needless, ...one }) =>
      contradictedBy(one, true),
    ),
    issues: [...issues, issue('contradiction', answer, text)],
  };
}

function isPossible({ range, whole }: QuestionRow, given: number): boolean {
  const [lowest = 0, highest = Number.POSITIVE_INFINITY] = range ?? [];
  return given >= lowest && given <= highest && (whole !== true || Number.isInteger(given));
}

function readNumber(row: QuestionRow, given: number, answer: Answer, base: Base): Read {
  const isMended = base.answers[0]?.mended === true;
  const issues: CodingIssue[] = [];
  if (isMended)
    issues.push({
      ...issue('mended', answer, `The answer to “${row.label}” was read as the number ${given}.`),
      severity: 'information',
    });
  if (row.low !== undefined && given <= row.low)
    issues.push(
      issue(
        'not-conclusive',
        answer,
        `“${row.label}” is low, which may mean a need; no source says so for certain.`,
      ),
    );
  return {
    findings: [{ ...base, positive: false, ...(isMended ? { mended: true } : {}) }],
    issues,
  };
}

function unsaid(row: Question, answer: Answer): CodingIssue {
  const text = `“${row.label}” came with neither an answer nor a reason why there is none.`;
  return { ...issue('not-coded', answer, text), severity: 'information' };
}

function readFound(row: Question, answer: Answer, found: Found, base: Base): Read {
  const issues: CodingIssue[] = [];
  const {
    positive = false,
    review,
    unverified,
    unjudged,
    inconclusive,
    declined,
    absent,
    score,
    need,
  } = found.row;
  const isOpen =
    positive || review || unverified || unjudged || declined || absent || found.mislabeled;
  const needless = !isOpen && (score === undefined || score === row.lowestScore);
  if (found.mended)
    issues.push({
      ...issue(
        'mended',
        answer,
        `The answer to “${row.label}” was read as “${found.row.display}”.`,
      ),
      severity: 'information',
    });
  if (review && !row.sensitive)
    issues.push(
      issue('unmapped-answer', answer, `The answer to “${row.label}” needs a person to read it.`),
    );
  if (inconclusive)
    issues.push(
      issue(
        'not-conclusive',
        answer,
        `The answer to “${row.label}” may mean a need, and does not establish one.`,
      ),
    );
  if (unverified)
    issues.push(
      issue(
        'not-conclusive',
        answer,
        `The answer to “${row.label}” may mean a need; no source says so for certain.`,
      ),
    );
  if (found.mislabeled)
    issues.push(
      issue(
        'contradiction',
        answer,
        `A code and its words say different things in the answer to “${row.label}”.`,
      ),
    );
  if (row.sensitive && (positive || review || found.mislabeled) && score === undefined) {
    issues.push({
      ...issue(
        'sensitive',
        answer,
        `The answer to “${row.label}” is about safety: a person looks at it first.`,
      ),
      ...(row.danger ? { danger: row.danger } : {}),
    });
  }
  const finding: Finding = {
    ...base,
    positive,
    ...(positive && need && !row.sensitive && !found.mislabeled ? { need } : {}),
    ...(found.mended ? { mended: true } : {}),
    ...(found.mislabeled ? { contradicted: true, doubtful: true } : {}),
    ...(review && !row.sensitive ? { unread: true } : {}),
    ...(absent ? { unanswered: true } : {}),
    ...(declined ? { declined: true } : {}),
    ...(needless ? { needless } : {}),
    ...(found.row.ofList ? { ofList: true } : {}),
    ...(row.asksForNeed && !isOpen ? { negative: true } : {}),
  };
  return { findings: [finding], issues };
}

const number = /^\d+(\.\d+)?$/;

/** A number that came as text is that number. */
function numbered(row: QuestionRow, { text, ...answer }: Answer): Answer {
  if (row.type === 'number' && text !== undefined && number.test(text.trim()))
    return { ...answer, number: Number(text), mended: true };
  return text === undefined ? answer : { ...answer, text };
}

function readUnknown(row: QuestionRow, answer: Answer, base: Base): Read {
  const findings = [{ ...base, positive: false, unread: true }];
  const kept = [{ ...base, positive: false }];
  const say = (code: string, text: string) => ({ findings, issues: [issue(code, answer, text)] });
  if (answer.invalid && isVoid(answer)) return { findings, issues: unreadSafety(row, answer) };
  if (answer.invalid)
    return { findings, issues: [invalidAnswer(row, answer), ...unreadSafety(row, answer)] };
  if (answer.withoutSystem)
    return say('missing-data', `The answer to “${row.label}” is a code without its code system.`);
  const given = base.answers[0]?.number;
  const isNumber =
    given !== undefined &&
    (row.type === 'number' || (row.open === true && row.range !== undefined));
  if (isNumber && !isPossible(row, given))
    return say('invalid-value', `The answer to “${row.label}” is out of range.`);
  if (row.type === 'text' || row.open) return { findings: kept, issues: [] };
  if (isNumber) return readNumber(row, given, answer, base);
  if (given !== undefined)
    return say(
      'invalid-value',
      `The answer to “${row.label}” is a number where a choice was asked for.`,
    );
  return say('unmapped-answer', `The answer to “${row.label}” is not in its list of answers.`);
}
