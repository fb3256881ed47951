import { AppError } from '@loopwell/kit';
import type { NextFunction, Request, Response } from 'express';
import { type Door, decodedOr, doorOf } from './door.ts';
import { type Problem, RequestProblems } from './errors.ts';
import { parsePairs } from './request-text.ts';

/**
 * Matches a path that uses only characters which are allowed unescaped. All other characters must
 * be percent-encoded.
 */
const plainPath = /^\/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*$/;

/**
 * Matches the parameter names that pages, the API and FHIR use. `name[]` and similar forms belong
 * to other frameworks.
 */
const plainName = /^[A-Za-z0-9_.:-]{1,80}$/;

/**
 * Refuses an address that can be read in two ways, before a route is looked for: a whole URL or a
 * fragment as the target, dots that lead upwards, control characters, percent-encoding that is not
 * UTF-8. So the contract, a proxy and a log see the same door as we do.
 */
export function checkAddress(request: Request, _response: Response, next: NextFunction): void {
  const [path = '', ...rest] = request.url.split('?');
  if (!plainPath.test(path)) throw wrongPath('characters');
  for (const part of path.split('/')) {
    const text = decodedOr(part);
    if (text === undefined) throw wrongPath('utf-8');
    if (/\p{Cc}/u.test(text) || leadsUpwards(text))
      throw new AppError('NOT_FOUND', 'There is nothing at this address');
  }
  checkQuery(request, rest.join('?'));
  next();
}

const leadsUpwards = (text: string): boolean =>
  text.split(/[\\/]/).some((one) => one === '.' || one === '..');

/**
 * Tells whether a parameter may come twice. The API's own contract says which of its parameters may
 * be lists, and a range of time in a search of FHIR has two bounds.
 */
const mayRepeat = (door: Door, name: string): boolean =>
  door === 'api' || (door === 'fhir' && name === '_lastUpdated');

const wrongPath = (rule: string) =>
  new RequestProblems('The address is not written as addresses are', [{ path: '/path', rule }]);

function checkQuery(request: Request, query: string): void {
  if (!/^[\x21\x22\x24-\x7e]*$/.test(query)) {
    const problem = { path: '/query', rule: 'characters' };
    throw new RequestProblems('The query is not percent-encoded', [problem]);
  }
  const pairs = parsePairs(query, '/query');
  const door = doorOf(request);
  const problems: Problem[] = [];
  for (const [name, text] of Object.entries(pairs)) {
    if (!plainName.test(name)) problems.push({ path: '/query', rule: 'name' });
    else if (Array.isArray(text) && !mayRepeat(door, name))
      problems.push({ path: `/query/${name}`, rule: 'once' });
  }
  if (problems.length > 0)
    throw new RequestProblems('The query has parameters that are not taken', problems);
}
