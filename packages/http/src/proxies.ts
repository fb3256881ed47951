import { isIP } from 'node:net';

/** Names that Express knows for networks. */
const names = ['loopback', 'linklocal', 'uniquelocal'];

export const proxiesRule =
  'must be addresses or networks such as 10.0.0.7 or 10.1.0.0/16, or loopback, comma-separated';

/**
 * Reverse proxies that are believed when they say where a request comes from. Each is named: "all"
 * or a number of hops would believe anybody who reaches us some other way.
 *
 * @returns undefined when one of them is none
 */
export function parseProxies(text: string): string[] | undefined {
  const all = text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
  return all.every(isProxy) ? all : undefined;
}

function isProxy(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return names.includes(text);
  return (
    bits === undefined ||
    (/^\d{1,3}$/.test(bits) && Number(bits) > 0 && Number(bits) <= (version === 4 ? 32 : 128))
  );
}
