import { type ExtraRule, type Finding, issue, type Read } from '@loopwell/sdoh';

const items = ['88122-7', '88123-5'];
const score = '88124-3';
const [atRisk, noRisk, never] = ['LA19952-3', 'LA19983-8', 'LA28398-8'];

/**
 * 88124-3: at risk when one item is often or sometimes true; no risk only when both are never true. It is computed only
 * where both items were answered, and nothing is in doubt about either (the guide's own formula would call a refusal
 * beside "never" no risk). Where one was not, often or sometimes true says the need by itself, as it does in other forms.
 *
 * A stated risk counts where no item is there. Beside items that say otherwise, what was answered counts and a person
 * looks; beside any stated one none is computed; one that rests on answers that do not count says nothing.
 */
export const risk: ExtraRule = (read, table) => {
  const findings = read.findings.filter((one) => items.includes(one.question) && !one.blank);
  const stated = read.findings.filter(
    (one) => one.question === score && codeOf(one) !== undefined && !one.declined,
  );
  const positive = findings.filter((one) => one.positive && !one.doubtful);
  const isWhole = items.every((question) => isAnswered(findings, question));
  const code =
    positive.length > 0
      ? atRisk
      : isWhole && findings.every((one) => codeOf(one) === never)
        ? noRisk
        : undefined;
  if (code === undefined) {
    const rest = stated.length === 0 ? read : withoutScore(read, findings, stated);
    const isInDoubt = findings.some((one) => !isAnswered(findings, one.question));
    // "Never" beside what nobody knows does not say that there is no need.
    return isInDoubt
      ? {
          ...rest,
          findings: rest.findings.map((one) => (findings.includes(one) ? undenying(one) : one)),
        }
      : rest;
  }
  const agreeing = stated.filter((one) => codeOf(one) === code && !one.doubtful);
  const disagreeing = stated.filter((one) => codeOf(one) !== code);
  const row = table.questions.find((one) => one.code === score);
  const answer = row?.answers?.find((one) => one.code === code);
  const [first] = positive.length > 0 ? positive : findings;
  if (!row || !answer || !first?.answers[0]) return read;
  const disputed = disagreeing.length > 0 ? { contradicted: true } : {};
  const text = 'The stated food insecurity risk and the answers disagree: the answers count.';
  const heard = overruled(read, disagreeing, 'contradiction', text);
  const counting: Read = {
    ...heard,
    findings: heard.findings.map((one) => (agreeing.includes(one) ? { ...one, ...disputed } : one)),
  };
  if (!isWhole || (stated.length > 0 && agreeing.length === 0)) {
    // Half of the questions give no score, and beside a stated one none is made. What was answered says the need itself.
    const need = answer.need ? { need: answer.need } : {};
    return {
      ...counting,
      findings: counting.findings.map((finding) =>
        positive.includes(finding) ? { ...finding, ...need, ...disputed } : finding,
      ),
    };
  }
  if (agreeing.length > 0) return counting;
  const computed: Finding = {
    rule: `${table.id}/${score}/${answer.code}`,
    question: score,
    answers: [
      { ...first.answers[0], code: answer.code, display: answer.display },
      ...findings.flatMap((one) => one.answers),
    ],
    categories: row.categories,
    // What was answered, rather than what was computed from it, is what a reviewer has to know.
    label:
      positive.length > 0
        ? positive.map((one) => one.label).join(' and ')
        : `“${row.label}”: ${answer.display}`,
    positive: answer.positive === true,
    ...(answer.need ? { need: answer.need } : {}),
    ...(positive.length > 0 && positive.every((one) => one.mended) ? { mended: true } : {}),
    ...(positive.some((one) => one.contradicted) ? { contradicted: true } : {}),
    ...(answer.positive ? {} : { negative: true }),
    sensitive: false,
    restricted: false,
    computed: true,
  };
  return { ...counting, findings: [...counting.findings, computed] };
};

const undenying = ({ negative: _negative, ...one }: Finding): Finding => one;

const codeOf = (one: Finding) => one.answers[0]?.code;

/** One of the list, and nothing else beside it: not refused, not unreadable, not contradicted by its own words. */
const isAnswered = (findings: readonly Finding[], question: string): boolean => {
  const answered = findings.filter((one) => one.question === question);
  const isClear = (finding: Finding) =>
    codeOf(finding) !== undefined && finding.answers[0]?.absent === undefined;
  return (
    answered.length > 0 &&
    answered.every(
      (one) => isClear(one) && !(one.unread || one.doubtful || one.declined || one.unanswered),
    )
  );
};

/** The answers give no score: does the stated one count all the same? */
function withoutScore(read: Read, findings: readonly Finding[], stated: readonly Finding[]): Read {
  // A risk cannot be told from refusals: what was stated beside them counts neither way.
  if (
    findings.length > 0 &&
    findings.every((one) => one.declined || one.answers[0]?.absent !== undefined)
  )
    return overruled(
      read,
      stated,
      'contradiction',
      'A food insecurity risk is stated, and its questions were not answered.',
    );
  const voided = new Set(
    [...findings, ...stated].flatMap((one) => one.answers.flatMap((answer) => answer.voided ?? [])),
  );
  if (!items.some((question) => voided.has(question) && !isAnswered(findings, question)))
    return read;
  if (findings.length > 0)
    return overruled(
      read,
      stated,
      'contradiction',
      'The stated food insecurity risk does not follow from the answers that count.',
    );
  const left = overruled(
    read,
    stated,
    'not-coded',
    'The stated food insecurity risk rests on answers that do not count.',
  );
  return {
    ...left,
    issues: left.issues.map((codingIssue) =>
      codingIssue.code === 'not-coded' ? { ...codingIssue, severity: 'information' } : codingIssue,
    ),
  };
}

/** What was answered counts: a stated risk that says otherwise is kept as it came, and says nothing. */
function overruled(read: Read, findings: readonly Finding[], code: string, text: string): Read {
  const [source] = findings.flatMap((one) => one.answers);
  if (!source) return read;
  const silent = ({ need: _need, ...one }: Finding): Finding => ({
    ...undenying(one),
    positive: false,
    contradicted: true,
    overruled: true,
  });
  return {
    findings: read.findings.map((one) => (findings.includes(one) ? silent(one) : one)),
    issues: [...read.issues, issue(code, source, text)],
  };
}
