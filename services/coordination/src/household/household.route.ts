import type { App } from '@loopwell/http';
import type { PersonForm } from '../person-section.ts';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import { householdInForm, parseGuardian, parseHousehold } from './household-body.ts';
import { endGuardian, linkGuardian, recordHousehold } from './record-household.ts';

const either = { kind: 'person-or-service', role: 'reviewer' } as const;
const base = '/api/v1/people/:personId';

/** Adds the API for what a person says of their household, and for the guardian of a child. */
export function addHouseholdRoutes(app: App, deps: ReviewDeps): void {
  app.route('put', `${base}/household`, either, async (request, response, principal) => {
    const body = parseHousehold(request.body, todayOf(deps));
    await recordHousehold(deps, principal, String(request.params.personId), body);
    response.json({ result: 'recorded' });
  });
  app.route('put', `${base}/guardian`, either, async (request, response, principal) => {
    const body = parseGuardian(request.body, todayOf(deps));
    await linkGuardian(deps, principal, String(request.params.personId), body);
    response.json({ result: 'recorded' });
  });
  app.route('delete', `${base}/guardian`, either, async (request, response, principal) => {
    await endGuardian(deps, principal, String(request.params.personId));
    response.status(204).end();
  });
}

/** The forms of a person's page about their household. */
export const householdForms = (deps: ReviewDeps): PersonForm[] => [
  {
    path: '/people/:personId/household',
    section: 'household',
    act: (form, by, { personId = '' }) =>
      recordHousehold(deps, by, personId, householdInForm(form, todayOf(deps))),
  },
];
