import { withoutUndefined } from '@loopwell/fhir';
import type { App } from '@loopwell/http';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import type { Disclosure } from '@loopwell/sdoh';
import { logViews, type PersonView, restrictedCharts, type SignIn, signIns } from '@loopwell/store';
import { findSubject } from '../find-subject.ts';
import type { ReviewDeps } from '../reviewer.ts';
import { requireVisible } from '../shown-people.ts';
import { cursorOf, principalOf, readDisclosures, readSignIns, readViews } from './read-account.ts';
import { restrictTo } from './restrict-chart.ts';

type Answers = components['schemas'];

const auditor = { kind: 'person-or-service', role: 'auditor' } as const;
const admin = { kind: 'person-or-service', role: 'admin' } as const;
const reviewer = { kind: 'person-or-service', role: 'reviewer' } as const;

/** Adds the API of the accounts, the sign-ins and restricted charts. DECISIONS D168. */
export function addAccountApi(app: App, deps: ReviewDeps): void {
  app.route('get', '/api/v1/disclosures', auditor, async (request, response, principal) => {
    const { items, next } = await deps.tx(async (tx) => {
      const page = await readDisclosures(tx, request.query, deps);
      const people = page.items.map(({ patient }) => patient);
      await logViews(tx, { principal, page: '/api/v1/disclosures', people, what: 'list' });
      return page;
    });
    response.json({
      items: items.map(disclosureAnswer),
      ...withoutUndefined({ next: next && cursorOf(next) }),
    } satisfies Answers['DisclosurePage']);
  });
  app.route('get', '/api/v1/views', auditor, async (request, response, principal) => {
    const { views, next } = await deps.tx(async (tx) => {
      const page = await readViews(tx, request.query, deps);
      const people = page.views.map(({ patient }) => patient);
      await logViews(tx, { principal, page: '/api/v1/views', people, what: 'list' });
      return page;
    });
    response.json({
      items: views.map(viewAnswer),
      ...withoutUndefined({ next: next?.toString() }),
    } satisfies Answers['ViewPage']);
  });
  app.route('get', '/api/v1/sign-ins', auditor, async (request, response) => {
    const page = await deps.tx((tx) => readSignIns(tx, request.query, deps));
    response.json({
      items: page.signIns.map(signInAnswer),
      ...withoutUndefined({ next: page.next?.toString() }),
    } satisfies Answers['SignInPage']);
  });
  app.route('post', '/api/v1/sign-ins/end', admin, async (request, response, principal) => {
    const { name } = request.body as { name: string };
    const ends = { principal: principalOf(name), by: principal.id };
    const ended = await deps.tx((tx) => signIns.endSignIns(tx, ends));
    response.json({ ended });
  });
  addRestrictions(app, deps);
}

function addRestrictions(app: App, deps: ReviewDeps): void {
  const path = '/api/v1/people/:personId/restriction';
  app.route('put', path, reviewer, async (request, response, principal) => {
    const { owner: name } = request.body as { owner: string };
    const id = String(request.params.personId);
    const answer = await deps.tx(async (tx) => {
      const { person, owner } = await restrictTo(tx, principal, id, name);
      return { person, isRestricted: true, owner };
    });
    response.json(answer satisfies Answers['Restriction']);
  });
  app.route('delete', path, reviewer, async (request, response, principal) => {
    const answer = await deps.tx(async (tx) => {
      const { person, patients } = await findSubject(tx, String(request.params.personId));
      await requireVisible(tx, principal, patients, 'There is no such person');
      await restrictedCharts.liftRestriction(tx, principal, person);
      return { person, isRestricted: false, owner: null };
    });
    response.json(answer satisfies Answers['Restriction']);
  });
}

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

function disclosureAnswer(disclosure: Disclosure): Answers['Disclosure'] {
  const { at, lastRead, endedAt, elements, state, openedBy, ...rest } = disclosure;
  return {
    ...rest,
    ...(openedBy && { openedBy: [...openedBy] }),
    at: at.toISOString(),
    lastRead: iso(lastRead),
    endedAt: iso(endedAt),
    elements: [...elements],
    state: state as Answers['Disclosure']['state'],
  };
}

function viewAnswer(view: PersonView): Answers['ViewPage']['items'][number] {
  const { at, principal: by, person, patient, page, what } = view;
  return { at: at.toISOString(), by, person, patient, page, what };
}

function signInAnswer(signIn: SignIn): Answers['SignInPage']['items'][number] {
  const { principal: who, kind, roles, at, usedAt, expiresAt, endedAt, endedBy, isOpen } = signIn;
  return {
    ...{ who, roles: [...roles], at: at.toISOString(), endedBy, isOpen },
    kind: kind === 'session' ? 'session' : 'link',
    ...{ usedAt: iso(usedAt), expiresAt: iso(expiresAt), endedAt: iso(endedAt) },
  };
}
