import { RequestProblems } from '@loopwell/http';

/** The identifier by which a resource is added only once. */
export type IfNoneExist = { system: string; number: string };

/** Matches `system|value` with no escapes, no list of values, and nothing that cannot be stored. */
const token = /^([^|,\\\p{Cc}]+)\|([^|,\\\p{Cc}]+)$/u;

/**
 * Reads the header `If-None-Exist` of a create. The only form that is served is
 * `identifier=system|value`.
 *
 * @returns undefined without the header
 * @throws RequestProblems for any other form
 */
export function readIfNoneExist(header: string | undefined): IfNoneExist | undefined {
  if (header === undefined) return undefined;
  const [pair, another] = [...new URLSearchParams(header)];
  const isIdentifier = pair?.[0] === 'identifier' && another === undefined;
  const [, system, number] = (isIdentifier && token.exec(pair[1])) || [];
  if (system !== undefined && number !== undefined) return { system, number };
  const problem = { path: '/headers/if-none-exist', rule: 'identifier=system|value' };
  throw new RequestProblems('If-None-Exist has another form than the one served', [problem]);
}
