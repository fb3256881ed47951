import {
  attributes,
  button,
  fields,
  type Html,
  hiddenField,
  html,
  notice,
  textField,
} from '@loopwell/http';
import { isSafetyCategory } from '@loopwell/sdoh';
import type { ReferralRow } from '@loopwell/store';
import type { ReviewTexts } from '../texts/en.ts';

/** The open needs of a person, whose dates can be changed. */
export type MustByView = {
  person: string;
  needs: readonly Pick<ReferralRow, 'id' | 'category' | 'must_by'>[];
};

/** What came of a form: recorded, or the rule that a date breaks, with what was typed. */
export type MustByFeedback = {
  isSaved?: boolean;
  problem?: { referral: string; typed: string; rule: string };
};

/**
 * Renders the dates by which something must happen, folded: whoever looks over a shoulder does not
 * learn which person has one.
 */
export function mustByForms(view: MustByView, feedback: MustByFeedback, texts: ReviewTexts): Html {
  const { mustBy: words } = texts;
  const { problem, isSaved } = feedback;
  const forms = view.needs.map((need) => needForm(view.person, need, feedback, texts));
  const fold = attributes({ id: 'must-by', open: problem !== undefined });
  return html`${isSaved && notice('done', words.saved)}
${problem && notice('problem', words.wrong)}
<details ${fold}><summary>${words.title}</summary>
<p class="hint">${words.hint}</p>
${forms}</details>`;
}

function needForm(
  person: string,
  need: MustByView['needs'][number],
  { problem }: MustByFeedback,
  texts: ReviewTexts,
): Html {
  const { mustBy: words } = texts;
  const isWrong = problem?.referral === need.id;
  const date = textField({
    ...{ id: `must-by-${need.id}`, name: 'mustBy', type: 'date', label: texts.need(need.category) },
    text: isWrong ? problem.typed : (need.must_by ?? ''),
    error: isWrong ? problem.rule : undefined,
  });
  return html`<form method="post" action="/people/${person}/must-by">
  ${hiddenField('referral', need.id)}
  ${fields(date, button({ label: words.save }))}
</form>`;
}

/** Lists the needs of a person whose dates can be changed: those that are open. */
export const openNeeds = (rows: readonly ReferralRow[]): ReferralRow[] =>
  rows.filter(
    ({ state, approval, category }) =>
      ['waiting', 'partner'].includes(state) &&
      approval !== 'refused' &&
      !isSafetyCategory(category),
  );
