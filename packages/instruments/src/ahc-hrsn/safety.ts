import { type Answer, type ExtraRule, issue } from '@loopwell/sdoh';

const items = ['95618-5', '95617-7', '95616-9', '95615-1'];
/** Being hurt or threatened counts whatever the total says. */
const grave = ['95618-5', '95616-9'];

/**
 * HITS: four items of 1 to 5, 11 or more is positive (the cut that the AHC tool states). A person looks first: hurt or
 * threatened above "Never", any item "Frequently", a total of 11 or more, or one that cannot be computed. No Condition
 * follows, for the items do not ask about a partner. Computed only from complete input.
 */
export const safety: ExtraRule = (answers, table) => {
  const scoreOf = (answer: Answer) =>
    table.questions.find((row) => row.code === answer.question)?.answers?.find((row) => row.code === answer.code?.trim().toUpperCase())?.score;
  const asked = answers.filter((one) => items.includes(one.question));
  const stated = answers.find((one) => one.question === '95614-4');
  const [first] = stated ? [stated] : asked;
  if (!first) return { findings: [], issues: [] };
  const scores = new Map(asked.map((one) => [one.question, scoreOf(one)]));
  const complete = items.every((question) => scores.get(question) !== undefined);
  const total = complete ? items.reduce((sum, question) => sum + (scores.get(question) ?? 0), 0) : undefined;
  const isGrave = grave.some((question) => (scores.get(question) ?? 1) > 1) || [...scores.values()].some((score) => score === 5);
  const high = (total ?? stated?.number ?? 0) >= 11;
  const unknown = asked.length > 0 && total === undefined;
  const issues = isGrave || high || unknown ? [issue('sensitive', first, 'The answers about safety need a person to look at them first.')] : [];
  if (total === undefined || stated) return { findings: [], issues };
  const finding = {
    rule: `${table.id}/95614-4/total`,
    question: '95614-4',
    answers: [{ ...first, number: total }, ...asked].map(({ code: _code, ...one }, index) => (index === 0 ? one : (asked[index - 1] ?? one))),
    categories: ['sdoh-category-unspecified'],
    label: `safety score: ${total}`,
    positive: total >= 11,
    sensitive: true,
    restricted: true,
    computed: true,
  };
  return { findings: [finding], issues };
};
