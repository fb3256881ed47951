import { readFile } from 'node:fs/promises';
import { AppError, type Clock, newId } from '@loopwell/kit';
import { importJWK, importPKCS8, type JWK, SignJWT } from 'jose';
import { request } from 'undici';
import { trimBase } from '../references.ts';
import type { Credentials } from './fhir-client.ts';
import { networkError, type Outbound } from './outbound.ts';

export type BackendServices = {
  base: string;
  clientId: string;
  /** PEM (PKCS#8) or JWK file with the private key. */
  keyFile: string;
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
  const renew = () => {
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
    if (text === undefined || text.trim() === '') throw new AppError('CONFIG_INVALID', 'The token file cannot be read or is empty');
    return text.trim();
  };
  return { bearer: read, renew: read };
}

export const staticBearer = (value: string): Credentials => ({ bearer: async () => value, renew: async () => value });

async function requestToken(options: BackendServices): Promise<{ value: string; seconds: number }> {
  const url = options.outbound.checkUrl(options.tokenUrl ?? (await discover(options))).href;
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    scope: options.scopes,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await assertion(options, url),
  });
  const answer = await fetchJson(options, url, form);
  const { access_token: value, expires_in: seconds } = answer.body as { access_token?: unknown; expires_in?: unknown };
  if (answer.status >= 400) {
    const issueCode = (answer.body as { error?: unknown }).error;
    throw new AppError('REMOTE_REFUSED', 'The token endpoint refused this client', {
      facts: { status: answer.status, issueCode: typeof issueCode === 'string' ? issueCode.slice(0, 40) : undefined },
    });
  }
  if (typeof value !== 'string' || value === '') throw new AppError('REMOTE_INVALID', 'The token endpoint gave no access_token', { retryable: false });
  return { value, seconds: typeof seconds === 'number' ? seconds : 300 };
}

async function discover(options: BackendServices): Promise<string> {
  const url = `${trimBase(options.base)}/.well-known/smart-configuration`;
  options.outbound.checkUrl(url);
  const { body } = await fetchJson(options, url);
  const endpoint = (body as { token_endpoint?: unknown }).token_endpoint;
  if (typeof endpoint !== 'string') {
    throw new AppError('REMOTE_INVALID', 'The EHR names no token_endpoint under .well-known/smart-configuration', { retryable: false });
  }
  return endpoint;
}

async function assertion(options: BackendServices, audience: string): Promise<string> {
  const { key, algorithm, keyId } = await readKey(options.keyFile);
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

async function readKey(file: string) {
  const text = await readFile(file, 'utf8').catch(() => '');
  try {
    if (text.trim().startsWith('{')) {
      const jwk = JSON.parse(text) as JWK;
      const algorithm = jwk.kty === 'RSA' ? 'RS384' : 'ES384';
      return { key: await importJWK(jwk, algorithm), algorithm, keyId: jwk.kid };
    }
    const algorithm = await importPKCS8(text, 'ES384').then(
      () => 'ES384',
      () => 'RS384',
    );
    return { key: await importPKCS8(text, algorithm), algorithm, keyId: undefined };
  } catch {
    throw new AppError('CONFIG_INVALID', 'The key file holds no usable private key (PKCS#8 PEM or JWK; P-384 or RSA)');
  }
}

async function fetchJson(options: BackendServices, url: string, form?: URLSearchParams): Promise<{ status: number; body: unknown }> {
  const origin = new URL(url).origin;
  try {
    const { statusCode, body } = await request(url, {
      dispatcher: options.outbound.dispatcher,
      method: form ? 'POST' : 'GET',
      headers: { accept: 'application/json', ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}) },
      ...(form ? { body: form.toString() } : {}),
    });
    const text = await body.text();
    if (statusCode >= 500 || statusCode === 429) throw new AppError('REMOTE_UNAVAILABLE', 'The token endpoint asks to come back later', { facts: { status: statusCode } });
    return { status: statusCode, body: parse(text) };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw networkError(error, origin);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    throw new AppError('REMOTE_INVALID', 'The authorization server did not answer with JSON', { retryable: false });
  }
}
