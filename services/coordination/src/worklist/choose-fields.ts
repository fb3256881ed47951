import { fields, type Html, hiddenField, html, selectField, textField } from '@loopwell/http';
import { eachNeed } from '@loopwell/sdoh';
import { sayerField } from '../pages/fields.ts';
import { wholeConsentFields } from '../pages/forms/whole-consent-fields.ts';
import type { ListAction } from '../read/people-lists.ts';
import { problemSentence } from '../texts/decision-sentences.ts';
import type { ReviewTexts } from '../texts/en.ts';
import type { ChooseView } from './choose-view.ts';

/** Renders the fields of an action and its buttons. The first has the focus where nothing is to type. */
export function actionFields(view: ChooseView, texts: ReviewTexts): Html {
  const { action } = view;
  if (action === 'approve')
    return html`${fields(recordButton(view, texts))}${alsoDone(view, texts, [
      ...agreeFields(view, texts),
      ...signedFields(view, texts),
      serviceField(view, texts),
    ])}`;
  if (action === 'agree')
    return html`${fields(...agreeFields(view, texts), recordButton(view, texts))}${alsoDone(view, texts, signedFields(view, texts))}`;
  const isConsent = action === 'recordConsent';
  if (!isConsent) return fields(...typedFields(action, view, texts), recordButton(view, texts));
  return html`${fields(...typedFields(action, view, texts))}
${wholePart(view, texts)}
${fields(recordButton(view, texts))}`;
}

/** Renders who signed, how, and who may read what. The signer is each person by default. */
function wholePart({ typed, recipients, spokenAuthor }: ChooseView, texts: ReviewTexts): Html {
  return wholeConsentFields({ typed, recipients, spokenAuthor, category: eachNeed }, texts);
}

function typedFields(action: ListAction, view: ChooseView, texts: ReviewTexts): Html[] {
  if (action === 'recordConsent') return [...signedFields(view, texts), askedByField(view, texts)];
  if (action === 'postpone') return [untilField(view, texts)];
  if (action === 'chooseService') return [serviceField(view, texts)];
  const reason = reasonField(view, texts);
  return action === 'refuse' ? [reason, sayerField(view.typed, texts)] : [reason];
}

function recordButton({ action }: ChooseView, { peopleLists }: ReviewTexts): Html {
  const { button: label } = peopleLists.confirm[action];
  return html`<button class="primary" name="decision" value="${action}" data-action="${action}" autofocus>${label}</button>`;
}

/**
 * Renders what may be done already beside the action itself, with the button that records all of
 * it at once. A field that is left empty is left for its own list.
 */
function alsoDone(view: ChooseView, texts: ReviewTexts, parts: readonly Html[]): Html {
  const { action } = view;
  const { peopleLists: words } = texts;
  const { title, button: label } = words.alsoDone[action === 'approve' ? 'approve' : 'agree'];
  const record = html`<button name="decision" value="together" data-together>${label}</button>`;
  return html`<fieldset><legend>${title}</legend>
<p class="hint">${words.alsoHint}</p>
${action === 'approve' && hiddenField('approve.wanted', 'yes')}
${fields(...parts)}
${wholePart(view, texts)}
${fields(record)}
</fieldset>`;
}

type Named = { id: string; name: string };

/** Gives what was typed into a field before, and what is wrong with it. */
function typedInto({ typed, problem }: ChooseView, { id, name }: Named, texts: ReviewTexts) {
  const short = name.slice(name.indexOf('.') + 1);
  const isWrong = problem !== undefined && problem.facts.field === short;
  return {
    id,
    name,
    text: typed.text[name] || undefined,
    error: isWrong ? problemSentence(problem, texts) : undefined,
  };
}

function agreeFields(view: ChooseView, texts: ReviewTexts): Html[] {
  const on = typedInto(view, { id: 'agreed-on', name: 'agree.agreedOn' }, texts);
  const date = { label: texts.forms.agreedOn, type: 'date', max: view.today } as const;
  const asked = textField({ ...on, ...date, text: on.text ?? view.today });
  return [asked, askedByField(view, texts)];
}

/** One person asked for both the yes and the signature, so there is one field for both. */
function askedByField(view: ChooseView, texts: ReviewTexts): Html {
  const by = typedInto(view, { id: 'asked-by', name: 'askedBy' }, texts);
  const before = by.text ?? view.typed.text[`${view.action}.askedBy`];
  return textField({ ...by, label: texts.forms.whoAsked, maxlength: 120, text: before });
}

function signedFields(view: ChooseView, texts: ReviewTexts): Html[] {
  const { forms } = texts;
  const signed = typedInto(view, { id: 'signed-on', name: 'recordConsent.dateTime' }, texts);
  const until = typedInto(view, { id: 'until', name: 'recordConsent.until' }, texts);
  const isAlone = view.action === 'recordConsent';
  const optional = { label: forms.until, hint: forms.optional, type: 'date' } as const;
  const text = signed.text ?? (isAlone ? view.today : undefined);
  const words = typedInto(view, { id: 'scope', name: 'recordConsent.scope' }, texts);
  return [
    textField({
      ...{ ...signed, label: forms.signedOn, hint: forms.required, type: 'date' as const },
      ...{ max: view.today, text },
    }),
    textField({ ...until, ...optional, min: view.today }),
    textField({
      ...words,
      label: forms.wordsOnForm,
      hint: forms.wordsOptional,
      maxlength: 300,
    }),
  ];
}

function untilField(view: ChooseView, texts: ReviewTexts): Html {
  const until = typedInto(view, { id: 'postponed-until', name: 'postpone.until' }, texts);
  const { tomorrow } = view;
  const label = texts.forms.postponeUntil;
  return textField({ ...until, label, type: 'date', min: tomorrow, text: until.text ?? tomorrow });
}

function serviceField(view: ChooseView, texts: ReviewTexts): Html {
  const { forms } = texts;
  const each = view.services.map(({ code, display }) => ({ code, label: display || code }));
  const options = [{ code: '', label: forms.choose }, ...each];
  const field = { id: 'service-code', name: 'chooseService.serviceCode' };
  const { text: chosen, ...named } = typedInto(view, field, texts);
  return selectField({ ...named, label: forms.service, options, chosen });
}

function reasonField(view: ChooseView, texts: ReviewTexts): Html {
  const reasons = texts.decisions.refusalReasons.map(
    (reason) => html`<option value="${reason}"></option>`,
  );
  const typed = typedInto(view, { id: 'reason', name: 'reason' }, texts);
  const { reason: label } = texts.forms;
  const field = textField({ ...typed, label, maxlength: 500, list: 'refusal-reasons' });
  return html`<datalist id="refusal-reasons">${reasons}</datalist>${field}`;
}
