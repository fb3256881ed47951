import { AppError, type Facts, isDatabaseAway } from '@loopwell/kit';
import type { Request, Response } from 'express';
import { plainPage } from './plain-page.ts';

/** One thing that is wrong with a request: where, as a path into it, and which rule it breaks. Never the value. */
export type Problem = { path: string; rule: string };

/** A request whose parts are wrong in ways that no schema tells; all of them at once. */
export class RequestProblems extends AppError {
  readonly problems: readonly Problem[];

  constructor(message: string, problems: readonly Problem[]) {
    super('REQUEST_INVALID', message);
    this.problems = problems;
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
 * Answers any thrown value in the format of the path: OperationOutcome below /fhir, problem details (RFC 9457) below
 * /api, one sentence on a page elsewhere. The message of an unknown error is never shown.
 *
 * @returns the status that was answered
 */
export function answerError(error: unknown, request: Request, response: Response): number {
  const translated = translate(error);
  const { status, code, message } = translated;
  if (response.headersSent) {
    response.end();
    return status;
  }
  if (status === 503) response.set('retry-after', String(retryAfterSeconds));
  if (status === 401) response.set('www-authenticate', 'Bearer');
  if (request.path.startsWith('/fhir')) {
    response
      .status(status)
      .type('application/fhir+json')
      .send(JSON.stringify(outcome(code, message)));
  } else if (request.path.startsWith('/api/') || request.path === '/metrics') {
    response
      .status(status)
      .type('application/problem+json')
      .send(JSON.stringify(problem(translated)));
  } else if (status === 401 && request.method === 'GET') {
    response.redirect(303, '/sign-in');
  } else {
    response
      .status(status)
      .type('html')
      .send(plainPage(withField(translated)));
  }
  return status;
}

/** A database that was restarted is back by then; whoever comes too early is told again. */
export const retryAfterSeconds = 5;

/** A sentence for a page names the field that is wrong, as the API does. */
const withField = ({ message, facts }: Translated): string => (typeof facts.field === 'string' ? `${message} (${facts.field})` : message);

function translate(error: unknown): Translated {
  const nothing = { facts: {}, problems: [] };
  if (isDatabaseAway(error)) {
    return {
      ...nothing,
      status: 503,
      code: 'UNAVAILABLE',
      message: 'The database cannot be reached at the moment; try again in a few seconds',
    };
  }
  if (error instanceof AppError)
    return {
      ...nothing,
      problems: error instanceof RequestProblems ? error.problems.slice(0, 50) : [],
      status: error.status,
      code: error.code,
      message: error.message,
      facts: error.facts,
    };
  // Parsers and the contract throw errors with a status of their own; their messages may quote the body.
  const status = typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 500;
  if (status === 404) return { ...nothing, status, code: 'NOT_FOUND', message: 'There is nothing at this address' };
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

/** Where the contract was broken, and which of its rules: `additionalProperties.openapi.validation` becomes `additionalProperties`. */
function problemsOf(error: unknown): Problem[] {
  if (typeof error !== 'object' || error === null || !('errors' in error) || !Array.isArray(error.errors)) return [];
  return error.errors.slice(0, 20).map((one: { path?: unknown; errorCode?: unknown }) => ({
    path: String(one.path ?? '').slice(0, 200),
    rule: String(one.errorCode ?? '').split('.')[0] ?? '',
  }));
}

function problem({ status, code, message, facts, problems }: Translated): object {
  const known = Object.keys(facts).length > 0 ? { facts } : {};
  return { type: 'about:blank', title: message, status, code, ...known, ...(problems.length > 0 ? { problems } : {}) };
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

const outcome = (code: string, text: string) => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code: issueCodes[code] ?? 'exception', details: { text } }],
});
