import {
  attributes,
  button,
  type Html,
  hiddenField,
  html,
  notice,
  selectField,
  textField,
} from '@loopwell/http';
import { type OpenedAnswer, type ReachChoice, safetyActions } from '@loopwell/sdoh';
import { endForm, startPart } from '../nos/contact-forms.ts';
import { reachPart } from '../reach/reach-section.ts';
import type { ReachView } from '../reach/reach-view.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { whoText } from '../texts/standing-sentence.ts';
import { appointmentForm } from './appointment-form.ts';
import { appointmentText } from './appointment-text.ts';
import { openForm } from './open-form.ts';
import type { OpenedView, SeeFirstView } from './read-safety.ts';
import type { SafetyForm } from './record-safety.ts';

/** What a form came to: recorded, or the field that is wrong with everything that was typed. */
export type SafetyFeedback = {
  isRecorded?: boolean;
  problem?: string | undefined;
  typed?: SafetyForm;
};

/**
 * Renders the page of one person who bears the mark. It is the same for an answer about safety and
 * for a date. What is to be done stands on the page that says why; here it is only where a form of
 * that page came back with a mistake. DECISIONS D185.
 */
export function seeFirstPage(
  view: SeeFirstView,
  feedback: SafetyFeedback,
  texts: ReviewTexts,
): Html {
  const { safety: words } = texts;
  const { person } = view.subject;
  const { isRecorded, problem } = feedback;
  const hasAdvice = isAboutAdvice(feedback) && view.facts.answers.length > 0;
  return html`<div class="unprinted">
${isRecorded && notice('done', words.recorded)}
${problem !== undefined && notice('problem', problemText(problem, texts))}
<p><a href="/people/${person}"><strong>${nameOf(view, texts)}</strong></a></p>
<p>${words.next}: ${appointmentText(view.appointment, texts)}</p>
${openForm(person, texts)}
${hasAdvice && advicePart(view, feedback, texts)}
${appointmentForm(person, { ...feedback, from: 'see-first' }, texts)}
</div>`;
}

/** Tells whether a form of the advice came back with a mistake. */
export const isAboutAdvice = ({ problem }: SafetyFeedback): boolean =>
  problem !== undefined && !['at', 'place'].includes(problem);

/** Renders what to do for somebody with an answer about safety, and the forms that record it. */
function advicePart(view: SeeFirstView, feedback: SafetyFeedback, texts: ReviewTexts): Html {
  const { safety: words } = texts;
  const { person } = view.subject;
  return html`${contactNotice(view, texts)}
<p>${words.offer} <strong>${view.advocateLine}</strong></p>
${recordForm(view, feedback, texts)}
${doneList(view, texts)}
${view.mayOverride ? overrideForm(person, feedback, texts) : html`<p>${words.clinicianDecides}</p>`}`;
}

function nameOf({ subject, names }: Pick<SeeFirstView, 'subject' | 'names'>, texts: ReviewTexts) {
  const id = [subject.person, ...subject.patients].find((patient) => names.has(patient));
  return (id && names.get(id)?.name) ?? texts.person.notOnFile;
}

function problemText(problem: string, { safety: { problems } }: ReviewTexts): string {
  const sentences: Readonly<Record<string, string>> = problems;
  return sentences[problem] ?? problems.changed;
}

function contactNotice({ facts }: SeeFirstView, texts: ReviewTexts): Html {
  const { safety: words, formats } = texts;
  const { isBlocked, safeWay } = facts.standing;
  const override = facts.overrides.at(-1);
  if (isBlocked)
    return notice('danger', html`<strong>${words.seeAlone}</strong> ${words.noContact}`);
  if (safeWay !== undefined)
    return notice('caution', html`<strong>${words.seeAlone}</strong> ${words.safeWay} ${safeWay}`);
  const until =
    override && words.overridden(whoText(override.by, texts), formats.instant(override.until));
  return notice('caution', html`<strong>${words.seeAlone}</strong> ${until}`);
}

function recordForm(
  view: SeeFirstView,
  { problem, typed = {} }: SafetyFeedback,
  texts: ReviewTexts,
) {
  const { safety: words } = texts;
  const errorOf = (field: string) => (problem === field ? problemText(field, texts) : undefined);
  const choices = safetyActions.map((code) => ({ code, label: words.actions[code] }));
  const action = selectField({
    id: 'action',
    name: 'action',
    label: words.record,
    options: [{ code: '', label: '' }, ...choices],
    chosen: typed.action,
    error: errorOf('action'),
  });
  const safeWay = textField({
    id: 'safeWay',
    name: 'safeWay',
    label: words.safeWayField,
    hint: words.safeWayHint,
    maxlength: 200,
    text: typed.safeWay,
    error: errorOf('safeWay'),
  });
  const toldAlone = textField({
    id: 'toldAlone',
    name: 'toldAlone',
    type: 'checkbox',
    label: words.toldAlone,
    text: 'yes',
    error: errorOf('toldAlone'),
  });
  return html`<h2>${words.record}</h2>
<form method="post" action="/people/${view.subject.person}/see-first">
  ${hiddenField('seen', view.facts.answers.map(({ key }) => key).join(','))}
  ${action}
  ${safeWay}
  ${toldAlone}
  ${button({ label: words.save, kind: 'primary' })}
</form>`;
}

function doneList({ facts }: SeeFirstView, texts: ReviewTexts): Html | undefined {
  const { safety: words, formats } = texts;
  const byId = new Map(facts.records.map((record) => [record.id, record]));
  if (byId.size === 0) return undefined;
  const lines = [...byId.values()].map(({ action, by, at }) =>
    words.doneBy(words.actions[action], whoText(by, texts), formats.instant(at)),
  );
  return html`<h2>${words.whatWasDone}</h2>
<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
}

function overrideForm(person: string, { problem, typed = {} }: SafetyFeedback, texts: ReviewTexts) {
  const { safety: words } = texts;
  const errorOf = (field: string) => (problem === field ? problemText(field, texts) : undefined);
  const isOpen = problem === 'reason';
  return html`<details ${attributes({ open: isOpen })}><summary>${words.override}</summary>
<form method="post" action="/people/${person}/contact-override">
  ${textField({
    id: 'reason',
    name: 'reason',
    label: words.reason,
    maxlength: 300,
    text: typed.reason,
    error: errorOf('reason'),
  })}
  ${button({ label: words.saveOverride, kind: 'danger' })}
</form></details>`;
}

/** Renders why somebody bears the mark. The page closes by itself, and nothing of it is printed. */
export function openedPage(view: OpenedView, texts: ReviewTexts): Html {
  const { safety: words } = texts;
  const { person } = view.subject;
  const screenings = view.screenings.map(({ instrument, authored, issues, answers }) => {
    const lines = answers.length > 0 ? answers.map(answerLine) : wordsIn(issues);
    const list = lines.map((line) => html`<li>${line}</li>`);
    return html`<h2>${words.answered(authored, instrument)}</h2><ul>${list}</ul>`;
  });
  const overrides = view.overrides.map(
    ({ by, reason, until }) =>
      html`<li>${words.overridden(whoText(by, texts), texts.formats.instant(until))} ${reason}</li>`,
  );
  const needs = view.needs.map(({ category, danger, must_by: mustBy }) => {
    const when = mustBy === null ? words.today : words.by(mustBy);
    return html`<li>${when}: ${texts.need(category)}${danger && `, ${danger}`}</li>`;
  });
  const back = `/people/${person}${view.contact.isMarked ? '/see-first' : ''}`;
  return html`<div class="unprinted">
<p><strong>${nameOf(view, texts)}</strong></p>
${needs.length > 0 && html`<ul>${needs}</ul>`}
${screenings}
${overrides.length > 0 && html`<ul>${overrides}</ul>`}
${contactPart(view, texts)}
<p>${words.next}: ${appointmentText(view.appointment, texts)}</p>
${view.advice && advicePart(view.advice, {}, texts)}
<p>${words.closes} <a href="${back}">${words.close}</a></p>
</div>`;
}

/**
 * Renders how somebody may be contacted. A safe way stands in place of what they chose before it,
 * also while a try is open; where nobody may contact them, no way is named.
 */
function contactPart({ contact, reach, isSeen }: OpenedView, texts: ReviewTexts): Html {
  const { safety: words } = texts;
  const { open, safeWay, isReachShown } = contact;
  const way =
    safeWay !== undefined &&
    notice('caution', html`<strong>${words.onlySafeWay}</strong> ${safeWay}`);
  const shown = isReachShown && reachPart(isSeen ? quietReach(reach) : reach, contact, texts);
  return html`${way}${shown}${open ? endForm(contact, open.id, texts) : startPart(contact, texts)}`;
}

/** Leaves out that a message may be left or the reason be said: `mayContact` forbids both here. */
function quietReach(reach: ReachView): ReachView {
  const { recorded } = reach;
  if (recorded === undefined) return reach;
  const choice: ReachChoice = {
    ...recorded.choice,
    voicemail: false,
    mayBeSaid: 'clinicOnly',
  };
  return {
    ...reach,
    recorded: { ...recorded, choice },
  };
}

/** Writes the sentence that asked and the answer, both as the form has them. */
const answerLine = ({ question, answer }: OpenedAnswer): Html =>
  html`${question}${answer === undefined ? '' : html` <strong>${answer}</strong>`}`;

type Issue = { severity: string; text: string; danger?: string };

/** Lists the words of a screening's warnings, the danger first. */
function wordsIn(issues: string): string[] {
  const warnings = (JSON.parse(issues) as Issue[]).filter(
    ({ severity }) => severity !== 'information',
  );
  const dangers = warnings.map(({ danger }) => danger).filter((danger) => danger !== undefined);
  return [...new Set([...dangers, ...warnings.map(({ text }) => text)])];
}
