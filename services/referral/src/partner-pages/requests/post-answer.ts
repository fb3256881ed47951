import { type Request, RequestProblems, type Response } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import type { Tx } from '@loopwell/store';
import { keepPageAnswer } from '../../page-answers/keep-page-answer.ts';
import type { SaidAnswer } from '../../page-answers/page-answer.ts';
import { undoPageAnswer } from '../../page-answers/undo-page-answer.ts';
import type { SignedInHelper } from '../shell/helper-door.ts';
import { openNotTaken, openUndone } from './open-not-taken.ts';
import { openRequest, openTypedForm } from './open-pages.ts';
import type { Opening } from './opening.ts';
import { canReach } from './read/load-request.ts';
import { lookOf, taskOf } from './read/look.ts';
import type { RequestDeps } from './request-deps.ts';
import { gonePage, openView, type ShownBody, showView } from './show-view.ts';
import { type TypedForm, typedForm } from './typed-form.ts';
import type { PageNotice } from './views/page-model.ts';

/** A form that a helper sends. */
export type Sending = {
  request: Request;
  response: Response;
  helper: SignedInHelper;
};

/**
 * Takes an answer, and leads back to its request, which says what was recorded and until when it
 * can be undone. What cannot be taken is shown again with what was typed.
 */
export async function postAnswer(deps: RequestDeps, sending: Sending): Promise<void> {
  const { request, helper } = sending;
  const { door, settings, undoForMs, nudge } = deps;
  const form = typedForm(request.body);
  if (form.form === 'no' && !form.button)
    return showOpened(deps, sending, (tx, opening) =>
      openTypedForm(tx, opening, form, [{ field: 'button', rule: 'choose' }]),
    );
  const keep = async (tx: Tx) => {
    const task = taskOf(request);
    const look = await lookOf(tx, helper, deps.door.clock.now(), task);
    const { partner, kind } = look;
    const pressed = {
      ...{ task, partner, kind, button: form.button, typed: form.fields },
      canReach: await canReach(tx, task, look, settings),
      ...{
        helper: {
          id: helper.helper,
          name: helper.name,
        },
        formKey: form.key,
      },
    };
    const times = {
      undoForMs: undoForMs(),
      timeZone: settings.timeZone,
    };
    return keepPageAnswer(tx, times, pressed);
  };
  const kept = await attempt(door.db.tx(keep));
  if (kept instanceof AppError) return showRefusal(deps, sending, kept, form);
  await nudge(kept.nudges);
  if (kept.kind === 'after-end') return showResult(deps, sending, 'afterEnd');
  if (kept.kind === 'beside') return showResult(deps, sending, 'beside');
  if (kept.kind === 'said') return showNotTaken(deps, sending, form, kept.answer);
  return kept.kind === 'repeated' ? showResult(deps, sending, 'same') : leadBack(sending);
}

function showNotTaken(
  deps: RequestDeps,
  sending: Sending,
  form: TypedForm,
  stands: SaidAnswer,
): Promise<void> {
  const { button } = form;
  if (!button) return showResult(deps, sending, 'notOffered');
  return showOpened(deps, sending, (tx, opening) =>
    openNotTaken(tx, opening, { form, button, stands }),
  );
}

/** Takes an answer back as long as it does not count. */
export async function postUndo(deps: RequestDeps, sending: Sending): Promise<void> {
  const { request, helper } = sending;
  const { answer } = (request.body ?? {}) as { answer?: unknown };
  const undo = (tx: Tx) =>
    undoPageAnswer(tx, {
      answer: Number(answer),
      partner: helper.partner,
      helper: {
        id: helper.helper,
        name: helper.name,
      },
    });
  const undone = await attempt(deps.door.db.tx(undo));
  if (undone instanceof AppError) return showRefusal(deps, sending, undone);
  await deps.nudge(undone.nudges);
  if (undone.kind === 'too-late') return showResult(deps, sending, 'tooLate');
  const form = typedForm(request.body);
  return showOpened(deps, sending, (tx, opening) => openUndone(tx, opening, form));
}

/** Gives what came of it, or the error that a helper is told of. Others stop the request. */
async function attempt<T>(work: Promise<T>): Promise<T | AppError> {
  return work.catch((error: unknown) => {
    const isForHelper = error instanceof RequestProblems || isNotFound(error);
    if (isForHelper) return error;
    throw error;
  });
}

const isNotFound = (error: unknown): error is AppError =>
  error instanceof AppError && error.code === 'NOT_FOUND';

function leadBack({ request, response, helper }: Sending): void {
  response.redirect(303, `/p/${helper.token}/requests/${encodeURIComponent(taskOf(request))}`);
}

const showResult = (deps: RequestDeps, sending: Sending, result: PageNotice): Promise<void> =>
  showOpened(deps, sending, (tx, opening) => openRequest(tx, opening, result));

/** Shows the form again with what is wrong in it, or that the answer is not possible any more. */
function showRefusal(
  deps: RequestDeps,
  sending: Sending,
  error: AppError,
  form?: TypedForm,
): Promise<void> {
  if (!(error instanceof RequestProblems))
    return showOpened(deps, sending, async (_tx, { view }) => gonePage(view));
  const fields = error.problems.map(({ path, rule }) => ({ field: path.slice(6), rule }));
  const isAboutButton = fields.some(({ field }) => field === 'button');
  if (isAboutButton || !form) return showResult(deps, sending, 'notOffered');
  return showOpened(deps, sending, (tx, opening) => openTypedForm(tx, opening, form, fields));
}

/** Reads what a page shows after a form, in a transaction of its own, and shows it. */
async function showOpened(
  deps: RequestDeps,
  { request, response, helper }: Sending,
  opens: (tx: Tx, opening: Opening) => Promise<ShownBody>,
): Promise<void> {
  const { view, shown } = await deps.door.db.tx(async (tx) => {
    const look = await lookOf(tx, helper, deps.door.clock.now(), taskOf(request));
    const opened = await openView(tx, response, helper, deps);
    const opening = {
      look,
      view: opened,
      settings: deps.settings,
      request,
    };
    return {
      view: opened,
      shown: await opens(tx, opening),
    };
  });
  showView(response, view, deps, shown);
}
