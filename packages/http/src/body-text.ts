import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { AppError } from '@loopwell/kit';

const texts = new WeakMap<IncomingMessage, Buffer>();

/**
 * Keeps the bytes of a JSON body beside its value, for as long as the request lives.
 *
 * @throws AppError REQUEST_INVALID for bytes that are no UTF-8: nothing is filled with replacement characters
 */
export function keepText(request: IncomingMessage, _response: unknown, bytes: Buffer): void {
  if (!isUtf8(bytes)) throw new AppError('REQUEST_INVALID', 'The body is not UTF-8');
  texts.set(request, bytes);
}

/** The text that a JSON body came as; undefined where there was none. */
export const bodyText = (request: IncomingMessage): string | undefined => texts.get(request)?.toString('utf8');
