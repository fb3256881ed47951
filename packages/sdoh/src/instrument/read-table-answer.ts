import { isRefusal } from '../fhir-json/absent-reasons.ts';
import type { Answer, CodingIssue, Finding, Read } from '../model.ts';
import { issue } from './answer-issue.ts';
import { type Found, findAnswer, findRefusal, type Question } from './answer-lookup.ts';
import { contradictedBy } from './contradictions.ts';
import { invalidAnswer, isVoid, unreadSafety } from './invalid-answers.ts';
import { isInForce } from './table-listing.ts';
import type { InstrumentTable, QuestionRow } from './table-schema.ts';

export function mendedQuestion(row: Question, answer: Answer): CodingIssue[] {
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

const wordsFor = ({ display, beside }: Answer, { row, mislabeled }: Found): string =>
  mislabeled ? (display ?? beside?.[0] ?? row.display) : row.display;

type Base = Omit<Finding, 'positive'>;

export function readAnswer(table: InstrumentTable, row: Question, answer: Answer): Read {
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
