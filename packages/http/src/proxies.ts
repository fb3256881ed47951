import { isIP } from 'node:net';

/** Names of networks that Express knows. */
const names = ['loopback', 'linklocal', 'uniquelocal'];

/** Says which texts `parseProxies` accepts. */
export const proxiesRule =
  'must be addresses or networks such as 10.0.0.7 or 10.1.0.0/16, or loopback, comma-separated';

/**
 * Parses the list of reverse proxies that may say where a request comes from. Each is named,
 * because "all" or a number of hops would trust callers that reach us another way.
 * @returns undefined when an entry is not an address, a network or a known name
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
