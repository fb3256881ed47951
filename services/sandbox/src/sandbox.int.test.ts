import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from './sandbox.ts';

const open: Sandbox[] = [];
async function start(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({
    port: 0,
    host: '127.0.0.1',
    ehrs: [{ name: 'e' }],
    partners: [],
    ...options,
  });
  open.push(sandbox);
  return sandbox;
}
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

type Body = {
  id?: string;
  status?: string;
  total?: number;
  meta?: { versionId: string; lastUpdated: string };
  issue?: { code: string }[];
  link?: { relation: string; url: string }[];
  entry?: { resource: Body }[];
};

async function call(
  url: string,
  method = 'GET',
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const response = await fetch(url, {
    method,
    headers: { ...(body ? { 'content-type': 'application/fhir+json' } : {}), ...headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: (text.startsWith('{') ? JSON.parse(text) : {}) as Body,
  };
}

const faults = (sandbox: Sandbox, list: unknown[]) =>
  call(
    `${sandbox.address}/admin/ehr/e/faults`,
    'PUT',
    { faults: list },
    { 'content-type': 'application/json' },
  );
const observation = (value: string) => ({
  resourceType: 'Observation',
  status: 'final',
  identifier: [{ system: 'urn:x', value }],
  subject: { reference: 'Patient/p' },
});

describe('the fake EHR', () => {
  it('creates once under If-None-Exist, and updates only the version that was meant', async () => {
    const base = (await start()).ehrBase('e');
    const condition = { 'if-none-exist': 'identifier=urn:x|1' };
    const first = await call(`${base}/Observation`, 'POST', observation('1'), condition);
    const second = await call(`${base}/Observation`, 'POST', observation('1'), condition);
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body.id).toBe(first.body.id);
    const url = `${base}/Observation/${first.body.id}`;
    expect(
      (
        await call(
          url,
          'PUT',
          { ...observation('1'), id: first.body.id, status: 'amended' },
          { 'if-match': 'W/"1"' },
        )
      ).status,
    ).toBe(200);
    expect(
      (await call(url, 'PUT', { ...observation('1'), id: first.body.id }, { 'if-match': 'W/"1"' }))
        .status,
    ).toBe(412);
    expect((await call(url)).headers.get('etag')).toBe('W/"2"');
    expect((await call(`${base}/Observation/absent`)).status).toBe(404);
    expect((await call(`${base}/Observation`, 'POST', { resourceType: 'Patient' })).status).toBe(
      400,
    );
  });

  it('pages through a window in the order of _lastUpdated, and says which parameters it applied', async () => {
    const sandbox = await start();
    await sandbox.load(
      'e',
      Array.from({ length: 25 }, (_, index) => ({
        ...observation(String(index)),
        id: `o${index}`,
      })),
    );
    const seen: (string | undefined)[] = [];
    let url: string | undefined =
      `${sandbox.ehrBase('e')}/Observation?_lastUpdated=ge2020-01-01T00:00:00Z&_count=10&made-up=1`;
    const links: string[] = [];
    while (url) {
      const { body } = await call(url);
      links.push(body.link?.find((one) => one.relation === 'self')?.url ?? '');
      seen.push(...(body.entry ?? []).map((one) => one.resource.id));
      url = body.link?.find((one) => one.relation === 'next')?.url;
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => `o${index}`));
    expect(links).toHaveLength(3);
    expect(links[0]).not.toContain('made-up');
    expect(
      (await call(`${sandbox.ehrBase('e')}/Observation?_lastUpdated=lt2020-01-01T00:00:00Z`)).body
        .total,
    ).toBe(0);
    expect(
      (await call(`${sandbox.ehrBase('e')}/Observation?patient=p&identifier=urn:x|3`)).body.total,
    ).toBe(1);
    expect((await call(`${sandbox.ehrBase('e')}/Observation?patient=q`)).body.total).toBe(0);
  });

  it('keeps what it was given over a restart, and versions of the same content', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'loopwell-sandbox-'));
    const load = async (status: string) =>
      (await start({ dir })).load('e', [{ ...observation('1'), id: 'o', status } as never]);
    expect(await load('final')).toEqual({ read: 1, changed: 1 });
    await open.pop()?.close();
    expect(await load('final')).toEqual({ read: 1, changed: 0 });
    await open.pop()?.close();
    expect(await load('amended')).toEqual({ read: 1, changed: 1 });
    expect((await call(`${open[0]?.ehrBase('e')}/Observation/o`)).body.meta?.versionId).toBe('2');
  });

  it('stumbles on demand, as often as it is told and no more', async () => {
    const sandbox = await start();
    const url = `${sandbox.ehrBase('e')}/Patient`;
    await faults(sandbox, [
      {
        path: '/Patient',
        effect: 'status',
        status: 429,
        retryAfter: '3',
        issueCode: 'throttled',
        times: 1,
      },
    ]);
    const refused = await call(url);
    expect([
      refused.status,
      refused.headers.get('retry-after'),
      refused.body.issue?.[0]?.code,
    ]).toEqual([429, '3', 'throttled']);
    expect((await call(url)).status).toBe(200);
    await faults(sandbox, [{ path: '/Patient', after: 1, effect: 'html' }]);
    expect((await call(url)).body.total).toBe(0);
    expect((await call(url)).text).toContain('<html>');
    await faults(sandbox, [{ effect: 'truncated' }]);
    expect((await fetch(url).then((one) => one.text())).endsWith('}')).toBe(false);
    await faults(sandbox, [{ effect: 'repeat-next' }]);
    const { body } = await call(url);
    expect(body.link?.find((one) => one.relation === 'next')?.url).toBe(
      body.link?.find((one) => one.relation === 'self')?.url,
    );
    await faults(sandbox, [{ method: 'POST', effect: 'store-then-cut' }]);
    await expect(
      call(`${sandbox.ehrBase('e')}/Observation`, 'POST', observation('9')),
    ).rejects.toThrow();
    await faults(sandbox, []);
    expect((await call(`${sandbox.ehrBase('e')}/Observation?identifier=urn:x|9`)).body.total).toBe(
      1,
    );
  });
});

describe('SMART Backend Services of the fake EHR', () => {
  it('gives a bearer for an assertion of the registered key, once, and lets nobody in without', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES384', { extractable: true });
    const other = await generateKeyPair('ES384');
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES384' }] };
    const base = (
      await start({ ehrs: [{ name: 'e', smart: { clientId: 'us', jwks, tokenSeconds: 60 } }] })
    ).ehrBase('e');
    const { token_endpoint: endpoint } = JSON.parse(
      (await call(`${base}/.well-known/smart-configuration`)).text,
    ) as {
      token_endpoint: string;
    };
    const assertion = (key: CryptoKey, jti: string) =>
      new SignJWT({})
        .setProtectedHeader({ alg: 'ES384', kid: 'k' })
        .setIssuer('us')
        .setSubject('us')
        .setAudience(endpoint)
        .setJti(jti)
        .setIssuedAt()
        .setExpirationTime('2m')
        .sign(key);
    const ask = async (client_assertion: string) => {
      const form = {
        grant_type: 'client_credentials',
        scope: 'system/*.rs',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion,
      };
      const response = await fetch(endpoint, { method: 'POST', body: new URLSearchParams(form) });
      return {
        status: response.status,
        body: (await response.json()) as { access_token?: string },
      };
    };
    const good = await assertion(privateKey, 'one');
    const { status, body } = await ask(good);
    expect(status).toBe(200);
    expect((await ask(good)).status).toBe(400);
    expect((await ask(await assertion(other.privateKey, 'two'))).status).toBe(400);
    expect((await call(`${base}/Patient`)).status).toBe(401);
    expect(
      (
        await call(`${base}/Patient`, 'GET', undefined, {
          authorization: `Bearer ${body.access_token}`,
        })
      ).status,
    ).toBe(200);
  });
});

describe('fake partners', () => {
  const task = (source: string) => ({
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    focus: { reference: `${source}/ServiceRequest/s` },
    for: { reference: `${source}/Patient/p` },
  });

  it.each([
    ['finish', 'completed'],
    ['leap', 'completed'],
    ['decline', 'rejected'],
    ['fail', 'failed'],
    ['accept-only', 'accepted'],
  ] as const)('that %s end with %s', async (behavior, end) => {
    const sandbox = await start({ partners: [{ name: 'p', behavior, stepMs: 20 }] });
    await sandbox.load('e', [{ resourceType: 'ServiceRequest', id: 's' }]);
    const { body } = await call(
      `${sandbox.partnerBase('p')}/Task`,
      'POST',
      task(sandbox.ehrBase('e')),
    );
    await vi.waitFor(
      async () =>
        expect((await call(`${sandbox.partnerBase('p')}/Task/${body.id}`)).body.status).toBe(end),
      {
        timeout: 60_000,
      },
    );
  });

  it('that cannot read what is asked do not accept, and silent ones never answer, however many Tasks they hold', async () => {
    const sandbox = await start({
      partners: [
        { name: 'p', behavior: 'finish', stepMs: 20 },
        { name: 'silent', behavior: 'silent', stepMs: 20 },
      ],
    });
    await call(`${sandbox.partnerBase('p')}/Task`, 'POST', task(sandbox.ehrBase('e')));
    await call(`${sandbox.partnerBase('silent')}/Task`, 'POST', task(sandbox.ehrBase('e')));
    const counts = async () =>
      JSON.parse((await call(`${sandbox.address}/admin/partners/p/counts`)).text) as {
        reads: { refused: number };
      };
    await vi.waitFor(async () => expect((await counts()).reads.refused).toBeGreaterThan(2), {
      timeout: 60_000,
    });
    for (const name of ['p', 'silent'])
      expect(
        (await call(`${sandbox.partnerBase(name)}/Task`)).body.entry?.[0]?.resource.status,
      ).toBe('requested');
  });

  it('take many Tasks at a time', async () => {
    const sandbox = await start({
      partners: [{ name: 'p', behavior: 'accept-only', stepMs: 60_000 }],
    });
    await sandbox.load('e', [{ resourceType: 'ServiceRequest', id: 's' }]);
    await Promise.all(
      Array.from({ length: 40 }, () =>
        call(`${sandbox.partnerBase('p')}/Task`, 'POST', task(sandbox.ehrBase('e'))),
      ),
    );
    await vi.waitFor(
      async () =>
        expect((await call(`${sandbox.partnerBase('p')}/Task?status=accepted`)).body.total).toBe(
          40,
        ),
      {
        timeout: 60_000,
      },
    );
  });
});
