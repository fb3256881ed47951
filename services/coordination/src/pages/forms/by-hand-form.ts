import {
  button,
  fields,
  type Html,
  html,
  notice,
  type Option,
  selectField,
  textField,
} from '@loopwell/http';
import type { AppError } from '@loopwell/kit';
import type { ReviewTexts } from '../../texts/en.ts';
import { isOpen, type ReferralPageView } from '../referral-view.ts';

/** What came of a form by hand. */
export type HandFeedback = {
  isDone?: boolean;
  problem?: AppError;
  typed?: Readonly<Record<string, string>>;
};

/** Says what came of a form by hand, where the browser begins to read. */
export function handNotice({ isDone, problem }: HandFeedback, { byHand }: ReviewTexts): Html {
  if (problem === undefined && !isDone) return html``;
  const field = `${problem?.facts.field} ${problem?.facts.rule}`;
  const message =
    problem === undefined
      ? notice('done', byHand.done)
      : notice('problem', `${byHand.wrong} ${byHand.problems[field] ?? ''}`);
  return html`<div tabindex="-1" autofocus>${message}</div>`;
}

/** Renders what somebody may do to a referral by hand: its partner, a list of places, its end. */
export function byHandForms(
  view: ReferralPageView,
  feedback: HandFeedback,
  texts: ReviewTexts,
): Html | undefined {
  if (!isOpen(view)) return undefined;
  const { byHand: words } = texts;
  const hasList = view.row.list_given_at !== null;
  return html`<h2 id="by-hand">${words.title}</h2>
${view.row.gate === 'underWay' && underWayForm(view, texts)}
${hasList ? saidForm(view, feedback, texts) : listForm(view, feedback, texts)}
${!hasList && partnerForm(view, feedback, texts)}
${closeForm(view, feedback, texts)}`;
}

const errorOf = (
  name: string,
  { problem }: HandFeedback,
  { byHand: { problems } }: ReviewTexts,
): string | undefined => {
  const { field, rule } = problem?.facts ?? {};
  return field === name ? (problems[`${name} ${rule}`] ?? problems[name]) : undefined;
};

const placeOptions = ({ recipients }: ReferralPageView, none: string): Option[] => [
  { code: '', label: none },
  ...recipients.map(({ id, name }) => ({ code: id, label: name })),
];

/** Shows the referral for the same need that is under way, and lets this one go out anyway. */
function underWayForm({ row, underWay, partners }: ReferralPageView, texts: ReviewTexts): Html {
  const { byHand: words, formats } = texts;
  if (underWay === undefined) return html``;
  const { referral, state, partner, sent_at: sentAt } = underWay;
  const standing =
    partner === null
      ? words.underWay[state]
      : words.underWayAt(partners.get(partner) ?? partner, formats.instant(sentAt));
  return html`<h3>${words.underWayTitle}</h3>
<p>${standing} <a href="/review/${referral}">${words.underWayLink}</a></p>
<p class="hint">${words.underWayHint}</p>
<form method="post" action="/review/${row.id}/send-anyway">${button({ label: words.sendAnyway })}</form>`;
}

function partnerForm(view: ReferralPageView, feedback: HandFeedback, texts: ReviewTexts): Html {
  const { byHand: words } = texts;
  if (view.recipients.length === 0) return html`<p>${words.noPartner}</p>`;
  const partner = selectField({
    id: 'chosen-partner',
    name: 'partner',
    label: words.partner,
    hint: words.partnerHint,
    options: placeOptions(view, texts.forms.choose),
    chosen: feedback.typed?.partner,
    error: errorOf('partner', feedback, texts),
  });
  return html`<form method="post" action="/review/${view.row.id}/partner">${fields(partner, button({ label: words.choosePartner }))}</form>`;
}

function listForm(view: ReferralPageView, feedback: HandFeedback, texts: ReviewTexts): Html {
  const { byHand: words } = texts;
  const { row, recipients } = view;
  if (row.state !== 'waiting' || recipients.length === 0) return html``;
  const typed = (feedback.typed?.partners ?? '').split(' ');
  const place = (index: number) =>
    selectField({
      id: `list-${index}`,
      name: 'partners',
      label: words.place(index + 1),
      options: placeOptions(view, index === 0 ? texts.forms.choose : words.noMore),
      chosen: typed[index],
      error: index === 0 ? errorOf('partners', feedback, texts) : undefined,
    });
  const print = button({ label: words.printed, name: 'way', sends: 'printed' });
  const aloud = button({ label: words.readAloud, name: 'way', sends: 'read-aloud' });
  return html`<h3>${words.listTitle}</h3>
<p class="hint">${words.listHint}</p>
<form method="post" action="/review/${row.id}/list">${fields(place(0), place(1), place(2), print, aloud)}</form>`;
}

function saidForm(view: ReferralPageView, feedback: HandFeedback, texts: ReviewTexts): Html {
  const { byHand: words, formats } = texts;
  const { row, today } = view;
  const on = textField({
    id: 'said-on',
    name: 'on',
    label: words.saidOn,
    type: 'date',
    max: today,
    text: feedback.typed?.on ?? today,
    error: errorOf('on', feedback, texts),
  });
  const buttonFor = (code: 'helped' | 'not-helped' | 'no-longer-wanted') =>
    button({ label: words.said[code], name: 'said', sends: code });
  const buttons = [buttonFor('helped'), buttonFor('not-helped'), buttonFor('no-longer-wanted')];
  return html`<h3>${words.listTitle}</h3>
<p>${words.listGiven(formats.instant(row.list_given_at))} <a href="/review/${row.id}/list">${words.showList}</a></p>
<form method="post" action="/review/${row.id}/list/said">${fields(on, ...buttons)}</form>`;
}

function closeForm(view: ReferralPageView, feedback: HandFeedback, texts: ReviewTexts): Html {
  const { byHand: words } = texts;
  const { typed } = feedback;
  const why = selectField({
    id: 'close-why',
    name: 'why',
    label: words.why,
    chosen: typed?.why,
    options: [
      { code: '', label: texts.forms.choose },
      ...Object.entries(words.reasons).map(([code, label]) => ({ code, label })),
    ],
    error: errorOf('why', feedback, texts),
  });
  const on = textField({
    id: 'close-on',
    name: 'on',
    label: words.on,
    type: 'date',
    max: view.today,
    text: typed?.on ?? view.today,
    error: errorOf('on', feedback, texts),
  });
  const note = textField({
    id: 'close-note',
    name: 'note',
    label: words.note,
    hint: words.careTeamOnly,
    text: typed?.note ?? '',
    maxlength: 500,
    error: errorOf('note', feedback, texts),
  });
  const close = button({ label: words.close, kind: 'danger' });
  return html`<h3>${words.closeTitle}</h3>
<p class="hint">${words.closeHint}</p>
<form method="post" action="/review/${view.row.id}/close">${fields(why, on, note, close)}</form>`;
}
