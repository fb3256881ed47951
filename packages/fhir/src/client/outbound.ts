import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import { AppError } from '@loopwell/kit';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { kindOfAddress } from './addresses.ts';

/**
 * The way out. Every request to another server goes through one `Outbound`: it resolves names itself, and the address
 * that was checked is the address connected to, so that a name cannot change its mind in between. What is allowed is
 * allowed to an origin (scheme, host and port), never to a host: another port of a named server stays closed.
 */
export type Outbound = {
  dispatcher: Dispatcher;
  /** @throws AppError ADDRESS_REFUSED before anything is sent */
  checkUrl: (url: string) => URL;
  close: () => Promise<void>;
};

export type OutboundOptions = {
  /** Origins that may lie on private networks: those named on the command line or in the partners file. */
  allowedPrivateOrigins: readonly string[];
  connectTimeoutMs?: number;
  requestTimeoutMs?: number;
  /** Larger answers are refused rather than read into memory. */
  maxBodyBytes?: number;
  /** How names are resolved; the system's resolver unless a test brings its own. */
  resolve?: Resolve;
};

/** As node's `dns.lookup` with `all`. */
export type Resolve = (
  hostname: string,
  options: object,
  callback: (error: Error | null, addresses: { address: string; family: number }[]) => void,
) => void;

/** The origin of an address, as it is compared everywhere. */
export const originOf = (url: string): string => new URL(url).origin;

export function createOutbound(options: OutboundOptions): Outbound {
  const allowed = new Set(options.allowedPrivateOrigins.map(originOf));
  const timeout = options.requestTimeoutMs ?? 30_000;
  const agent = new Agent({
    connect: checkedConnect(allowed, options),
    headersTimeout: timeout,
    bodyTimeout: timeout,
    maxResponseSize: options.maxBodyBytes ?? 64 * 1024 * 1024,
  });
  return { dispatcher: agent, checkUrl: (url) => checkUrl(url, allowed), close: () => agent.close() };
}

function refuse(reason: string, origin: string): AppError {
  return new AppError('ADDRESS_REFUSED', 'This address may not be called', { facts: { reason, origin } });
}

/**
 * Checks what can be checked before resolving: scheme, literal addresses, credentials in the URL. Plain http is for
 * origins that were named only.
 */
function checkUrl(text: string, allowed: ReadonlySet<string>): URL {
  if (!URL.canParse(text)) throw refuse('not-a-url', '');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse('scheme', url.protocol);
  if (url.username || url.password) throw refuse('credentials-in-url', url.origin);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const kind = isIP(host) === 0 ? nameKind(host) : kindOfAddress(host);
  if (kind === 'forbidden') throw refuse('link-local-or-reserved', url.origin);
  if (kind === 'private' && !allowed.has(url.origin)) throw refuse('private-network', url.origin);
  if (url.protocol === 'http:' && !allowed.has(url.origin)) throw refuse('plain-http', url.origin);
  return url;
}

function nameKind(host: string): 'private' | 'public' {
  const name = host.toLowerCase().replace(/\.+$/, '');
  return name === 'localhost' || name.endsWith('.localhost') ? 'private' : 'public';
}

/**
 * Connections are opened by origin: undici keeps one pool for each, so that a connection opened for a named origin is
 * never lent to another one. Literal addresses are never looked up, and are checked here once more.
 */
function checkedConnect(allowed: ReadonlySet<string>, options: OutboundOptions): buildConnector.connector {
  const timeout = options.connectTimeoutMs ?? 10_000;
  const resolve = options.resolve ?? (lookup as unknown as Resolve);
  const connectors = {
    named: buildConnector({ timeout, lookup: checkedLookup(resolve, true) } as buildConnector.BuildOptions),
    others: buildConnector({ timeout, lookup: checkedLookup(resolve, false) } as buildConnector.BuildOptions),
  };
  return (target, callback) => {
    const isNamed = allowed.has(connectedOrigin(target));
    const host = target.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !mayConnect(host, isNamed)) return callback(refusedConnection(), null);
    (isNamed ? connectors.named : connectors.others)(target, callback);
  };
}

function connectedOrigin({ protocol, hostname, port }: buildConnector.Options): string {
  const host = isIP(hostname) === 6 ? `[${hostname}]` : hostname;
  const url = `${protocol}//${host}${port ? `:${port}` : ''}`;
  return URL.canParse(url) ? originOf(url) : '';
}

function mayConnect(address: string, isNamed: boolean): boolean {
  const kind = kindOfAddress(address);
  return kind === 'public' || (kind === 'private' && isNamed);
}

const refusedConnection = () => Object.assign(new Error('refused'), { code: 'ADDRESS_REFUSED' });

type Found = { address: string; family: number };
type LookupCallback = (error: Error | null, address: string | Found[], family?: number) => void;

/** One bad address among those of a name is enough to refuse it: which one is tried first is not ours to say. */
function checkedLookup(resolve: Resolve, isNamed: boolean) {
  return (hostname: string, options: { all?: boolean }, callback: LookupCallback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      if (!addresses.every(({ address }) => mayConnect(address, isNamed))) return callback(refusedConnection(), '', 0);
      if (options.all) return callback(null, addresses);
      const [first] = addresses;
      callback(null, first?.address ?? '', first?.family ?? 4);
    });
  };
}

/** An error, and what caused it, down to where the network spoke; several addresses may have been tried. */
function causesOf(thrown: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let one = thrown; one !== undefined && one !== null && chain.length < 8; one = (one as { cause?: unknown }).cause) {
    chain.push(one, ...(one instanceof AggregateError ? one.errors : []));
  }
  return chain;
}

/** Turns what undici throws into our words; whether the request may have arrived is for the caller to say. */
export function networkError(thrown: unknown, origin: string): AppError {
  const chain = causesOf(thrown);
  const codes = chain.map((one) => (typeof one === 'object' && one !== null && 'code' in one ? String(one.code) : ''));
  if (codes.includes('ADDRESS_REFUSED')) return refuse('private-network', origin);
  // Fetch refuses the ports of old protocols by itself, and says so in words only.
  if (chain.some((one) => one instanceof Error && one.message === 'bad port')) return refuse('port-of-another-protocol', origin);
  const code = codes.find(Boolean) ?? 'failed';
  const neverSent = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code);
  return new AppError('REMOTE_UNAVAILABLE', 'The other server cannot be reached', { facts: { origin, code, neverSent } });
}
