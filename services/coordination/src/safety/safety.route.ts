import {
  type App,
  html,
  type Page,
  type Pages,
  type Principal,
  type Response,
} from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import type { Tx } from '@loopwell/store';
import { findSubject } from '../find-subject.ts';
import type { ReviewDeps } from '../reviewer.ts';
import { requireShown } from '../shown-people.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { appointmentForm } from './appointment-form.ts';
import { openWords, readPersonToSee } from './read-safety.ts';
import {
  recordAppointment,
  recordOverride,
  recordWhatWasDone,
  type SafetyForm,
  safetyFormOf,
} from './record-safety.ts';
import { isAboutAdvice, openedPage, type SafetyFeedback, seeFirstPage } from './see-first-page.ts';

const person = { kind: 'person', role: 'reviewer' } as const;

/** How long the words of an opened record stay on the screen. */
const openSeconds = 60;

type Shown = { deps: ReviewDeps; pages: Pages<ReviewTexts> };

/** Adds the pages of a person to see first. */
export function addSafetyPages(app: App, deps: ReviewDeps, pages: Pages<ReviewTexts>): void {
  const shown = { deps, pages };
  addPersonPage(app, shown);
  addOpening(app, shown);
  addForm(app, shown, '/people/:personId/see-first', recordWhatWasDone);
  addForm(app, shown, '/people/:personId/contact-override', recordOverride);
  addAppointment(app, shown);
}

function addPersonPage(app: App, shown: Shown): void {
  app.route('get', '/people/:personId/see-first', person, async (request, response, principal) => {
    const isRecorded = request.query.done === 'recorded';
    await showPerson(shown, response, principal, String(request.params.personId), { isRecorded });
  });
}

async function showPerson(
  { deps, pages }: Shown,
  response: Response,
  principal: Principal,
  id: string,
  feedback: SafetyFeedback,
  status = 200,
): Promise<void> {
  const view = await deps.tx((tx) => readPersonToSee(tx, { deps, principal }, id));
  pages.show(
    response,
    (texts): Page => ({
      title: texts.safety.seeFirst,
      body: seeFirstPage(view, feedback, texts),
      principal,
      current: '/see-first',
      status,
      ...(isAboutAdvice(feedback) ? { refreshSeconds: openSeconds } : {}),
    }),
  );
}

/**
 * Adds the opening of the words. A form opens them, so that no address does; the page that the
 * browser loads after a minute has none.
 */
function addOpening(app: App, { deps, pages }: Shown): void {
  const path = '/people/:personId/opened';
  app.route('post', path, person, async (request, response, principal) => {
    const id = String(request.params.personId);
    const view = await deps.tx((tx) => openWords(tx, { deps, principal }, id));
    pages.show(
      response,
      (texts): Page => ({
        title: texts.safety.seeFirst,
        body: openedPage(view, texts),
        principal,
        current: '/see-first',
        refreshSeconds: openSeconds,
      }),
    );
  });
  app.route('get', path, person, (request, response) => {
    response.redirect(303, `/people/${encodeURIComponent(String(request.params.personId))}`);
  });
}

type Act = (
  tx: Tx,
  acting: { person: string; reviewer: Principal },
  form: SafetyForm,
  deps: ReviewDeps,
) => Promise<void>;

/** Adds a form of the page of a person: recorded, or shown again with everything that was typed. */
function addForm(app: App, shown: Shown, path: `/${string}`, act: Act): void {
  const { deps } = shown;
  app.route('post', path, person, async (request, response, reviewer) => {
    const id = String(request.params.personId);
    const form = safetyFormOf(request.body);
    try {
      await deps.tx(async (tx) => {
        const { subject, facts } = await readPersonToSee(tx, { deps, principal: reviewer }, id);
        // Nothing is recorded for a date alone.
        if (facts.answers.length === 0) throw new AppError('NOT_FOUND', 'There is no such person');
        await act(tx, { person: subject.person, reviewer }, form, deps);
      });
      const isOver = await hasEnded(shown, reviewer, id);
      response.redirect(303, isOver ? '/see-first' : `/people/${id}/see-first?done=recorded`);
    } catch (error) {
      const field = error instanceof AppError ? error.facts.field : undefined;
      if (typeof field !== 'string') throw error;
      const status = (error as AppError).code === 'CONFLICT' ? 409 : 400;
      const feedback = { problem: field, typed: form };
      await showPerson(shown, response, reviewer, id, feedback, status);
    }
  });
}

/** Adds the form that types in an appointment, which leads back to the page that it is on. */
function addAppointment(app: App, shown: Shown): void {
  const { deps, pages } = shown;
  const path = '/people/:personId/appointment';
  app.route('post', path, person, async (request, response, reviewer) => {
    const form = safetyFormOf(request.body);
    const subject = await deps.tx(async (tx) => {
      const human = await findSubject(tx, String(request.params.personId));
      const showing = { principal: reviewer, page: '/people/:personId' };
      await requireShown(tx, showing, human.patients);
      return human;
    });
    const page = `/people/${subject.person}`;
    const isFirst = form.from === 'see-first';
    try {
      const acting = { person: subject.person, reviewer };
      await deps.tx((tx) => recordAppointment(tx, acting, form, deps));
    } catch (error) {
      const field = error instanceof AppError ? error.facts.field : undefined;
      if (typeof field !== 'string') throw error;
      const problem = { problem: field, typed: form };
      if (isFirst) return showPerson(shown, response, reviewer, subject.person, problem, 400);
      pages.show(response, (texts) => ({
        title: texts.personPage.title,
        body: html`<p><a href="${page}">${texts.mustBy.back}</a></p>
${appointmentForm(subject.person, { ...problem, from: 'person' }, texts)}`,
        principal: reviewer,
        current: '/people',
        status: 400,
      }));
      return;
    }
    const saved = `${page}?appointment=saved#appointment`;
    response.redirect(303, isFirst ? `${page}/see-first?done=recorded` : saved);
  });
}

/** Tells whether nothing about the person is left to be seen first. */
async function hasEnded({ deps }: Shown, principal: Principal, id: string): Promise<boolean> {
  const view = await deps.tx((tx) => readPersonToSee(tx, { deps, principal }, id));
  return !view.facts.standing.isMarked;
}
