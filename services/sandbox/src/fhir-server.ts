import { type FhirStore, matches, type Stored, searchPage, written } from '@loopwell/fhir/server';
import { type Request, type Response, Router } from 'express';
import { altered, type Fault, Faults, strikeAtOnce } from './faults.ts';

export type FhirServerOptions = {
  store: FhirStore;
  /** Address of this server's base, once it is known. */
  base: () => string;
  /** Says whether a bearer is good; undefined lets everybody in. */
  authorize?: ((bearer: string | undefined) => boolean) | undefined;
  onWrite?: (resource: Stored) => void;
  /** Asked before a write: an issue code refuses it with 422. */
  refuse?: (resource: Record<string, unknown>) => string | undefined;
};

type Answer = { status: number; body?: object; headers?: Record<string, string> };

const outcome = (status: number, code: string): Answer => ({
  status,
  body: { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code }] },
});

/** A small FHIR R4 server: read, search, conditional create, versioned update; faults on demand. */
export function fhirServer(options: FhirServerOptions): { router: Router; faults: Faults } {
  const faults = new Faults();
  const router = Router({ caseSensitive: true, strict: true });
  router.use(async (request, response) => {
    const fault = faults.strike(request);
    if (fault && strikeAtOnce(fault, response)) return;
    const bearer = /^Bearer (.+)$/.exec(request.get('authorization') ?? '')?.[1];
    const isOpen = request.path === '/metadata';
    if (!isOpen && options.authorize && !options.authorize(bearer)) {
      response.set('www-authenticate', 'Bearer');
      return send(response, outcome(401, 'login'));
    }
    if (fault?.effect === 'alter')
      request.body = altered(fault, request.body as Record<string, unknown>);
    const answer = handle(request, options);
    if (fault?.effect === 'store-then-cut') return void response.socket?.destroy();
    if (fault?.effect === 'store-then-hang') return;
    send(response, fault ? bend(fault, answer) : answer);
  });
  return { router, faults };
}

function send(response: Response, answer: Answer): void {
  response.status(answer.status).set(answer.headers ?? {});
  response.type('application/fhir+json').send(written(answer.body ?? {}));
}

function bend(fault: Fault, answer: Answer): Answer {
  if (fault.effect === 'unshowable') return unshown(fault, answer);
  if (fault.effect !== 'repeat-next' && fault.effect !== 'foreign-next') return answer;
  const bundle = answer.body as { link?: { relation: string; url: string }[] } | undefined;
  if (!bundle?.link) return answer;
  const self = bundle.link.find((one) => one.relation === 'self')?.url ?? '';
  const url = fault.effect === 'foreign-next' ? 'http://169.254.169.254/latest/meta-data' : self;
  return {
    ...answer,
    body: {
      ...bundle,
      link: [...bundle.link.filter((one) => one.relation !== 'next'), { relation: 'next', url }],
    },
  };
}

/** As servers do that check a resource while they write it: one without a status fails the page. */
function unshown({ ids = [] }: Fault, answer: Answer): Answer {
  const { entry = [] } = (answer.body ?? {}) as {
    entry?: { resource?: { id?: string; resourceType?: string } }[];
  };
  const bad = entry.find((one) => ids.includes(one.resource?.id ?? ''))?.resource?.resourceType;
  if (bad === undefined) return answer;
  const issue = [{ severity: 'fatal', code: 'required', location: [`/f:${bad}/f:status`] }];
  return { status: 500, body: { resourceType: 'OperationOutcome', issue } };
}

function handle(request: Request, options: FhirServerOptions): Answer {
  const [type = '', id] = request.path.split('/').filter(Boolean);
  if (request.method === 'GET' && type === 'metadata') return { status: 200, body: metadata };
  if (request.method === 'GET' && id !== undefined) return readOne(options.store.get(type, id));
  if (request.method === 'GET')
    return searchAll(type, new URLSearchParams(request.originalUrl.split('?')[1] ?? ''), options);
  if (request.method === 'POST' && id === '_search')
    return searchAll(type, new URLSearchParams(request.body as Record<string, string>), options);
  const resource = request.body as Record<string, unknown> | undefined;
  if (!resource || resource.resourceType !== type) return outcome(400, 'structure');
  const refused = options.refuse?.(resource);
  if (refused !== undefined) return outcome(422, refused);
  if (request.method === 'POST')
    return create(type, resource, request.get('if-none-exist'), options);
  if (request.method === 'PUT' && id !== undefined)
    return update(type, id, resource, request.get('if-match'), options);
  return outcome(405, 'not-supported');
}

const metadata = {
  resourceType: 'CapabilityStatement',
  status: 'active',
  kind: 'instance',
  fhirVersion: '4.0.1',
  format: ['json'],
};

const headersOf = (one: Stored) => ({
  etag: `W/"${one.meta.versionId}"`,
  'last-modified': new Date(one.meta.lastUpdated).toUTCString(),
});

function readOne(found: Stored | undefined): Answer {
  return found
    ? { status: 200, body: found, headers: headersOf(found) }
    : outcome(404, 'not-found');
}

function searchAll(
  type: string,
  parameters: URLSearchParams,
  { store, base }: FhirServerOptions,
): Answer {
  return {
    status: 200,
    body: searchPage(candidates(store, type, parameters), { type, parameters, base: base() }),
  };
}

/** What a search can find at all: looked up where it names ids or one identifier, so that a large store stays quick. */
function candidates(
  store: FhirStore,
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
  resource: Record<string, unknown>,
  condition: string | undefined,
  options: FhirServerOptions,
): Answer {
  const { store, base } = options;
  const identifier = (resource.identifier as { value?: string }[] | undefined)?.[0]?.value;
  store.noteCreate(`${type}|${identifier ?? ''}`);
  if (condition !== undefined) {
    const parameters = new URLSearchParams(condition);
    const known = candidates(store, type, parameters).filter((one) => matches(one, parameters));
    if (known.length > 1) return outcome(412, 'multiple-matches');
    if (known[0])
      return {
        ...readOne(known[0]),
        headers: { ...headersOf(known[0]), location: `${base()}/${type}/${known[0].id}` },
      };
  }
  const { id: _theirs, ...rest } = resource;
  const stored = store.put({ ...rest, resourceType: type });
  options.onWrite?.(stored);
  return {
    status: 201,
    body: stored,
    headers: {
      ...headersOf(stored),
      location: `${base()}/${type}/${stored.id}/_history/${stored.meta.versionId}`,
    },
  };
}

function update(
  type: string,
  id: string,
  resource: Record<string, unknown>,
  condition: string | undefined,
  options: FhirServerOptions,
): Answer {
  const current = options.store.get(type, id);
  const wanted = condition?.replace(/^W\//, '').replaceAll('"', '');
  if (wanted !== undefined && wanted !== current?.meta.versionId) return outcome(412, 'conflict');
  const stored = options.store.put({ ...resource, resourceType: type }, id);
  options.onWrite?.(stored);
  return { status: current ? 200 : 201, body: stored, headers: headersOf(stored) };
}
