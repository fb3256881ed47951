import { fileURLToPath } from 'node:url';
import { type App, createViews, type Principal, type Views } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import type { components } from '@loopwell/openapi/generated/enrichment.ts';
import type { ReviewDecision } from './decisions.ts';
import { parseDecision } from './decisions.ts';
import { formOf, gateOf, limitOf } from './forms.ts';
import { listReviews, personNames, type ReviewGate, readReview, reviewGates, screeningsOfPerson, screeningsToLookAt } from './read.ts';
import { decide, outcomes, type ReviewDeps, serviceChoices } from './review.ts';
import { see } from './seen.ts';
import { gateCounts, gateWords, outcomeWords } from './words.ts';

/** The answers as `openapi/enrichment.yaml` describes them. */
type Answers = components['schemas'];

const role = 'reviewer';
const person = { kind: 'person', role } as const;
const either = { kind: 'person-or-service', role } as const;

/** The contract that `addReviewRoutes` keeps; hand it to `addContract` before the routes are added. */
export const reviewContract = fileURLToPath(import.meta.resolve('@loopwell/openapi/enrichment.yaml'));

/** The review page for signed-in reviewers, and the same as an API for them and for service tokens. */
export function addReviewRoutes(app: App, deps: ReviewDeps): void {
  app.nav.push({ href: '/review', label: 'Review', role });
  addApi(app, deps);
  addPages(app, deps, createViews(app, new URL('../../views/', import.meta.url)));
}

function addApi(app: App, deps: ReviewDeps): void {
  app.route('get', '/api/v1/reviews', either, async (request, response, { organisation }) => {
    const { gate, cursor, limit } = request.query;
    const gates = typeof gate === 'string' ? [gate] : reviewGates;
    const page = { gates, limit: limitOf(limit), cursor: typeof cursor === 'string' ? cursor : undefined };
    response.json((await deps.tx((tx) => listReviews(tx, organisation, page))) satisfies Answers['ReviewPage']);
  });
  app.route('get', '/api/v1/reviews/:referralId', either, async (request, response, { organisation }) => {
    const { item } = await deps.tx((tx) => readReview(tx, organisation, String(request.params.referralId)));
    response.json(item satisfies Answers['ReviewDetail']);
  });
  app.route('post', '/api/v1/reviews/decisions', either, async (request, response, principal) => {
    response.json(await decide(deps, principal, parseDecision(request.body)));
  });
  app.route('get', '/api/v1/screenings', either, async (request, response, { organisation }) => {
    const screenings = await deps.tx((tx) => screeningsToLookAt(tx, organisation, limitOf(request.query.limit)));
    const items: Answers['Screening'][] = screenings.map(({ outcome: _outcome, person: id, ...rest }) => ({ ...rest, person: { id } }));
    response.json({ items });
  });
  app.route('post', '/api/v1/screenings/:screeningId/seen', either, async (request, response, principal) => {
    await see(deps, principal, String(request.params.screeningId), String(request.body.version));
    response.json({ seen: true });
  });
}

/** Where something waits: whoever opens the page has come to decide. */
async function firstGate(deps: ReviewDeps, { organisation }: Principal): Promise<ReviewGate> {
  const counts = await deps.tx((tx) => gateCounts(tx, organisation));
  return reviewGates.find((gate) => (counts[gate] ?? 0) > 0) ?? 'review';
}

function addPages(app: App, deps: ReviewDeps, views: Views): void {
  app.route('get', '/review', person, async (request, response, principal) => {
    const gate = request.query.gate === undefined ? await firstGate(deps, principal) : gateOf(request.query.gate);
    const cursor = typeof request.query.after === 'string' ? request.query.after : undefined;
    const data = await listData(deps, principal, gate, cursor);
    const done = told(request.query.done, request.query.n);
    views(response, { template: 'review', title: 'Review', data: { ...data, done }, principal, current: '/review' });
  });
  app.route('get', '/review/screenings', person, async (request, response, principal) => {
    const data = await deps.tx(async (tx) => {
      const screenings = await screeningsToLookAt(tx, principal.organisation, 100);
      const names = await personNames(
        tx,
        screenings.map((one) => one.person),
      );
      return { screenings, names, counts: await gateCounts(tx, principal.organisation), gate: 'screenings' };
    });
    views(response, {
      template: 'screenings',
      title: 'Screenings for a person',
      data: { ...data, gateWords, done: request.query.done === 'seen' ? 'Noted: you have looked at it.' : '' },
      principal,
      current: '/review',
    });
  });
  app.route('post', '/review/screenings/seen', person, async (request, response, principal) => {
    const { screening, version } = request.body as { screening?: unknown; version?: unknown };
    await see(deps, principal, String(screening), String(version));
    response.redirect(303, '/review/screenings?done=seen');
  });
  app.route('get', '/review/:referralId', person, async (request, response, principal) => {
    const data = await detailData(deps, principal, String(request.params.referralId));
    const done = told(request.query.done, request.query.n);
    views(response, {
      template: 'referral',
      title: 'One referral',
      data: { ...data, done },
      principal,
      current: '/review',
    });
  });
  app.route('post', '/review/decisions', person, async (request, response, principal) => {
    const { decision, back } = formOf(request.body);
    await decide(deps, principal, decision);
    response.redirect(303, `${back}${back.includes('?') ? '&' : '?'}done=${outcomes[decision.decision]}&n=${decision.referrals.length}`);
  });
}

async function listData(deps: ReviewDeps, { organisation }: Principal, gate: ReviewGate, cursor: string | undefined) {
  return deps.tx(async (tx) => {
    const page = await listReviews(tx, organisation, { gates: [gate], limit: 50, cursor });
    const names = await personNames(
      tx,
      page.items.map((one) => one.person.id),
    );
    return {
      ...page,
      names,
      gate,
      gateWords,
      counts: await gateCounts(tx, organisation),
      general: serviceChoices(''),
      today: today(deps),
    };
  });
}

async function detailData(deps: ReviewDeps, { organisation }: Principal, id: string) {
  if (!/^[0-9a-f-]{36}$/.test(id)) throw new AppError('NOT_FOUND', 'There is no such referral');
  return deps.tx(async (tx) => {
    const detail = await readReview(tx, organisation, id);
    const who = detail.row.person;
    const screenings = await screeningsOfPerson(tx, organisation, who);
    const name = (await personNames(tx, [who])).get(who);
    return { ...detail, screenings, name, gateWords, choices: serviceChoices(detail.row.category), today: today(deps) };
  });
}

const today = (deps: ReviewDeps): string => deps.clock.now().toISOString().slice(0, 10);

/** What the page says after a decision; only words of ours, whatever the address says. */
function told(done: unknown, n: unknown): string {
  const words = typeof done === 'string' ? outcomeWords[done as (typeof outcomes)[ReviewDecision['decision']]] : undefined;
  return words === undefined ? '' : `${words} for ${Number(n) === 1 ? 'one referral' : `${Number(n) || 0} referrals`}.`;
}
