import { AppError } from '@loopwell/kit';
import { normalisedBase } from './receivers.ts';

/** The page's address under the base: as it is, or as an alias of the base says. Only ever the base is asked. */
export function underBase(base: string, aliases: readonly string[], url: string): string | undefined {
  if (isUnder(base, url)) return url;
  const alias = aliases.map(normalisedBase).find((one) => isUnder(one, url));
  const own = alias === undefined ? undefined : `${base}${new URL(url).href.slice(alias.length)}`;
  return own !== undefined && isUnder(base, own) ? own : undefined;
}

/** Says to which base the link led: neither a query nor what stands behind a type, which may name a person. */
export function elsewhere(origin: string, url: string): AppError {
  const to = URL.canParse(url) ? new URL(url) : undefined;
  const path = to?.pathname.replace(/\/[A-Z][A-Za-z]*(\/.*)?$/, '').replace(/\/+$/, '') ?? '';
  const led = to ? `${to.protocol}//${to.host}${/^[\w./-]{0,100}$/.test(path) ? path : ''}` : 'no address';
  return new AppError(
    'REMOTE_INVALID',
    'A next link leads to another host or path and is not followed; if that is the same server behind a proxy, --ehr-alias names its base',
    { retryable: false, facts: { origin, led, elsewhere: true } },
  );
}

function isUnder(base: string, url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { href } = new URL(url);
  return href.startsWith(`${base}/`) || href.startsWith(`${base}?`);
}
