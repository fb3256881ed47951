import type { App } from '@loopwell/http';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import type { PersonForm } from '../person-section.ts';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import { parseDueList, parseNeed } from './add-need-body.ts';
import { recordDueList } from './due-list.ts';
import { recordNeed } from './record-need.ts';

type Answers = components['schemas'];

const either = { kind: 'person-or-service', role: 'reviewer' } as const;

/** Adds the API by which needs are added that no form told of. */
export function addNeedRoutes(app: App, deps: ReviewDeps): void {
  const path = '/api/v1/people/:personId/needs';
  app.route('post', path, either, async (request, response, principal) => {
    const body = parseNeed(request.body, todayOf(deps));
    const id = await recordNeed(deps, principal, String(request.params.personId), body);
    response.status(201).json({ id } satisfies Answers['NewId']);
  });
  app.route('post', '/api/v1/due-lists', either, async (request, response, principal) => {
    const result = await recordDueList(deps, principal, parseDueList(request.body));
    response.status(201).json(result satisfies Answers['DueResult']);
  });
}

/** The form of a person's page that adds a need. */
export const needForms = (deps: ReviewDeps): PersonForm[] => [
  {
    path: '/people/:personId/needs',
    section: 'add-need',
    act: (form, by, { personId = '' }) =>
      recordNeed(deps, by, personId, parseNeed(form, todayOf(deps))),
  },
];
