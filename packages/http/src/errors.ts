import { AppError, type Facts, isDatabaseAway } from '@loopwell/kit';
import type { Request, Response } from 'express';
import { type Door, doorOf } from './door.ts';
import { plainPage } from './html/plain-page.ts';

/**
 * One thing that is wrong with a request: where, as a path into it, and which rule it breaks. Never
 * the value.
 */
export type Problem = { path: string; rule: string };

/** `status` where 400 says too little: 405, 413, 415, 429. */
export type RefusalOptions = { status?: number; headers?: Readonly<Record<string, string>> };

/** A request whose parts are wrong in ways that no schema tells; all of them at once. */
export class RequestProblems extends AppError {
  readonly problems: readonly Problem[];
  readonly headers: Readonly<Record<string, string>>;
  readonly #status: number;

  constructor(
    message: string,
    problems: readonly Problem[],
    { status = 400, headers = {} }: RefusalOptions = {},
  ) {
    super('REQUEST_INVALID', message);
    this.problems = problems;
    this.headers = headers;
    this.#status = status;
  }

  override get status(): number {
    return this.#status;
  }
}

/** Facts that help a caller and tell nothing about a person: which of their ids, which rule. */
type Translated = {
  status: number;
  code: string;
  message: string;
  facts: Facts;
  problems: readonly Problem[];
};

/**
 * Answers any thrown value in the format of the path: OperationOutcome below /fhir, problem details
 * (RFC 9457) below /api, one sentence on a page elsewhere. The message of an unknown error is never
 * shown.
 *
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
  const { type, text } = bodyAt(door, translated);
  response.status(status).type(type).send(text);
  return status;
}

function bodyAt(door: Door, translated: Translated): { type: string; text: string } {
  if (door === 'fhir')
    return { type: 'application/fhir+json', text: JSON.stringify(outcome(translated)) };
  if (door === 'api')
    return { type: 'application/problem+json', text: JSON.stringify(problem(translated)) };
  return { type: 'html', text: plainPage(withField(translated)) };
}

/** A database that was restarted is back by then; whoever comes too early is told again. */
export const retryAfterSeconds = 5;

/** A sentence for a page names the field that is wrong and its rule, as the API does. */
function withField({ message, facts, problems }: Translated): string {
  if (typeof facts.field === 'string') return `${message} (${facts.field})`;
  return problems.length > 0 ? `${message} (${problems.map(ruleText).join('; ')})` : message;
}

const ruleText = ({ path, rule }: Problem): string => `${path}: ${rule}`;

/**
 * PostgreSQL ended the transaction for another one's sake: a deadlock (40P01) or a serialization
 * failure (40001).
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
  // Parsers and the contract throw errors with a status of their own; their messages may quote the
  // body.
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
 * Where the contract was broken, and which of its rules: `additionalProperties.openapi.validation`
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
  // A body that is one of several kinds breaks the rule at the field that says which.
  const tag = rule === 'discriminator' ? /tag "(\w+)"/.exec(message)?.[1] : undefined;
  if (tag !== undefined) return { path: `${path}/${tag}`, rule: 'enum' };
  return { path, rule: rule || ruleIn(message) };
}

/** The contract has no code for what is wrong with a query. */
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

function outcome({ status, code, message, problems }: Translated): object {
  const coded =
    status === 405 || status === 415 ? 'not-supported' : (issueCodes[code] ?? 'exception');
  const issue = { severity: 'error', code: coded, details: { text: message } };
  const issues = problems.map((one) => ({ ...issue, diagnostics: ruleText(one) }));
  return { resourceType: 'OperationOutcome', issue: issues.length > 0 ? issues : [issue] };
}
