import { readFile } from 'node:fs/promises';
import { AppError, type Clock, newId } from '@loopwell/kit';
import { networkError, type Outbound } from '@loopwell/outbound';
import { SignJWT } from 'jose';
import { request } from 'undici';
import { mapDefined, withoutUndefined } from '../../defined.ts';
import { trimBase } from '../../references.ts';
import { lockoutOf, saidIn } from '../refusals/lockout.ts';
import { plainWords } from '../refusals/plain-words.ts';
import { tokenRefusal } from '../refusals/token-refusal.ts';
import type { Credentials } from '../rest/send-request.ts';
import { parsePrivateKey, requireKeyId, type SigningKey } from './signing-key.ts';

export type BackendServices = {
  base: string;
  clientId: string;
  /**
   * PEM (PKCS#8, PKCS#1, SEC1), JWK or JWK set with the private key: its file, or the text itself.
   */
  keyFile: string | { text: string };
  keyId?: string | undefined;
  /** Address of the token endpoint; discovered under the base when left out. */
  tokenUrl?: string | undefined;
  /**
   * Scopes to ask for; where they depend on the forms that the server knows, a function of its
   * capabilities.
   */
  scopes: string | ((capabilities: readonly string[]) => string);
  outbound: Outbound;
  clock: Clock;
};

/**
 * Creates credentials of SMART Backend Services (SMART App Launch 2, "Backend Services"): a signed
 * assertion (private_key_jwt, ES384 or RS384) for a short-lived bearer, kept until shortly before
 * its end. The token endpoint gets the assertion and nothing else.
 */
export function backendServices(options: BackendServices): Credentials {
  let token: { bearer: string; until: number; granted: string | undefined } | undefined;
  let pending: Promise<string> | undefined;
  const fetchToken = async (): Promise<string> => {
    const got = await requestToken(options);
    const until = options.clock.now().getTime() + Math.max(5_000, got.seconds * 1_000 - 30_000);
    token = { bearer: got.bearer, until, granted: got.granted };
    return got.bearer;
  };
  const renew = async (refused?: string) => {
    // Another caller's renewal may have come first: then the refused token is no longer ours.
    if (refused !== undefined && token && token.bearer !== refused) return token.bearer;
    pending ??= fetchToken().finally(() => {
      pending = undefined;
    });
    return pending;
  };
  const bearer = async () =>
    token && token.until > options.clock.now().getTime() ? token.bearer : renew();
  return { bearer, renew, granted: () => token?.granted };
}

/**
 * Creates credentials from a bearer kept in a file. It is read for each request, so that it may be
 * exchanged from outside.
 */
export function bearerFromFile(file: string): Credentials {
  const read = async () => {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    const bearer = text?.trim().replace(/^Bearer\s+/i, '');
    if (!bearer) throw new AppError('CONFIG_INVALID', 'The token file cannot be read or is empty');
    if (!/^[\x21-\x7e]+$/.test(bearer))
      throw new AppError('CONFIG_INVALID', 'The token file holds something else than one bearer');
    return bearer;
  };
  return { bearer: read, renew: read };
}

/** Creates credentials from a bearer that never changes. */
export const staticBearer = (bearer: string): Credentials => ({
  bearer: async () => bearer,
  renew: async () => bearer,
});

async function requestToken(
  options: BackendServices,
): Promise<{ bearer: string; seconds: number; granted: string | undefined }> {
  // Before anything is sent: a key that cannot sign in is refused here.
  const signing = await signingKeyOf(options);
  const endpoint = await discover(options);
  options.outbound.checkUrl(endpoint.url);
  const { scopes } = options;
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    scope: typeof scopes === 'string' ? scopes : scopes(endpoint.capabilities),
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await assertion(options, signing, endpoint.url),
  });
  const answer = await fetchJson(options, endpoint.url, form);
  if (answer.status >= 300) {
    const { algorithm, keyId } = signing;
    throw tokenRefusal({
      ...answer,
      algorithm,
      keyId,
      offered: endpoint.algorithms,
      clientId: options.clientId,
    });
  }
  const {
    access_token: body,
    expires_in: lifetime,
    scope,
  } = answer.body as Record<string, unknown>;
  if (typeof body !== 'string' || !/^[\x21-\x7e]+$/.test(body)) {
    throw new AppError('REMOTE_INVALID', 'The token endpoint gave no access_token', {
      retryable: false,
      facts: { interaction: 'token' },
    });
  }
  const seconds = Number(lifetime);
  const granted = typeof scope === 'string' && scope.trim() !== '' ? scope : undefined;
  const lasts = Number.isFinite(seconds) && seconds > 0 ? seconds : 300;
  return { bearer: body, seconds: lasts, granted };
}

/** A token endpoint, as far as it is known before it is asked. */
type Endpoint = { url: string; algorithms: readonly string[]; capabilities: readonly string[] };

async function discover(options: BackendServices): Promise<Endpoint> {
  if (options.tokenUrl !== undefined)
    return { url: options.tokenUrl, algorithms: [], capabilities: [] };
  const url = `${trimBase(options.base)}/.well-known/smart-configuration`;
  options.outbound.checkUrl(url);
  const { status, body } = await fetchJson(options, url);
  const members = body as Record<string, unknown>;
  if (status >= 300 || typeof members.token_endpoint !== 'string') {
    throw new AppError(
      'REMOTE_INVALID',
      'The EHR names no token_endpoint under .well-known/smart-configuration: name it with ' +
        '--ehr-token-url',
      {
        retryable: false,
        facts: { status },
      },
    );
  }
  const algorithms = textsIn(members.token_endpoint_auth_signing_alg_values_supported);
  return { url: members.token_endpoint, algorithms, capabilities: textsIn(members.capabilities) };
}

const textsIn = (list: unknown): string[] =>
  (Array.isArray(list) ? list : []).filter((one): one is string => typeof one === 'string');

type Signing = { key: SigningKey['key']; algorithm: SigningKey['algorithm']; keyId: string };

/**
 * Reads the key that signs, with its id.
 *
 * @throws AppError CONFIG_INVALID for a key without an id: servers find the public key by it (SMART
 * App Launch 2, `kid`)
 */
async function signingKeyOf(options: BackendServices): Promise<Signing> {
  const { key, algorithm, keyId } = await parsePrivateKey(
    await readKeyText(options.keyFile),
    options.keyId,
  );
  return { key, algorithm, keyId: requireKeyId(options.keyId ?? keyId) };
}

async function assertion(
  { clientId, clock }: BackendServices,
  { key, algorithm, keyId }: Signing,
  audience: string,
): Promise<string> {
  const now = Math.floor(clock.now().getTime() / 1_000);
  return new SignJWT({})
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid: keyId })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience)
    .setJti(newId())
    .setIssuedAt(now)
    .setExpirationTime(now + 240)
    .sign(key);
}

async function readKeyText(file: string | { text: string }): Promise<string> {
  if (typeof file !== 'string') return file.text;
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) throw new AppError('CONFIG_INVALID', 'The key file cannot be read');
  return text;
}

type TokenAnswer = {
  status: number;
  body: object;
  isPage: boolean;
  clockAheadSeconds: number | undefined;
};

async function fetchJson(
  options: BackendServices,
  url: string,
  form?: URLSearchParams,
): Promise<TokenAnswer> {
  const origin = new URL(url).origin;
  try {
    const { statusCode, headers, body } = await request(url, {
      dispatcher: options.outbound.through('token'),
      method: form ? 'POST' : 'GET',
      headers: {
        accept: 'application/json',
        ...withoutUndefined({
          'content-type': form ? 'application/x-www-form-urlencoded' : undefined,
        }),
      },
      ...withoutUndefined({ body: form ? form.toString() : undefined }),
    });
    const text = await body.text();
    const now = options.clock.now();
    const all = new Headers(
      mapDefined(Object.entries(headers), ([name, header]) =>
        header === undefined ? undefined : [name, String([header].flat()[0])],
      ),
    );
    const isPage = /^\s*</.test(text);
    if (statusCode >= 500 || [408, 425, 429].includes(statusCode))
      throw later(statusCode, all, text, now);
    const date = Date.parse(all.get('date') ?? '');
    const clockAheadSeconds = Number.isNaN(date)
      ? undefined
      : Math.round((now.getTime() - date) / 1_000);
    return { status: statusCode, body: parse(text, statusCode), isPage, clockAheadSeconds };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw networkError(error, origin);
  }
}

/**
 * Builds the error of "not now": a lock-out, or something in front of the endpoint that fails.
 * Neither is about the key.
 */
function later(status: number, headers: Headers, text: string, now: Date): AppError {
  const lockout = lockoutOf({ status, headers, issueCode: undefined, words: saidIn(text) }, now);
  const facts = { interaction: 'token', status, says: plainWords(text) };
  if (lockout)
    return new AppError(
      'REMOTE_UNAVAILABLE',
      'The token endpoint locks us out for a while: it has been asked too often',
      {
        facts: { ...facts, lockedOut: true, retryAfterMs: lockout.askedMs },
      },
    );
  const rule =
    'The token endpoint, or a gateway in front of it, fails: that is theirs and not your key, ' +
    'and it is asked again later';
  return new AppError('REMOTE_UNAVAILABLE', rule, { facts: { ...facts, likely: 'gateway' } });
}

/** Reads an answer as JSON. A refusal may come as anything; only a good answer has to be JSON. */
function parse(text: string, status: number): object {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    if (status >= 300) return {};
    throw new AppError('REMOTE_INVALID', 'The authorization server did not answer with JSON', {
      retryable: false,
    });
  }
}
