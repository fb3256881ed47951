import type { App } from '@loopwell/http';
import { dutyAlerts } from '@loopwell/store';
import { findSubject } from '../find-subject.ts';
import type { ReviewDeps, Reviewer } from '../reviewer.ts';
import { requireVisible } from '../shown-people.ts';

const role = 'reviewer';

/**
 * Adds the way by which somebody takes a person: nobody else is told any more. The button leads
 * back to the person; the API answers how many alerts were open.
 */
export function addTakenRoutes(app: App, deps: Pick<ReviewDeps, 'tx'>): void {
  const take = (id: string, by: Reviewer) =>
    deps.tx(async (tx) => {
      const { person, patients } = await findSubject(tx, id);
      await requireVisible(tx, by, patients, 'There is no such person');
      return { person, taken: await dutyAlerts.takeAlert(tx, person, by.id) };
    });
  const person = { kind: 'person', role } as const;
  app.route('post', '/people/:personId/taken', person, async (request, response, principal) => {
    const subject = await take(String(request.params.personId), principal);
    response.redirect(303, `/people/${subject.person}?taken=1`);
  });
  const either = { kind: 'person-or-service', role } as const;
  const path = '/api/v1/people/:personId/taken';
  app.route('post', path, either, async (request, response, principal) => {
    response.json(await take(String(request.params.personId), principal));
  });
}
