import { isRefusal } from '../fhir-json/absent-reasons.ts';
import type { Answer, CodingIssue, Finding, ReadAnswers } from '../model.ts';
import { noteAbout, warnAbout } from './answer-issue.ts';
import { type FoundAnswer, findAnswer, findRefusal, type Question } from './answer-lookup.ts';
import { markContradicted } from './contradictions.ts';
import { describeInvalidAnswer, isVoid, warnOfUnreadSafety } from './invalid-answers.ts';
import { isInForce } from './table-listing.ts';
import type { AnswerRow, InstrumentTable, QuestionRow } from './table-schema.ts';

/** Reports that the code of a question was written in another way. DECISIONS D44. */
export function noteMendedQuestion(row: Question, answer: Answer): CodingIssue {
  const text = `The code of the question “${row.label}” was read as ${row.code}.`;
  return noteAbout('mended', answer, text);
}

/**
 * Reads one answer by the rows of its question: returns its finding, and issues about it.
 */
export function readTableAnswer(
  table: InstrumentTable,
  row: Question,
  answer: Answer,
): ReadAnswers {
  const isReadable = !answer.invalid && !answer.withoutSystem;
  const match = isReadable ? (findAnswer(row, answer) ?? findRefusal(row, answer)) : undefined;
  const finding = createFinding(table, row, answer, match);
  if (answer.absent !== undefined) return readAbsence(row, answer, finding);
  if (!isInForce(row, answer.authored) || !isInForce(match?.row ?? {}, answer.authored)) {
    const text = `The answer to “${row.label}” is of a day on which its row is not in force.`;
    finding.unread = true;
    return { findings: [finding], issues: [warnAbout('unmapped-answer', answer, text)] };
  }
  const read = match
    ? readListedAnswer(row, answer, match, finding)
    : readUnlistedAnswer(row, answer, finding);
  return answer.misnamed ? doubtMisnamed(read, row, answer) : read;
}

/** Creates a finding with question and answer, not yet judged as positive or negative. */
function createFinding(
  table: InstrumentTable,
  row: Question,
  answer: Answer,
  match: FoundAnswer | undefined,
): Finding {
  // Words that contradict the code stay as they came, so that a reader can see them.
  const read = match
    ? { ...answer, code: match.row.code, display: wordsFor(answer, match) }
    : readNumberInText(row, answer);
  const finding: Finding = {
    rule: `${table.id}/${row.code}/${match?.row.code ?? 'value'}`,
    question: row.code,
    answers: [read],
    categories: row.categories,
    label: `“${row.label}”: ${match?.row.display ?? wordsOf(answer)}`,
    sensitive: row.sensitive === true,
    restricted: row.restricted === true,
    computed: false,
    positive: false,
  };
  const ruleVersion = match?.row.version ?? row.version;
  if (ruleVersion !== undefined) finding.ruleVersion = ruleVersion;
  if (row.categoryText) finding.categoryText = row.categoryText;
  if (row.safety) finding.safety = true;
  if (row.score) finding.stated = true;
  return finding;
}

const wordsFor = ({ display, beside }: Answer, { row, mislabeled }: FoundAnswer): string =>
  mislabeled ? (display ?? beside?.[0] ?? row.display) : row.display;

const wordsOf = ({ number, absent, text }: Answer): string =>
  number === undefined ? (absent ?? text ?? '') : String(number);

/** Reads a question without an answer: the person declined, or the reason is another or unknown. */
function readAbsence(row: Question, answer: Answer, finding: Finding): ReadAnswers {
  if (isRefusal(answer.absent ?? '')) finding.declined = true;
  if (answer.blank) finding.blank = true;
  if (!answer.unsaid) return { findings: [finding], issues: [] };
  finding.unsaid = true;
  const text = `“${row.label}” came with neither an answer nor a reason why there is none.`;
  return { findings: [finding], issues: [noteAbout('not-coded', answer, text)] };
}

/** Marks an answer as doubtful whose question the form gives another code or wording, too. */
function doubtMisnamed({ findings, issues }: ReadAnswers, row: Question, answer: Answer) {
  const text = `The question “${row.label}” goes by the code or the words of another one, too.`;
  return {
    findings: findings.map(({ negative: _negative, needless: _needless, ...finding }) =>
      markContradicted(finding, true),
    ),
    issues: [...issues, warnAbout('contradiction', answer, text)],
  };
}

/** Reads an answer that is in the question's list. */
function readListedAnswer(
  row: Question,
  answer: Answer,
  match: FoundAnswer,
  finding: Finding,
): ReadAnswers {
  const { positive = false, review, declined, absent, need, ofList } = match.row;
  const isOpen = isUndecided(match);
  finding.positive = positive;
  if (positive && need && !row.sensitive && !match.mislabeled) finding.need = need;
  if (match.mended) finding.mended = true;
  if (match.mislabeled) {
    finding.contradicted = true;
    finding.doubtful = true;
  }
  if (review && !row.sensitive) finding.unread = true;
  if (absent) finding.unanswered = true;
  if (declined) finding.declined = true;
  if (!isOpen && hasNoScore(row, match.row)) finding.needless = true;
  if (ofList) finding.ofList = true;
  if (row.asksForNeed && !isOpen) finding.negative = true;
  return { findings: [finding], issues: listAnswerIssues(row, answer, match) };
}

/** Tells whether an answer cannot deny a need: it is positive, absent, or cannot be judged. */
function isUndecided({ row, mislabeled }: FoundAnswer): boolean {
  const { positive, review, unverified, unjudged, declined, absent } = row;
  return [positive, review, unverified, unjudged, declined, absent, mislabeled].includes(true);
}

const hasNoScore = (row: Question, { score }: AnswerRow): boolean =>
  score === undefined || score === row.lowestScore;

function listAnswerIssues(row: Question, answer: Answer, match: FoundAnswer): CodingIssue[] {
  const { positive, review, inconclusive, unverified, score, display } = match.row;
  const subject = `The answer to “${row.label}”`;
  const issues: CodingIssue[] = [];
  const warn = (code: string, text: string) => issues.push(warnAbout(code, answer, text));
  if (match.mended)
    issues.push(noteAbout('mended', answer, `${subject} was read as “${display}”.`));
  if (review && !row.sensitive) warn('unmapped-answer', `${subject} needs a person to read it.`);
  if (inconclusive)
    warn('not-conclusive', `${subject} may mean a need, and does not establish one.`);
  if (unverified)
    warn('not-conclusive', `${subject} may mean a need; no source says so for certain.`);
  if (match.mislabeled)
    warn(
      'contradiction',
      `A code and its words say different things in the answer to “${row.label}”.`,
    );
  const isOfConcern = positive || review || match.mislabeled;
  if (row.sensitive && isOfConcern && score === undefined)
    issues.push(
      warnOfSafety(row, answer, `${subject} is about safety: a person looks at it first.`),
    );
  return issues;
}

function warnOfSafety({ danger }: Question, answer: Answer, text: string): CodingIssue {
  const warning = warnAbout('sensitive', answer, text);
  if (danger) warning.danger = danger;
  return warning;
}

const decimal = /^\d+(\.\d+)?$/;

/** Reads a number that came as text. */
function readNumberInText(row: QuestionRow, { text, ...answer }: Answer): Answer {
  if (text === undefined) return answer;
  if (row.type === 'number' && decimal.test(text.trim()))
    return { ...answer, number: Number(text), mended: true };
  return { ...answer, text };
}

/**
 * Reads an answer that is not in the question's list: free text, a number, or an unreadable value.
 */
function readUnlistedAnswer(row: QuestionRow, answer: Answer, finding: Finding): ReadAnswers {
  const refuse = (...issues: CodingIssue[]): ReadAnswers => {
    finding.unread = true;
    return { findings: [finding], issues };
  };
  const refuseAs = (code: string, text: string) => refuse(warnAbout(code, answer, text));
  const subject = `The answer to “${row.label}”`;
  if (answer.invalid && isVoid(answer)) return refuse(...warnOfUnreadSafety(row, answer));
  if (answer.invalid)
    return refuse(describeInvalidAnswer(row, answer), ...warnOfUnreadSafety(row, answer));
  if (answer.withoutSystem)
    return refuseAs('missing-data', `${subject} is a code without its code system.`);
  const number = finding.answers[0]?.number;
  const isNumber = number !== undefined && takesNumbers(row);
  if (isNumber && !isPossible(row, number))
    return refuseAs('invalid-value', `${subject} is out of range.`);
  if (row.type === 'text' || row.open) return { findings: [finding], issues: [] };
  if (isNumber) return readNumber(row, number, answer, finding);
  if (number !== undefined)
    return refuseAs('invalid-value', `${subject} is a number where a choice was asked for.`);
  return refuseAs('unmapped-answer', `${subject} is not in its list of answers.`);
}

const takesNumbers = ({ type, open, range }: QuestionRow): boolean =>
  type === 'number' || (open === true && range !== undefined);

function isPossible({ range, whole }: QuestionRow, number: number): boolean {
  const [lowest = 0, highest = Number.POSITIVE_INFINITY] = range ?? [];
  return number >= lowest && number <= highest && (whole !== true || Number.isInteger(number));
}

function readNumber(
  row: QuestionRow,
  number: number,
  answer: Answer,
  finding: Finding,
): ReadAnswers {
  const issues: CodingIssue[] = [];
  if (finding.answers[0]?.mended === true) {
    finding.mended = true;
    const text = `The answer to “${row.label}” was read as the number ${number}.`;
    issues.push(noteAbout('mended', answer, text));
  }
  if (row.low !== undefined && number <= row.low) {
    const text = `“${row.label}” is low, which may mean a need; no source says so for certain.`;
    issues.push(warnAbout('not-conclusive', answer, text));
  }
  return { findings: [finding], issues };
}
