import {
  attributes,
  button,
  fields,
  type Html,
  hiddenField,
  html,
  notice,
  selectField,
  textField,
} from '@loopwell/http';
import type { AppError } from '@loopwell/kit';
import { isSafetyCategory, noKinds, noSayers, type TryOutcome } from '@loopwell/sdoh';
import type { NoRow } from '@loopwell/store';
import type { ReviewTexts } from '../texts/en.ts';
import type { ContactView } from './contact-view.ts';

/** What somebody typed, and what was wrong with it. */
export type ContactFeedback = {
  problem?: AppError;
  typed?: Readonly<Record<string, string>>;
  done?: 'done' | 'same' | undefined;
};

/** Renders a person's nos, the tries to reach them, and the forms for both. */
export function contactForms(
  view: ContactView,
  feedback: ContactFeedback,
  texts: ReviewTexts,
): Html {
  const { contact: words } = texts;
  return html`<h2 id="contact">${words.title}</h2>
${feedback.done && notice('done', words[feedback.done])}
${feedback.problem && notice('problem', problemWords(feedback.problem, texts))}
${view.nos.length === 0 ? html`<p>${words.none}</p>` : html`<ul>${view.nos.map((no) => noItem(no, view, feedback, texts))}</ul>`}
<h3>${words.triesTitle}</h3>
${tryPart(view, texts)}
<details ${attributes({ open: feedback.problem !== undefined })}><summary>${words.recordTitle}</summary>
${noForm(view, feedback, texts)}</details>`;
}

/** Writes a refusal of the contact rule in full; for a field, that one is marked. */
function problemWords({ facts }: AppError, { contact: words }: ReviewTexts): string {
  if (facts.rule === 'see-in-person') return words.showWhyFirst;
  const rule = words.rules[facts.rule as keyof typeof words.rules];
  if (rule === undefined) return words.wrong;
  return typeof facts.until === 'string' ? `${rule} ${words.from(facts.until)}` : rule;
}

function noItem(no: NoRow, view: ContactView, feedback: ContactFeedback, texts: ReviewTexts): Html {
  const { contact: words } = texts;
  const to = no.said_to.startsWith('partner:')
    ? words.partnerSaid(view.partners.get(no.said_to.slice(8)) ?? no.said_to.slice(8))
    : no.said_to;
  const until = no.until === null ? undefined : words.until(no.until);
  const on = textField({
    ...{ id: `on-${no.id}`, name: 'on', label: words.broughtUpOn, type: 'date' },
    ...{ text: feedback.typed?.on ?? view.today, max: view.today },
    error: feedback.typed?.no === no.id ? errorOf('on', feedback, texts) : undefined,
  });
  const bring = button({ label: words.bringUp });
  return html`<li>${words.said(no.kind, aboutOf(no, view, texts), no.said_on, to)} ${until}
<form method="post" action="/people/${view.person}/noes/${no.id}/brought-up">${fields(on, bring)}</form></li>`;
}

/** Names the help or the place that a no is about. */
function aboutOf(no: NoRow, { partners }: ContactView, texts: ReviewTexts): string | undefined {
  const help = no.category === null ? texts.contact.everything : texts.need(no.category);
  if (no.partner === null) return help;
  return partners.get(no.partner) ?? no.partner;
}

const endings: readonly TryOutcome[] = [
  'spoke',
  'no-answer',
  'left-message',
  'someone-else',
  'wrong-number',
  'not-made',
];

/**
 * Renders the two clicks of a try: that it is made now, and how it ended. For everybody who bears
 * the mark *See first* the first click stands on the page that says why, so that nobody beside the
 * screen learns which of them may be called. DECISIONS D169.
 */
function tryPart(view: ContactView, texts: ReviewTexts): Html {
  const { contact: words } = texts;
  const { open } = view;
  const list = view.tries.map(
    ({ day, channel, outcome }) => html`<li>${words.tried(day, channel, outcome)}</li>`,
  );
  const shown = list.length > 0 && html`<ul>${list}</ul>`;
  if (open) return html`${endForm(view, open.id, texts)}${shown}`;
  return html`${view.isMarked ? html`<p class="unprinted">${words.showWhyFirst}</p>` : startPart(view, texts)}${shown}`;
}

/** Renders the first click of a try, or the rule against it. */
export function startPart(view: ContactView, texts: ReviewTexts): Html {
  const { contact: words } = texts;
  const { answer } = view;
  if (!answer.may) {
    const until = answer.until === undefined ? undefined : words.from(answer.until);
    return html`<p>${words.rules[answer.rule]} ${until}</p>`;
  }
  const start = button({ label: words.start, kind: 'primary' });
  return html`<p>${words.channels[view.channel]}. ${words.left(answer.left)} ${sayWords(answer, texts)} ${view.nos.length > 0 && words.notThose}</p>
<form method="post" action="/people/${view.person}/tries">${hiddenField('channel', view.channel)}${start}</form>`;
}

type Allowed = { onlyClinic: boolean; mayLeaveMessage: boolean };

const sayWords = ({ onlyClinic, mayLeaveMessage }: Allowed, { contact: words }: ReviewTexts) =>
  html`${onlyClinic && words.onlyClinic} ${!mayLeaveMessage && words.noMessage}`;

/** Renders the second click of a try: how it ended. */
export function endForm(view: ContactView, id: string, { contact: words }: ReviewTexts): Html {
  const mayLeave = view.answer.may && view.answer.mayLeaveMessage;
  const offered = endings.filter((outcome) => outcome !== 'left-message' || mayLeave);
  const buttons = offered.map((outcome) =>
    button({ label: words.outcomes[outcome], name: 'outcome', sends: outcome }),
  );
  const { none, no, yes } = words.saidWhyChoices;
  const saidWhy = selectField({
    ...{ id: 'said-why', name: 'saidWhy', label: words.saidWhy },
    options: [
      { code: '', label: none },
      { code: 'no', label: no },
      { code: 'yes', label: yes },
    ],
  });
  return html`<p>${words.how}</p>
<form method="post" action="/people/${view.person}/tries/${id}">${saidWhy}${fields(...buttons)}</form>`;
}

/** Makes the fields of the form for a no: each with its label, its error and what was typed. */
function noFields(feedback: ContactFeedback, texts: ReviewTexts) {
  const named = (name: string) => ({
    ...{ id: `no-${name}`, name, error: errorOf(name, feedback, texts) },
  });
  const typed = (name: string) => feedback.typed?.[name] ?? '';
  return {
    choice: (name: string, label: string, options: { code: string; label: string }[]) =>
      selectField({ ...named(name), label, options, chosen: typed(name) }),
    day: (name: string, label: string, otherwise = '') => {
      const text = feedback.typed?.[name] ?? otherwise;
      return textField({ ...named(name), label, text, type: 'date' });
    },
    text: (name: string, label: string, maxlength: number, hint?: string) => {
      const field = { ...named(name), label, text: typed(name), maxlength };
      return textField(hint === undefined ? field : { ...field, hint });
    },
  };
}

function noForm(view: ContactView, feedback: ContactFeedback, texts: ReviewTexts): Html {
  const { contact: words } = texts;
  const { choice, day, text } = noFields(feedback, texts);
  const helps = view.categories.filter((category) => !isSafetyCategory(category));
  const everyHelp = { code: '', label: words.everyHelp };
  const noPlace = { code: '', label: words.noPlace };
  const categories = helps.map((code) => ({ code, label: texts.need(code) }));
  const places = [...view.partners].map(([code, label]) => ({ code, label }));
  const what = [
    choice('kind', words.kind, optionsOf(noKinds, words.kinds)),
    choice('category', words.category, [everyHelp, ...categories]),
    choice('partner', words.partner, [noPlace, ...places]),
    day('until', words.untilField),
  ];
  const who = [
    day('saidOn', words.saidOn, view.today),
    choice('saidBy', words.saidBy, optionsOf(noSayers, words.sayers)),
    text('saidTo', words.saidTo, 120),
    text('note', words.note, 2000, words.noteHint),
  ];
  const parts = [...what, ...who, button({ label: words.record, kind: 'primary' })];
  return html`<p class="hint">${words.recordHint}</p>
<form method="post" action="/people/${view.person}/noes">${fields(...parts)}</form>`;
}

const optionsOf = <Code extends string>(
  codes: readonly Code[],
  labels: Readonly<Record<Code, string>>,
) => codes.map((code) => ({ code, label: labels[code] }));

function errorOf(
  name: string,
  { problem }: ContactFeedback,
  { contact: { problems } }: ReviewTexts,
): string | undefined {
  const { field, rule } = problem?.facts ?? {};
  return field === name ? (problems[`${field} ${rule}`] ?? problems[name]) : undefined;
}
