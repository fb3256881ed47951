import {
  type App,
  createPages,
  hasRole,
  type Pages,
  type Principal,
  type Response,
} from '@loopwell/http';
import { AppError, type Clock, todayAt } from '@loopwell/kit';
import type { components } from '@loopwell/openapi/generated/console.ts';
import type { NudgeFunction } from '@loopwell/pipeline';
import type { Site } from '@loopwell/service';
import {
  type Database,
  gaps,
  logViews,
  type Moment,
  mayView,
  peopleOfTimeline,
  readRunTotals,
  readSnapshot,
  timelineOf,
} from '@loopwell/store';
import {
  type HoldsView,
  hold,
  parseScope,
  parseScopes,
  readHolds,
  release,
} from './holds/holds.ts';
import { addPages } from './pages.ts';
import { addSiteRoutes } from './site/site.route.ts';
import { closeUnread } from './status/close-unread.ts';
import { holdJson, overviewJson, readOverview } from './status/overview.ts';
import { type ConsoleTexts, english } from './texts/en.ts';
import { type TimelineView, timelinePage } from './timeline/timeline-page.ts';
import { rowsOf } from './work/form.ts';
import { act, parseAction } from './work/work.ts';

/** The answers, as `openapi/console.yaml` describes them. */
type Answers = components['schemas'];

const role = 'operator';
const person = { kind: 'person', role } as const;
const either = { kind: 'person-or-service', role } as const;

export type ConsoleDeps = {
  db: Database;
  clock: Clock;
  site: Site;
  nudge: NudgeFunction;
};

/**
 * Adds the routes of operations: pages for signed-in operators, and an API with the same content.
 */
export function addConsoleRoutes(app: App, deps: ConsoleDeps): void {
  addReading(app, deps);
  addActing(app, deps);
  const pages = createPages(app, { en: english });
  addPages(app, { clock: deps.clock, snapshot: (read) => readSnapshot(deps.db, read), pages });
  addSiteRoutes(app, deps, pages);
  addTimeline(app, deps, pages);
  addForms(app, deps);
}

function addReading(app: App, deps: ConsoleDeps): void {
  const { db } = deps;
  app.route('get', '/api/v1/status', either, async (_request, response, { tenant }) => {
    response.json(
      overviewJson(await readSnapshot(db, (tx) => readOverview(tx, tenant, todayAt(deps.clock)))),
    );
  });
  app.route('get', '/api/v1/totals', either, async (_request, response, { tenant }) => {
    response.json(
      (await readSnapshot(db, (tx) => readRunTotals(tx, tenant))) satisfies Answers['RunTotals'],
    );
  });
  app.route('get', '/api/v1/accounts', either, () => {
    throw new AppError('NOT_FOUND', 'This address is now /api/v1/totals');
  });
  app.route('get', '/api/v1/trace/:id', either, async (request, response, principal) => {
    const moments = await readTrace(db, principal, String(request.params.id), '/api/v1/trace/:id');
    if (moments.length === 0) throw new AppError('NOT_FOUND', 'Nothing with this id is known here');
    response.json({ moments: moments.map(momentJson) });
  });
  app.route('get', '/api/v1/holds', either, async (_request, response, { tenant }) => {
    response.json(holdsJson(await readSnapshot(db, (tx) => readHolds(tx, tenant))));
  });
}

const momentJson = ({ at, ...moment }: Moment): Answers['Moment'] => ({
  at: at.toISOString(),
  ...moment,
});

const holdsJson = (view: HoldsView): Answers['Holds'] => ({
  holds: view.holds.map(holdJson),
  waiting: view.waiting,
});

const idPattern = /^([A-Za-z]{1,40}\/)?[A-Za-z0-9.-]{1,64}$/;

/**
 * Reads the timeline of an id, and records that it is shown. Of somebody whose chart the reader may
 * not open there is none. Partners' own words are personal data, so only reviewers see them.
 */
async function readTrace(
  db: Database,
  principal: Principal,
  id: string,
  page: string,
): Promise<Moment[]> {
  if (!idPattern.test(id)) return [];
  const { tenant, roles } = principal;
  return db.tx(async (tx) => {
    const people = await peopleOfTimeline(tx, tenant, id);
    const visible = await mayView(tx, principal, people);
    if (people.some((person) => !visible.has(person))) return [];
    await logViews(tx, { principal, page, people, what: 'person' });
    return timelineOf(tx, tenant, id, { withWords: hasRole(roles, 'reviewer') });
  });
}

function addActing(app: App, deps: ConsoleDeps): void {
  app.route('post', '/api/v1/ledger/actions', either, async (request, response, principal) => {
    response.json(await act(deps, principal, parseAction(request.body)));
  });
  app.route('post', '/api/v1/unread/close', either, async (request, response, principal) => {
    await closeUnread(deps.db, principal, request.body);
    response.json({
      unread: (await readSnapshot(deps.db, (tx) => gaps.readGaps(tx, principal.tenant))).map(
        gaps.unreadOf,
      ),
    });
  });
  app.route('post', '/api/v1/holds', either, async (request, response, principal) => {
    const {
      scope,
      scopes = scope,
      reason,
    } = request.body as { scope?: unknown; scopes?: unknown; reason?: string };
    response.status(201).json(holdsJson(await hold(deps, principal, parseScopes(scopes), reason)));
  });
  app.route('delete', '/api/v1/holds/:scope', either, async (request, response, principal) => {
    response.json(holdsJson(await release(deps, principal, parseScope(request.params.scope))));
  });
}

/**
 * Adds the page of the timeline. A typed id may be any text, a name too, so it goes into an address
 * only when it is a known id.
 */
function addTimeline(app: App, { db }: ConsoleDeps, pages: Pages<ConsoleTexts>): void {
  const show = (response: Response, principal: Principal, view: TimelineView, status = 200) =>
    pages.show(response, (texts) => ({
      title: texts.timeline.title,
      body: timelinePage(view, texts),
      principal,
      current: '/console/trace',
      status,
    }));
  app.route('get', '/console/trace', person, async (request, response, principal) => {
    const id = typeof request.query.id === 'string' ? request.query.id : '';
    const moments = id === '' ? [] : await readTrace(db, principal, id, '/console/trace');
    show(response, principal, { id, moments, isUnknown: id !== '' && moments.length === 0 });
  });
  app.route('post', '/console/trace', person, async (request, response, principal) => {
    const id = String((request.body as { id?: unknown }).id ?? '').trim();
    const moments = await readTrace(db, principal, id, '/console/trace');
    if (moments.length > 0)
      return response.redirect(303, `/console/trace?id=${encodeURIComponent(id)}`);
    show(response, principal, { id: '', moments, isUnknown: true }, 404);
  });
}

function addForms(app: App, deps: ConsoleDeps): void {
  app.route('post', '/console/work', person, async (request, response, principal) => {
    const { action, reason } = request.body as Record<string, unknown>;
    const { rows } = await act(
      deps,
      principal,
      parseAction({ action, reason, rows: rowsOf(request.body) }),
    );
    response.redirect(303, `/console/work?done=${String(action)}&n=${rows}`);
  });
  app.route('post', '/console/unread/close', person, async (request, response, principal) => {
    await closeUnread(deps.db, principal, request.body);
    response.redirect(303, '/console');
  });
  app.route('post', '/console/holds', person, async (request, response, principal) => {
    const { scope, reason } = request.body as Record<string, unknown>;
    await hold(deps, principal, parseScopes(scope), reasonOf(reason));
    response.redirect(303, '/console/holds');
  });
  app.route('post', '/console/holds/release', person, async (request, response, principal) => {
    const { scope, reason } = request.body as Record<string, unknown>;
    await release(deps, principal, parseScope(scope), reasonOf(reason));
    response.redirect(303, '/console/holds');
  });
}

const reasonOf = (text: unknown): string | undefined =>
  typeof text === 'string' && text.trim() !== '' ? text.trim().slice(0, 200) : undefined;
