import { hash as hashOf, randomBytes, randomUUID } from 'node:crypto';

/**
 * The namespace of every id that Loopwell derives (itself a version 5 UUID of the DNS name
 * loopwell.example).
 */
const namespace = Buffer.from('5b0a1d6e3f5c5d0c9a5e0f3c7d1b2a49', 'hex');

/**
 * One buffer for names of ordinary length, behind the namespace, since ids are made by the million.
 */
const scratch = Buffer.alloc(4096);
namespace.copy(scratch);

/** Returns the bytes of the namespace and a name. */
function named(name: string): Buffer {
  if (name.length * 3 > scratch.length - namespace.length)
    return Buffer.concat([namespace, Buffer.from(name)]);
  return scratch.subarray(0, namespace.length + scratch.write(name, namespace.length));
}

/** The digit of a version 5 UUID that says its variant, by the digit of the hash. */
const variants = new Map([...'0123456789abcdef'].map((digit, n) => [digit, '89ab'.charAt(n & 3)]));

/**
 * Derives a name-based UUID (RFC 9562, version 5). The same parts give the same id, so that making
 * a thing again changes nothing. Parts are length-prefixed, hence ('a','bc') and ('ab','c') differ.
 */
export function deriveId(...parts: readonly string[]): string {
  let name = '';
  for (const part of parts) name += `${name === '' ? '' : '|'}${part.length}:${part}`;
  const hex = hashOf('sha1', named(name), 'hex');
  const start = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}`;
  return `${start}-${variants.get(hex.charAt(16))}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Makes a random id for things that happen once: traces, sessions, claims. */
export function newId(): string {
  return randomUUID();
}

/** Makes a URL-safe random secret with `bytes` bytes of entropy. */
export function newSecret(bytes = 32): string {
  return randomBytes(bytes).toString('base64url');
}

/** Makes a one-way fingerprint (hex SHA-256) for secrets at rest and for comparing bodies. */
export function fingerprint(text: string): string {
  return hashOf('sha256', text, 'hex');
}
