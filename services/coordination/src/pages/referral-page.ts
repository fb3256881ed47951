import { type Html, html } from '@loopwell/http';
import type { ReviewTexts } from '../texts/en.ts';
import { type AnswerFeedback, answerForm, answerNotice } from './forms/answer-form.ts';
import { conditionList, type Feedback, feedbackNotices, seeFirstNotice } from './parts.ts';
import { evidenceDetails } from './referral-evidence.ts';
import { referralFacts } from './referral-facts.ts';
import { chooseCodeForms, decideForm, takeBackForm } from './referral-forms.ts';
import { personHistory, referralHistory } from './referral-history.ts';
import { isOpen, type ReferralPageView } from './referral-view.ts';
import { referralWrites } from './referral-writes.ts';

/** Renders the page of one referral with the forms to decide about it. */
export function referralPage(
  view: ReferralPageView,
  { answer = {}, ...feedback }: Feedback & { answer?: AnswerFeedback },
  texts: ReviewTexts,
): Html {
  const { referral: words } = texts;
  const isDecidable = isOpen(view);
  const hasGone = view.tasks.length > 0;
  return html`<p><a href="${view.backTo}">${words.back}</a></p>
${feedbackNotices(feedback, texts)}
${answerNotice(answer, texts)}
${view.review.seeFirst && seeFirstNotice(texts)}
${referralFacts(view, texts)}
${isDecidable && html`<p><a href="#decide">${words.toDecision}</a></p>`}
<h2>${words.why}</h2>
${conditionList(view.review.conditions, texts)}
${evidenceDetails(view.review.conditions, texts)}
${isDecidable && chooseCodeForms(view, texts)}
${personHistory(view, texts)}
${referralWrites(view, texts)}
${referralHistory(view, texts)}
${answerForm(view, answer, texts)}
${isDecidable && decideForm(view, texts)}
${!isDecidable && hasGone && takeBackForm(view, texts)}
`;
}
