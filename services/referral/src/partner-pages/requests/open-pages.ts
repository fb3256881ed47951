import type { Tx } from '@loopwell/store';
import { openGone } from './open-gone.ts';
import type { Opening } from './opening.ts';
import { loadNameToCheck, loadRequest } from './read/load-request.ts';
import { logOpened } from './read/log-opened.ts';
import { taskOf } from './read/look.ts';
import { contextOf, gonePage, type ShownBody } from './show-view.ts';
import type { TypedForm } from './typed-form.ts';
import { answerForm, buttonsOfForm } from './views/answer-form.ts';
import { isAnswerForm } from './views/answer-form-kinds.ts';
import type { PageNotice, Typed } from './views/page-model.ts';
import { requestPage } from './views/request-page.ts';

/** Opens one request, and records that. */
export async function openRequest(
  tx: Tx,
  { look, view, settings, request }: Opening,
  result?: PageNotice,
): Promise<ShownBody> {
  const task = taskOf(request);
  const loaded = await loadRequest(tx, task, look, settings);
  if (!loaded) return openGone(tx, { look, view, settings, request }, result);
  await logOpened(tx, look, {
    task,
    ...loaded,
    shows: loaded.page.view.person !== undefined,
  });
  return {
    body: requestPage(loaded.page, contextOf(view, result)),
  };
}

/** Opens the form of an answer. It shows nothing of the person. */
export async function openForm(tx: Tx, opening: Opening): Promise<ShownBody> {
  const { look, view, settings, request } = opening;
  const { form } = request.params;
  if (!isAnswerForm(form)) return gonePage(view);
  const loaded = await loadRequest(tx, taskOf(request), look, settings);
  if (!loaded) return gonePage(view);
  const isOffered = buttonsOfForm(loaded.page, form).length > 0;
  if (!isOffered) return openRequest(tx, opening, 'notOffered');
  return { body: answerForm(loaded.page, { form }, contextOf(view)) };
}

/** Shows a form that was not taken again, with what was typed and what is wrong with it. */
export async function openTypedForm(
  tx: Tx,
  opening: Opening,
  { button, form, fields }: TypedForm,
  problems: Typed['problems'],
): Promise<ShownBody> {
  const { look, view, settings, request } = opening;
  const loaded = await loadRequest(tx, taskOf(request), look, settings);
  if (!loaded) return gonePage(view);
  const isOffered = form !== undefined && buttonsOfForm(loaded.page, form).length > 0;
  if (!isOffered) return openRequest(tx, opening, 'notOffered');
  const typed = {
    fields,
    problems,
  };
  const shown = {
    form,
    chosen: button,
    typed,
  };
  return {
    status: 422,
    body: answerForm(loaded.page, shown, contextOf(view)),
  };
}

/** Shows the name of a person before the yes, where the consent covers it, and records that. */
export async function checkName(tx: Tx, opening: Opening): Promise<ShownBody> {
  const { look, view, settings, request } = opening;
  const task = taskOf(request);
  const loaded = await loadRequest(tx, task, look, settings);
  if (!loaded) return gonePage(view);
  const checkedName = await loadNameToCheck(tx, task, look, settings);
  if (checkedName === undefined) return openRequest(tx, opening, 'notOffered');
  await logOpened(tx, look, {
    task,
    ...loaded,
    shows: true,
  });
  const page = {
    ...loaded.page,
    checkedName,
  };
  return {
    body: requestPage(page, contextOf(view)),
  };
}
