import { AppError, type Facts } from '@loopwell/kit';
import type * as fhir4 from '../../types.ts';
import { lockoutOf, saidIn } from '../refusals/lockout.ts';
import { issueCodeOf, issueWordsOf, keepWords } from './outcomes.ts';
import { elementPath, plainWords } from './plain-words.ts';

/**
 * The kind of request, so that a refusal can be told from one of the token or of the capabilities.
 */
export type Interaction = 'read' | 'search' | 'page' | 'create' | 'update' | 'capabilities';

/** An answer that is no success: `data` is its body, as JSON where it is that. */
export type RefusedAnswer = { status: number; headers: Headers; body: unknown };

export type Asking = {
  interaction: Interaction;
  now: Date;
  /** True where a bearer was sent along. */
  hasCredentials: boolean;
  /** What we sent and may show again in the server's words. */
  ourWords?: readonly string[];
};

/**
 * Issue codes of R4 about the content of a resource. Servers give them for one that they cannot
 * show.
 */
const aboutContent = new Set(['required', 'structure', 'value', 'invariant']);

/**
 * Turns an answer that is no success into an error: come back later, a lock-out, a record that the
 * server cannot show, or a refusal. Its facts hold codes, the element that was named, and those of
 * its words that are about no person; all words stand beside the error.
 */
export function refusedError(answer: RefusedAnswer, asking: Asking): AppError {
  const { status, headers, body } = answer;
  const issueCode = issueCodeOf(body);
  const facts: Facts = {
    interaction: asking.interaction,
    status,
    issueCode,
    says: plainWords(wordsIn(body), asking.ourWords),
  };
  const words = saidIn(body);
  const lockout = lockoutOf({ status, headers, issueCode, words }, asking.now);
  if (lockout)
    return new AppError(
      'REMOTE_UNAVAILABLE',
      'The other server locks us out for a while: it has been asked too often',
      {
        facts: { ...facts, lockedOut: true, retryAfterMs: lockout.askedMs },
      },
    );
  if (status < 400)
    return new AppError(
      'REMOTE_REFUSED',
      'The server redirects; name the address it redirects to',
      { facts },
    );
  // 501 is final: R4 http.html has it for what a server does not support.
  if ([408, 425].includes(status) || (status >= 500 && status !== 501)) {
    const bad = badRecord(body, answer, asking.interaction);
    if (bad) return cannotShow({ ...facts, element: bad.element });
    return new AppError('REMOTE_UNAVAILABLE', 'The other server asks to come back later', {
      facts,
    });
  }
  if (asking.interaction === 'page' && [400, 404, 410].includes(status)) {
    return new AppError('REMOTE_UNAVAILABLE', 'A page of a search is no longer there', {
      facts: { ...facts, pageGone: true },
    });
  }
  const message =
    status === 401 ? notLetIn(asking.hasCredentials) : 'The other server refused a request';
  return keepWords(new AppError('REMOTE_REFUSED', message, { facts }), issueWordsOf(body));
}

const notLetIn = (hasCredentials: boolean) =>
  hasCredentials
    ? 'The server does not accept the bearer: it has run out or belongs to another ' +
      'environment; get a new one and check the address'
    : 'The server asks for credentials and none are given: register a client there and ' +
      'name its client id with its key, or a file with a bearer';

const wordsIn = (body: unknown): string | undefined =>
  issueWordsOf(body) ?? (saidIn(body) || undefined);

/** Builds the error for a record that the server cannot show. */
export const cannotShow = (facts: Facts) =>
  new AppError(
    'REMOTE_INVALID',
    'The server cannot show a record of this search: it lacks something there, ask the ' +
      'vendor to mend it',
    {
      retryable: false,
      facts: { ...facts, badRecord: true },
    },
  );

/**
 * Returns the element that the server cannot show; undefined where the search failed for another
 * reason than the content of what it would show.
 */
function badRecord(
  body: unknown,
  { status }: RefusedAnswer,
  interaction: Interaction,
): { element: string | undefined } | undefined {
  if (interaction !== 'search' && interaction !== 'page') return undefined;
  if ([408, 425, 501, 502, 503, 504].includes(status)) return undefined;
  return contentOf(body);
}

/**
 * Tells whether an OperationOutcome is about the content of a resource, and which element it names.
 */
export function contentOf(outcome: unknown): { element: string | undefined } | undefined {
  const issues: unknown = (outcome as { issue?: unknown } | null | undefined)?.issue;
  if (!Array.isArray(issues)) return undefined;
  for (const issue of issues as (fhir4.OperationOutcomeIssue | null)[]) {
    if (!issue || issue.severity === 'information' || issue.severity === 'warning') continue;
    const named = [issue.expression, issue.location].flat().map(elementPath);
    const element = named.find((one) => one !== undefined) ?? elementIn(issue);
    if (aboutContent.has(issue.code) || element !== undefined) return { element };
  }
  return undefined;
}

function elementIn({ diagnostics, details }: fhir4.OperationOutcomeIssue): string | undefined {
  const words =
    `${typeof diagnostics === 'string' ? diagnostics : ''} ` +
    `${typeof details?.text === 'string' ? details.text : ''}`;
  return words
    .split(/[\s'"`,;()]+/)
    .map((word) => elementPath(word.replace(/[.:!?]+$/, '')))
    .find((one) => one !== undefined);
}
