import { type App, hasRole, type Pages, type Principal, type Response } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import { legalDemands, type Tx } from '@loopwell/store';
import { uuid } from '../../decide/form-data.ts';
import { findSubject } from '../../find-subject.ts';
import { personNames } from '../../person-names.ts';
import { type ReviewDeps, todayOf } from '../../reviewer.ts';
import { showPeople } from '../../shown-people.ts';
import type { ReviewTexts } from '../../texts/en.ts';
import { type DemandsView, demandsPage } from './demand-page.ts';
import { agreeToDemand, demandAnswer, recordDemand } from './record-demand.ts';

const lead = { kind: 'person-or-service', role: 'lead' } as const;
const leadPerson = { kind: 'person', role: 'lead' } as const;
const auditor = { kind: 'person-or-service', role: 'auditor' } as const;

/** How many demands are listed. */
const most = 500;

const path = '/disclosures/demands';

/** Adds the API and the page of legal demands. Service tokens agree to no step. DECISIONS D176. */
export function addDemands(app: App, deps: ReviewDeps, pages: Pages<ReviewTexts>): void {
  app.route('get', '/api/v1/legal-demands', auditor, async (request, response, principal) => {
    const { person } = request.query;
    const demands = await deps.tx(async (tx) => {
      const ask = { person: person === undefined ? undefined : String(person), limit: most };
      const rows = await legalDemands.listDemands(tx, ask);
      const people = rows.map((row) => row.person);
      const visible = await showPeople(tx, { principal, page: '/api/v1/legal-demands' }, people);
      return rows.filter((row) => visible.has(row.person));
    });
    response.json({ items: demands.map(demandAnswer) });
  });
  app.route('post', '/api/v1/legal-demands', lead, async (request, response, principal) => {
    response.status(201).json(demandAnswer(await recordDemand(deps, principal, request.body)));
  });
  app.route(
    'post',
    '/api/v1/legal-demands/:demandId/steps',
    leadPerson,
    async (request, response, principal) => {
      const id = String(request.params.demandId);
      response.json(demandAnswer(await agreeToDemand(deps, principal, id, request.body)));
    },
  );
  addPages(app, deps, pages);
}

function addPages(app: App, deps: ReviewDeps, pages: Pages<ReviewTexts>): void {
  const shown = { deps, pages };
  app.route('get', path, { kind: 'person' }, async (request, response, principal) => {
    const { person, done } = request.query;
    const asked = typeof person === 'string' && uuid.test(person) ? person : undefined;
    await show({ ...shown, response, principal }, { person: asked, done: done === '1' });
  });
  app.route('post', path, leadPerson, async (request, response, principal) => {
    const typed = textsOf(request.body);
    await orShown({ ...shown, response, principal }, typed, () =>
      recordDemand(deps, principal, typed),
    );
  });
  app.route('post', `${path}/:demandId/steps`, leadPerson, async (request, response, principal) => {
    const id = String(request.params.demandId);
    const typed = textsOf(request.body);
    await orShown({ ...shown, response, principal }, {}, () =>
      agreeToDemand(deps, principal, id, typed),
    );
  });
}

function textsOf(body: unknown): Record<string, string> {
  const entries = Object.entries((body ?? {}) as Record<string, unknown>);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

type Shown = {
  deps: ReviewDeps;
  pages: Pages<ReviewTexts>;
  response: Response;
  principal: Principal;
};

type Again = Partial<Pick<DemandsView, 'person' | 'typed' | 'error' | 'done'>> & {
  status?: number;
};

/** Records something, or shows the page again with what was typed and what is wrong. */
async function orShown(
  shown: Shown,
  typed: Readonly<Record<string, string>>,
  record: () => Promise<{ person: string }>,
): Promise<void> {
  try {
    const { person } = await record();
    shown.response.redirect(303, `${path}?person=${person}&done=1`);
  } catch (error) {
    const isShown = error instanceof AppError && /REQUEST_INVALID|CONFLICT/.test(error.code);
    if (!isShown) throw error;
    const { field = '', rule = error.message } = fieldIn(error);
    const person = uuid.test(typed.person ?? '') ? typed.person : undefined;
    const status = error.code === 'CONFLICT' ? 409 : 400;
    await show(shown, { typed, person, error: { field, rule }, status });
  }
}

function fieldIn(error: AppError): { field?: string; rule?: string } {
  const { problems } = error as AppError & { problems?: readonly { path: string; rule: string }[] };
  const [problem] = problems ?? [];
  if (problem) return { field: problem.path.replace('/body/', ''), rule: problem.rule };
  const { field } = error.facts;
  return typeof field === 'string' ? { field } : {};
}

async function show(
  { deps, pages, response, principal }: Shown,
  { person, typed = {}, error, done = false, status = 200 }: Again,
): Promise<void> {
  const { roles } = principal;
  const mayAct = hasRole(roles, 'lead');
  if (!mayAct && !hasRole(roles, 'auditor'))
    throw new AppError('FORBIDDEN', 'This sign-in or token may not do that');
  const view = await deps.tx(async (tx) => {
    const all = await legalDemands.listDemands(tx, { person, limit: most });
    const people = all.map((row) => row.person);
    const visible = await showPeople(tx, { principal, page: path }, people);
    const rows = all.filter((row) => visible.has(row.person));
    const names = await personNames(tx, [...visible], todayOf(deps));
    const today = todayOf(deps);
    return { rows, visible, names, today, person: await knownPerson(tx, person) };
  });
  pages.show(response, (texts) => ({
    title: texts.demands.title,
    body: demandsPage({ ...view, typed, error, done, mayAct }, texts),
    principal,
    current: '/disclosures',
    status,
  }));
}

/** Gives the id of a person who is on record; undefined for nobody, and for one who was erased. */
async function knownPerson(tx: Tx, id: string | undefined): Promise<string | undefined> {
  if (id === undefined) return undefined;
  try {
    return (await findSubject(tx, id)).person;
  } catch (error) {
    if (error instanceof AppError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
