import {
  attributes,
  button,
  type Html,
  hiddenField,
  html,
  notice,
  textArea,
  textField,
} from '@loopwell/http';
import { type AnswerButton, type AnswerField, buttonRow, longestField } from '@loopwell/sdoh';
import { fill } from '../../texts/calendar.ts';
import type { PartnerWords } from '../../texts/languages.ts';
import { type AnswerForm, formOf } from './answer-form-kinds.ts';
import { type PageContext, pathOf, type RequestPage, type Typed } from './page-model.ts';

/** What a form shows: the buttons that it is for, and what was typed before. */
export type ShownForm = {
  form: AnswerForm;
  chosen?: AnswerButton | undefined;
  typed?: Typed | undefined;
};

/** Lists the buttons of a form that a request offers now. */
export const buttonsOfForm = ({ buttons }: RequestPage, form: AnswerForm): AnswerButton[] =>
  buttons.filter((name) => formOf(name) === form);

/** Renders the form of an answer that asks for more than one tap. */
export function answerForm(page: RequestPage, shown: ShownForm, context: PageContext): Html {
  const { words } = context.texts;
  const { form, typed } = shown;
  const hasProblem = (typed?.problems.length ?? 0) > 0;
  const names = buttonsOfForm(page, form);
  const [first] = names;
  const title = form === 'no' ? words.ask.no : first && words.buttons[first];
  const after =
    form === 'no' &&
    fill(words.ask.asksNext, {
      clinic: context.clinic.name,
    });
  return html`${hasProblem && notice('problem', words.errors.title)}
<h1>${title}</h1>
${formOfAnswer(page, names, shown, context)}
<p class="answers">
<a class="button" href="${pathOf(context, page.id)}">${words.frame.back}</a>
</p>
${after && html`<p class="hint">${after}</p>`}
<p><strong>${words.frame.closing}</strong></p>`;
}

function formOfAnswer(
  { id }: RequestPage,
  names: readonly AnswerButton[],
  shown: ShownForm,
  context: PageContext,
): Html {
  const { ask } = context.texts.words;
  const [first = ''] = names;
  const choice =
    shown.form === 'no' ? reasons(names, shown, context.texts.words) : hiddenField('button', first);
  return html`<form method="post" action="${pathOf(context, id, 'answers')}" class="answers">
${hiddenField('check', context.formKey)}
${hiddenField('key', context.newKey())}
${hiddenField('form', shown.form)}
${choice}
${fieldsOf(names).map((field) => fieldOf(field, shown, context))}
${button({
  label: ask.send,
  kind: 'primary',
})}
</form>`;
}

/**
 * Renders the reasons of a no. None is chosen: a tap too few would say that the partner is full, and
 * nothing new would go there.
 */
function reasons(
  names: readonly AnswerButton[],
  { chosen, typed }: ShownForm,
  { ask, buttons, errors }: PartnerWords,
): Html {
  const isMissing = typed?.problems.some(({ field }) => field === 'button') ?? false;
  const choices = names.map((name) => {
    const radio = {
      id: name,
      type: 'radio',
      name: 'button',
      value: name,
      required: true,
      checked: name === chosen,
      'aria-describedby': isMissing ? 'button-error' : undefined,
    };
    return html`<label class="choice" for="${name}"><input ${attributes(radio)}> ${buttons[name]}</label>\n`;
  });
  const wrong = isMissing && html`<p class="bad" id="button-error">${errors.choose}</p>`;
  return html`<fieldset class="choices"><legend>${ask.why}</legend>${wrong}${choices}</fieldset>
<p class="hint">${ask.fullPauses}</p>`;
}

const days: readonly AnswerField[] = ['pauseUntil', 'nextTry'];
const longTexts: readonly AnswerField[] = ['note', 'missing'];

/** The fields in the order of a form. Another partner is named in words, never by an id. */
const inOrder = [
  ...(['when', 'where', 'bring', 'missing', 'nextTry', 'pauseUntil', 'whoElse', 'note'] as const),
];

type ShownField = (typeof inOrder)[number];

/** Lists the fields of some buttons in the order of a form. */
export function fieldsOf(names: readonly AnswerButton[]): ShownField[] {
  const asked = names.flatMap((name) => buttonRow(name).fields);
  return inOrder.filter((field) => asked.includes(field));
}

/** Renders a field with what was typed into it and what is wrong with that. */
export function fieldOf(
  name: ShownField,
  { form, typed }: ShownForm,
  { texts }: PageContext,
): Html {
  const { words } = texts;
  const rule = typed?.problems.find(({ field }) => field === name)?.rule;
  const text = typed?.fields[name];
  const field = {
    id: name,
    name,
    label: labelOf(name, form, words),
    hint: words.ask.optional,
    text: typeof text === 'string' ? text : undefined,
    error: errorText(rule, name, words),
  };
  const area = {
    ...field,
    maxlength: longestField[name],
  };
  if (days.includes(name))
    return textField({
      ...field,
      type: 'date',
    });
  if (!longTexts.includes(name)) return textField(area);
  return html`${textArea(area)}\n<p class="hint">${words.ask.noDetails}</p>`;
}

/** Says what is wrong with a field. A rule that has no words of its own is about its signs. */
function errorText(rule: string | undefined, name: ShownField, { errors }: PartnerWords) {
  if (rule === undefined) return undefined;
  const texts: Readonly<Record<string, string>> = errors;
  return fill(texts[rule] ?? errors.characters, {
    n: longestField[name],
  });
}

function labelOf(name: ShownField, form: AnswerForm, { fields }: PartnerWords): string {
  if (name === 'when' && form === 'wait') return fields.wait;
  if (name === 'whoElse' && form === 'hand-over') return fields.handOver;
  return fields[name];
}
