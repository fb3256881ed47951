import type { App } from '@loopwell/http';
import { dutyAlerts } from '@loopwell/store';
import type { ReviewDeps } from '../reviewer.ts';
import { findSubject } from './find-subject.ts';

const either = { kind: 'person-or-service', role: 'reviewer' } as const;

/**
 * Adds the way by which somebody takes a person: nobody else is told any more. A browser is led
 * back to the person; a program is answered in JSON.
 */
export function addTakenRoutes(app: App, deps: Pick<ReviewDeps, 'tx'>): void {
  const take = (id: string, by: string) =>
    deps.tx(async (tx) => {
      const { person } = await findSubject(tx, id);
      return { person, taken: await dutyAlerts.takeAlert(tx, person, by) };
    });
  app.route('post', '/people/:personId/taken', either, async (request, response, principal) => {
    const { person, taken } = await take(String(request.params.personId), principal.id);
    if (principal.kind === 'person') return response.redirect(303, `/people/${person}?taken=1`);
    response.json({ person, taken });
  });
  const path = '/api/v1/people/:personId/taken';
  app.route('post', path, either, async (request, response, principal) => {
    response.json(await take(String(request.params.personId), principal.id));
  });
}
