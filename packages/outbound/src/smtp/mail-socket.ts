import { connect, isIP, type Socket } from 'node:net';
import { AppError } from '@loopwell/kit';
import {
  checkedLookup,
  mayConnect,
  type Resolve,
  refuse,
  systemResolve,
} from '../checked-lookup.ts';

/** The mail server that an operator named. It may lie on a private network. */
export type MailServer = { host: string; port: number };

/** Bytes that a mail server may say in one visit; the answers to one message are a few hundred. */
const maxBytes = 256 * 1024;
/** How often the bytes are counted. */
const countEveryMs = 50;

/**
 * Opens a connection to the mail server that an operator named. The address that was checked is the
 * address connected to; link-local and reserved ones are refused, however the name resolves. The
 * signal is the deadline of the whole visit, and destroys the socket. A server that says too
 * much loses its connection as well. DECISIONS D161.
 *
 * @throws AppError ADDRESS_REFUSED before anything is sent, or REMOTE_UNAVAILABLE
 */
export function openMailSocket(
  { host, port }: MailServer,
  signal: AbortSignal,
  resolve: Resolve = systemResolve,
): Promise<Socket> {
  const place = `smtp://${host}:${port}`;
  if (isIP(host) !== 0 && !mayConnect(host, true))
    return Promise.reject(refuse('link-local-or-reserved', place));
  return new Promise((settle, reject) => {
    const lookup = checkedLookup(resolve, true);
    const socket = connect({ host, port, lookup: lookup as never });
    const end = () => socket.destroy(awayError(place, 'deadline'));
    signal.addEventListener('abort', end, { once: true });
    const counting = setInterval(() => {
      if (socket.bytesRead > maxBytes) socket.destroy(awayError(place, 'too-large'));
    }, countEveryMs).unref();
    socket.once('close', () => {
      clearInterval(counting);
      signal.removeEventListener('abort', end);
    });
    const fail = (error: Error & { code?: string }) => reject(errorOf(error, place));
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      // Without a listener an error would end the process before somebody takes the socket over.
      socket.on('error', () => {});
      settle(socket);
    });
    if (signal.aborted) end();
  });
}

const awayError = (origin: string, code: string) =>
  new AppError('REMOTE_UNAVAILABLE', 'The mail server cannot be reached', {
    facts: { origin, code, neverSent: true },
  });

function errorOf(error: Error & { code?: string }, place: string): AppError {
  if (error instanceof AppError) return error;
  if (error.code === 'ADDRESS_REFUSED') return refuse('link-local-or-reserved', place);
  return awayError(place, error.code ?? 'failed');
}
