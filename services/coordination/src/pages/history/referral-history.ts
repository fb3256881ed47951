import { type Column, type Html, html, table, time } from '@loopwell/http';
import { waySentence } from '../../calls/way-sentence.ts';
import type { ShownAnswer } from '../../read/read-detail.ts';
import { openForm } from '../../safety/open-form.ts';
import { decisionSentence } from '../../texts/decision-sentences.ts';
import type { ReviewTexts } from '../../texts/en.ts';
import { stateText, whoText } from '../../texts/standing-sentence.ts';
import { issueList, lookList } from '../parts.ts';
import type { ReferralPageView } from '../referral-view.ts';
import { partnerAnswers } from './partner-answers.ts';

/**
 * Renders what else is known of the person: other referrals, answers, and screenings that need
 * review.
 */
export function personHistory(view: ReferralPageView, texts: ReviewTexts): Html {
  const { others, answers } = texts.referral;
  const { review } = view;
  return html`<h2>${others.title}</h2>
${review.otherReferrals.length === 0 ? html`<p>${others.none}</p>` : otherReferrals(view, texts)}
<h2>${answers.title}</h2>
${review.answers.length === 0 ? html`<p>${answers.none}</p>` : answersTable(review.answers, texts)}
${screeningAlerts(view, texts)}`;
}

function otherReferrals({ review }: ReferralPageView, texts: ReviewTexts): Html {
  const { others } = texts.referral;
  const list = review.otherReferrals.map((referral) => {
    const answered = texts.formats.shortDay(referral.since);
    const words = others.answered(answered, stateText(referral, texts));
    return html`<li><a href="/review/${referral.id}">${texts.need(referral.category)}</a>${words}</li>\n`;
  });
  return html`<ul>${list}</ul>`;
}

function answersTable(list: readonly ShownAnswer[], { referral, formats }: ReviewTexts): Html {
  const { answers: words } = referral;
  const restricted = html` <span class="wait">${words.restricted}</span>`;
  const columns: Column<ShownAnswer>[] = [
    { title: words.answered, kind: 'day', cell: ({ authored }) => formats.shortDay(authored) },
    {
      title: words.question,
      cell: (answer) => html`${answer.said}${answer.restricted && restricted}`,
    },
    { title: words.means, cell: ({ meaning }) => words.meanings[meaning] },
    { title: words.instrument, cell: ({ instrument }) => instrument },
  ];
  return table(list, columns, { text: words.caption, isHint: true });
}

function screeningAlerts({ review }: ReferralPageView, texts: ReviewTexts): Html {
  const { screenings: words } = texts.referral;
  const list = review.screenings.map((screening) => {
    const outcome = words.outcomes[screening.outcome] ?? '';
    const day = texts.formats.shortDay(screening.authored);
    return html`<h3>${screening.instrument}, ${day} <small>${outcome}</small></h3>
${issueList(screening.issues, texts)}
${screening.opens && openForm(screening.person, texts)}
${lookList(screening.looks, texts)}
`;
  });
  return html`<h2>${words.title}</h2>
${list.length === 0 ? html`<p>${words.none}</p>` : list}`;
}

/** Renders the history of the referral: its Tasks, the partners' answers, and the decisions. */
export function referralHistory(view: ReferralPageView, texts: ReviewTexts): Html {
  const { decisions: words } = texts.referral;
  const { tasks, review, decisions } = view;
  return html`${tasks.length > 0 && taskList(view, texts)}
${review.partnerAnswers.length > 0 && partnerAnswers(view, texts)}
<h2>${words.title}</h2>
${decisions.length === 0 ? html`<p>${words.none}</p>` : decisionList(view, texts)}`;
}

function taskList(view: ReferralPageView, texts: ReviewTexts): Html {
  const { tasks, review, partners, ways, tickets } = view;
  const { verdicts, ended } = texts.partners;
  const list = tasks.map(({ id, partner, status, live }, index) => {
    const verdict = review.tasks[index]?.outcome;
    const state = live ? status : ended(status);
    const words = verdict ? verdicts[verdict] : state;
    const way = waySentence(ways.get(id) ?? [], texts);
    const ticket = tickets.get(id);
    const bring = ticket === undefined ? '' : texts.calls.way.bring(ticket);
    return html`<li>${partners.get(partner) ?? partner}: ${words}. ${way}${way && '.'}${bring}</li>\n`;
  });
  return html`<h2>${texts.referral.tasks}</h2>
<ul>${list}</ul>`;
}

function decisionList({ decisions, row }: ReferralPageView, texts: ReviewTexts): Html {
  const { decisions: words } = texts.referral;
  const list = decisions.map((decision) => {
    const what = decisionSentence(decision, row.category, texts);
    const line = words.by(what, whoText(decision.principal, texts));
    const reason = decision.reason && words.reason(decision.reason);
    return html`<li>${time(decision.at, texts.formats)}<br>${line}${reason}</li>\n`;
  });
  return html`<ol class="timeline">${list}</ol>`;
}
