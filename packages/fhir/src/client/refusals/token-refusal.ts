import { AppError, type Facts } from '@loopwell/kit';
import { plainWords } from './plain-words.ts';

/** The answer of a token endpoint, and what we know ourselves of the question. */
export type TokenRefusal = {
  status: number;
  /** The members of the answer, where it was JSON; `isPage` where it was HTML. */
  body: { error?: unknown; error_description?: unknown };
  isPage: boolean;
  /** Seconds by which our clock is ahead of the endpoint's. */
  clockAheadSeconds: number | undefined;
  algorithm: string;
  /** Algorithms that it says it takes. */
  offered: readonly string[];
  keyId: string;
  clientId: string;
};

const begin = 'The token endpoint refused this client, most likely because';

/** One sentence for each cause: the likeliest, and what to do next. */
const causes = {
  clock:
    `${begin} the clock here differs from its own: set the clock of this machine (NTP), then ` +
    'start again',
  key:
    `${begin} it does not know the key: register the public key there under this key id, at ` +
    'a JWK Set URL that it can reach, or name the right one with --ehr-kid',
  algorithm:
    `${begin} it does not take signatures of this kind: make a key of a kind that it lists ` +
    '(RSA for RS384, EC P-384 for ES384) and register it',
  audience:
    `${begin} it goes by another address: name the token endpoint as the EHR registered it ` +
    'with --ehr-token-url',
  scope:
    `${begin} it gives none of the scopes: have the administrator allow them for this ` +
    'client, or ask for fewer with --ehr-scopes',
  grant:
    `${begin} the client is not registered for SMART Backend Services: have the ` +
    'administrator allow client_credentials with private_key_jwt',
  client:
    `${begin} the client id is not known or not active in this environment: compare it with ` +
    'the registration (sandbox or production, active for a day), then see whether the EHR ' +
    'reaches your JWK Set URL',
  gateway:
    `${begin} a gateway in front of it answered in its place: that is not the key; check the ` +
    `address, then ask the EHR's operators`,
} as const;

type Cause = keyof typeof causes;

/**
 * Seconds by which two clocks may differ. Assertions live for four minutes: a clock that differs by
 * more than a minute is the first thing to put right.
 */
const clockTolerance = 60;

/**
 * Builds the error of a token that was refused for good, with the likeliest cause. The endpoint's
 * words are shown as far as they are about no person.
 */
export function tokenRefusal(refusal: TokenRefusal): AppError {
  const { status, body, clockAheadSeconds, keyId, algorithm, clientId } = refusal;
  // The endpoint's code is kept only where it is one of OAuth's own words: it may repeat what was
  // sent.
  const issueCode =
    typeof body.error === 'string' && /^[a-z_]{1,40}$/.test(body.error) ? body.error : undefined;
  const words = typeof body.error_description === 'string' ? body.error_description : undefined;
  const cause = causeOf(refusal, issueCode, words ?? '');
  const clocks =
    clockAheadSeconds !== undefined && Math.abs(clockAheadSeconds) > clockTolerance
      ? clockAheadSeconds
      : undefined;
  const facts: Facts = {
    interaction: 'token',
    status,
    issueCode,
    likely: cause,
    says: plainWords(words, [keyId, clientId]),
    keyId,
    algorithm,
    clockAheadSeconds: clocks,
  };
  return new AppError('REMOTE_REFUSED', causes[cause], { facts });
}

function causeOf(
  { isPage, clockAheadSeconds, algorithm, offered }: TokenRefusal,
  code: string | undefined,
  words: string,
): Cause {
  if (isPage) return 'gateway';
  if (code === 'invalid_scope' || /\bscopes?\b/i.test(words)) return 'scope';
  if (code === 'unauthorized_client' || code === 'unsupported_grant_type') return 'grant';
  if (/\b(kid|jwks?|key|signature|signing)\b/i.test(words)) return 'key';
  if (clockAheadSeconds !== undefined && Math.abs(clockAheadSeconds) > clockTolerance)
    return 'clock';
  if (/\b(expired|iat|exp|nbf|clock|not yet valid)\b/i.test(words)) return 'clock';
  if (/\b(audience|aud)\b/i.test(words)) return 'audience';
  if (offered.length > 0 && !offered.includes(algorithm)) return 'algorithm';
  return 'client';
}
