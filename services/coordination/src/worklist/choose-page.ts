import { fields, type Html, hiddenField, html, selectField, textField } from '@loopwell/http';
import type { ServiceChoice } from '../decide/apply-decision.ts';
import type { Typed } from '../decide/form-data.ts';
import type { ListRow } from '../read/list-rows.ts';
import type { ListAction, ListPlace } from '../read/people-lists.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { aboutOf, nameOf, reasonLine } from './people-table.ts';

/** The people that somebody chose on a list, before anything is recorded about them. */
export type ChooseView = {
  place: ListPlace;
  action: ListAction;
  rows: readonly ListRow[];
  /** People who are not among them, because each is decided alone. */
  leftOut: readonly ListRow[];
  services: readonly ServiceChoice[];
  typed: Typed;
  back: string;
  today: string;
  tomorrow: string;
};

/** Renders who is meant and what would be recorded, with the fields and the button that does it. */
export function choosePage(view: ChooseView, notices: Html | false, texts: ReviewTexts): Html {
  const { peopleLists: words } = texts;
  const needs = view.rows.flatMap((row) => row.needs);
  const people = view.rows.map(
    (row) => html`<li data-person="${row.person.human}">${personLine(row, view, texts)}</li>\n`,
  );
  return html`<p><a href="${view.back}">${words.back}</a></p>
${notices && html`<div tabindex="-1" autofocus>${notices}</div>`}
<p>${words.for(view.rows.length, needs.length)}</p>
<ul class="meant">${people}</ul>
${view.leftOut.length > 0 && leftOutList(view, texts)}
<form method="post" action="/review/decisions">
${hiddenField('back', view.back)}${hiddenField('list', view.place.list)}${hiddenField('action', view.action)}
${needs.map(({ id, version }) => html`${hiddenField('referral', id)}${hiddenField(`version.${id}`, version)}`)}
${view.rows.map(({ person }) => hiddenField('person', person.human))}
${actionFields(view, texts)}
</form>`;
}

function personLine(row: ListRow, { today }: ChooseView, texts: ReviewTexts): Html {
  const chips = row.needs.map(
    ({ category }) => html`<li data-need="${category}">${texts.need(category)}</li>`,
  );
  return html`<strong>${nameOf(row, texts)}</strong> <small>${aboutOf(row, texts)}</small>
<ul class="chips">${chips}</ul><small>${reasonLine(row, today, texts)}</small>`;
}

function leftOutList({ leftOut }: ChooseView, texts: ReviewTexts): Html {
  const links = leftOut.map(
    (row) => html`<li><a href="/people/${row.person.human}">${nameOf(row, texts)}</a></li>`,
  );
  return html`<p class="caution">${texts.peopleLists.leftOut}</p><ul>${links}</ul>`;
}

const typedText = ({ typed }: ChooseView, name: string): string | undefined =>
  typed.text[name] || undefined;

/** Renders the fields of an action and its button, which has the focus where nothing is to type. */
function actionFields(view: ChooseView, texts: ReviewTexts): Html {
  const { action } = view;
  const { button: label } = texts.peopleLists.confirm[action];
  const record = html`<button class="primary" name="decision" value="${action}" data-action="${action}" autofocus>${label}</button>`;
  if (action === 'agree') return fields(...dateFields(view, texts), record);
  if (action === 'recordConsent') return fields(...consentFields(view, texts), record);
  if (action === 'postpone') return fields(untilField(view, texts), record);
  if (action === 'chooseService') return fields(serviceField(view, texts), record);
  if (action === 'approve') return fields(record);
  return fields(reasonField(view, texts), record);
}

function dateFields(view: ChooseView, { forms }: ReviewTexts): Html[] {
  const name = 'agree.agreedOn';
  const on = {
    id: 'agreed-on',
    name,
    label: forms.agreedOn,
    type: 'date',
    max: view.today,
  } as const;
  const by = { id: 'agreed-asked-by', name: 'agree.askedBy', label: forms.whoAsked } as const;
  return [
    textField({ ...on, text: typedText(view, name) ?? view.today }),
    textField({ ...by, maxlength: 120, text: typedText(view, by.name) }),
  ];
}

function consentFields(view: ChooseView, { forms }: ReviewTexts): Html[] {
  const field = (id: string, name: string) => ({ id, name, text: typedText(view, name) });
  const signed = field('signed-on', 'recordConsent.dateTime');
  const until = field('until', 'recordConsent.until');
  const by = field('consent-asked-by', 'recordConsent.askedBy');
  const optional = { label: forms.until, hint: forms.optional, type: 'date' } as const;
  return [
    textField({
      ...signed,
      label: forms.signedOn,
      type: 'date',
      max: view.today,
      text: signed.text ?? view.today,
    }),
    textField({ ...until, ...optional, min: view.today }),
    textField({ ...by, label: forms.whoAsked, maxlength: 120 }),
  ];
}

function untilField(view: ChooseView, { forms }: ReviewTexts): Html {
  const name = 'postpone.until';
  const text = typedText(view, name) ?? view.tomorrow;
  const label = forms.postponeUntil;
  return textField({ id: 'postponed-until', name, label, type: 'date', min: view.tomorrow, text });
}

function serviceField(view: ChooseView, { forms }: ReviewTexts): Html {
  const name = 'chooseService.serviceCode';
  const each = view.services.map(({ code, display }) => ({ code, label: display || code }));
  const options = [{ code: '', label: forms.choose }, ...each];
  const chosen = typedText(view, name);
  return selectField({ id: 'service-code', name, label: forms.service, options, chosen });
}

function reasonField(view: ChooseView, texts: ReviewTexts): Html {
  const reasons = texts.decisions.refusalReasons.map(
    (reason) => html`<option value="${reason}"></option>`,
  );
  const field = textField({
    id: 'reason',
    name: 'reason',
    label: texts.forms.reason,
    maxlength: 500,
    list: 'refusal-reasons',
    text: typedText(view, 'reason'),
  });
  return html`<datalist id="refusal-reasons">${reasons}</datalist>${field}`;
}
