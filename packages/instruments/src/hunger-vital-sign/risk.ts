import type { ExtraRule } from '@loopwell/sdoh';

const items = ['88122-7', '88123-5'];
const often = ['LA28397-0', 'LA6729-3'];

/**
 * 88124-3: at risk when one item is often or sometimes true; no risk only when both are never true. Two refusals, or one
 * refusal beside one "never", say nothing (the guide's own formula would call that "no risk").
 */
export const risk: ExtraRule = (answers, table) => {
  const given = answers.filter((one) => items.includes(one.question));
  if (given.length === 0 || answers.some((one) => one.question === '88124-3')) return { findings: [], issues: [] };
  const positive = given.filter((one) => often.includes(one.code ?? ''));
  const never = items.every((question) => given.some((one) => one.question === question && one.code === 'LA28398-8'));
  const code = positive.length > 0 ? 'LA19952-3' : never ? 'LA19983-8' : undefined;
  const row = table.questions.find((one) => one.code === '88124-3');
  const answer = row?.answers?.find((one) => one.code === code);
  const [first] = positive.length > 0 ? positive : given;
  if (!row || !answer || !first) return { findings: [], issues: [] };
  const finding = {
    rule: `${table.id}/88124-3/${answer.code}`,
    question: '88124-3',
    answers: [{ ...first, code: answer.code, display: answer.display }, ...given],
    categories: row.categories,
    label: `“${row.label}”: ${answer.display}`,
    positive: answer.positive === true,
    ...(answer.need ? { need: answer.need } : {}),
    sensitive: false,
    restricted: false,
    computed: true,
  };
  return { findings: [finding], issues: [] };
};
