import type { App, Page, Pages, Principal, Response } from '@loopwell/http';
import { AppError, timeZoneOf } from '@loopwell/kit';
import { answerInForm } from '../answers/answer-body.ts';
import { recordAnswer } from '../answers/record-answer.ts';
import { backOf, formOf, type Typed, typedIn, uuid } from '../decide/form-data.ts';
import { culpritOf, leftOutOf } from '../decide/left-out.ts';
import { see } from '../decide/mark-reviewed.ts';
import { decide, outcomes } from '../decide/review.ts';
import { readMadeDecision, undonePeople } from '../decide/undo/made-decision.ts';
import { undo } from '../decide/undo/undo.ts';
import { addHelpForm } from '../help/help.route.ts';
import type { HelpFeedback } from '../help/help-form.ts';
import { stateOf } from '../read/worklist-query.ts';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { requireExplained, statusOf } from './explained-errors.ts';
import { type AnswerFeedback, answerResultIn, answerTyped } from './forms/answer-form.ts';
import type { HandFeedback } from './forms/by-hand-form.ts';
import { addByHandForms } from './forms/by-hand-forms.route.ts';
import { findPage, listPage } from './list-page.ts';
import type { Feedback } from './parts.ts';
import { findPeople, readList } from './read/list.ts';
import { newAddressOf } from './read/old-lists.ts';
import { readReferral } from './read/referral.ts';
import { readScreenings } from './read/screenings.ts';
import { referralPage } from './referral-page.ts';
import { type ScreeningFeedback, screeningsPage } from './screenings-page.ts';
import type { AddLists, ShowsList } from './shows-list.ts';

const person = { kind: 'person', role: 'reviewer' } as const;

type Query = Readonly<Record<string, unknown>>;

type Shown = {
  deps: ReviewDeps;
  pages: Pages<ReviewTexts>;
  showsList: ShowsList;
};

/** Adds the review pages and their forms. */
export function addReviewPages(
  app: App,
  deps: ReviewDeps,
  pages: Pages<ReviewTexts>,
  addLists: AddLists,
): void {
  const readDone = (principal: Principal, query: Query) => doneOf({ deps }, principal, query);
  const shown = { deps, pages, showsList: addLists(app, deps, pages, readDone) };
  addFinding(app, shown);
  addScreenings(app, shown);
  addAnswers(app, shown);
  addUndo(app, shown);
  addReferral(app, shown);
  addByHandForms(app, deps, (response, principal, id, hand) =>
    showReferral(shown, response, principal, id, { hand }),
  );
  app.route('get', '/review', person, async (request, response, principal) => {
    const address = newAddressOf(request.query);
    if (address !== undefined) return response.redirect(303, address);
    const state = stateOf(request.query) ?? 'withdrawn';
    const view = await deps.tx((tx) => readList(tx, principal, request.query, state, deps));
    show(shown, response, principal, (texts) => ({
      title: texts.lists.states[state].short,
      body: listPage(view, texts),
    }));
  });
  app.route('post', '/review/decisions', person, async (request, response, principal) => {
    const back = backOf((request.body as { back?: unknown } | undefined)?.back);
    try {
      await recordDecision(shown, response, principal, { back, body: request.body });
    } catch (error) {
      const problem = requireExplained(error);
      const typed = typedIn(request.body, problem);
      const asked = { problem, chosen: typed.chosen, today: todayOf(deps) };
      const culprit = await deps.tx((tx) => culpritOf(tx, principal, asked));
      const chosen = typed.chosen.filter((id) => id !== culprit?.id);
      const feedback = { problem, culprit, typed: { ...typed, chosen } };
      await showBack(shown, response, principal, back, feedback);
    }
  });
}

/** Adds the page of one referral, and its form for what the person says about help. */
function addReferral(app: App, shown: Shown): void {
  app.route('get', '/review/:referralId', person, async (request, response, principal) => {
    const id = String(request.params.referralId);
    const done = await doneOf(shown, principal, request.query);
    const help = { isRecorded: request.query.help === 'recorded' };
    const hand = { isDone: request.query.hand === 'recorded' };
    const areWordsRemoved = request.query.words === 'removed';
    const answer = { result: answerResultIn(request.query), areWordsRemoved };
    const again = { ...done, answer, help, hand };
    await showReferral(shown, response, principal, id, again);
  });
  addHelpForm(
    app,
    shown.deps,
    (response, principal, id, help) => showReferral(shown, response, principal, id, { help }),
    requireExplained,
  );
}

async function recordDecision(
  shown: Shown,
  response: Response,
  principal: Principal,
  { back, body }: { back: string; body: unknown },
): Promise<void> {
  const { deps } = shown;
  const decision = formOf(body);
  const result = await decide(deps, principal, decision, { isOnPage: true });
  const outcome = outcomes[decision.decision];
  if (result.skipped.length === 0) {
    const separator = back.includes('?') ? '&' : '?';
    const made = `done=${outcome}&n=${result.decided}&request=${result.request}`;
    response.redirect(303, `${back}${separator}${made}`);
    return;
  }
  // The referrals that were left out are shown in this response, because names must not go into an
  // address.
  const leftOut = await deps.tx((tx) => leftOutOf(tx, principal, result, todayOf(deps)));
  const done = { outcome, referrals: result.decided };
  const made = await readMade(shown, principal, result.request);
  await showBack(shown, response, principal, back, { done, leftOut, made });
}

/** Undoes a request, and shows what became of it with the people's names. */
function addUndo(app: App, shown: Shown): void {
  const { deps } = shown;
  app.route('post', '/review/undo', person, async (request, response, principal) => {
    const { text } = typedIn(request.body);
    const back = backOf(text.back);
    try {
      const only = text.referral === undefined ? undefined : [text.referral];
      const result = await undo(deps, principal, requestOf(text.request), only);
      const undone = await deps.tx((tx) => undonePeople(tx, principal, result, todayOf(deps)));
      await showBack(shown, response, principal, back, { undone });
    } catch (error) {
      await showBack(shown, response, principal, back, { problem: requireExplained(error) });
    }
  });
}

/** @throws AppError NOT_FOUND for what names no request */
function requestOf(text: string | undefined): string {
  if (text === undefined || !uuid.test(text))
    throw new AppError('NOT_FOUND', 'There is no such decision');
  return text;
}

type Again = Feedback & {
  typed?: Typed;
  answer?: AnswerFeedback;
  help?: HelpFeedback;
  hand?: HandFeedback;
};

/** Shows the page that a form came from, with the form's result. */
async function showBack(
  shown: Shown,
  response: Response,
  principal: Principal,
  back: string,
  again: Again,
): Promise<void> {
  const { pathname, searchParams } = new URL(back, 'http://localhost');
  const isOld = pathname === '/review';
  const address = isOld ? newAddressOf(Object.fromEntries(searchParams)) : back;
  if (await shown.showsList(response, principal, address ?? '/decide', again)) return;
  const id = pathname.slice('/review/'.length);
  return showReferral(shown, response, principal, id, again);
}

async function showReferral(
  shown: Shown,
  response: Response,
  principal: Principal,
  id: string,
  { typed, ...feedback }: Again,
): Promise<void> {
  const view = await readReferral(shown.deps, principal, id);
  const typedView = { ...view, typed: typed ?? view.typed };
  show(shown, response, principal, (texts) => ({
    title: texts.referral.title,
    body: referralPage(typedView, feedback, texts),
    status: statusOf(
      [feedback.answer, feedback.help, feedback.hand].find((one) => one?.problem) ?? feedback,
    ),
  }));
}

/** Adds the form for what a partner said by phone. */
function addAnswers(app: App, shown: Shown): void {
  const { deps } = shown;
  app.route('post', '/review/answers', person, async (request, response, principal) => {
    const { typed, referral } = answerTyped(request.body);
    try {
      const answer = answerInForm(request.body, timeZoneOf(deps.clock));
      const result = await recordAnswer(deps, principal, referral, answer);
      response.redirect(303, `/review/${referral}?answer=${result}`);
    } catch (error) {
      const problem = requireExplained(error);
      await showReferral(shown, response, principal, referral, { answer: { problem, typed } });
    }
  });
}

function addScreenings(app: App, shown: Shown): void {
  const { deps } = shown;
  app.route('get', '/review/screenings', person, async (request, response, principal) => {
    const isRecorded = request.query.done === 'seen';
    await showScreenings(shown, response, principal, { isRecorded });
  });
  app.route('post', '/review/screenings/seen', person, async (request, response, principal) => {
    const { screening, version, note } = (request.body ?? {}) as Record<string, unknown>;
    try {
      await see(deps, principal, String(screening), { version, note });
      response.redirect(303, '/review/screenings?done=seen');
    } catch (error) {
      const problem = requireExplained(error);
      const typed = { screening: String(screening), note: String(note ?? '') };
      await showScreenings(shown, response, principal, { problem, typed });
    }
  });
}

async function showScreenings(
  shown: Shown,
  response: Response,
  principal: Principal,
  feedback: ScreeningFeedback,
): Promise<void> {
  const { deps } = shown;
  const view = await deps.tx((tx) => readScreenings(tx, principal, deps));
  show(shown, response, principal, (texts) => ({
    title: texts.screenings.title,
    body: screeningsPage(view, feedback, texts),
    status: statusOf(feedback),
  }));
}

function addFinding(app: App, shown: Shown): void {
  app.route('post', '/review/find', person, async (request, response, principal) => {
    const { patient } = (request.body ?? {}) as { patient?: unknown };
    const view = await shown.deps.tx((tx) =>
      findPeople(tx, principal, String(patient ?? '').trim(), todayOf(shown.deps)),
    );
    const [only] = view.people;
    if (only !== undefined && view.people.length === 1)
      return response.redirect(303, `/people/${only}`);
    show(shown, response, principal, (texts) => ({
      title: texts.find.title,
      body: findPage(view, texts),
      status: only === undefined ? 404 : 200,
    }));
  });
}

const show = (
  { pages }: Shown,
  response: Response,
  principal: Principal,
  page: (texts: ReviewTexts) => Pick<Page, 'title' | 'body' | 'status'>,
): void => pages.show(response, (texts) => ({ ...page(texts), principal, current: '/review' }));

/** Reads the recorded decision from the address. Only our own outcomes are shown. */
async function doneOf(
  shown: Pick<Shown, 'deps'>,
  principal: Principal,
  { done, n, request }: Query,
): Promise<Feedback> {
  const outcome = Object.values(outcomes).find((name) => name === done);
  if (outcome === undefined) return {};
  const made = await readMade(shown, principal, request);
  return { done: { outcome, referrals: Number(n) || 0 }, made };
}

/** Reads what a request of this person decided; undefined where an address names none of theirs. */
async function readMade({ deps }: Pick<Shown, 'deps'>, principal: Principal, request: unknown) {
  if (typeof request !== 'string' || !uuid.test(request)) return undefined;
  return deps.tx((tx) => readMadeDecision(tx, principal, request, deps));
}
