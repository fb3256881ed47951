import { AppError, type Clock } from '@loopwell/kit';
import { pathText, repeatedMembers } from '../../json-text.ts';
import { brokenRule } from '../../shape/index.ts';
import type * as fhir4 from '../../types.ts';
import { type Asking, type Interaction, refusedError } from '../refusals/refused.ts';
import type { Answer } from './send-request.ts';

/**
 * Returns the answer where it is a success.
 *
 * @throws AppError for anything else
 */
export function accepted(answer: Answer, asking: Asking): Answer {
  const { status, headers, body } = answer;
  if (status < 300) return answer;
  throw refusedError({ status, headers, body }, asking);
}

/**
 * Accepts an answer that is asked for its Date only. A server without this page has a clock all the
 * same; one that does not let us in says so here.
 */
export const acceptClock = (
  answer: Answer,
  accept: (answer: Answer, interaction: Interaction) => Answer,
) => ([404, 405, 406].includes(answer.status) ? answer : accept(answer, 'capabilities'));

/** Returns the server's own clock, by its Date header; ours where it sends none. */
export function clockOf({ headers }: Answer, clock: Clock): Date {
  const dateMs = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(dateMs) ? clock.now() : new Date(dateMs);
}

/** Tells whether a body is a resource of this type. */
export const isResource = (body: unknown, type: string): body is fhir4.Resource =>
  brokenRule(body, ['other-type'], type) === undefined;

/**
 * Returns a body as a resource of this type.
 *
 * @throws AppError REMOTE_INVALID for another type
 */
export function resourceOf<R extends fhir4.Resource>(body: unknown, type: string): R {
  if (!isResource(body, type))
    throw new AppError('REMOTE_INVALID', 'The server answered with another resource type', {
      facts: { type },
    });
  return body as R;
}

/**
 * Returns the resource where no element in it is there twice. Otherwise it cannot be acted on,
 * since it is not known which of the two is meant.
 *
 * @throws AppError REMOTE_INVALID that names the element
 */
export function unrepeated<R extends fhir4.Resource>(resource: R): R {
  const [first] = repeatedMembers(resource);
  if (!first) return resource;
  const element = pathText([...first.path, first.key]);
  throw new AppError('REMOTE_INVALID', 'The server answered with an element that is there twice', {
    facts: {
      type: resource.resourceType,
      element: /^[\w.[\]]{1,200}$/.test(element) ? element : 'an element',
    },
  });
}

/**
 * Returns the ETag of a resource: of the version in the resource itself, which is what R4 puts
 * there; else the header. Some servers' ETag is a hash of their bytes.
 */
export function etagOf(answer: Answer, resource: fhir4.Resource | undefined): string | undefined {
  const version = resource?.meta?.versionId;
  return typeof version === 'string' && version !== ''
    ? `W/"${version}"`
    : (answer.headers.get('etag') ?? undefined);
}

/** Reads the id from a Location header (R4, http, create). */
export function idFromLocation(location: string | null, type: string): string | undefined {
  return new RegExp(`(?:^|/)${type}/([A-Za-z0-9.-]{1,64})(?:/_history/|$)`).exec(
    location ?? '',
  )?.[1];
}
