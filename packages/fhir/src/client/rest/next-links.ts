import { AppError } from '@loopwell/kit';
import { normalizedBase } from '@loopwell/outbound';

/**
 * Returns a page's address under the base: as it is, or as an alias of the base says; undefined for
 * an address elsewhere, since only the base is asked.
 */
export function underBase(
  base: string,
  aliases: readonly string[],
  url: string,
): string | undefined {
  if (isUnder(base, url)) return url;
  const alias = aliases.map(normalizedBase).find((one) => isUnder(one, url));
  const underOurBase =
    alias === undefined ? undefined : `${base}${new URL(url).href.slice(alias.length)}`;
  return underOurBase !== undefined && isUnder(base, underOurBase) ? underOurBase : undefined;
}

/**
 * Rewrites references to an alias of the base so that they name the base: code that follows them
 * knows one name of the server. The answer is changed in place, and nothing in it but references.
 */
export function withOwnNames<A extends { body: unknown }>(
  answer: A,
  base: string,
  aliases: readonly string[],
): A {
  if (aliases.length === 0) return answer;
  const names = aliases.map((one) => `${normalizedBase(one)}/`);
  const open: unknown[] = [answer.body];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    for (const member of Object.values(next)) if (typeof member === 'object') open.push(member);
    if ('reference' in next && typeof next.reference === 'string')
      next.reference = ownName(next.reference, base, names);
  }
  return answer;
}

function ownName(reference: string, base: string, names: readonly string[]): string {
  const text = reference.trim();
  const name = names.find((one) => text.toLowerCase().startsWith(one.toLowerCase()));
  return name === undefined ? reference : `${base}/${text.slice(name.length)}`;
}

/**
 * Builds the error for a link to another base, and names that base. It holds neither a query nor
 * what stands behind a type, which may name a person.
 */
export function elsewhere(origin: string, url: string): AppError {
  const to = URL.canParse(url) ? new URL(url) : undefined;
  const path = to?.pathname.replace(/\/[A-Z][A-Za-z]*(\/.*)?$/, '').replace(/\/+$/, '') ?? '';
  const led = to
    ? `${to.protocol}//${to.host}${/^[\w./-]{0,100}$/.test(path) ? path : ''}`
    : 'no address';
  return new AppError(
    'REMOTE_INVALID',
    'A next link leads to another host or path and is not followed; if that is the same ' +
      'server behind a proxy, --ehr-alias names its base',
    { retryable: false, facts: { origin, led, elsewhere: true } },
  );
}

function isUnder(base: string, url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { href } = new URL(url);
  return href.startsWith(`${base}/`) || href.startsWith(`${base}?`);
}
