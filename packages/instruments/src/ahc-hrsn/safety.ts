import {
  type Answer,
  type CodingIssue,
  type ExtraRule,
  type Finding,
  findFirstAnswer,
  type InstrumentTable,
  type ReadAnswers,
  warnAbout,
} from '@loopwell/sdoh';

const items = ['95618-5', '95617-7', '95616-9', '95615-1'];
/** Items about being hurt or threatened: an answer above "Never" counts at any total. */
const graveItems = ['95618-5', '95616-9'];
const total = '95614-4';
const [lowest, cut, highest] = [4, 11, 20];
const highestItem = 5;

/** An item with its finding and the score of its answer. */
type Item = { question: string; score: number | undefined; finding: Finding };

/** The items, the stated totals and the computed total of one screen. */
type Safety = {
  items: readonly Item[];
  /** Items whose scores count in a total. */
  counted: readonly Item[];
  stated: readonly Finding[];
  /** The answer that issues point to. */
  first: Answer;
  computed: number | undefined;
};

/**
 * Scores HITS: four items of 1 to 5; 11 or more is positive (the cut that the AHC tool states). A
 * person has to look first in four cases: hurt or threatened above "Never", any item "Frequently",
 * a total of 11 or more, or one that cannot be computed. No Condition follows, because the items do
 * not ask about a partner. The total is computed only from complete input. The answers count, not a
 * stated total that disagrees.
 */
export const safety: ExtraRule = (read, table) => {
  const asked = read.findings.filter((finding) => items.includes(finding.question));
  const stated = read.findings.filter((finding) => finding.question === total);
  const first = findFirstAnswer(answersOf(stated)) ?? findFirstAnswer(answersOf(asked));
  if (!first) return read;
  const scored = asked.map(
    (finding): Item => ({ question: finding.question, score: scoreOf(table, finding), finding }),
  );
  // An answer whose words contradict its code counts in no total.
  const counted = scored.map(
    (item): Item => (item.finding.doubtful ? { ...item, score: undefined } : item),
  );
  const computed = addScores(counted);
  const screen: Safety = { items: scored, counted, stated, first, computed };
  const fits = createFit(counted);
  const judged: ReadAnswers = {
    findings: read.findings.map((finding) => judgeTotal(finding, fits)),
    issues: [...read.issues, ...warnOfDanger(screen), ...warnOfTotals(screen, fits)],
  };
  // No total is added beside a stated one.
  const isStated = stated.some((finding) => finding.answers[0]?.absent === undefined);
  return isStated ? judged : addTotal(table, judged, asked, computed);
};

const answersOf = (findings: readonly Finding[]) => findings.flatMap((finding) => finding.answers);

const totalOf = (finding: Finding) => finding.answers[0]?.number;

const isPossible = (sum: number) => Number.isInteger(sum) && sum >= lowest && sum <= highest;

const possibleTotals = (stated: readonly Finding[]) =>
  stated.map(totalOf).filter((sum) => sum !== undefined && isPossible(sum));

/** Warns of danger, and of answers that cannot exclude it. */
function warnOfDanger({ items: scored, stated, first, computed }: Safety): CodingIssue[] {
  const totals = possibleTotals(stated);
  const grave = scored.find(
    ({ question, score = 1 }) =>
      score === highestItem || (score > 1 && graveItems.includes(question)),
  );
  const isHigh = [computed, ...totals].some((sum) => sum !== undefined && sum >= cut);
  // Whoever would say nothing of all four is asked again; nothing says that they are in danger.
  const isDeclined = scored.length > 0 && scored.every(({ finding }) => finding.declined === true);
  const isUnknown =
    computed === undefined && !isDeclined && (scored.length > 0 || totals.length === 0);
  if (!grave && !isHigh && !isUnknown) return [];
  const text = 'The answers about safety need a person to look at them first.';
  const warning = warnAbout('sensitive', grave?.finding.answers[0] ?? first, text);
  if (grave || isHigh) warning.danger = 'may be hurt or threatened';
  return [warning];
}

/** Reports stated totals that cannot be, or that the answers contradict. */
function warnOfTotals({ stated, first }: Safety, fits: (sum: number) => boolean): CodingIssue[] {
  const issues: CodingIssue[] = [];
  const totals = stated.map(totalOf).filter((sum) => sum !== undefined);
  // The table has reported a total below 0: its rows allow no negative number.
  if (totals.some((sum) => sum >= 0 && !isPossible(sum)))
    issues.push(warnAbout('invalid-value', first, 'The stated safety score is out of range.'));
  const unfit = stated.find((finding) => {
    const sum = totalOf(finding);
    return sum !== undefined && isPossible(sum) && !fits(sum);
  });
  if (unfit) {
    const text = 'The stated safety score and the answers disagree: the answers count.';
    issues.push(warnAbout('contradiction', unfit.answers[0] ?? first, text));
  }
  return issues;
}

/**
 * Judges a stated total: positive from the cut on, else negative. An impossible total is unread,
 * and one that the items contradict is overruled.
 */
function judgeTotal(finding: Finding, fits: (sum: number) => boolean): Finding {
  const sum = totalOf(finding);
  if (finding.question !== total || sum === undefined) return finding;
  if (!isPossible(sum)) return { ...finding, unread: true };
  if (!fits(sum)) return { ...finding, contradicted: true, overruled: true };
  return sum < cut ? { ...finding, negative: true } : { ...finding, positive: true };
}

function scoreOf(table: InstrumentTable, finding: Finding): number | undefined {
  if (finding.unread) return undefined;
  const code = finding.answers[0]?.code;
  const question = table.questions.find((row) => row.code === finding.question);
  return question?.answers?.find((row) => row.code === code)?.score;
}

/** Adds the total as a finding that rests on the items. */
function addTotal(
  table: InstrumentTable,
  read: ReadAnswers,
  asked: readonly Finding[],
  sum: number | undefined,
): ReadAnswers {
  const answers = answersOf(asked);
  const [answer] = answers;
  if (sum === undefined || !answer) return read;
  const { source, place, authored } = answer;
  const finding: Finding = {
    rule: `${table.id}/${total}/total`,
    question: total,
    answers: [{ question: total, number: sum, source, place, authored }, ...answers],
    categories: ['sdoh-category-unspecified'],
    label: `safety score: ${sum}`,
    positive: sum >= cut,
    sensitive: true,
    restricted: true,
    safety: true,
    computed: true,
  };
  return { ...read, findings: [...read.findings, finding] };
}

const scoresOf = (counted: readonly Item[]) =>
  counted.map(({ score }) => score).filter((score) => score !== undefined);

const sumOf = (scores: readonly number[]) => scores.reduce((sum, score) => sum + score, 0);

const questionCount = (counted: readonly Item[]) =>
  new Set(counted.map((item) => item.question)).size;

/**
 * Creates the check of whether the answers can have a total, with any values of the missing items.
 * All totals pass where a question has two answers or no item has a score.
 */
function createFit(counted: readonly Item[]): (sum: number) => boolean {
  const scores = scoresOf(counted);
  const least = sumOf(scores);
  const missing = items.length - scores.length;
  const isOnce = questionCount(counted) === counted.length;
  if (!isOnce || scores.length === 0) return () => true;
  return (sum) => least + missing <= sum && sum <= least + missing * highestItem;
}

/** Returns the sum of the four items; undefined unless each was answered once. */
function addScores(counted: readonly Item[]): number | undefined {
  const scores = scoresOf(counted);
  const isComplete =
    counted.length === items.length &&
    scores.length === items.length &&
    questionCount(counted) === items.length;
  return isComplete ? sumOf(scores) : undefined;
}
