import { once } from 'node:events';
import type { fhir4 } from '@loopwell/fhir';
import { itemsIn } from '@loopwell/fhir/files';
import type { App, Handler } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import type { Site } from '@loopwell/sdoh';
import { codeBytes, codeItems } from './code-items.ts';
import { type Coded, refused } from './coded.ts';
import { extract } from './extract.ts';

type Request = Parameters<Handler>[0];
type Response = Parameters<Handler>[1];

const either = { kind: 'person-or-service', role: 'reviewer' } as const;
/** The route itself reports repeated members, with their places, as `loopwell code` does. */
const bodyRules = { repeatedMembers: 'told-by-route' } as const;
const ndjson = ['application/x-ndjson', 'application/fhir+ndjson', 'application/ndjson'];
/**
 * The limits of one line and of one request of many lines. A single value has the limit of any
 * other body. Several requests come at once.
 */
const limit = { perResource: 4 * 1024 * 1024, gathered: 16 * 1024 * 1024 };

/**
 * Finds a connection's ConceptMap and choices; undefined if the tenant has no such connection.
 * Without an id it gives the settings that hold for all.
 */
export type FindSite = (
  tenant: string,
  connection: string | undefined,
) => Promise<Site | undefined>;

/**
 * Adds the routes that code screenings without storing anything, with the same result as `loopwell
 * code`: one Parameters for each person, NDJSON streamed, and SDC `$extract` for one
 * QuestionnaireResponse.
 */
export function addPreviewRoutes(app: App, findSite: FindSite): void {
  app.route(
    'post',
    '/api/v1/code',
    either,
    async (request, response, { tenant }) => {
      const site = await siteFor(request, tenant, findSite);
      if (request.is(ndjson)) return codeLines(request, response, site);
      const coded: Coded[] = [];
      for await (const answer of codeItems(itemsIn(request.body), limit, site)) coded.push(answer);
      sendFhir(response, answerOf(coded));
    },
    bodyRules,
  );
  app.route(
    'post',
    '/fhir/QuestionnaireResponse/$extract',
    either,
    async (request, response, { tenant }) => {
      sendFhir(response, extract(request.body, await siteFor(request, tenant, findSite)));
    },
    bodyRules,
  );
}

/**
 * Finds the settings of the connection that the caller names. Without one, only LOINC is read, with
 * no choices of a site.
 */
async function siteFor(request: Request, tenant: string, findSite: FindSite): Promise<Site> {
  const { connection } = request.query;
  if (connection === undefined) return (await findSite(tenant, undefined)) ?? {};
  const site = typeof connection === 'string' ? await findSite(tenant, connection) : undefined;
  if (!site) throw new AppError('NOT_FOUND', 'There is no such connection');
  return site;
}

function sendFhir(response: Response, resource: fhir4.Resource): void {
  response.type('application/fhir+json').send(JSON.stringify(resource));
}

/** Gives one Parameters as it is, and several as a collection Bundle. */
function answerOf(coded: readonly Coded[]): fhir4.Resource {
  const [first, ...others] = coded;
  const problem = first ? first.problem : 'It holds nothing that screenings are read from.';
  if (others.length === 0 && problem !== undefined)
    throw new AppError(
      'REQUEST_INVALID',
      `${problem} Send one Bundle as JSON, or one per line as application/x-ndjson.`,
    );
  if (first && coded.length === 1) return first.parameters;
  return {
    resourceType: 'Bundle',
    type: 'collection',
    entry: coded.map(({ parameters }) => ({ resource: parameters })),
  } as fhir4.Bundle;
}

async function codeLines(request: Request, response: Response, site: Site): Promise<void> {
  response.type('application/x-ndjson');
  for await (const { parameters } of toItsEnd(codeBytes(request, limit, site))) {
    if (response.destroyed) return;
    if (!response.write(`${JSON.stringify(parameters)}\n`))
      await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end();
}

/**
 * Reports in the last line that the rest cannot be unpacked, because the answer has already begun.
 */
async function* toItsEnd(coded: AsyncIterable<Coded>): AsyncIterable<Coded> {
  try {
    yield* coded;
  } catch {
    yield refused('It cannot be read to its end.');
  }
}
