import {
  type Answer,
  type ExtraRule,
  type Finding,
  type InstrumentTable,
  type ReadAnswers,
  warnAbout,
} from '@loopwell/sdoh';

const items = ['88122-7', '88123-5'];
const score = '88124-3';
const [atRisk, noRisk, never] = ['LA19952-3', 'LA19983-8', 'LA28398-8'];

type Question = InstrumentTable['questions'][number];
type ScoreAnswer = NonNullable<Question['answers']>[number];

/** The row of the score, and of the risk that follows from the items. */
type Risk = { row: Question; answer: ScoreAnswer };

/**
 * Computes the food insecurity risk (88124-3): at risk when one item is often or sometimes true; no
 * risk only when both are never true. It needs clear answers to both items (the guide's own formula
 * would call a refusal beside "never" no risk). With one clear answer only, often or sometimes true
 * establishes the need by itself, as it does in other forms.
 *
 * A stated risk counts where no item came. Where it disagrees with the items, the items count and a
 * person looks. No risk is computed beside a stated one. A stated risk that rests on answers that
 * do not count is overruled.
 */
export const risk: ExtraRule = (read, table) => {
  const asked = read.findings.filter(
    (finding) => items.includes(finding.question) && !finding.blank,
  );
  const stated = read.findings.filter(
    (finding) => finding.question === score && codeOf(finding) !== undefined && !finding.declined,
  );
  const code = riskCode(asked);
  if (code === undefined) return judgeWithoutScore(read, asked, stated);
  const row = table.questions.find((question) => question.code === score);
  const answer = row?.answers?.find((listed) => listed.code === code);
  if (!row || !answer || asked.length === 0) return read;
  const agreeing = stated.filter((finding) => codeOf(finding) === code && !finding.doubtful);
  const disagreeing = stated.filter((finding) => codeOf(finding) !== code);
  const isDisputed = disagreeing.length > 0;
  const text = 'The stated food insecurity risk and the answers disagree: the answers count.';
  const counting = overrule(read, disagreeing, 'contradiction', text);
  const dispute = (finding: Finding): Finding =>
    isDisputed ? { ...finding, contradicted: true } : finding;
  const findings = counting.findings.map((finding) =>
    agreeing.includes(finding) ? dispute(finding) : finding,
  );
  if (!isWhole(asked) || (stated.length > 0 && agreeing.length === 0)) {
    // No score follows from one item, or beside a stated score. The positive answers establish the
    // need themselves.
    const positive = positiveAmong(asked);
    const establish = (finding: Finding): Finding =>
      answer.need ? dispute({ ...finding, need: answer.need }) : dispute(finding);
    const established = findings.map((finding) =>
      positive.includes(finding) ? establish(finding) : finding,
    );
    return { ...counting, findings: established };
  }
  if (agreeing.length > 0) return { ...counting, findings };
  return { ...counting, findings: [...findings, ...computeRisk(table, { row, answer }, asked)] };
};

const positiveAmong = (asked: readonly Finding[]) =>
  asked.filter((finding) => finding.positive && !finding.doubtful);

const isWhole = (asked: readonly Finding[]) =>
  items.every((question) => isAnswered(asked, question));

/** Returns the code of the risk that follows from the items; undefined where none does. */
function riskCode(asked: readonly Finding[]): string | undefined {
  if (positiveAmong(asked).length > 0) return atRisk;
  return isWhole(asked) && asked.every((finding) => codeOf(finding) === never) ? noRisk : undefined;
}

/** Computes the score as a finding that rests on the items. */
function computeRisk(
  table: InstrumentTable,
  { row, answer }: Risk,
  asked: readonly Finding[],
): Finding[] {
  const positive = positiveAmong(asked);
  const [first] = positive.length > 0 ? positive : asked;
  const [firstAnswer] = first?.answers ?? [];
  if (!firstAnswer) return [];
  const scoreAnswer: Answer = { ...firstAnswer, code: answer.code, display: answer.display };
  const finding: Finding = {
    rule: `${table.id}/${score}/${answer.code}`,
    question: score,
    answers: [scoreAnswer, ...asked.flatMap((item) => item.answers)],
    categories: row.categories,
    // A reviewer has to see the answers rather than the score that was computed from them.
    label:
      positive.length > 0
        ? positive.map((item) => item.label).join(' and ')
        : `“${row.label}”: ${answer.display}`,
    positive: answer.positive === true,
    sensitive: false,
    restricted: false,
    computed: true,
  };
  if (answer.need) finding.need = answer.need;
  if (positive.length > 0 && positive.every((item) => item.mended)) finding.mended = true;
  if (positive.some((item) => item.contradicted)) finding.contradicted = true;
  if (!answer.positive) finding.negative = true;
  return [finding];
}

/**
 * Judges answers that give no score, and stated risks beside them. "Never" beside an unclear answer
 * does not deny the need.
 */
function judgeWithoutScore(
  read: ReadAnswers,
  asked: readonly Finding[],
  stated: readonly Finding[],
): ReadAnswers {
  const judged = stated.length === 0 ? read : judgeStated(read, asked, stated);
  const isInDoubt = asked.some((finding) => !isAnswered(asked, finding.question));
  if (!isInDoubt) return judged;
  const findings = judged.findings.map((finding) =>
    asked.includes(finding) ? withoutDenial(finding) : finding,
  );
  return { ...judged, findings };
}

const withoutDenial = ({ negative: _negative, ...finding }: Finding): Finding => finding;

const codeOf = (finding: Finding) => finding.answers[0]?.code;

/**
 * Tells whether a question has answers and all of them are clear: in its list, not refused, not
 * unreadable, not contradicted by their own words.
 */
function isAnswered(findings: readonly Finding[], question: string): boolean {
  const answered = findings.filter((finding) => finding.question === question);
  return answered.length > 0 && answered.every(isClear);
}

function isClear(finding: Finding): boolean {
  const { unread, doubtful, declined, unanswered } = finding;
  const isCoded = codeOf(finding) !== undefined && finding.answers[0]?.absent === undefined;
  return isCoded && !(unread || doubtful || declined || unanswered);
}

/** Overrules a stated risk that cannot follow from the answers, where those give no score. */
function judgeStated(
  read: ReadAnswers,
  asked: readonly Finding[],
  stated: readonly Finding[],
): ReadAnswers {
  const isRefused = ({ declined, answers }: Finding) =>
    declined === true || answers[0]?.absent !== undefined;
  // No risk follows from refusals, so a stated one beside them does not count.
  if (asked.length > 0 && asked.every(isRefused)) {
    const text = 'A food insecurity risk is stated, and its questions were not answered.';
    return overrule(read, stated, 'contradiction', text);
  }
  const answers = [...asked, ...stated].flatMap((finding) => finding.answers);
  const voided = new Set(answers.flatMap((answer) => answer.voided ?? []));
  const isMissing = (question: string) => voided.has(question) && !isAnswered(asked, question);
  if (!items.some(isMissing)) return read;
  if (asked.length > 0) {
    const text = 'The stated food insecurity risk does not follow from the answers that count.';
    return overrule(read, stated, 'contradiction', text);
  }
  const text = 'The stated food insecurity risk rests on answers that do not count.';
  const left = overrule(read, stated, 'not-coded', text);
  const issues = left.issues.map((issue) =>
    issue.code === 'not-coded' ? { ...issue, severity: 'information' as const } : issue,
  );
  return { ...left, issues };
}

/**
 * Overrules stated risks and adds one warning. They are kept as they came, and nothing follows from
 * them.
 */
function overrule(
  read: ReadAnswers,
  overruled: readonly Finding[],
  code: string,
  text: string,
): ReadAnswers {
  const [answer] = overruled.flatMap((finding) => finding.answers);
  if (!answer) return read;
  const findings = read.findings.map((finding) =>
    overruled.includes(finding) ? silence(finding) : finding,
  );
  return { findings, issues: [...read.issues, warnAbout(code, answer, text)] };
}

const silence = ({ need: _need, ...finding }: Finding): Finding => ({
  ...withoutDenial(finding),
  positive: false,
  contradicted: true,
  overruled: true,
});
