import { html } from '@loopwell/http';
import type { AnswerButton } from '@loopwell/sdoh';
import type { Tx } from '@loopwell/store';
import type { SaidAnswer } from '../../page-answers/page-answer.ts';
import { openGone } from './open-gone.ts';
import { openRequest } from './open-pages.ts';
import type { Opening } from './opening.ts';
import { loadRequest } from './read/load-request.ts';
import { taskOf } from './read/look.ts';
import { contextOf, type ShownBody } from './show-view.ts';
import type { TypedForm } from './typed-form.ts';
import { topNotice } from './views/answer-notice.ts';
import { notTakenPage } from './views/not-taken-page.ts';
import { sameAgain } from './views/same-again.ts';

/** Says that an answer was not taken, and which one stands. What was typed stays in its form. */
export async function openNotTaken(
  tx: Tx,
  opening: Opening,
  { form, button, stands }: { form: TypedForm; button: AnswerButton; stands: SaidAnswer },
): Promise<ShownBody> {
  const { look, view, settings, request } = opening;
  const task = taskOf(request);
  const loaded = await loadRequest(tx, task, look, settings);
  if (!loaded) return openGone(tx, opening);
  const { lastAnswer } = loaded.page;
  const standing = stands.button === null ? undefined : lastAnswer;
  const again = { task, button, fields: form.fields };
  return { status: 409, body: notTakenPage(again, standing, contextOf(view)) };
}

/** Opens a request after an undo, with the form that was not taken before. */
export async function openUndone(
  tx: Tx,
  opening: Opening,
  { button, fields }: TypedForm,
): Promise<ShownBody> {
  const { look, view, settings, request } = opening;
  const task = taskOf(request);
  const loaded = await loadRequest(tx, task, look, settings);
  const isOffered = button !== undefined && loaded?.page.buttons.includes(button);
  if (!isOffered) return openRequest(tx, opening, 'undone');
  const context = contextOf(view, 'undone');
  const form = sameAgain({ task, button, fields }, context);
  return { body: html`${topNotice(context)}${form}` };
}
