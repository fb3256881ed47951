import { type ExtraRule, type Finding, issue } from '@loopwell/sdoh';

const items = ['88122-7', '88123-5'];
const [atRisk, noRisk, never] = ['LA19952-3', 'LA19983-8', 'LA28398-8'];

/**
 * 88124-3: at risk when one item is often or sometimes true; no risk only when both are never true. Two refusals, or one
 * refusal beside one "never", say nothing (the guide's own formula would call that "no risk"). Where one item was not even
 * asked, nothing is computed: often or sometimes true says the need by itself then, as it does in other forms. A stated risk counts where
 * no item was answered; beside items that say otherwise, what was answered counts and a person looks.
 */
export const risk: ExtraRule = (read, table) => {
  const given = read.findings.filter((one) => items.includes(one.question) && !one.blank);
  const stated = read.findings.filter((one) => one.question === '88124-3' && one.answers[0]?.code !== undefined);
  const positive = given.filter((one) => one.positive && !one.doubtful);
  const isNever = (question: string) => {
    const answered = given.filter((one) => one.question === question);
    return answered.length > 0 && answered.every((one) => !one.unread && one.answers[0]?.code === never);
  };
  // A risk cannot be told from refusals: what was stated beside them counts neither way.
  const isRefused = given.length > 0 && given.every((one) => one.declined || one.answers[0]?.absent !== undefined);
  if (isRefused && stated.length > 0) {
    const rest = read.findings.filter((one) => !stated.includes(one));
    const [said] = stated.flatMap((one) => one.answers);
    const told = said ? [issue('contradiction', said, 'A food insecurity risk is stated, and its questions were not answered.')] : [];
    return { findings: [...rest, ...stated.map(overrule)], issues: [...read.issues, ...told] };
  }
  const code = positive.length > 0 ? atRisk : items.every(isNever) ? noRisk : undefined;
  if (code === undefined || (stated.length > 0 && stated.every((one) => one.answers[0]?.code === code))) return read;
  const row = table.questions.find((one) => one.code === '88124-3');
  const answer = row?.answers?.find((one) => one.code === code);
  const isWhole = items.every((question) => given.some((one) => one.question === question));
  if (!isWhole && stated.length === 0 && answer?.need) return { ...read, findings: read.findings.map(withNeed(positive, answer.need)) };
  const [first] = positive.length > 0 ? positive : given;
  if (!row || !answer || !first?.answers[0]) return read;
  const computed: Finding = {
    // Beside a stated risk that says the same, and one that does not, it is a resource of its own.
    rule: `${table.id}/88124-3/${answer.code}${stated.some((one) => one.answers[0]?.code === code) ? '/computed' : ''}`,
    question: '88124-3',
    answers: [{ ...first.answers[0], code: answer.code, display: answer.display }, ...given.flatMap((one) => one.answers)],
    categories: row.categories,
    // What was answered, rather than what was computed from it, is what a reviewer has to know.
    label: positive.length > 0 ? positive.map((one) => one.label).join(' and ') : `“${row.label}”: ${answer.display}`,
    positive: answer.positive === true,
    ...(answer.need ? { need: answer.need } : {}),
    ...(positive.length > 0 && positive.every((one) => one.mended) ? { mended: true } : {}),
    ...(stated.length > 0 || positive.some((one) => one.contradicted) ? { contradicted: true } : {}),
    ...(answer.positive ? {} : { negative: true }),
    sensitive: false,
    restricted: false,
    computed: true,
  };
  if (stated.length === 0) return { ...read, findings: [...read.findings, computed] };
  const [source] = stated.flatMap((one) => one.answers);
  const others = read.findings.filter((one) => !stated.includes(one));
  const overruled = stated.map(overrule);
  const told = issue(
    'contradiction',
    source ?? first.answers[0],
    'The stated food insecurity risk and the answers disagree: the answers count.',
  );
  return { findings: [...others, ...overruled, computed], issues: [...read.issues, told] };
};

/** Half of the questions give no score. What was answered to one of them says the need itself. */
const withNeed =
  (positive: readonly Finding[], need: NonNullable<Finding['need']>) =>
  (one: Finding): Finding =>
    positive.includes(one) ? { ...one, need } : one;

/** What was answered counts: a stated risk that says otherwise is kept as it came, and says nothing. */
const overrule = ({ need: _need, negative: _negative, ...one }: Finding): Finding => ({ ...one, positive: false, contradicted: true });
