import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@loopwell/kit';
import { createOutbound } from '@loopwell/outbound';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { parsePrivateKey } from './signing-key.ts';
import { backendServices, bearerFromFile } from './smart-backend.ts';

const folder = mkdtempSync(join(tmpdir(), 'loopwell-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const ec = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const jwkOf = (pair: { privateKey: KeyObject }, kid: string) => ({
  ...pair.privateKey.export({ format: 'jwk' }),
  kid,
});

/** An authorization server that keeps what it was sent. */
async function endpoint(
  reply: (count: number) => { status?: number; body?: unknown; headers?: Record<string, string> },
  configuration: object = {},
) {
  const forms: URLSearchParams[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      if (request.method === 'GET')
        return void response.end(
          JSON.stringify({ token_endpoint: `${origin}/token`, ...configuration }),
        );
      forms.push(new URLSearchParams(text));
      const { status, body, headers } = reply(forms.length);
      response
        .writeHead(status ?? 200, headers)
        .end(
          typeof body === 'string'
            ? body
            : JSON.stringify(body ?? { access_token: `token-${forms.length}`, expires_in: 300 }),
        );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const outbound = createOutbound({ allowedPrivateOrigins: [origin] });
  opened.push(
    async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    () => outbound.close(),
  );
  return { origin, outbound, forms };
}

type Given = { keyFile: string; keyId?: string; tokenUrl?: string; now?: () => Date };
const client = (
  { origin, outbound }: { origin: string; outbound: ReturnType<typeof createOutbound> },
  given: Given,
) =>
  backendServices({
    base: `${origin}/fhir`,
    clientId: 'loopwell',
    scopes: 'system/*.rs',
    outbound,
    clock: given.now ? { now: given.now } : systemClock,
    ...given,
  });

describe('SMART Backend Services', () => {
  it.each([
    ['ES384', 'PKCS#8', ec.privateKey.export({ type: 'pkcs8', format: 'pem' }), ec],
    ['ES384', 'SEC1', ec.privateKey.export({ type: 'sec1', format: 'pem' }), ec],
    ['ES384', 'JWK', JSON.stringify(jwkOf(ec, 'of-the-key')), ec],
    [
      'ES384',
      'JWK set',
      JSON.stringify({
        keys: [{ ...ec.publicKey.export({ format: 'jwk' }) }, jwkOf(ec, 'of-the-key')],
      }),
      ec,
    ],
    ['RS384', 'PKCS#8', rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }), rsa],
    ['RS384', 'PKCS#1', rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }), rsa],
    ['RS384', 'JWK', JSON.stringify(jwkOf(rsa, 'of-the-key')), rsa],
  ])('signs %s with a key as %s', async (algorithm, form, text, pair) => {
    const server = await endpoint(() => ({}));
    const named = form.startsWith('JWK') ? {} : { keyId: 'named' };
    expect(await client(server, { keyFile: file('key', String(text)), ...named }).bearer()).toBe(
      'token-1',
    );
    const assertion = server.forms[0]?.get('client_assertion') ?? '';
    const { payload } = await jwtVerify(assertion, pair.publicKey, {
      audience: `${server.origin}/token`,
      issuer: 'loopwell',
      subject: 'loopwell',
    });
    expect(decodeProtectedHeader(assertion)).toMatchObject({
      alg: algorithm,
      kid: form.startsWith('JWK') ? 'of-the-key' : 'named',
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(300);
    expect(Object.fromEntries(server.forms[0] ?? [])).toMatchObject({
      grant_type: 'client_credentials',
      scope: 'system/*.rs',
    });
  });

  it('takes the key id and the token endpoint that were named before those that were found', async () => {
    const server = await endpoint(() => ({}));
    const tokenUrl = `${server.origin}/named`;
    await client(server, {
      keyFile: file('key', JSON.stringify(jwkOf(ec, 'found'))),
      keyId: 'named',
      tokenUrl,
    }).bearer();
    const assertion = server.forms[0]?.get('client_assertion') ?? '';
    expect(decodeProtectedHeader(assertion).kid).toBe('named');
    await jwtVerify(assertion, ec.publicKey, { audience: tokenUrl });
  });

  it('keeps a token until shortly before its end, then asks for the next', async () => {
    let now = Date.now();
    const server = await endpoint(() => ({}));
    const credentials = client(server, {
      keyFile: file('key', JSON.stringify(jwkOf(ec, 'k'))),
      now: () => new Date(now),
    });
    expect([await credentials.bearer(), await credentials.bearer()]).toEqual([
      'token-1',
      'token-1',
    ]);
    now += 280_000;
    expect(await credentials.bearer()).toBe('token-2');
  });

  it('renews once for all whose token was refused, and signs a new assertion for each renewal', async () => {
    const server = await endpoint(() => ({}));
    const credentials = client(server, { keyFile: file('key', JSON.stringify(jwkOf(ec, 'k'))) });
    const refused = await credentials.bearer();
    const renewed = await Promise.all([1, 2, 3, 4].map(() => credentials.renew(refused)));
    expect(renewed).toEqual(['token-2', 'token-2', 'token-2', 'token-2']);
    // One more that was refused with the old token, and comes late.
    expect(await credentials.renew(refused)).toBe('token-2');
    expect(new Set(server.forms.map((one) => one.get('client_assertion'))).size).toBe(2);
  });

  it('says in one sentence that a client was refused, and repeats nothing that it was sent', async () => {
    const server = await endpoint(() => ({
      status: 400,
      body: { error: 'invalid_client', error_description: 'eyJhbGciOi.secret' },
    }));
    const error = await client(server, { keyFile: file('key', JSON.stringify(jwkOf(ec, 'k'))) })
      .bearer()
      .catch((thrown) => thrown);
    expect(error).toMatchObject({
      code: 'REMOTE_REFUSED',
      message: expect.stringMatching(
        /^The token endpoint refused this client, most likely because/,
      ),
      facts: { status: 400, issueCode: 'invalid_client', interaction: 'token' },
    });
    expect(JSON.stringify(error.facts)).not.toContain('eyJ');
  });

  it.each([
    [
      'an error that repeats the assertion',
      { status: 401, body: { error: 'eyJhbGciOi.eyJzdWIi.secret' } },
      'REMOTE_REFUSED',
    ],
    ['HTML with 403', { status: 403, body: '<html>' }, 'REMOTE_REFUSED'],
    ['HTML with 200', { body: '<html>' }, 'REMOTE_INVALID'],
    ['no token', { body: {} }, 'REMOTE_INVALID'],
    ['null', { body: 'null' }, 'REMOTE_INVALID'],
    [
      'a token that would split a header',
      { body: { access_token: 'a\r\nx: y' } },
      'REMOTE_INVALID',
    ],
    ['503', { status: 503 }, 'REMOTE_UNAVAILABLE'],
    [
      'a redirect',
      { status: 302, headers: { location: 'http://169.254.169.254/' } },
      'REMOTE_REFUSED',
    ],
  ])('answers %s with a clear error', async (_what, reply, code) => {
    const server = await endpoint(() => reply);
    const error = await client(server, { keyFile: file('key', JSON.stringify(jwkOf(ec, 'k'))) })
      .bearer()
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ code });
    expect(JSON.stringify([error.message, error.facts])).not.toMatch(/eyJ|secret/);
  });

  const invalid = (description: unknown = null) => ({
    status: 400,
    body: { error: 'invalid_client', error_description: description },
  });
  const minutes = (count: number) => ({
    date: new Date(Date.now() + count * 60_000).toUTCString(),
  });
  it.each([
    ['a clock that differs', { ...invalid(), headers: minutes(6) }, {}, 'clock', 'set the clock'],
    [
      'a clock that is behind',
      { ...invalid(), headers: minutes(-6) },
      {},
      'clock',
      'set the clock',
    ],
    [
      'an assertion that is not valid yet',
      invalid('JWT is not yet valid'),
      {},
      'clock',
      'set the clock',
    ],
    ['a key that it does not know', invalid('Public key not found: k1'), {}, 'key', '--ehr-kid'],
    ['a JWK Set that it cannot reach', invalid('Unable to load JWKS'), {}, 'key', 'JWK Set URL'],
    ['a signature', invalid('Invalid JWT signature'), {}, 'key', 'register the public key'],
    ['nothing', invalid(), {}, 'client', 'compare it with the registration'],
    [
      'an algorithm that it does not list',
      invalid(),
      { token_endpoint_auth_signing_alg_values_supported: ['RS384'] },
      'algorithm',
      'RSA',
    ],
    ['the audience', invalid('Invalid audience'), {}, 'audience', '--ehr-token-url'],
    ['scopes', { status: 400, body: { error: 'invalid_scope' } }, {}, 'scope', '--ehr-scopes'],
    [
      'the grant',
      { status: 400, body: { error: 'unauthorized_client' } },
      {},
      'grant',
      'client_credentials',
    ],
    ['a page for people', { status: 403, body: '<html>' }, {}, 'gateway', 'not the key'],
  ])(
    'names the likeliest cause and the next step where it is refused for %s',
    async (_what, reply, configuration, likely, next) => {
      const server = await endpoint(() => reply, configuration);
      const error = await client(server, { keyFile: file('key', JSON.stringify(jwkOf(ec, 'k1'))) })
        .bearer()
        .catch((thrown) => thrown);
      expect(error).toMatchObject({ code: 'REMOTE_REFUSED', facts: { likely, keyId: 'k1' } });
      expect(error.message).toContain(next);
    },
  );

  it('shows the words of a refusal with our key id in them, and how far the clocks are apart', async () => {
    const server = await endpoint(() => ({
      ...invalid('Public key not found: k1'),
      headers: minutes(6),
    }));
    const error = await client(server, { keyFile: file('key', JSON.stringify(jwkOf(ec, 'k1'))) })
      .bearer()
      .catch((thrown) => thrown);
    expect(error.facts).toMatchObject({ says: 'Public key not found: k1' });
    expect(Math.round(error.facts.clockAheadSeconds / 60)).toBe(-6);
  });

  it('blames a gateway that fails, and asks again later', async () => {
    const server = await endpoint(() => ({
      status: 502,
      body: '<html><title>502 Bad Gateway</title></html>',
    }));
    const credentials = client(server, { keyFile: file('key', JSON.stringify(jwkOf(ec, 'k1'))) });
    await expect(credentials.bearer()).rejects.toMatchObject({
      retryable: true,
      message: expect.stringContaining('not your key'),
    });
  });

  it('waits as long as a token endpoint asks in words', async () => {
    const server = await endpoint(() => ({
      status: 429,
      body: { error: 'slow_down', error_description: 'Try in another 844 seconds' },
    }));
    const credentials = client(server, { keyFile: file('key', JSON.stringify(jwkOf(ec, 'k1'))) });
    await expect(credentials.bearer()).rejects.toMatchObject({
      facts: { lockedOut: true, retryAfterMs: 844_000 },
    });
  });

  it('sends nothing for a key that has no id', async () => {
    const server = await endpoint(() => ({}));
    const pem = String(rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await expect(client(server, { keyFile: file('key', pem) }).bearer()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
    expect(server.forms).toHaveLength(0);
  });

  it('tells what was granted, where that is said', async () => {
    const server = await endpoint((count) => ({
      body: {
        access_token: 't',
        expires_in: 1,
        ...(count > 1 ? { scope: 'system/Patient.read' } : {}),
      },
    }));
    const credentials = client(server, { keyFile: file('key', JSON.stringify(jwkOf(ec, 'k1'))) });
    await credentials.bearer();
    expect(credentials.granted?.()).toBeUndefined();
    await credentials.renew('t');
    expect(credentials.granted?.()).toBe('system/Patient.read');
  });

  it('does not go to a token endpoint on an address that nobody named', async () => {
    const server = await endpoint(() => ({}));
    const other = await endpoint(() => ({}));
    const credentials = client(server, {
      keyFile: file('key', JSON.stringify(jwkOf(ec, 'k'))),
      tokenUrl: `${other.origin}/token`,
    });
    await expect(credentials.bearer()).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
    expect(other.forms).toHaveLength(0);
  });

  it.each([
    ['nothing', ''],
    ['no key', 'hello'],
    ['broken JSON', '{"kty":"EC",'],
    ['a public key', JSON.stringify(ec.publicKey.export({ format: 'jwk' }))],
    [
      'a key of P-256',
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
        type: 'pkcs8',
        format: 'pem',
      }),
    ],
    [
      'an Ed25519 key',
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
    ],
    [
      'a locked key',
      rsa.privateKey.export({
        type: 'pkcs8',
        format: 'pem',
        cipher: 'aes-256-cbc',
        passphrase: 'x',
      }),
    ],
    [
      'two keys of which none is named',
      JSON.stringify({ keys: [jwkOf(ec, 'a'), jwkOf(rsa, 'b')] }),
    ],
  ])('refuses a key file with %s', async (_what, text) => {
    const error = await parsePrivateKey(String(text)).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('picks the key of a set that is named', async () => {
    const set = JSON.stringify({ keys: [jwkOf(ec, 'a'), jwkOf(rsa, 'b')] });
    expect((await parsePrivateKey(set, 'b')).algorithm).toBe('RS384');
  });
});

describe('a bearer from a file', () => {
  it('is read again each time, so that it may be exchanged from outside', async () => {
    const path = file('bearer', 'one\n');
    const credentials = bearerFromFile(path);
    expect(await credentials.bearer()).toBe('one');
    writeFileSync(path, 'Bearer two\n');
    expect(await credentials.renew()).toBe('two');
  });

  it.each(['', '  \n', 'two words', 'line\nbreak', 'snow☃'])(
    'is refused when the file holds %j',
    async (text) => {
      await expect(bearerFromFile(file('bearer', text)).bearer()).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
      });
    },
  );
});
