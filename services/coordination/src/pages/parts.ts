import { type Html, html, notice } from '@loopwell/http';
import type { AppError } from '@loopwell/kit';
import type { LeftOut } from '../decide/left-out.ts';
import type { MadeDecision, UndonePeople } from '../decide/undo/made-decision.ts';
import type { PersonNames } from '../person-names.ts';
import type { ReviewCondition } from '../read/read-conditions.ts';
import type { ScreeningForPerson } from '../read/read-screenings.ts';
import { problemSentence } from '../texts/decision-sentences.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { whoText } from '../texts/standing-sentence.ts';
import { madeNotice, undoneNotices } from './forms/undo-notices.ts';

/** The result of a form, for the page that shows it. */
export type Feedback = {
  /** The recorded decision, and for how many referrals; 0 if all were left out. */
  done?: { outcome: string; referrals: number } | undefined;
  problem?: AppError;
  /** The referral because of which nothing was recorded, in a form about several. */
  culprit?: LeftOut | undefined;
  /** Referrals that a decision about several left out. */
  leftOut?: readonly LeftOut[];
  /** What was just decided, with the people and the undo. */
  made?: MadeDecision | undefined;
  /** What became of an undo. */
  undone?: UndonePeople;
};

/**
 * Renders the notices about a form's result. They have only our own words, whatever the address
 * says.
 */
export function feedbackNotices(feedback: Feedback, back: string, texts: ReviewTexts): Html {
  const { done, problem, leftOut, made, undone } = feedback;
  return html`${made && madeNotice(made, back, texts)}
${undone && undoneNotices(undone, texts)}
${!made && done && notice('done', doneSentence(done, texts))}
${leftOut && leftOutNotice(leftOut, texts)}
${problem && notice('problem', html`${problemSentence(problem, texts)}${culpritLink(feedback, texts)}`)}`;
}

/** Renders the notices about a form's result with the focus on them; nothing where there are none. */
export function focusedNotices(feedback: Feedback, back: string, texts: ReviewTexts): Html {
  const { done, problem, leftOut, made, undone } = feedback;
  const isAny = [done, problem, leftOut, made, undone].some((part) => part !== undefined);
  const notices = feedbackNotices(feedback, back, texts);
  return isAny ? html`<div tabindex="-1" autofocus>${notices}</div>` : notices;
}

function doneSentence(
  { outcome, referrals }: NonNullable<Feedback['done']>,
  { decisions }: ReviewTexts,
): string {
  if (referrals === 0) return decisions.nothing;
  const outcomes: Readonly<Record<string, string>> = decisions.outcomes;
  return decisions.done(outcomes[outcome] ?? '', referrals);
}

/** Names the referral because of which nothing was recorded, with a link to it. */
function culpritLink({ culprit }: Feedback, texts: ReviewTexts): Html | undefined {
  if (!culprit) return undefined;
  const { worklist, need, person } = texts;
  const words = worklist.needOf(need(culprit.category), culprit.name ?? person.noName);
  return html` ${worklist.culprit} <a href="/review/${culprit.id}">${words}</a>. ${worklist.culpritNote}`;
}

function leftOutNotice(leftOut: readonly LeftOut[], texts: ReviewTexts): Html {
  const { worklist } = texts;
  const list = leftOut.map(({ id, category, name }) => {
    const words = worklist.needOf(texts.need(category), name ?? texts.person.noName);
    return html`<li><a href="/review/${id}">${words}</a></li>`;
  });
  return html`${notice('problem', html`<strong>${worklist.leftOut}</strong> ${worklist.leftOutWhy}`)}
<ul>${list}</ul>`;
}

/** Renders a person's name with a link to all of their referrals, and the birth date below. */
export function personCell(id: string, href: string | undefined, view: Named, texts: ReviewTexts) {
  const person = view.names.get(id);
  const name = person?.name ?? texts.person.notOnFile;
  const born = person?.birthDate ? texts.person.born(texts.formats.shortDay(person.birthDate)) : '';
  return html`${href === undefined ? name : html`<a href="${href}">${name}</a>`}
        <br><small class="whole">${born}</small>`;
}

type Named = { names: PersonNames };

/**
 * Renders the full notice that a person is to be seen first, for the page of one referral or one
 * person. Each referral of that person is decided alone.
 */
export const seeFirstNotice = ({ seeFirst }: ReviewTexts): Html =>
  unprinted(notice('danger', html`<strong>${seeFirst.mark}.</strong> ${seeFirst.decideEach}`));

/** Renders the short notice that a person is to be seen first, for a row of a list. */
export const seeFirstMark = ({ seeFirst }: ReviewTexts): Html =>
  unprinted(notice('danger', html`<strong>${seeFirst.mark}</strong>`));

/** Keeps off paper what is there only because of a danger. DECISIONS D186. */
export const unprinted = (part: Html): Html => html`<div class="unprinted">${part}</div>`;

/** Renders the findings that a referral rests on, each with the answers that suggested it. */
export function conditionList(conditions: readonly ReviewCondition[], texts: ReviewTexts): Html[] {
  return conditions.map((condition) => {
    const evidence = condition.evidence.map(
      ({ sentence }) => html`<li>${sentence.replaceAll(dayInWords, texts.formats.shortDay)}</li>`,
    );
    const none = html`<li>${texts.screenings.noEvidence}</li>`;
    return html`<p><strong>${condition.display}</strong> <small>${originText(condition, texts)}</small></p>
<ul class="evidence">${evidence.length > 0 ? evidence : none}</ul>
`;
  });
}

function originText({ origin, chosenBy, suggested }: ReviewCondition, texts: ReviewTexts): string {
  const { screenings } = texts;
  if (origin === 'ehr') return screenings.onFile;
  if (chosenBy === null) return screenings.suggested;
  return screenings.chosenInstead(whoText(chosenBy, texts), suggested ?? '');
}

/** Renders the points of a screening that a person has to review. */
export function issueList(issues: ScreeningForPerson['issues'], { screenings }: ReviewTexts): Html {
  const list = issues.map(({ text, source }) => html`<li>${text} <small>${source}</small></li>`);
  const none = html`<li>${screenings.noIssues}</li>`;
  return html`<ul class="evidence">${list.length > 0 ? list : none}</ul>`;
}

/** Renders the earlier reviews of a screening, with their notes. */
export function lookList(looks: ScreeningForPerson['looks'], texts: ReviewTexts): Html[] {
  return looks.map(({ by, at, note }) => {
    const words = texts.screenings.reviewedBy(whoText(by, texts), at);
    return html`<p><small>${words}${note && `: ${note}`}</small></p>`;
  });
}

/** A day as stored sentences have it. */
const dayInWords = /\b\d{4}-\d{2}-\d{2}\b/g;
