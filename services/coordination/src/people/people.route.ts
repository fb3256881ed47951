import type { App, Pages } from '@loopwell/http';
import { needForms } from '../add-need/add-need.route.ts';
import { correctDeath } from '../by-hand/correct-death.ts';
import { householdForms } from '../household/household.route.ts';
import type { PersonForm } from '../person-section.ts';
import type { ReviewDeps } from '../reviewer.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { workForms } from '../work/work.route.ts';
import { addPersonForms } from './person-forms.ts';
import { showPerson } from './show-person.ts';

const person = { kind: 'person', role: 'reviewer' } as const;

/** Adds the page of a person. Any id of one of their Patients leads to it. Its forms belong to it. */
export function addPeoplePages(app: App, deps: ReviewDeps, pages: Pages<ReviewTexts>): void {
  app.route('get', '/people/:personId', person, async (request, response, principal) => {
    const shown = { deps, pages, response, principal, query: request.query };
    await showPerson(shown, String(request.params.personId));
  });
  addPersonForms(app, { deps, pages }, [
    ...workForms(deps),
    ...needForms(deps),
    ...householdForms(deps),
    ...deathForms(deps),
  ]);
}

/** The form that takes back a report of a death. */
const deathForms = (deps: ReviewDeps): PersonForm[] => [
  {
    path: '/people/:personId/death',
    section: 'work',
    act: (_form, by, { personId = '' }) => correctDeath(deps, by, personId),
  },
];
