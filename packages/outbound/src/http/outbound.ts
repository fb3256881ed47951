import { AsyncLocalStorage } from 'node:async_hooks';
import { isIP } from 'node:net';
import { AppError } from '@loopwell/kit';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { kindOfAddress } from '../addresses.ts';
import {
  checkedLookup,
  mayConnect,
  type Resolve,
  refuse,
  refusedConnection,
  systemResolve,
} from '../checked-lookup.ts';
import { createReceivers, type ReceiverOptions, type Receivers } from '../receivers/receivers.ts';
import { createTraffic, type Traffic, type Way } from './door.ts';

/**
 * The way out, for every request to another server. It resolves names itself, and the address that
 * was checked is the address connected to, so that a name cannot change in between. Permission is
 * given to an origin (scheme, host and port), never to a host: another port of a named server stays
 * closed.
 */
export type Outbound = {
  /** Dispatcher for a small answer; see `through`. */
  dispatcher: Dispatcher;
  /**
   * Returns the dispatcher for one kind of request, with its deadline and the size of its answer.
   */
  through: (kind: RequestKind) => Dispatcher;
  /** The state of the servers that we talk to. */
  receivers: Receivers;
  traffic: Pick<Traffic, 'longest' | 'waiting'>;
  /** Ends reads at once and writes within `graceMs`; nothing new leaves. */
  stop: (graceMs?: number) => void;
  /** Aborted by `stop`. */
  stopping: AbortSignal;
  /**
   * Checks an address.
   *
   * @throws AppError ADDRESS_REFUSED before anything is sent
   */
  checkUrl: (url: string) => URL;
  close: () => Promise<void>;
};

export type OutboundOptions = {
  /**
   * Origins that may lie on private networks: those named on the command line or in the partners
   * file.
   */
  allowedPrivateOrigins: readonly string[];
  connectTimeoutMs?: number;
  /** Deadline of a request, from the first byte sent to the last byte read. */
  requestTimeoutMs?: number;
  /** Deadline of a page of an EHR; four times that of other requests when left out. */
  pageTimeoutMs?: number;
  receivers?: ReceiverOptions;
  /** Bytes of all answers that are being read at a time. */
  maxHeldBytes?: number;
  /** Resolves names; the system's resolver unless a test brings its own. */
  resolve?: Resolve;
};

/** Returns the origin of an address, as it is compared everywhere. */
export const originOf = (url: string): string => new URL(url).origin;

/**
 * The kind of a request. `page` is a search of an EHR, which may take its time; `small` is
 * everything else that reads.
 */
export type RequestKind = 'page' | 'small' | 'token' | 'write';

const megabyte = 1024 * 1024;
/** How long a write that is out is waited for when this process stops, in ms. */
const graceOfWritesMs = 8_000;

function waysOf({
  requestTimeoutMs: deadlineMs = 30_000,
  pageTimeoutMs = 4 * deadlineMs,
}: OutboundOptions): Record<RequestKind, Way> {
  return {
    page: { deadlineMs: pageTimeoutMs, maxBytes: 64 * megabyte, isWrite: false },
    small: { deadlineMs, maxBytes: 8 * megabyte, isWrite: false },
    token: { deadlineMs, maxBytes: megabyte, isWrite: false },
    write: { deadlineMs, maxBytes: 8 * megabyte, isWrite: true },
  };
}

/** Creates the way out; `Outbound` says what it guarantees. */
export function createOutbound(options: OutboundOptions): Outbound {
  const allowed = new Set(options.allowedPrivateOrigins.map(originOf));
  // Deadlines and sizes are kept by the door, over the whole of a request and of its answer.
  const agent = new Agent({
    connect: checkedConnect(allowed, options),
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: -1,
  });
  const traffic = createTraffic(options.maxHeldBytes);
  const ways = waysOf(options);
  const through = Object.fromEntries(
    Object.entries(ways).map(([kind, way]) => [kind, agent.compose(traffic.interceptor(way))]),
  ) as Record<RequestKind, Dispatcher>;
  const stopping = new AbortController();
  const stop = (graceMs = graceOfWritesMs) => {
    stopping.abort();
    traffic.stop(graceMs);
  };
  return {
    dispatcher: through.small,
    through: (kind) => through[kind],
    receivers: createReceivers(options.receivers),
    traffic,
    stop,
    stopping: stopping.signal,
    checkUrl: (url) => checkUrl(url, allowed),
    async close() {
      stop(0);
      await agent.destroy();
    },
  };
}

/** Holds the origin whose connection is being read in the current call. */
const reading = new AsyncLocalStorage<string>();
/** Returns the origin whose answer is being read: a process that ends can name it. */
export const originBeingRead = (): string | undefined => reading.getStore();

/**
 * Checks what can be checked before resolving: scheme, literal addresses, credentials in the URL.
 * Plain http is for origins that were named only.
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
 * Creates a connector that checks each address. undici keeps one pool for each origin, so that a
 * connection opened for a named origin is never lent to another one. Literal addresses are never
 * looked up, and are checked here once more.
 */
function checkedConnect(
  allowed: ReadonlySet<string>,
  options: OutboundOptions,
): buildConnector.connector {
  const timeout = options.connectTimeoutMs ?? 10_000;
  const resolve = options.resolve ?? systemResolve;
  const connectors = {
    named: buildConnector({
      timeout,
      lookup: checkedLookup(resolve, true),
    } as buildConnector.BuildOptions),
    others: buildConnector({
      timeout,
      lookup: checkedLookup(resolve, false),
    } as buildConnector.BuildOptions),
  };
  return (target, callback) => {
    const origin = connectedOrigin(target);
    const isNamed = allowed.has(origin);
    const host = target.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !mayConnect(host, isNamed)) return callback(refusedConnection(), null);
    // All that the socket does from now on is attributed to this origin.
    reading.run(origin, () => (isNamed ? connectors.named : connectors.others)(target, callback));
  };
}

function connectedOrigin({ protocol, hostname, port }: buildConnector.Options): string {
  const host = isIP(hostname) === 6 ? `[${hostname}]` : hostname;
  const url = `${protocol}//${host}${port ? `:${port}` : ''}`;
  return URL.canParse(url) ? originOf(url) : '';
}

/**
 * Lists an error and its causes, down to where the network spoke; several addresses may have been
 * tried.
 */
function causesOf(thrown: unknown): unknown[] {
  const chain: unknown[] = [];
  for (
    let cause = thrown;
    cause !== undefined && cause !== null && chain.length < 8;
    cause = (cause as { cause?: unknown }).cause
  ) {
    chain.push(cause, ...(cause instanceof AggregateError ? cause.errors : []));
  }
  return chain;
}

/**
 * Turns what undici throws into an AppError. The caller says whether the request may have arrived.
 */
export function networkError(thrown: unknown, origin: string): AppError {
  const chain = causesOf(thrown);
  const appError = chain.find((one) => one instanceof AppError);
  if (appError) return appError;
  const codes = chain.map((cause) =>
    typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code ?? '') : '',
  );
  if (codes.includes('ADDRESS_REFUSED')) return refuse('private-network', origin);
  // Fetch refuses the ports of old protocols by itself, and says so in words only.
  if (chain.some((one) => one instanceof Error && one.message === 'bad port'))
    return refuse('port-of-another-protocol', origin);
  const code = codes.find(Boolean) ?? 'failed';
  const neverSent = [
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'UND_ERR_CONNECT_TIMEOUT',
    'EHOSTUNREACH',
    'ENETUNREACH',
  ].includes(code);
  return new AppError('REMOTE_UNAVAILABLE', 'The other server cannot be reached', {
    facts: { origin, code, neverSent },
  });
}
