import { AppError } from '@loopwell/kit';
import { createRequestPolicy, type RequestPolicy } from '../receivers/request-policy.ts';
import { networkError, type Outbound } from './outbound.ts';

/** A request to a server that does not speak FHIR. */
export type OutboundRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** Asked right before the request leaves, after all waiting. */
  mayGo?: () => boolean;
};

/**
 * Sends one request to another server, after its address was checked. It answers with whatever
 * status the server gives, unless the server asks to come back later.
 *
 * @throws AppError REMOTE_UNAVAILABLE if a GET failed, nothing was sent (`neverSent`), or the
 *   server asks to come back later; OUTCOME_UNKNOWN if the server may have received another
 *   request; CONFLICT, with nothing sent, when `mayGo` says no
 */
export type OutboundFetch = (
  url: string,
  request: OutboundRequest,
) => Promise<{ status: number; text: string }>;

/** Creates the way to servers that do not speak FHIR, with the same limits as the FHIR client. */
export function createOutboundFetch(outbound: Outbound): OutboundFetch {
  const policies = new Map<string, RequestPolicy>();
  const policyOf = (origin: string): RequestPolicy => {
    const receiver = outbound.receivers.of(origin);
    const policy =
      policies.get(origin) ??
      createRequestPolicy({ limits: {}, receiver, signal: outbound.stopping });
    policies.set(origin, policy);
    return policy;
  };
  return (url, request) => {
    const { origin } = outbound.checkUrl(url);
    return policyOf(origin).once(() => sendOnce(outbound, url, origin, request));
  };
}

async function sendOnce(
  outbound: Outbound,
  url: string,
  origin: string,
  { method, headers = {}, body, mayGo }: OutboundRequest,
): Promise<{ status: number; text: string }> {
  if (mayGo?.() === false)
    throw new AppError('CONFLICT', 'The work has passed to somebody else', {
      retryable: true,
      facts: { neverSent: true },
    });
  const dispatcher = outbound.through(method === 'GET' ? 'small' : 'write');
  const way: Record<string, unknown> = { dispatcher };
  try {
    const sent = { method, headers, body: body ?? null, redirect: 'manual' as const };
    const response = await fetch(url, { ...sent, ...way });
    const text = await response.text();
    requireNow(response.status, origin);
    return { status: response.status, text };
  } catch (thrown) {
    const error = networkError(thrown, origin);
    const isAnswer = typeof error.facts.status === 'number';
    if (method === 'GET' || isAnswer || error.facts.neverSent === true) throw error;
    if (error.code !== 'REMOTE_UNAVAILABLE') throw error;
    throw new AppError('OUTCOME_UNKNOWN', 'The server may or may not have taken a request', {
      facts: error.facts,
    });
  }
}

/** Refuses an answer by which a server asks to come back later. */
function requireNow(status: number, origin: string): void {
  const isLater = [408, 425, 429].includes(status) || (status >= 500 && status !== 501);
  if (isLater)
    throw new AppError('REMOTE_UNAVAILABLE', 'The other server asks to come back later', {
      facts: { status, origin },
    });
}
