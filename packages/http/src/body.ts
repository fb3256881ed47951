import { isUtf8 } from 'node:buffer';
import { parseJson, repeatedMembers } from '@loopwell/fhir';
import express, { type Request, type RequestHandler, type Response } from 'express';
import type { Door } from './door.ts';
import { type Problem, RequestProblems } from './errors.ts';
import { parsePairs, textProblems } from './request-text.ts';

/** What a route takes beyond the usual. */
export type BodyRules = {
  /**
   * The route tells itself which members a JSON body names twice; elsewhere such a body is refused.
   */
  repeatedMembers?: 'told-by-route';
};

const jsonTypes = ['application/json', 'application/fhir+json'];
const formType = 'application/x-www-form-urlencoded';

const jsonBytes = 1_048_576;
const formBytes = 262_144;
/** No FHIR resource and no form of ours is nested so deep. */
const deepest = 500;

/**
 * Reads and parses what somebody has sent; called only once it is known that this caller may do
 * this here. Pages take forms, everything else takes JSON; another type is left unread for the
 * contract to refuse or for the route to stream.
 *
 * @throws RequestProblems naming the field and the rule
 */
export async function readBody(
  request: Request,
  response: Response,
  door: Door,
  rules: BodyRules = {},
): Promise<void> {
  if (!['POST', 'PUT'].includes(request.method)) return;
  const type = mediaTypeOf(request);
  const isRead = door === 'page' ? type === formType : jsonTypes.includes(type ?? '');
  if (!hasBody(request)) {
    // The API's contract says where a body is required; nothing below /fhir takes a request
    // without.
    if (door === 'fhir') throw wrong('The request has no body', '/body', 'required');
    request.body = door === 'page' ? {} : undefined;
    return;
  }
  if (!isRead && (door !== 'api' || type === undefined))
    throw unsupported('media-type', 'content-type');
  const charset = charsetsOf(request).find((one) => !['utf-8', 'utf8'].includes(one));
  if (charset !== undefined) throw unsupported('charset-utf-8', 'content-type');
  if (!isRead) {
    // A route that streams tells gzip by its first bytes.
    if (!['', 'identity', 'gzip'].includes(request.get('content-encoding') ?? ''))
      throw unsupported('content-encoding', 'content-encoding');
    return;
  }
  continueOnce(request, response);
  const text = await textOf(request, response, door === 'page' ? formBytes : jsonBytes);
  request.body = door === 'page' ? parsePairs(text, '/body') : jsonOf(text, rules);
}

const wrong = (message: string, path: string, rule: string, status = 400) =>
  new RequestProblems(message, [{ path, rule }], { status });

const unsupported = (rule: string, header: string) =>
  wrong('This address takes no body of this kind', `/headers/${header}`, rule, 415);

/** Whether the caller announces one. */
export const hasBody = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== undefined ||
  !['0', undefined].includes(headers['content-length']);

/** Without its parameters; undefined where it is none. */
export function mediaTypeOf(request: Request): string | undefined {
  return /^\s*([\w!#$&^.+-]+\/[\w!#$&^.+-]+)\s*(;|$)/
    .exec(request.get('content-type') ?? '')?.[1]
    ?.toLowerCase();
}

const charsetsOf = (request: Request): string[] =>
  [...(request.get('content-type') ?? '').matchAll(/;\s*charset\s*=\s*"?([^";\s]*)/gi)].map(
    ([, name = '']) => name.toLowerCase(),
  );

/**
 * Requests of callers that ask before they send; answered once we know that we want what they have.
 */
const waiting = new WeakSet<object>();
export const waitsForContinue = (request: object): void => void waiting.add(request);

function continueOnce(request: Request, response: Response): void {
  if (waiting.delete(request)) response.writeContinue();
}

const readers = new Map<number, RequestHandler>();

/** Unpacked bytes are counted, too. */
function readerOf(limit: number): RequestHandler {
  const known = readers.get(limit) ?? express.raw({ limit, type: () => true });
  readers.set(limit, known);
  return known;
}

async function textOf(request: Request, response: Response, limit: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    readerOf(limit)(request, response, (error?: unknown) =>
      error ? reject(unreadable(error, limit)) : resolve(),
    );
  });
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  // Nothing is filled with replacement characters.
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
  const value = parsedOr(text);
  if (typeof value !== 'object' || value === null)
    throw wrong('The body is no JSON object', '/body', 'json');
  const problems = textProblems(value, '/body');
  if (rules.repeatedMembers !== 'told-by-route') problems.push(...repeatedIn(value));
  if (problems.length > 0)
    throw new RequestProblems('The body has members that cannot be taken as they are', problems);
  return value;
}

function parsedOr(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

const repeatedIn = (value: unknown): Problem[] =>
  repeatedMembers(value)
    .slice(0, 20)
    .map(({ path, key }) => ({ path: `/body/${[...path, key].join('/')}`, rule: 'once' }));

/** How deep objects and lists are nested, told from the text before anybody parses it. */
function depthOf(text: string): number {
  let [depth, found, isText] = [0, 0, false];
  for (let index = 0; index < text.length; index += 1) {
    const sign = text[index];
    if (isText && sign === '\\') index += 1;
    else if (sign === '"') isText = !isText;
    else if (!isText && (sign === '{' || sign === '[')) found = Math.max(found, ++depth);
    else if (!isText && (sign === '}' || sign === ']')) depth -= 1;
  }
  return found;
}
