import { AppError, type Facts, isDatabaseAway } from '@loopwell/kit';
import type { Request, Response } from 'express';
import { type Door, doorOf } from './door.ts';
import { plainPage } from './html/plain-page.ts';

/**
 * One problem of a request: its place and the rule that it breaks. The place is a path into the
 * request, or a FHIRPath such as `Procedure.subject`. It never holds the value.
 */
export type Problem = { path: string; rule: string };

/**
 * Options of a refusal. `status` replaces 400 where a more exact one exists: 405, 413, 415, 429.
 * `facts.field` names the field to a form.
 */
export type RefusalOptions = {
  status?: number;
  headers?: Readonly<Record<string, string>>;
  facts?: Facts;
};

/** Holds all problems of a request that no schema can express, as one error. */
export class RequestProblems extends AppError {
  readonly problems: readonly Problem[];
  readonly headers: Readonly<Record<string, string>>;
  readonly #status: number;

  constructor(
    message: string,
    problems: readonly Problem[],
    { status = 400, headers = {}, facts = {} }: RefusalOptions = {},
  ) {
    super('REQUEST_INVALID', message, { facts });
    this.problems = problems;
    this.headers = headers;
    this.#status = status;
  }

  override get status(): number {
    return this.#status;
  }
}

/**
 * An error as it is answered. Its facts help a caller and say nothing about a person: one of the
 * caller's ids, or a rule.
 */
type Translated = {
  status: number;
  code: string;
  message: string;
  facts: Facts;
  problems: readonly Problem[];
};

/**
 * Answers any thrown value in the format of the path: OperationOutcome below `/fhir`, problem
 * details (RFC 9457) below `/api`, a page with one sentence elsewhere. The message of an unknown
 * error is never shown.
 * @returns the status that was answered
 */
export function answerError(error: unknown, request: Request, response: Response): number {
  const translated = translate(error);
  const { status } = translated;
  if (response.headersSent) {
    response.end();
    return status;
  }
  if (status === 503) response.set('retry-after', String(retryAfterSeconds));
  if (error instanceof RequestProblems) response.set(error.headers);
  if (status === 401) response.set('www-authenticate', 'Bearer');
  const door = doorOf(request);
  if (door === 'page' && status === 401 && request.method === 'GET') {
    response.redirect(303, '/sign-in');
    return status;
  }
  const { type, text } = bodyAt(door, translated, request.path.startsWith('/p/'));
  response.status(status).type(type).send(text);
  return status;
}

function bodyAt(
  door: Door,
  translated: Translated,
  isOfPartner: boolean,
): { type: string; text: string } {
  if (door === 'fhir')
    return { type: 'application/fhir+json', text: JSON.stringify(outcome(translated)) };
  if (door === 'api')
    return { type: 'application/problem+json', text: JSON.stringify(problem(translated)) };
  return { type: 'html', text: plainPage(withField(translated), isOfPartner) };
}

/** Seconds after which a caller may try again. A restarted database is usually back by then. */
export const retryAfterSeconds = 5;

/** Returns the message for a page with the wrong field and its rule, as the API names them. */
function withField({ message, facts, problems }: Translated): string {
  if (typeof facts.field === 'string') return `${message} (${facts.field})`;
  return problems.length > 0 ? `${message} (${problems.map(ruleText).join('; ')})` : message;
}

const ruleText = ({ path, rule }: Problem): string => `${path}: ${rule}`;

/**
 * Returns whether PostgreSQL ended the transaction in favor of another one: a deadlock (40P01) or a
 * serialization failure (40001).
 */
const isUndone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === '40P01' || error.code === '40001');

const databaseAway = 'The database cannot be reached at the moment; try again in a few seconds';
const changedMeanwhile =
  'Somebody else changed the same things in the same moment, and nothing was done; ' +
  'try again in a few seconds';

function translate(error: unknown): Translated {
  const nothing = { facts: {}, problems: [] };
  const unavailable = { ...nothing, status: 503, code: 'UNAVAILABLE' };
  if (isDatabaseAway(error)) return { ...unavailable, message: databaseAway };
  if (isUndone(error)) return { ...unavailable, message: changedMeanwhile };
  if (error instanceof AppError) {
    const { status, code, message, facts } = error;
    const problems = error instanceof RequestProblems ? error.problems.slice(0, 50) : [];
    return { status, code, message, facts, problems };
  }
  // Parsers and the contract throw errors with their own status. Their messages may quote the body.
  const status =
    typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 500;
  if (status === 404)
    return { ...nothing, status, code: 'NOT_FOUND', message: 'There is nothing at this address' };
  if (status >= 400 && status < 500) {
    return {
      ...nothing,
      status,
      code: 'REQUEST_INVALID',
      message: 'The request does not have the form that this address takes',
      problems: problemsOf(error),
    };
  }
  return { ...nothing, status: 500, code: 'INTERNAL', message: 'Something went wrong on our side' };
}

/**
 * Returns where the contract was broken and which rules: `additionalProperties.openapi.validation`
 * becomes `additionalProperties`.
 */
function problemsOf(error: unknown): Problem[] {
  const { status, errors } = (error ?? {}) as { status?: unknown; errors?: unknown };
  if (!Array.isArray(errors)) return [];
  if (status === 415) return [{ path: '/headers/content-type', rule: 'media-type' }];
  return errors.slice(0, 20).map(brokenRule);
}

type ContractError = { path?: unknown; errorCode?: unknown; message?: unknown };

function brokenRule(broken: ContractError): Problem {
  const path = String(broken.path ?? '').slice(0, 200);
  const message = String(broken.message ?? '');
  const [rule = ''] = String(broken.errorCode ?? '').split('.');
  // A body that may be one of several kinds breaks the rule at the field that names its kind.
  const tag = rule === 'discriminator' ? /tag "(\w+)"/.exec(message)?.[1] : undefined;
  if (tag !== undefined) return { path: `${path}/${tag}`, rule: 'enum' };
  return { path, rule: rule || ruleIn(message) };
}

/**
 * Returns the rule that a query breaks, by the message, because the contract has no code for it.
 */
function ruleIn(message: string): string {
  if (message.startsWith('Unknown query parameter')) return 'unknown';
  return message.startsWith('Empty value') ? 'empty' : 'form';
}

function problem({ status, code, message, facts, problems }: Translated): object {
  const details: Record<string, unknown> = { type: 'about:blank', title: message, status, code };
  if (Object.keys(facts).length > 0) details.facts = facts;
  if (problems.length > 0) details.problems = problems;
  return details;
}

/** IssueType codes of FHIR R4. */
const issueCodes: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: 'login',
  FORBIDDEN: 'forbidden',
  NOT_FOUND: 'not-found',
  REQUEST_INVALID: 'invalid',
  RESOURCE_INVALID: 'invalid',
  CONFLICT: 'conflict',
  UNAVAILABLE: 'transient',
  REMOTE_UNAVAILABLE: 'transient',
};

function outcome(translated: Translated): object {
  const { message, problems } = translated;
  const issue = { severity: 'error', code: issueCodeOf(translated), details: { text: message } };
  const issues = problems.map((problem) => {
    const placed = { ...issue, diagnostics: ruleText(problem) };
    return problem.path.startsWith('/') ? placed : { ...placed, expression: [problem.path] };
  });
  return { resourceType: 'OperationOutcome', issue: issues.length > 0 ? issues : [issue] };
}

function issueCodeOf({ status, code }: Translated): string {
  if (status === 405 || status === 415) return 'not-supported';
  if (status === 409 || status === 412) return 'conflict';
  if (status === 422 && code === 'REQUEST_INVALID') return 'business-rule';
  return issueCodes[code] ?? 'exception';
}
