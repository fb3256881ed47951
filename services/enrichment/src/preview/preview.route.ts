import { once } from 'node:events';
import { type fhir4, parseJson } from '@loopwell/fhir';
import { linesOf } from '@loopwell/fhir/files';
import { type App, bodyText, type Handler } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import type { Site } from '@loopwell/sdoh';
import { codeInput, codeText, refused } from './code-text.ts';
import { extract } from './extract.ts';

type Request = Parameters<Handler>[0];
type Response = Parameters<Handler>[1];

const either = { kind: 'person-or-service', role: 'reviewer' } as const;
const ndjson = ['application/x-ndjson', 'application/fhir+ndjson', 'application/ndjson'];
/** Characters of one Bundle in a request of many; one alone is held to the size of any other body. */
const longest = 4 * 1024 * 1024;

/** A connection's ConceptMap and choices; undefined where the organisation has none of this id. Without an id, what holds for all. */
export type FindSite = (organisation: string, connection: string | undefined) => Promise<Site | undefined>;

/**
 * What Loopwell makes of screenings, stored nowhere: the same as `loopwell code`. One Bundle in, one Parameters out; as
 * NDJSON one per line, streamed. And SDC `$extract` for one QuestionnaireResponse.
 */
export function addPreviewRoutes(app: App, findSite: FindSite): void {
  app.route('post', '/api/v1/code', either, async (request, response, { organisation }) => {
    const site = await siteFor(request, organisation, findSite);
    if (request.is(ndjson)) return codeLines(request, response, site);
    const { parameters, problem } = codeInput(bodyOf(request), site);
    if (problem !== undefined)
      throw new AppError('REQUEST_INVALID', `${problem} Send one Bundle as JSON, or one per line as application/x-ndjson.`);
    sendFhir(response, parameters);
  });
  app.route('post', '/fhir/QuestionnaireResponse/$extract', either, async (request, response, { organisation }) => {
    sendFhir(response, extract(bodyOf(request), await siteFor(request, organisation, findSite)));
  });
}

/** Read anew from its text, which alone tells whether a member is there twice. */
function bodyOf(request: Request): unknown {
  const text = bodyText(request);
  return text === undefined || text.trim() === '' ? request.body : parseJson(withoutMark(text));
}

const withoutMark = (text: string) => text.replace(/^\uFEFF/, '');

/** As the connection that the caller names reads its EHR; without one, nothing but LOINC and no choices of a site. */
async function siteFor(request: Request, organisation: string, findSite: FindSite): Promise<Site> {
  const { connection } = request.query;
  if (connection === undefined) return (await findSite(organisation, undefined)) ?? {};
  const site = typeof connection === 'string' ? await findSite(organisation, connection) : undefined;
  if (!site) throw new AppError('NOT_FOUND', 'There is no such connection');
  return site;
}

function sendFhir(response: Response, resource: fhir4.Resource): void {
  response.type('application/fhir+json').send(JSON.stringify(resource));
}

async function codeLines(request: Request, response: Response, site: Site): Promise<void> {
  response.type('application/x-ndjson');
  for await (const line of linesOf(request, longest)) {
    if ('text' in line && line.text.trim() === '') continue;
    const { parameters } = 'text' in line ? codeText(withoutMark(line.text), site) : refused(line.problem);
    if (response.destroyed) return;
    if (!response.write(`${JSON.stringify(parameters)}\n`)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end();
}
