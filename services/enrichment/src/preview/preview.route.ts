import { once } from 'node:events';
import type { fhir4 } from '@loopwell/fhir';
import type { App, Handler } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import { codeInput, codeText, refused } from './code-text.ts';
import { linesOf } from './lines.ts';

type Request = Parameters<Handler>[0];
type Response = Parameters<Handler>[1];

const either = { kind: 'person-or-service', role: 'reviewer' } as const;
const ndjson = ['application/x-ndjson', 'application/fhir+ndjson', 'application/ndjson'];
/** Characters of one Bundle in a request of many; one alone is held to the size of any other body. */
const longest = 4 * 1024 * 1024;

/**
 * What Loopwell makes of screenings, stored nowhere: the same as `loopwell code`. One Bundle in, one Parameters out; as
 * NDJSON one per line, streamed. And SDC `$extract` for one QuestionnaireResponse.
 */
export function addPreviewRoutes(app: App): void {
  app.route('post', '/api/v1/code', either, async (request, response) => {
    if (request.is(ndjson)) return codeLines(request, response);
    const { parameters, problem } = codeInput(request.body);
    if (problem !== undefined)
      throw new AppError('REQUEST_INVALID', `${problem} Send one Bundle as JSON, or one per line as application/x-ndjson.`);
    sendFhir(response, parameters);
  });
  app.route('post', '/fhir/QuestionnaireResponse/$extract', either, (request, response) => {
    sendFhir(response, extract(request.body));
  });
}

function sendFhir(response: Response, resource: fhir4.Resource): void {
  response.type('application/fhir+json').send(JSON.stringify(resource));
}

async function codeLines(request: Request, response: Response): Promise<void> {
  response.type('application/x-ndjson');
  for await (const line of linesOf(request, longest)) {
    if (line?.trim() === '') continue;
    const { parameters } = line === undefined ? refused('It is longer than a Bundle may be here.') : codeText(line);
    if (response.destroyed) return;
    if (!response.write(`${JSON.stringify(parameters)}\n`)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end();
}

/**
 * SDC `$extract`: a QuestionnaireResponse, or Parameters with one as `questionnaire-response`; what belongs to it (Patient,
 * Encounter, Condition) may follow as further parameters.
 *
 * @throws AppError REQUEST_INVALID when there is no QuestionnaireResponse
 */
function extract(body: unknown): fhir4.Parameters {
  const parts = partsOf(body);
  if (!parts.some((one) => one.resource.resourceType === 'QuestionnaireResponse'))
    throw new AppError('REQUEST_INVALID', '$extract takes a QuestionnaireResponse, or Parameters with one as questionnaire-response');
  const { parameters } = codeInput({ resourceType: 'Bundle', type: 'collection', entry: parts.map(({ resource }) => ({ resource })) });
  const outcome = parameters.parameter?.find((one) => one.name === 'issues')?.resource as fhir4.OperationOutcome | undefined;
  for (const issue of outcome?.issue ?? []) {
    if (issue.expression)
      issue.expression = issue.expression.map((one) =>
        one.replace(/^Bundle\.entry\[(\d+)\]\.resource/, (_all, n) => parts[Number(n)]?.place ?? ''),
      );
  }
  return parameters;
}

type Part = { resource: { resourceType?: unknown }; place: string };

function partsOf(body: unknown): Part[] {
  if (!isObject(body)) return [];
  if (body.resourceType !== 'Parameters') return [{ resource: body, place: String(body.resourceType) }];
  if (!Array.isArray(body.parameter)) return [];
  return body.parameter.flatMap((one: unknown, index) =>
    isObject(one) && isObject(one.resource) ? [{ resource: one.resource, place: `Parameters.parameter[${index}].resource` }] : [],
  );
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
