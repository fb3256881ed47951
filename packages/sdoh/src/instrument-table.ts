import type { Answer, CodingIssue, Finding, Instrument } from './model.ts';

/** An instrument as data: one row for each question and answer, each with what it means. */
export type InstrumentTable = {
  id: string;
  name: string;
  panel: string;
  canonicals: readonly string[];
  version: string;
  validFrom: string;
  codeSystems: Readonly<Record<string, string>>;
  questions: readonly QuestionRow[];
};

export type QuestionRow = {
  code: string;
  label: string;
  categories: readonly string[];
  type: string;
  multiple?: boolean;
  sensitive?: boolean;
  restricted?: boolean;
  answers?: readonly AnswerRow[];
};

export type AnswerRow = {
  code: string;
  /** In short words of ours. */
  display: string;
  /** As the form words it, where that differs: text is matched by it. */
  words?: readonly string[];
  positive?: boolean;
  declined?: boolean;
  /** A person has to read it: "other", "unsure". */
  review?: boolean;
  /** No source says whether it means a need: the row is off, and a person looks. */
  unverified?: boolean;
  score?: number;
  need?: { category: string; snomed?: string; icd10cm?: string; display: string; minimumAge?: number };
};

/** What reading an instrument's answers gave so far. */
export type Read = { findings: Finding[]; issues: CodingIssue[] };

/** Rules over several answers that a table cannot say (scores, safety): what was read in, what stands out. */
export type ExtraRule = (read: Read, table: InstrumentTable) => Read;

type Question = QuestionRow & {
  byCode: ReadonlyMap<string, AnswerRow>;
  byWords: ReadonlyMap<string, readonly AnswerRow[]>;
  asksForNeed: boolean;
};

/** Makes an instrument of its table. Positive belongs to (instrument, question, answer) together. */
export function instrumentOf(table: InstrumentTable, extra: ExtraRule = (read) => read): Instrument {
  const questions = new Map(table.questions.map((row) => [row.code, indexed(row)]));
  return {
    id: table.id,
    name: table.name,
    panel: table.panel,
    version: table.version,
    codeSystems: table.codeSystems,
    canonicals: table.canonicals,
    questions: [...questions.keys()],
    answersTo: (answers) => answers.every((answer) => belongs(questions.get(answer.question), answer)),
    findings: (answers) => {
      const read = [...Map.groupBy(answers, (answer) => answer.question).values()].map((some) => readQuestion(table, questions, some));
      return extra({ findings: read.flatMap((one) => one.findings), issues: read.flatMap((one) => one.issues) }, table);
    },
  };
}

function indexed(row: QuestionRow): Question {
  const answers = row.answers ?? [];
  const worded = answers.flatMap((one) => [one.display, ...(one.words ?? [])].map((words) => ({ words: plain(words), one })));
  const grouped = [...Map.groupBy(worded, ({ words }) => words)].map(
    ([words, some]) => [words, [...new Set(some.map(({ one }) => one))]] as const,
  );
  return {
    ...row,
    byCode: new Map(answers.map((one) => [one.code, one])),
    byWords: new Map(grouped),
    asksForNeed: answers.some((one) => one.positive === true),
  };
}

const codeOf = (answer: Answer) => answer.code?.trim().toUpperCase();

function belongs(row: Question | undefined, answer: Answer): boolean {
  if (!row) return false;
  const code = codeOf(answer);
  return code === undefined || row.answers === undefined || row.byCode.has(code);
}

function readQuestion(table: InstrumentTable, questions: ReadonlyMap<string, Question>, answers: readonly Answer[]): Read {
  const [first] = answers;
  const row = first && questions.get(first.question);
  if (!first) return { findings: [], issues: [] };
  if (!row) return { findings: [], issues: [issue('unmapped-question', first, 'The question is not one of the instrument.')] };
  const read = answers.map((answer) => readAnswer(table, row, answer));
  const findings = onceEach(read.flatMap((one) => one.findings));
  const issues = read.flatMap((one) => one.issues);
  if (!disagree(row, findings)) return { findings, issues };
  issues.push(issue('contradiction', first, `The answers to “${row.label}” disagree.`));
  // One answer was asked for, and both "yes" and something else came: no need follows from that. Among several answers
  // a hazard counts beside "none of the above".
  const doubtful = row.multiple !== true && new Set(findings.map((one) => one.positive)).size > 1;
  return { findings: findings.map((one) => contradictedBy(one, doubtful)), issues };
}

function contradictedBy({ need, ...finding }: Finding, doubtful: boolean): Finding {
  return { ...finding, contradicted: true, ...(doubtful ? { doubtful } : need ? { need } : {}) };
}

/** The same answer by code and by words is one; the one that needed no mending stands for it. */
function onceEach(findings: readonly Finding[]): Finding[] {
  const byRule = new Map<string, Finding>();
  for (const [index, one] of findings.entries()) {
    const key = one.rule.endsWith('/value') ? `${one.rule} ${index}` : one.rule;
    const known = byRule.get(key);
    if (!known || (known.mended === true && one.mended !== true)) byRule.set(key, one);
  }
  return [...byRule.values()];
}

/** Several answers to a question with one answer, or a hazard beside "none of the above". */
function disagree(row: QuestionRow, findings: readonly Finding[]): boolean {
  const said = findings.filter((one) => one.answers[0]?.absent === undefined);
  if (new Set(said.map((one) => `${one.rule} ${one.answers[0]?.number ?? ''}`)).size < 2) return false;
  return row.multiple !== true || new Set(said.map((one) => one.positive)).size > 1;
}

type Base = Omit<Finding, 'positive'>;

function readAnswer(table: InstrumentTable, row: Question, answer: Answer): Read {
  const found = answer.invalid || answer.withoutSystem ? undefined : findAnswer(row, answer);
  const base: Base = {
    rule: `${table.id}/${row.code}/${found?.row.code ?? 'value'}`,
    question: row.code,
    answers: [found ? { ...answer, code: found.row.code, display: found.row.display } : numbered(row, answer)],
    categories: row.categories,
    label: `“${row.label}”: ${found?.row.display ?? (answer.number === undefined ? (answer.absent ?? answer.text ?? '') : String(answer.number))}`,
    sensitive: row.sensitive === true,
    restricted: row.restricted === true,
    computed: false,
  };
  if (answer.absent !== undefined) return { findings: [{ ...base, positive: false }], issues: [] };
  return found ? readFound(row, answer, found, base) : readUnknown(row, answer, base);
}

function readFound(row: Question, answer: Answer, found: Found, base: Base): Read {
  const issues: CodingIssue[] = [];
  const { positive = false, review, unverified, declined, score, need } = found.row;
  if (found.mended)
    issues.push({
      ...issue('mended', answer, `The answer to “${row.label}” was read as “${found.row.display}”.`),
      severity: 'information',
    });
  if (review) issues.push(issue('unmapped-answer', answer, `The answer to “${row.label}” needs a person to read it.`));
  if (unverified)
    issues.push(issue('not-conclusive', answer, `The answer to “${row.label}” may mean a need; no source says so for certain.`));
  if (found.mislabelled)
    issues.push(issue('contradiction', answer, `A code and its words say different things in the answer to “${row.label}”.`));
  if (row.sensitive && (positive || review) && score === undefined) {
    issues.push(issue('sensitive', answer, `The answer to “${row.label}” is about safety: a person looks at it first.`));
  }
  const finding: Finding = {
    ...base,
    positive,
    ...(positive && need && !row.sensitive && !found.mislabelled ? { need } : {}),
    ...(found.mended ? { mended: true } : {}),
    ...(found.mislabelled ? { contradicted: true, doubtful: true } : {}),
    ...(row.asksForNeed && !positive && !review && !unverified && !declined && !found.mislabelled ? { negative: true } : {}),
  };
  return { findings: [finding], issues };
}

const number = /^\d+(\.\d+)?$/;

/** A number that came as text is that number. */
function numbered(row: QuestionRow, { text, ...answer }: Answer): Answer {
  if (row.type === 'number' && text !== undefined && number.test(text.trim())) return { ...answer, number: Number(text) };
  return text === undefined ? answer : { ...answer, text };
}

function readUnknown(row: QuestionRow, answer: Answer, base: Base): Read {
  const findings = [{ ...base, positive: false }];
  const say = (code: string, text: string) => ({ findings, issues: [issue(code, answer, text)] });
  if (answer.invalid) return say('invalid-value', `What was sent as the answer to “${row.label}” is no answer (${answer.invalid}).`);
  if (answer.withoutSystem) return say('missing-data', `The answer to “${row.label}” is a code without its code system.`);
  if (row.type === 'text') return { findings, issues: [] };
  const given = base.answers[0]?.number;
  if (row.type === 'number' && given !== undefined) {
    return given >= 0 ? { findings, issues: [] } : say('invalid-value', `The answer to “${row.label}” is out of range.`);
  }
  if (given !== undefined) return say('invalid-value', `The answer to “${row.label}” is a number where a choice was asked for.`);
  return say('unmapped-answer', `The answer to “${row.label}” is not in its list of answers.`);
}

type Found = { row: AnswerRow; mended: boolean; mislabelled: boolean };

/** By code; else by words that match exactly one answer of the list, said so; anything else is not guessed. */
function findAnswer(row: Question, answer: Answer): Found | undefined {
  const code = codeOf(answer);
  if (code !== undefined) {
    const found = row.byCode.get(code);
    if (!found) return undefined;
    const meant = row.byWords.get(plain(answer.display));
    return {
      row: found,
      mended: answer.mended === true || code !== answer.code,
      mislabelled: meant !== undefined && !meant.includes(found),
    };
  }
  const matches = row.byWords.get(plain(answer.text ?? answer.display)) ?? [];
  return matches.length === 1 && matches[0] ? { row: matches[0], mended: true, mislabelled: false } : undefined;
}

const plain = (text: string | undefined) =>
  (text ?? '').trim().toLowerCase().replaceAll('’', "'").replaceAll(/\s+/g, ' ').replace(/[.!]$/, '');

export function issue(code: string, answer: Pick<Answer, 'source' | 'place'>, text: string): CodingIssue {
  return { severity: 'warning', code, text, source: answer.source, ...(answer.place ? { place: answer.place } : {}) };
}
