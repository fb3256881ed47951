import {
  type ExtraRule,
  type Finding,
  firstOf,
  type InstrumentTable,
  issue,
  type Read,
} from '@loopwell/sdoh';

const items = ['95618-5', '95617-7', '95616-9', '95615-1'];
/** Being hurt or threatened counts whatever the total says. */
const graveItems = ['95618-5', '95616-9'];
const total = '95614-4';
const [lowest, cut, highest] = [4, 11, 20];

/**
 * HITS: four items of 1 to 5, 11 or more is positive (the cut that the AHC tool states). A person looks first: hurt or
 * threatened above "Never", any item "Frequently", a total of 11 or more, or one that cannot be computed. No Condition
 * follows, for the items do not ask about a partner. Computed only from complete input; what was answered counts, not a
 * stated total that disagrees.
 */
export const safety: ExtraRule = (read, table) => {
  const asked = read.findings.filter((one) => items.includes(one.question));
  const stated = read.findings.filter((one) => one.question === total);
  const answersOf = (some: readonly Finding[]) => some.flatMap((one) => one.answers);
  const first = firstOf(answersOf(stated)) ?? firstOf(answersOf(asked));
  if (!first) return read;
  const coded = asked.map((finding) => ({
    question: finding.question,
    score: scoreOf(table, finding),
    answer: finding.answers[0],
    finding: finding,
  }));
  // An answer that its words contradict counts in no total, however grave its code may be.
  const scores = coded.map((one) => (one.finding.doubtful ? { ...one, score: undefined } : one));
  const computed = totalOf(scores);
  const isPossible = (score: number) =>
    Number.isInteger(score) && score >= lowest && score <= highest;
  const all = stated.flatMap((one) => one.answers[0]?.number ?? []);
  const said = all.filter(isPossible);
  const answered = scores.flatMap(({ score }) => score ?? []);
  const fits = isReachable(
    answered,
    new Set(scores.map((one) => one.question)).size === scores.length,
  );
  const grave = coded.find(
    ({ question, score = 1 }) => score === 5 || (score > 1 && graveItems.includes(question)),
  );
  const isHigh = [computed, ...said].some((one) => one !== undefined && one >= cut);
  const isUnknown = computed === undefined && (asked.length > 0 || said.length === 0);
  const issues = [...read.issues];
  if (grave || isHigh || isUnknown)
    issues.push({
      ...issue(
        'sensitive',
        grave?.answer ?? first,
        'The answers about safety need a person to look at them first.',
      ),
      ...(grave || isHigh ? { danger: 'may be hurt or threatened' } : {}),
    });
  // Below nothing is out of range for every number; the table has said so.
  if (all.some((one) => one >= 0 && !isPossible(one)))
    issues.push(issue('invalid-value', first, 'The stated safety score is out of range.'));
  const unfit = stated.find(
    ({ answers: [one] }) =>
      said.includes(one?.number ?? Number.NaN) && !fits(one?.number ?? Number.NaN),
  );
  if (unfit)
    issues.push(
      issue(
        'contradiction',
        unfit.answers[0] ?? first,
        'The stated safety score and the answers disagree: the answers count.',
      ),
    );
  /** A stated total says what it says, unless the answers say otherwise; one that cannot be says nothing. */
  const judged = (finding: Finding): Finding => {
    const score = finding.answers[0]?.number;
    if (finding.question !== total || score === undefined) return finding;
    if (!isPossible(score)) return { ...finding, unread: true };
    if (!fits(score)) return { ...finding, contradicted: true, overruled: true };
    return score < cut ? { ...finding, negative: true } : { ...finding, positive: true };
  };
  const findings = read.findings.map(judged);
  // Beside a stated total none is made, whatever it says.
  return withTotal(
    table,
    { findings, issues },
    asked,
    stated.some((one) => one.answers[0]?.absent === undefined) ? undefined : computed,
  );
};

const scoreOf = (
  table: InstrumentTable,
  { question, unread, answers: [answer] }: Finding,
): number | undefined =>
  unread
    ? undefined
    : table.questions
        .find((row) => row.code === question)
        ?.answers?.find((row) => row.code === answer?.code)?.score;

function withTotal(
  table: InstrumentTable,
  whole: Read,
  from: readonly Finding[],
  sum: number | undefined,
): Read {
  const [answer] = from.flatMap((one) => one.answers);
  if (sum === undefined || !answer) return whole;
  const { source, place, authored } = answer;
  const finding: Finding = {
    rule: `${table.id}/${total}/total`,
    question: total,
    answers: [
      { question: total, number: sum, source, place, authored },
      ...from.flatMap((one) => one.answers),
    ],
    categories: ['sdoh-category-unspecified'],
    label: `safety score: ${sum}`,
    positive: sum >= cut,
    sensitive: true,
    restricted: true,
    safety: true,
    computed: true,
  };
  return { ...whole, findings: [...whole.findings, finding] };
}

/**
 * Can these answers have this total, whatever the missing ones are? Where a question has two answers nothing tells.
 *
 * @param isOnce each question was answered once
 */
function isReachable(answered: readonly number[], isOnce: boolean): (total: number) => boolean {
  const sum = answered.reduce((all, one) => all + one, 0);
  const missing = items.length - answered.length;
  return (total) =>
    !isOnce || answered.length === 0 || (sum + missing <= total && total <= sum + missing * 5);
}

/** The sum of the four, each answered once; undefined otherwise. */
function totalOf(
  scores: readonly { question: string; score: number | undefined }[],
): number | undefined {
  const known = scores.flatMap(({ score }) => score ?? []);
  const isComplete =
    scores.length === items.length &&
    known.length === items.length &&
    new Set(scores.map((one) => one.question)).size === items.length;
  return isComplete ? known.reduce((sum, one) => sum + one, 0) : undefined;
}
