import { type Html, html, notice } from '@loopwell/http';
import type { ReviewTexts } from '../texts/en.ts';
import { type AnswerFeedback, answerForm, answerNotice } from './forms/answer-form.ts';
import { conditionList, dangerNotice, dangersIn, type Feedback, feedbackNotices } from './parts.ts';
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
${dangerNotices(view, texts)}
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

function dangerNotices({ review }: ReferralPageView, texts: ReviewTexts): Html {
  const { seeFirst } = texts;
  const first = html`<strong>${seeFirst.person}</strong> ${seeFirst.decideEach}`;
  const screenings = dangersIn(review.screenings).map((danger) =>
    notice('danger', html`<strong>${seeFirst.fromScreening}</strong> ${danger}`),
  );
  return html`${review.seeFirst && notice('danger', first)}
${review.danger && dangerNotice(review.danger, texts)}
${screenings}`;
}
