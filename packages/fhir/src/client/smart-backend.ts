import { readFile } from 'node:fs/promises';
import { AppError, type Clock, newId } from '@loopwell/kit';
import { SignJWT } from 'jose';
import { request } from 'undici';
import { trimBase } from '../references.ts';
import type { Credentials } from './fhir-client.ts';
import { retryAfterMs } from './lockout.ts';
import { networkError, type Outbound } from './outbound.ts';
import { parsePrivateKey } from './signing-key.ts';

export type BackendServices = {
  base: string;
  clientId: string;
  /** PEM (PKCS#8, PKCS#1, SEC1), JWK or JWK set with the private key: its file, or the text itself. */
  keyFile: string | { text: string };
  keyId?: string | undefined;
  /** Named by hand; else discovered under the base. */
  tokenUrl?: string | undefined;
  scopes: string;
  outbound: Outbound;
  clock: Clock;
};

/**
 * SMART Backend Services (SMART App Launch 2, "Backend Services"): a signed assertion (private_key_jwt, ES384 or RS384)
 * for a short-lived bearer, kept until shortly before its end. The token endpoint gets the assertion and nothing else.
 */
export function backendServices(options: BackendServices): Credentials {
  let token: { value: string; until: number } | undefined;
  let pending: Promise<string> | undefined;
  const fetchToken = async (): Promise<string> => {
    const got = await requestToken(options);
    token = { value: got.value, until: options.clock.now().getTime() + Math.max(5_000, got.seconds * 1_000 - 30_000) };
    return got.value;
  };
  const renew = async (refused?: string) => {
    // Somebody else's renewal may have come first: the token that was refused is no longer ours.
    if (refused !== undefined && token && token.value !== refused) return token.value;
    pending ??= fetchToken().finally(() => {
      pending = undefined;
    });
    return pending;
  };
  return { bearer: async () => (token && token.until > options.clock.now().getTime() ? token.value : renew()), renew };
}

/** A bearer kept in a file; read again when it was refused, so that it may be exchanged from outside. */
export function bearerFromFile(file: string): Credentials {
  const read = async () => {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    const bearer = text?.trim().replace(/^Bearer\s+/i, '');
    if (!bearer) throw new AppError('CONFIG_INVALID', 'The token file cannot be read or is empty');
    if (!/^[\x21-\x7e]+$/.test(bearer)) throw new AppError('CONFIG_INVALID', 'The token file holds something else than one bearer');
    return bearer;
  };
  return { bearer: read, renew: read };
}

export const staticBearer = (value: string): Credentials => ({ bearer: async () => value, renew: async () => value });

async function requestToken(options: BackendServices): Promise<{ value: string; seconds: number }> {
  const url = options.tokenUrl ?? (await discover(options));
  options.outbound.checkUrl(url);
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    scope: options.scopes,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await assertion(options, url),
  });
  const answer = await fetchJson(options, url, form);
  const {
    access_token: value,
    expires_in: lifetime,
    error,
  } = answer.body as { access_token?: unknown; expires_in?: unknown; error?: unknown };
  if (answer.status >= 300) {
    // What the endpoint says is taken over only where it is one of OAuth's own words: it may repeat what it was sent.
    const issueCode = typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? error : undefined;
    throw new AppError('REMOTE_REFUSED', 'The token endpoint refused this client', {
      facts: { interaction: 'token', status: answer.status, issueCode },
    });
  }
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
    throw new AppError('REMOTE_INVALID', 'The token endpoint gave no access_token', { retryable: false, facts: { interaction: 'token' } });
  }
  const seconds = Number(lifetime);
  return { value, seconds: Number.isFinite(seconds) && seconds > 0 ? seconds : 300 };
}

async function discover(options: BackendServices): Promise<string> {
  const url = `${trimBase(options.base)}/.well-known/smart-configuration`;
  options.outbound.checkUrl(url);
  const { status, body } = await fetchJson(options, url);
  const endpoint = (body as { token_endpoint?: unknown }).token_endpoint;
  if (status >= 300 || typeof endpoint !== 'string') {
    throw new AppError('REMOTE_INVALID', 'The EHR names no token_endpoint under .well-known/smart-configuration', {
      retryable: false,
      facts: { status },
    });
  }
  return endpoint;
}

async function assertion(options: BackendServices, audience: string): Promise<string> {
  const { key, algorithm, keyId } = await parsePrivateKey(await readKeyText(options.keyFile), options.keyId);
  const kid = options.keyId ?? keyId;
  const now = Math.floor(options.clock.now().getTime() / 1_000);
  return new SignJWT({})
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', ...(kid ? { kid } : {}) })
    .setIssuer(options.clientId)
    .setSubject(options.clientId)
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

async function fetchJson(options: BackendServices, url: string, form?: URLSearchParams): Promise<{ status: number; body: unknown }> {
  const origin = new URL(url).origin;
  try {
    const { statusCode, headers, body } = await request(url, {
      dispatcher: options.outbound.dispatcher,
      method: form ? 'POST' : 'GET',
      headers: { accept: 'application/json', ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}) },
      ...(form ? { body: form.toString() } : {}),
    });
    const text = await body.text();
    if (statusCode >= 500 || [408, 425, 429].includes(statusCode)) {
      const asked = retryAfterMs([headers['retry-after']].flat()[0] ?? null, options.clock.now());
      throw new AppError('REMOTE_UNAVAILABLE', 'The token endpoint asks to come back later', {
        facts: { status: statusCode, retryAfterMs: asked },
      });
    }
    return { status: statusCode, body: parse(text, statusCode) };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw networkError(error, origin);
  }
}

/** A refusal may come as anything; only a good answer has to be JSON. */
function parse(text: string, status: number): object {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    if (status >= 300) return {};
    throw new AppError('REMOTE_INVALID', 'The authorization server did not answer with JSON', { retryable: false });
  }
}
