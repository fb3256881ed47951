import { hash as hashOf, randomBytes, randomUUID } from 'node:crypto';

/** Namespace of every id that Loopwell derives (itself a version 5 UUID of the DNS name loopwell.example). */
const namespace = Buffer.from('5b0a1d6e3f5c5d0c9a5e0f3c7d1b2a49', 'hex');

/**
 * Name-based UUID (RFC 9562, version 5): the same parts give the same id, so that making a thing again changes nothing.
 * Parts are length-prefixed, hence ('a','bc') and ('ab','c') differ.
 */
export function deriveId(...parts: readonly string[]): string {
  const name = parts.map((part) => `${part.length}:${part}`).join('|');
  const hash = hashOf('sha1', Buffer.concat([namespace, Buffer.from(name)]), 'buffer').subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Random id for things that exist once because they happen once: traces, sessions, claims. */
export function newId(): string {
  return randomUUID();
}

/** URL-safe random secret with `bytes` bytes of entropy. */
export function newSecret(bytes = 32): string {
  return randomBytes(bytes).toString('base64url');
}

/** One-way fingerprint for secrets at rest and for comparing bodies (hex SHA-256). */
export function fingerprint(text: string): string {
  return hashOf('sha256', text, 'hex');
}
