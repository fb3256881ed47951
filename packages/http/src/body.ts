import { isUtf8 } from 'node:buffer';
import { parseJson, repeatedMembers } from '@loopwell/fhir';
import express, { type Request, type RequestHandler, type Response } from 'express';
import type { Door } from './door.ts';
import { type Problem, RequestProblems } from './errors.ts';
import { parsePairs, textProblems } from './request-text.ts';

/** Rules for bodies of one route beyond the usual ones. DECISIONS D108. */
export type BodyRules = {
  /**
   * The route itself reports members that a JSON body names twice. Without it, such a body is
   * refused.
   */
  repeatedMembers?: 'told-by-route';
  /** The most bytes of a form. */
  formBytes?: number;
};

const jsonTypes = ['application/json', 'application/fhir+json'];
const formType = 'application/x-www-form-urlencoded';

const jsonBytes = 1_048_576;
const formBytes = 262_144;
/**
 * The greatest accepted nesting of a JSON body. No FHIR resource and no form of ours is nested so
 * deep.
 */
const deepest = 500;

/**
 * Reads and parses the body of a request. It is called only after the caller was allowed to use the
 * route. Pages take forms, other doors take JSON; a body of another type is left unread, for the
 * contract to refuse or the route to stream.
 * @throws RequestProblems naming the field and the rule
 */
export async function readBody(
  request: Request,
  response: Response,
  door: Door,
  rules: BodyRules = {},
): Promise<void> {
  if (!['POST', 'PUT'].includes(request.method)) return;
  if (!hasBody(request)) {
    request.body = bodyWhereNone(door);
    return;
  }
  if (!isParsedHere(request, door)) return requireStreamable(request, door);
  requireUtf8(request);
  continueOnce(request, response);
  if (door === 'page')
    request.body = parsePairs(
      await textOf(request, response, rules.formBytes ?? formBytes),
      '/body',
    );
  else request.body = jsonOf(await textOf(request, response, jsonBytes), rules);
}

/**
 * Returns the body of a request that has none, or refuses it below `/fhir`. The API's contract says
 * where a body is required.
 */
function bodyWhereNone(door: Door): object | undefined {
  if (door === 'fhir') throw wrong('The request has no body', '/body', 'required');
  return door === 'page' ? {} : undefined;
}

function isParsedHere(request: Request, door: Door): boolean {
  const type = mediaTypeOf(request);
  return door === 'page' ? type === formType : jsonTypes.includes(type ?? '');
}

/**
 * Refuses a body that is left unread for the route to stream, unless its type, charset and encoding
 * are usable. The route detects gzip by the first bytes.
 */
function requireStreamable(request: Request, door: Door): void {
  if (door !== 'api' || mediaTypeOf(request) === undefined)
    throw unsupported('media-type', 'content-type');
  requireUtf8(request);
  const encoding = request.get('content-encoding') ?? '';
  if (!['', 'identity', 'gzip'].includes(encoding))
    throw unsupported('content-encoding', 'content-encoding');
}

function requireUtf8(request: Request): void {
  const isOther = (charset: string) => !['utf-8', 'utf8'].includes(charset);
  if (charsetsOf(request).some(isOther)) throw unsupported('charset-utf-8', 'content-type');
}

const wrong = (message: string, path: string, rule: string, status = 400) =>
  new RequestProblems(message, [{ path, rule }], { status });

const unsupported = (rule: string, header: string) =>
  wrong('This address takes no body of this kind', `/headers/${header}`, rule, 415);

/** Returns whether the request announces a body. */
export const hasBody = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== undefined ||
  !['0', undefined].includes(headers['content-length']);

/** Returns the media type of the request without its parameters; undefined when there is none. */
export function mediaTypeOf(request: Request): string | undefined {
  const type = request.get('content-type') ?? '';
  const match = /^\s*([\w!#$&^.+-]+\/[\w!#$&^.+-]+)\s*(;|$)/.exec(type);
  return match?.[1]?.toLowerCase();
}

function charsetsOf(request: Request): string[] {
  const type = request.get('content-type') ?? '';
  const matches = [...type.matchAll(/;\s*charset\s*=\s*"?([^";\s]*)/gi)];
  return matches.map(([, name = '']) => name.toLowerCase());
}

/**
 * Holds requests of callers that ask before they send a body (`Expect: 100-continue`). They get the
 * answer once the body is wanted.
 */
const waiting = new WeakSet<object>();
/** Marks a request whose caller waits for `100 Continue` before it sends the body. */
export const waitsForContinue = (request: object): void => void waiting.add(request);

function continueOnce(request: Request, response: Response): void {
  if (waiting.delete(request)) response.writeContinue();
}

const readers = new Map<number, RequestHandler>();

/**
 * Returns the reader of raw bodies up to a limit in bytes. The limit counts unpacked bytes, too.
 */
function readerOf(limit: number): RequestHandler {
  const reader = readers.get(limit) ?? express.raw({ limit, type: () => true });
  readers.set(limit, reader);
  return reader;
}

/**
 * Reads a body as text.
 *
 * @throws RequestProblems when it is larger than the limit in bytes, or no UTF-8
 */
export async function textOf(request: Request, response: Response, limit: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    readerOf(limit)(request, response, (error?: unknown) =>
      error ? reject(unreadable(error, limit)) : resolve(),
    );
  });
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  // Invalid bytes are refused, not replaced.
  if (!isUtf8(bytes)) throw wrong('The body is not UTF-8', '/body', 'utf-8');
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}

function unreadable(error: unknown, limit: number): RequestProblems {
  const type = typeof error === 'object' && error !== null && 'type' in error ? error.type : '';
  if (type === 'entity.too.large')
    return wrong('The body is too large', '/body', `at-most-${limit}-bytes`, 413);
  if (type === 'encoding.unsupported') return unsupported('content-encoding', 'content-encoding');
  if (type === 'request.size.invalid' || type === 'request.aborted')
    return wrong(
      'The body ended before its announced length',
      '/headers/content-length',
      'content-length',
    );
  return wrong('The body is not packed as its content-encoding says', '/body', 'content-encoding');
}

function jsonOf(text: string, rules: BodyRules): unknown {
  if (text.trim() === '') throw wrong('The request has no body', '/body', 'required');
  if (depthOf(text) > deepest)
    throw wrong('The body is nested too deeply', '/body', `at-most-${deepest}-deep`);
  const body = parsedOr(text);
  if (typeof body !== 'object' || body === null)
    throw wrong('The body is no JSON object', '/body', 'json');
  const problems = textProblems(body, '/body');
  if (rules.repeatedMembers !== 'told-by-route') problems.push(...repeatedIn(body));
  if (problems.length > 0)
    throw new RequestProblems('The body has members that cannot be taken as they are', problems);
  return body;
}

function parsedOr(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

const repeatedIn = (body: unknown): Problem[] =>
  repeatedMembers(body)
    .slice(0, 20)
    .map(({ path, key }) => ({ path: `/body/${[...path, key].join('/')}`, rule: 'once' }));

/** Returns how deep objects and lists are nested, counted in the text before it is parsed. */
function depthOf(text: string): number {
  let depth = 0;
  let greatest = 0;
  let isText = false;
  for (let index = 0; index < text.length; index += 1) {
    const sign = text[index];
    if (isText && sign === '\\') index += 1;
    else if (sign === '"') isText = !isText;
    else if (!isText && (sign === '{' || sign === '[')) greatest = Math.max(greatest, ++depth);
    else if (!isText && (sign === '}' || sign === ']')) depth -= 1;
  }
  return greatest;
}
