import { type fhir4, mapDefined, pathText, repeatedMembers } from '@loopwell/fhir';
import { AppError } from '@loopwell/kit';
import { outcomeOf, type Site } from '@loopwell/sdoh';
import { codeInput } from './code-items.ts';
import { refused } from './coded.ts';

/**
 * Codes one QuestionnaireResponse (SDC `$extract`). The body is the response, or Parameters with it
 * as `questionnaire-response`; its Patient, Encounter and Conditions may follow as further
 * parameters. A part that cannot be read is named at its place, and the rest is coded.
 *
 * @throws AppError REQUEST_INVALID if there is no QuestionnaireResponse
 */
export function extract(body: unknown, site: Site): fhir4.Parameters {
  const parts = partsOf(body);
  if (!parts.some(isResponse))
    throw new AppError(
      'REQUEST_INVALID',
      '$extract takes a QuestionnaireResponse, or Parameters with one as questionnaire-response',
    );
  const bundle = {
    resourceType: 'Bundle',
    ...carried(body),
    type: 'collection',
    entry: parts.map(({ content }) => content),
  };
  const [{ parameters } = refused('It holds nothing.')] = codeInput(bundle, site);
  const outcome = parameters.parameter?.find((one) => one.name === 'issues')?.resource as
    | fhir4.OperationOutcome
    | undefined;
  for (const issue of outcome?.issue ?? []) {
    if (issue.expression) issue.expression = issue.expression.map((one) => placeOf(one, parts));
  }
  const places = new Set(
    outcome?.issue.flatMap((one) => (one.severity === 'error' ? (one.expression ?? []) : [])),
  );
  outcome?.issue.unshift(
    ...twiceIn(body).flatMap((place) => (places.has(place) ? [] : twiceAt(place))),
  );
  return parameters;
}

/**
 * Elements that may change or restrict all content of their container. Parameters are to `$extract`
 * what a Bundle is to `code`.
 */
const ofAll = ['meta', 'modifierExtension', 'implicitRules', '_implicitRules'];

function carried(body: unknown): object {
  if (!isObject(body) || body.resourceType !== 'Parameters') return {};
  return Object.fromEntries(
    mapDefined(ofAll, (key) => (body[key] === undefined ? undefined : [key, body[key]])),
  );
}

/** A part that is read like an entry of a Bundle, with its place and the place of its resource. */
type Part = { content: unknown; place: string; inner: string };

function partsOf(body: unknown): Part[] {
  if (!isObject(body)) return [];
  const { resourceType, parameter } = body;
  if (resourceType !== 'Parameters')
    return [
      { content: { resource: body }, place: String(resourceType), inner: String(resourceType) },
    ];
  const single = isObject(parameter) ? [parameter] : [];
  const list: unknown[] = Array.isArray(parameter) ? parameter : single;
  return mapDefined(list, (content, index) => {
    const place = `Parameters.parameter[${index}]`;
    // A parameter may have a value that is not for `$extract`.
    return isObject(content) && content.resource === undefined
      ? undefined
      : { content, place, inner: `${place}.resource` };
  });
}

const isResponse = ({ content }: Part): boolean =>
  isObject(content) &&
  isObject(content.resource) &&
  content.resource.resourceType === 'QuestionnaireResponse';

const placeOf = (expression: string, parts: readonly Part[]): string =>
  expression
    .replace(
      /^Bundle\.entry\[(\d+)\](\.resource\b)?/,
      (_all, n, within) => parts[Number(n)]?.[within ? 'inner' : 'place'] ?? '',
    )
    .replace(/^Bundle\b/, 'Parameters');

const twiceIn = (body: unknown): string[] =>
  isObject(body)
    ? repeatedMembers(body).map(({ path, key }) =>
        pathText([String(body.resourceType), ...path, key]),
      )
    : [];

const twiceAt = (expression: string): fhir4.OperationOutcomeIssue[] =>
  outcomeOf([
    {
      severity: 'error',
      code: 'unreadable',
      text: 'It is there twice, and was not read.',
      expression,
    },
  ]).issue;

const isObject = (candidate: unknown): candidate is Record<string, unknown> =>
  typeof candidate === 'object' && candidate !== null && !Array.isArray(candidate);
