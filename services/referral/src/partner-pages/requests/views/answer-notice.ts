import { button, type Html, hiddenField, html, notice } from '@loopwell/http';
import { fill } from '../../texts/calendar.ts';
import { clinicText, type LastAnswer, type PageContext, pathOf } from './page-model.ts';

/** Renders what became of what was sent; undefined where nothing was. */
export function topNotice({ notice: kind, texts, clinic }: PageContext): Html | undefined {
  if (kind === undefined) return undefined;
  const { thanks, errors } = texts.words;
  if (kind === 'undone') return notice('done', thanks.undone);
  if (kind === 'same') return notice('done', thanks.same);
  if (kind === 'afterEnd')
    return notice(
      'problem',
      fill(thanks.afterEnd, {
        clinic: clinic.name,
      }),
    );
  if (kind === 'beside') return notice('done', fill(thanks.beside, { clinic: clinic.name }));
  if (kind === 'notOffered') return notice('problem', errors.notOffered);
  return notice('problem', clinicText(thanks.tooLate, thanks.tooLateAlone, clinic));
}

/** Renders what was said last, who said it, and the undo as long as there is one. */
export function answerNotice(task: string, lastAnswer: LastAnswer, context: PageContext): Html {
  const { texts, clinic } = context;
  const { thanks, buttons } = texts.words;
  const answer = buttons[lastAnswer.button];
  const other =
    lastAnswer.by &&
    fill(thanks.other, {
      name: lastAnswer.by,
      answer,
    });
  const thankYou = html`<strong>${fill(thanks.title, { clinic: clinic.name })}</strong> ${fill(thanks.youSaid, { answer })}`;
  return html`${notice('done', other ?? thankYou)}
${undoForm(task, lastAnswer, context)}`;
}

/** Renders the undo of an answer as long as there is one. It may bring along what was typed. */
export function undoForm(
  task: string,
  { id, undoUntil: until }: LastAnswer,
  context: PageContext,
  along: readonly Html[] = [],
): Html | undefined {
  const { texts, formKey } = context;
  const { thanks } = texts.words;
  if (!until) return undefined;
  return html`<form method="post" action="${pathOf(context, task, 'undo')}">
${hiddenField('check', formKey)}${hiddenField('answer', id)}${along}
<p>${fill(thanks.undoUntil, {
    time: texts.dates.time(until),
  })}</p>
${button({
  label: thanks.undo,
  kind: 'plain',
})}
</form>`;
}
