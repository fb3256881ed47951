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
  display: string;
  positive?: boolean;
  declined?: boolean;
  /** A person has to read it: "other", "unsure". */
  review?: boolean;
  score?: number;
  need?: { category: string; snomed?: string; icd10cm?: string; display: string; minimumAge?: number };
};

/** Rules over several answers that a table cannot say: scores, safety. */
export type ExtraRule = (answers: readonly Answer[], table: InstrumentTable) => { findings: Finding[]; issues: CodingIssue[] };

/** Makes an instrument of its table. Positive belongs to (instrument, question, answer) together. */
export function instrumentOf(table: InstrumentTable, extra: ExtraRule = () => ({ findings: [], issues: [] })): Instrument {
  const questions = new Map(table.questions.map((row) => [row.code, row]));
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
      const more = extra(answers, table);
      return {
        findings: [...read.flatMap((one) => one.findings), ...more.findings],
        issues: [...read.flatMap((one) => one.issues), ...more.issues],
      };
    },
  };
}

function belongs(row: QuestionRow | undefined, answer: Answer): boolean {
  if (!row) return false;
  return answer.code === undefined || row.answers === undefined || row.answers.some((one) => one.code === answer.code);
}

type Read = { findings: Finding[]; issues: CodingIssue[] };

function readQuestion(table: InstrumentTable, questions: ReadonlyMap<string, QuestionRow>, answers: readonly Answer[]): Read {
  const [first] = answers;
  const row = first && questions.get(first.question);
  if (!first) return { findings: [], issues: [] };
  if (!row) return { findings: [], issues: [issue('unmapped-question', first, 'The question is not one of the instrument.')] };
  const read = answers.map((answer) => readAnswer(table, row, answer));
  const findings = read.flatMap((one) => one.findings);
  const issues = read.flatMap((one) => one.issues);
  if (disagree(row, findings)) {
    issues.push(issue('contradiction', first, `The answers to “${row.label}” disagree.`));
    return { findings: findings.map((one) => ({ ...one, contradicted: true })), issues };
  }
  return { findings, issues };
}

/** Several answers to a question with one answer, or a hazard beside "none of the above". */
function disagree(row: QuestionRow, findings: readonly Finding[]): boolean {
  const codes = new Set(findings.map((one) => one.rule));
  if (codes.size < 2) return false;
  return row.multiple !== true || new Set(findings.map((one) => one.positive)).size > 1;
}

function readAnswer(table: InstrumentTable, row: QuestionRow, answer: Answer): Read {
  const found = findAnswer(row, answer);
  const label = found?.row.display ?? (answer.number === undefined ? (answer.absent ?? answer.text ?? '') : String(answer.number));
  const base = {
    rule: `${table.id}/${row.code}/${found?.row.code ?? 'value'}`,
    question: row.code,
    answers: [found ? { ...answer, code: found.row.code, display: found.row.display } : answer],
    categories: row.categories,
    label: `“${row.label}”: ${label}`,
    sensitive: row.sensitive === true,
    restricted: row.restricted === true,
    computed: false,
  };
  if (answer.absent !== undefined) return { findings: [{ ...base, positive: false }], issues: [] };
  if (!found) return readUnknown(row, answer, base);
  const issues: CodingIssue[] = [];
  if (found.mended) issues.push({ ...issue('mended', answer, `The answer to “${row.label}” was read by its words.`), severity: 'information' });
  if (found.row.review) issues.push(issue('unmapped-answer', answer, `The answer to “${row.label}” needs a person to read it.`));
  if (row.sensitive && (found.row.positive || found.row.review) && found.row.score === undefined) {
    issues.push(issue('sensitive', answer, `The answer to “${row.label}” is about safety: a person looks at it first.`));
  }
  const need = found.row.positive && !row.sensitive ? found.row.need : undefined;
  const finding = { ...base, positive: found.row.positive === true, ...(need ? { need } : {}), ...(found.mended ? { mended: true } : {}) };
  return { findings: [finding], issues };
}

function readUnknown(row: QuestionRow, answer: Answer, base: Omit<Finding, 'positive'>): Read {
  const findings = [{ ...base, positive: false }];
  if (row.type === 'number' && answer.number !== undefined) return { findings, issues: [] };
  if (row.type === 'text') return { findings, issues: [] };
  return { findings, issues: [issue('unmapped-answer', answer, `The answer to “${row.label}” is not in its list of answers.`)] };
}

/** By code; else by words that match exactly one answer of the list, said so; anything else is not guessed. */
function findAnswer(row: QuestionRow, answer: Answer): { row: AnswerRow; mended: boolean } | undefined {
  const list = row.answers ?? [];
  if (answer.code !== undefined) {
    const exact = list.find((one) => one.code === answer.code);
    if (exact) return { row: exact, mended: false };
    const wanted = answer.code.trim().toUpperCase();
    const close = list.find((one) => one.code === wanted);
    return close ? { row: close, mended: true } : undefined;
  }
  const words = plain(answer.text ?? answer.display);
  if (words === '') return undefined;
  const matches = list.filter((one) => plain(one.display) === words);
  return matches.length === 1 && matches[0] ? { row: matches[0], mended: true } : undefined;
}

const plain = (text: string | undefined) => (text ?? '').trim().toLowerCase().replaceAll(/\s+/g, ' ').replace(/[.!]$/, '');

export function issue(code: string, answer: Answer, text: string): CodingIssue {
  return { severity: 'warning', code, text, source: answer.source, place: answer.place };
}
