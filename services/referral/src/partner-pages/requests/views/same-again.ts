import { button, type Html, hiddenField, html } from '@loopwell/http';
import { type AnswerButton, buttonRow } from '@loopwell/sdoh';
import { fieldOf, fieldsOf } from './answer-form.ts';
import { formOf } from './answer-form-kinds.ts';
import { type PageContext, pathOf } from './page-model.ts';

/** An answer that was not taken, with what was typed beside it. */
export type UntakenAnswer = {
  task: string;
  button: AnswerButton;
  fields: Readonly<Record<string, unknown>>;
};

/** Renders an answer that was not taken as a form, so that it can be sent again as it was typed. */
export function sameAgain(answer: UntakenAnswer, context: PageContext): Html {
  const { words } = context.texts;
  const { task, button: name, fields } = answer;
  const shown = { form: formOf(name) ?? 'back', typed: { fields, problems: [] } };
  return html`<h2>${words.buttons[name]}</h2>
<form method="post" action="${pathOf(context, task, 'answers')}" class="answers">
${hiddenField('check', context.formKey)}${hiddenField('key', context.newKey())}
${hiddenField('button', name)}
${fieldsOf([name]).map((field) => fieldOf(field, shown, context))}
${button({ label: words.ask.send, kind: 'plain' })}
</form>
<p><a href="${pathOf(context, task)}">${words.frame.back}</a></p>
<p><strong>${words.frame.closing}</strong></p>`;
}

/** Renders what was typed without showing it, for a form that brings it along. */
export const broughtAlong = ({ button: name, fields }: UntakenAnswer): Html[] => {
  const typed = buttonRow(name).fields.map((field) => [field, fields[field]] as const);
  const texts = typed.filter(
    (pair): pair is [(typeof pair)[0], string] => typeof pair[1] === 'string',
  );
  return [['button', name] as const, ...texts].map(([field, text]) => hiddenField(field, text));
};
