import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import { AppError } from '@loopwell/kit';
import { Agent, type Dispatcher } from 'undici';
import { kindOfAddress } from './addresses.ts';

/**
 * The way out. Every request to another server goes through one `Outbound`: it resolves names itself, and the address
 * that was checked is the address connected to, so that a name cannot change its mind in between.
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
};

/** The origin of an address, as it is compared everywhere. */
export const originOf = (url: string): string => new URL(url).origin;

export function createOutbound(options: OutboundOptions): Outbound {
  const allowed = new Set(options.allowedPrivateOrigins);
  const hosts = new Set(options.allowedPrivateOrigins.map((origin) => new URL(origin).hostname.replace(/^\[|\]$/g, '')));
  const timeout = options.requestTimeoutMs ?? 30_000;
  const agent = new Agent({
    connect: { timeout: options.connectTimeoutMs ?? 10_000, lookup: checkedLookup(hosts) },
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

const nameKind = (host: string) => (host === 'localhost' || host.endsWith('.localhost') ? 'private' : 'public');

type Lookup = NonNullable<NonNullable<ConstructorParameters<typeof Agent>[0]>['connect']> extends infer C
  ? C extends { lookup?: infer L }
    ? NonNullable<L>
    : never
  : never;

function checkedLookup(allowedHosts: ReadonlySet<string>): Lookup {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const bad = addresses.find(({ address }) => {
        const kind = kindOfAddress(address);
        return kind === 'forbidden' || (kind === 'private' && !allowedHosts.has(hostname));
      });
      if (bad) return callback(Object.assign(new Error('refused'), { code: 'ADDRESS_REFUSED' }), '', 0);
      if (options.all) return callback(null, addresses);
      const [first] = addresses;
      callback(null, first?.address ?? '', first?.family ?? 4);
    });
  };
}

/** Turns what undici throws into our words; whether the request may have arrived is for the caller to say. */
export function networkError(thrown: unknown, origin: string): AppError {
  const codes = [thrown, (thrown as { cause?: unknown } | undefined)?.cause].map((one) =>
    typeof one === 'object' && one !== null && 'code' in one ? String(one.code) : '',
  );
  if (codes.includes('ADDRESS_REFUSED')) return refuse('private-network', origin);
  const code = codes.find(Boolean) ?? 'failed';
  const neverSent = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code);
  return new AppError('REMOTE_UNAVAILABLE', 'The other server cannot be reached', { facts: { origin, code, neverSent } });
}
