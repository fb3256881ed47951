import { createPrivateKey, type JsonWebKeyInput, type KeyObject } from 'node:crypto';
import { AppError } from '@loopwell/kit';

export type SigningKey = {
  key: KeyObject;
  algorithm: 'ES384' | 'RS384';
  keyId: string | undefined;
};

const unusable = (reason: string) =>
  new AppError(
    'CONFIG_INVALID',
    'The key file holds no usable private key (PEM, JWK or JWK set; RSA of 2048 bits or ' +
      'more, or EC P-384)',
    {
      facts: { reason },
    },
  );

/**
 * Reads a private key for SMART Backend Services, which know ES384 and RS384 (SMART App Launch 2,
 * "Client Authentication: Asymmetric"). Nothing of the text ever goes into an error.
 *
 * @param keyId which key of a JWK set is meant; with one private key in it, none needs to be named
 * @throws AppError CONFIG_INVALID for what is no private key that SMART Backend Services can sign
 *   with
 */
export async function parsePrivateKey(text: string, keyId?: string): Promise<SigningKey> {
  const { key, id } = importKey(text, keyId);
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa' && modulusLength >= 2_048)
    return { key, algorithm: 'RS384', keyId: id };
  if (key.asymmetricKeyType === 'ec' && namedCurve === 'secp384r1')
    return { key, algorithm: 'ES384', keyId: id };
  throw unusable('kind-of-key');
}

type Jwk = JsonWebKeyInput['key'] & { kid?: string; d?: string };

function importKey(
  text: string,
  keyId: string | undefined,
): { key: KeyObject; id: string | undefined } {
  try {
    if (!text.trim().startsWith('{')) return { key: createPrivateKey(text), id: undefined };
    const parsed = JSON.parse(text) as Jwk & { keys?: Jwk[] };
    const jwks = (parsed.keys ?? [parsed]).filter((one) => one.d !== undefined);
    const jwk = jwks.length === 1 ? jwks[0] : jwks.find((one) => one.kid === keyId);
    if (!jwk) throw unusable('which-key');
    return { key: createPrivateKey({ key: jwk, format: 'jwk' }), id: jwk.kid };
  } catch (error) {
    throw error instanceof AppError ? error : unusable('unreadable');
  }
}

/**
 * Returns the id under which servers find the public key: without one an assertion cannot be
 * verified (SMART App Launch 2, "Client Authentication: Asymmetric", `kid`).
 *
 * @throws AppError CONFIG_INVALID where neither the key nor the caller gives one
 */
export function requireKeyId(keyId: string | undefined): string {
  if (keyId !== undefined && keyId !== '') return keyId;
  throw new AppError(
    'CONFIG_INVALID',
    'The key has no key id, by which the EHR would find its public half: name it with ' +
      '--ehr-kid (API: keyId)',
  );
}
