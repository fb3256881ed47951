import type { App } from '@loopwell/http';
import { connections } from '@loopwell/store';
import {
  type ConfigureDeps,
  configure,
  connectionBody,
  connectionJson,
} from './configure-connection.ts';
import { pause, pausesOf, remove, resume, shownConnection } from './pause.ts';
import { choicesOf, conceptMapOf, setChoices, setConceptMap } from './site-settings.ts';

const admin = { kind: 'person-or-service', role: 'admin' } as const;

/**
 * Adds the routes that configure which EHRs are read, and how. Secrets can be set but never read.
 */
export function addConnectionRoutes(app: App, deps: ConfigureDeps): void {
  app.route('get', '/api/v1/connections', admin, async (_request, response, { tenant }) => {
    const all = await connections.listConnections(deps.db, tenant);
    const held = await pausesOf(deps.db, tenant);
    response.json({ connections: all.map((one) => connectionJson(one, held.get(one.id))) });
  });
  app.route('get', '/api/v1/connections/:id', admin, async (request, response, { tenant }) => {
    response.json(await shownConnection(deps.db, tenant, String(request.params.id)));
  });
  app.route('put', '/api/v1/connections/:id', admin, async (request, response, principal) => {
    const { settings, isNew } = await configure(
      deps,
      principal,
      String(request.params.id),
      connectionBody(request.body),
    );
    const paused = (await pausesOf(deps.db, principal.tenant)).get(settings.id);
    response.status(isNew ? 201 : 200).json(connectionJson(settings, paused));
  });
  app.route(
    'post',
    '/api/v1/connections/:id/pause',
    admin,
    async (request, response, principal) => {
      const { reason } = (request.body ?? {}) as { reason?: string };
      response.json(await pause(deps.db, principal, String(request.params.id), reason));
    },
  );
  app.route(
    'post',
    '/api/v1/connections/:id/resume',
    admin,
    async (request, response, principal) => {
      response.json(await resume(deps.db, principal, String(request.params.id)));
    },
  );
  app.route('delete', '/api/v1/connections/:id', admin, async (request, response, principal) => {
    const id = String(request.params.id);
    response.json(await remove(deps.db, principal, id, String(request.query.confirm) === id));
  });
  addSiteRoutes(app, deps);
}

/**
 * Adds the routes for a site's ConceptMap and for its choices that differ from the guide's advice.
 */
function addSiteRoutes(app: App, { db }: ConfigureDeps): void {
  const [map, choices] = ['/api/v1/connections/:id/concept-map', '/api/v1/connections/:id/choices'];
  app.route('get', map, admin, async (request, response, { tenant }) => {
    response
      .type('application/fhir+json')
      .send(await conceptMapOf(db, tenant, String(request.params.id)));
  });
  app.route('put', map, admin, async (request, response, principal) => {
    response.json(await setConceptMap(db, principal, String(request.params.id), request.body));
  });
  app.route('delete', map, admin, async (request, response, principal) => {
    response.json(await setConceptMap(db, principal, String(request.params.id), undefined));
  });
  app.route('get', choices, admin, async (request, response, { tenant }) => {
    response.json(await choicesOf(db, tenant, String(request.params.id)));
  });
  app.route('put', choices, admin, async (request, response, principal) => {
    response.json(await setChoices(db, principal, String(request.params.id), request.body));
  });
  app.route('delete', choices, admin, async (request, response, principal) => {
    response.json(await setChoices(db, principal, String(request.params.id), undefined));
  });
}
