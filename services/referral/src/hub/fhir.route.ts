import { type fhir4, isResourceType } from '@loopwell/fhir';
import type { App, Handler, Principal } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import type { Database, Reader } from '@loopwell/store';
import type { ReferralSettings } from '../settings.ts';
import { postProcedure } from './post-procedure.ts';
import { readableTypes, readForPartner } from './read.ts';
import type { Shown } from './show-resource.ts';

/** Says what a partner may do with its Tasks. */
const taskAbilities: fhir4.CapabilityStatementRestResource = {
  type: 'Task',
  interaction: [{ code: 'read' }, { code: 'search-type' }, { code: 'update' }],
  versioning: 'versioned-update',
  updateCreate: false,
  searchParam: [
    { name: 'owner', type: 'reference' },
    { name: 'status', type: 'token' },
    { name: '_id', type: 'token' },
    { name: '_lastUpdated', type: 'date' },
  ],
};

/** Makes the CapabilityStatement, which is open to all and has no personal data. */
const capabilities = (base: string): fhir4.CapabilityStatement => ({
  resourceType: 'CapabilityStatement',
  status: 'active',
  date: '2026-11-30',
  kind: 'instance',
  implementation: {
    description:
      'For partners, by bearer: their Tasks, what these reach, and Procedures that they post',
    url: base,
  },
  fhirVersion: '4.0.1',
  format: ['json'],
  rest: [
    {
      mode: 'server',
      resource: [...readableTypes.map(abilitiesOf), taskAbilities],
    },
  ],
});

/** Lists what a partner may do with a type of resource. */
function abilitiesOf(type: (typeof readableTypes)[number]): fhir4.CapabilityStatementRestResource {
  const read = { code: 'read' as const };
  if (type !== 'Procedure') return { type, interaction: [read] };
  return { type, interaction: [read, { code: 'create' }], conditionalCreate: true };
}

/**
 * Adds `GET /fhir/<type>/<id>` and `POST /fhir/Procedure` for partners, by their bearer. It denies
 * by default, whatever the type, and every read is recorded. Searches are refused, because the Task
 * names what to read.
 */
export function addFhirRoutes(app: App, deps: { db: Database; settings: ReferralSettings }): void {
  app.open('get', '/fhir/metadata', (_request, response) => {
    response
      .type('application/fhir+json')
      .send(JSON.stringify(capabilities(deps.settings.publicBase)));
  });
  app.route('get', '/fhir/:type', { kind: 'partner' }, (request) => {
    if (!isResourceType(String(request.params.type)))
      throw new AppError('NOT_FOUND', 'There is nothing at this address');
    throw new AppError(
      'FORBIDDEN',
      'Searches are refused here; read what your Task refers to, by its address',
    );
  });
  app.route('get', '/fhir/:type/:id', { kind: 'partner' }, async (request, response, principal) => {
    const type = String(request.params.type ?? '');
    const id = String(request.params.id ?? '');
    const shown = await deps.db.tx((tx) =>
      readForPartner(tx, readerOf(principal), type, id, deps.settings),
    );
    sendResource(response, shown);
  });
  app.route(
    'post',
    '/fhir/Procedure',
    { kind: 'partner' },
    async (request, response, principal) => {
      const post = { body: request.body, ifNoneExist: request.get('if-none-exist') };
      const { shown, isNew } = await deps.db.tx((tx) =>
        postProcedure(tx, readerOf(principal), post, deps.settings),
      );
      const address = `${deps.settings.publicBase}/Procedure/${shown.resource.id}`;
      response.status(isNew ? 201 : 200).set('location', address);
      sendResource(response, shown);
    },
  );
}

/** Gives the partners that a bearer belongs to. A bearer of none reads nothing. */
const readerOf = ({ tenant, partners = [] }: Principal): Reader => ({ tenant, partners });

/** Sends a resource with its version as `ETag`. */
function sendResource(response: Parameters<Handler>[1], { resource, versionId }: Shown): void {
  response.set('etag', `W/"${versionId}"`).type('application/fhir+json');
  response.send(JSON.stringify(resource));
}
