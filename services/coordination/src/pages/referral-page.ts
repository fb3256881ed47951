import { type Html, html, notice } from '@loopwell/http';
import { type HelpFeedback, helpForm, helpNotice } from '../help/help-form.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { type AnswerFeedback, answerForm, answerNotice } from './forms/answer-form.ts';
import { byHandForms, type HandFeedback, handNotice } from './forms/by-hand-form.ts';
import { undoForm } from './forms/undo-notices.ts';
import { staysNotices } from './forms/whole-consent-fields.ts';
import { heldNotices } from './history/partner-answers.ts';
import { personHistory, referralHistory } from './history/referral-history.ts';
import { referralWrites } from './history/referral-writes.ts';
import { conditionList, type Feedback, focusedNotices, seeFirstNotice } from './parts.ts';
import { evidenceDetails } from './referral-evidence.ts';
import { referralFacts } from './referral-facts.ts';
import {
  chooseCodeForms,
  decideForm,
  openAgainForm,
  sendNowForm,
  takeBackForm,
} from './referral-forms.ts';
import { isOpen, type ReferralPageView } from './referral-view.ts';

/** What came of a form of the page. */
type ReferralFeedback = Feedback & {
  answer?: AnswerFeedback;
  help?: HelpFeedback;
  hand?: HandFeedback;
};

/** Renders the page of one referral with the forms to decide about it. */
export function referralPage(
  view: ReferralPageView,
  { answer = {}, help = {}, hand = {}, ...feedback }: ReferralFeedback,
  texts: ReviewTexts,
): Html {
  const { referral: words } = texts;
  const isDecidable = isOpen(view);
  const hasGone = view.tasks.length > 0;
  return html`<p><a href="${view.backTo}">${words.back}</a></p>
${focusedNotices(feedback, `/review/${view.row.id}`, texts)}
${answerNotice(answer, texts)}
${helpNotice(help, texts)}
${handNotice(hand, texts)}
${view.review.seeFirst && seeFirstNotice(texts)}
${staysNotices(view, texts)}
${heldNotices(view, texts)}
${referralFacts(view, texts)}
${isDecidable && undoPart(view, feedback.made !== undefined, texts)}
${isDecidable && html`<p><a href="#decide">${words.toDecision}</a></p>`}
<h2>${words.why}</h2>
${conditionList(view.review.conditions, texts)}
${evidenceDetails(view.review.conditions, texts)}
${isDecidable && chooseCodeForms(view, texts)}
${personHistory(view, texts)}
${referralWrites(view, texts)}
${referralHistory(view, texts)}
${answerForm(view, answer, texts)}
${view.row.state === 'closed' && helpForm({ ...view, referral: view.row.id }, help, texts)}
${isDecidable && decideForm(view, texts)}
${byHandForms(view, hand, texts)}
${!isDecidable && hasGone && takeBackForm(view, texts)}
${mayOpenAgain(view) && openAgainForm(view, texts)}
`;
}

/**
 * Renders until when nothing is sent, with the buttons that send it now or undo the decision. A
 * page that has just said what was decided has the button to undo it there.
 */
function undoPart(view: ReferralPageView, isJustMade: boolean, texts: ReviewTexts): Html {
  const { undo: words } = texts;
  const { undoable, undoUntil: until, row } = view;
  const isOut = view.tasks.some(({ live }) => live);
  const label = isOut ? words.takeBack : words.undo;
  const here = `/review/${row.id}`;
  return html`${until && notice('wait', words.goesOutAt(until))}
${until && sendNowForm(view, texts)}
${!isJustMade && undoable && undoForm({ request: undoable, referral: row.id }, here, label)}`;
}

/** Tells whether a referral has ended in a way that staff may reverse. */
const mayOpenAgain = ({ row: { state, ended_reason } }: ReferralPageView): boolean =>
  state === 'failed' || (state === 'withdrawn' && openedAgain.includes(ended_reason ?? ''));

const openedAgain = [
  ...['refused', 'agreement-withdrawn', 'consent-revoked'],
  ...['helped-elsewhere', 'no-longer-wanted', 'not-reached', 'moved'],
];
