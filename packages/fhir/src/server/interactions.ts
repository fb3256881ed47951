import type { ResourceStore, Stored } from './resource-store.ts';
import { matches, searchPage } from './search.ts';

/** One HTTP request, as the server's framework hands it over. `path` is below the FHIR base. */
export type FhirRequest = {
  method: string;
  path: string;
  parameters: URLSearchParams;
  /** The header's value; names are in lower case. */
  header: (name: string) => string | undefined;
  body: unknown;
};

export type FhirAnswer = { status: number; body?: object; headers?: Record<string, string> };

export type FhirServer = {
  store: ResourceStore;
  /** Address of this server's base, once it is known. */
  base: () => string;
  /** Asked before a write: an issue code refuses it with 422. */
  refuse?: (resource: Record<string, unknown>) => string | undefined;
};

type Body = Record<string, unknown>;

/** Builds an answer that holds nothing but an OperationOutcome with one issue. */
export const outcomeAnswer = (status: number, code: string): FhirAnswer => ({
  status,
  body: { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code }] },
});

const capabilityStatement = {
  resourceType: 'CapabilityStatement',
  status: 'active',
  kind: 'instance',
  fhirVersion: '4.0.1',
  format: ['json'],
};

/**
 * Answers one request as a small FHIR R4 server does: read, search, conditional create, versioned
 * update.
 */
export function answerRequest(request: FhirRequest, server: FhirServer): FhirAnswer {
  const [type = '', id] = request.path.split('/').filter(Boolean);
  if (request.method === 'GET') return answerGet(type, id, request, server);
  if (request.method === 'POST' && id === '_search')
    return search(type, new URLSearchParams(request.body as Record<string, string>), server);
  const resource = request.body as Body | undefined;
  if (resource?.resourceType !== type) return outcomeAnswer(400, 'structure');
  const refusal = server.refuse?.(resource);
  if (refusal !== undefined) return outcomeAnswer(422, refusal);
  if (request.method === 'POST') return create(type, resource, request, server);
  if (request.method === 'PUT' && id !== undefined)
    return update(type, id, resource, request, server);
  return outcomeAnswer(405, 'not-supported');
}

function answerGet(
  type: string,
  id: string | undefined,
  { parameters }: FhirRequest,
  server: FhirServer,
): FhirAnswer {
  if (type === 'metadata') return { status: 200, body: capabilityStatement };
  if (id === undefined) return search(type, parameters, server);
  const stored = server.store.get(type, id);
  return stored ? read(stored) : outcomeAnswer(404, 'not-found');
}

const headersOf = (stored: Stored) => ({
  etag: `W/"${stored.meta.versionId}"`,
  'last-modified': new Date(stored.meta.lastUpdated).toUTCString(),
});

const read = (stored: Stored): FhirAnswer => ({
  status: 200,
  body: stored,
  headers: headersOf(stored),
});

function search(type: string, parameters: URLSearchParams, server: FhirServer): FhirAnswer {
  const resources = candidates(server.store, type, parameters);
  return {
    status: 200,
    body: searchPage(resources, { type, parameters, base: server.base() }),
  };
}

/**
 * Lists the resources that a search can find. They are looked up where it names ids or one
 * identifier, so that a large store stays quick.
 */
function candidates(
  store: ResourceStore,
  type: string,
  parameters: URLSearchParams,
): readonly Stored[] {
  const ids = parameters.get('_id');
  if (ids !== null) return [...new Set(ids.split(','))].flatMap((id) => store.get(type, id) ?? []);
  const identifier = parameters.get('identifier');
  if (identifier === null || identifier.includes(',')) return store.all(type);
  return store.withIdentifier(type, identifier.slice(identifier.indexOf('|') + 1));
}

function create(
  type: string,
  resource: Body,
  request: FhirRequest,
  { store, base }: FhirServer,
): FhirAnswer {
  const identifiers = resource.identifier as { value?: string }[] | undefined;
  store.noteCreate(`${type}|${identifiers?.[0]?.value ?? ''}`);
  const condition = request.header('if-none-exist');
  const [existing, another] = condition === undefined ? [] : matching(store, type, condition);
  if (another) return outcomeAnswer(412, 'multiple-matches');
  if (existing) {
    const location = `${base()}/${type}/${existing.id}`;
    return { ...read(existing), headers: { ...headersOf(existing), location } };
  }
  const { id: _theirs, ...rest } = resource;
  const stored = store.put({ ...rest, resourceType: type });
  const location = `${base()}/${type}/${stored.id}/_history/${stored.meta.versionId}`;
  return { status: 201, body: stored, headers: { ...headersOf(stored), location } };
}

function matching(store: ResourceStore, type: string, condition: string): Stored[] {
  const parameters = new URLSearchParams(condition);
  return candidates(store, type, parameters).filter((stored) => matches(stored, parameters));
}

function update(
  type: string,
  id: string,
  resource: Body,
  request: FhirRequest,
  { store }: FhirServer,
): FhirAnswer {
  const current = store.get(type, id);
  const version = request.header('if-match')?.replace(/^W\//, '').replaceAll('"', '');
  if (version !== undefined && version !== current?.meta.versionId)
    return outcomeAnswer(412, 'conflict');
  const stored = store.put({ ...resource, resourceType: type }, id);
  return { status: current ? 200 : 201, body: stored, headers: headersOf(stored) };
}
