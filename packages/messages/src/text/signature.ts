import { createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto';
import type { GatewaySignature } from './gateway-shapes.ts';

/** A call of a gateway as it came. */
export type GatewayCall = {
  /** The address that it was sent to, as the gateway knows it. */
  url: string;
  header: (name: string) => string | undefined;
  body: string;
  now: Date;
};

/** How far the time of a signature may be away, in milliseconds. */
const driftMs = 300_000;

/**
 * Tells whether a call is the gateway's own. It takes as long for a signature that is nearly right.
 *
 * @param key the secret that we share with the gateway, or its public key in base64
 */
export function isSigned(signature: GatewaySignature, call: GatewayCall, key: string): boolean {
  const { body } = call;
  const sent = call.header(signature.header) ?? '';
  if (signature.kind === 'form-sha1') {
    const text = call.url + sortedFields(body);
    const right = createHmac('sha1', key).update(text);
    return isSame(sent, right.digest('base64'));
  }
  const time = call.header(signature.time) ?? '';
  if (!isNear(time, call.now)) return false;
  if (signature.kind === 'body-ed25519') return isVerified(`${time}|${body}`, sent, key);
  const right = createHmac('sha256', key).update(`${time}.${body}`);
  return isSame(sent, right.digest('hex'));
}

/** Compares digests of both, which have one length whatever was sent. */
function isSame(sent: string, right: string): boolean {
  const digest = (text: string) => createHmac('sha256', 'compare').update(text).digest();
  return timingSafeEqual(digest(sent), digest(right));
}

/** Writes the fields of a form by name, each with what it holds. */
function sortedFields(body: string): string {
  const fields = new URLSearchParams(body);
  fields.sort();
  const written = [...fields].map(([name, content]) => name + content);
  return written.join('');
}

/** Tells whether a time in seconds since 1970 is near, so that an old call cannot come again. */
function isNear(seconds: string, now: Date): boolean {
  if (!/^\d{1,12}$/.test(seconds)) return false;
  return Math.abs(Number(seconds) * 1_000 - now.getTime()) <= driftMs;
}

/** What stands before the 32 bytes of an Ed25519 key in its DER form (RFC 8410). */
const derPrefix = Buffer.from('302a300506032b6570032100', 'hex');

function isVerified(text: string, sent: string, publicKey: string): boolean {
  const raw = Buffer.from(publicKey, 'base64');
  if (raw.length !== 32) return false;
  const key = createPublicKey({
    key: Buffer.concat([derPrefix, raw]),
    format: 'der',
    type: 'spki',
  });
  const signature = Buffer.from(sent, 'base64');
  return verify(null, Buffer.from(text), key, signature);
}
