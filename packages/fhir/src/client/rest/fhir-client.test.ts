import { createServer, type IncomingMessage } from 'node:http';
import { errorRecord } from '@loopwell/kit';
import { createOutbound } from '@loopwell/outbound';
import { afterEach, describe, expect, it } from 'vitest';
import { retryAfterMs } from '../refusals/lockout.ts';
import { createFhirClient, type FhirClientOptions } from './fhir-client.ts';

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

type Reply = { status?: number; headers?: Record<string, string>; body?: unknown; cut?: boolean };

/** A server that gives one reply after the other, the last one for ever. */
async function clientOf(
  replies: Reply[] | ((request: IncomingMessage) => Reply),
  options: Partial<FhirClientOptions> = {},
) {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    const reply =
      typeof replies === 'function'
        ? replies(request)
        : (replies[Math.min(asked.length, replies.length) - 1] ?? {});
    if (reply.cut) return void request.socket.destroy();
    const body = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? {});
    response
      .writeHead(reply.status ?? 200, { 'content-type': 'application/fhir+json', ...reply.headers })
      .end(body);
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
  const base = `${origin}/fhir`;
  const client = createFhirClient({
    base,
    outbound,
    limits: { attempts: 3, baseMs: 1, maxMs: 50, lockMs: [2] },
    ...options,
  });
  return { client, asked, base, origin };
}

const found = {
  body: {
    resourceType: 'Bundle',
    type: 'searchset',
    entry: [{ resource: { resourceType: 'Patient', id: 'a' } }],
  },
};
const patient = { resourceType: 'Patient', id: 'a', meta: { versionId: '3' } } as const;

describe('reading from a server that stumbles', () => {
  it.each([
    ['503', [{ status: 503 }, found]],
    ['429 without Retry-After', [{ status: 429 }, found]],
    ['429 with Retry-After 0', [{ status: 429, headers: { 'retry-after': '0' } }, found]],
    ['HTML', [{ body: '<html>Please sign in</html>' }, found]],
    ['JSON that ends in the middle', [{ body: '{"resourceType":"Bundle","entry":[{' }, found]],
    ['a broken connection', [{ cut: true }, found]],
    [
      'an outcome in place of results',
      [{ body: { resourceType: 'OperationOutcome', issue: [] } }, found],
    ],
    ['null', [{ body: 'null' }, found]],
    ['a number', [{ body: '7' }, found]],
  ] satisfies [string, Reply[]][])('asks again after %s', async (_what, replies) => {
    const { client, asked } = await clientOf(replies);
    // What is no search result at all is read from a page that came through; asking again is for
    // the caller there.
    const again = async () =>
      client
        .search('Patient', {})
        .catch((error) =>
          errorRecord(error).retryable ? client.search('Patient', {}) : Promise.reject(error),
        );
    expect((await again()).resources).toHaveLength(1);
    expect(asked).toHaveLength(2);
  });

  it('gives up after some tries, and says with what', async () => {
    const { client, asked } = await clientOf([
      { status: 500, body: { resourceType: 'OperationOutcome', issue: [{ code: 'exception' }] } },
    ]);
    await expect(client.search('Patient', {})).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
      retryable: true,
      facts: { status: 500, issueCode: 'exception', interaction: 'search' },
    });
    expect(asked).toHaveLength(3);
  });

  it('leaves a long Retry-After to the ledger rather than coming too early', async () => {
    const { client, asked } = await clientOf([
      { status: 429, headers: { 'retry-after': '120' } },
      found,
    ]);
    await expect(client.search('Patient', {})).rejects.toMatchObject({
      facts: { retryAfterMs: 120_000 },
    });
    expect(asked).toHaveLength(1);
  });

  it('reads the time to wait in words, tells when it ends, and asks nothing before', async () => {
    const told: (Date | undefined)[] = [];
    const outcome = {
      resourceType: 'OperationOutcome',
      issue: [
        { code: 'exception', diagnostics: 'Rate Limit Exceeded, Try in another 844 seconds' },
      ],
    };
    const { client, asked } = await clientOf([{ status: 429, body: outcome }, found], {
      onWait: (until) => told.push(until),
    });
    const until = expect.stringMatching(/^20/);
    await expect(client.search('Patient', {})).rejects.toMatchObject({
      facts: {
        lockedOut: true,
        retryAfterMs: expect.any(Number),
        until,
        says: 'Rate Limit Exceeded, Try in another 844 seconds',
      },
    });
    for (let n = 0; n < 5; n += 1)
      await expect(client.read('Patient', 'a')).rejects.toMatchObject({
        facts: { neverSent: true, until },
      });
    expect(asked).toHaveLength(1);
    expect(Math.round(((told[0]?.getTime() ?? 0) - Date.now()) / 1_000)).toBe(844);
  });

  it.each([
    [
      'a plain text',
      {
        status: 429,
        headers: { 'content-type': 'text/plain' },
        body: 'System Rate Limit Exceeded',
      },
    ],
    [
      'HTML',
      {
        status: 429,
        headers: { 'content-type': 'text/html' },
        body: '<html>Too many requests</html>',
      },
    ],
    [
      'a refusal',
      {
        status: 403,
        body: {
          resourceType: 'OperationOutcome',
          issue: [{ code: 'forbidden', diagnostics: 'Rate limit exceeded' }],
        },
      },
    ],
    [
      'results',
      {
        body: {
          resourceType: 'Bundle',
          type: 'searchset',
          entry: [
            {
              resource: {
                resourceType: 'OperationOutcome',
                issue: [{ severity: 'error', code: 'throttled' }],
              },
            },
          ],
        },
      },
    ],
  ] satisfies [string, Reply][])(
    'takes a lock-out for one also where it comes as %s',
    async (_what, reply) => {
      const told: (Date | undefined)[] = [];
      const { client, asked } = await clientOf([reply, found], {
        onWait: (until) => told.push(until),
      });
      expect((await client.search('Patient', {})).resources).toHaveLength(1);
      expect([asked.length, told.length, told[1]]).toEqual([2, 2, undefined]);
    },
  );

  it.each([
    [
      '500 that names an element',
      500,
      { severity: 'fatal', code: 'required', location: ['/f:Encounter/f:status'] },
      'Encounter.status',
    ],
    [
      '500 in words',
      500,
      {
        severity: 'error',
        code: 'exception',
        diagnostics: "Missing required element 'Encounter.status'",
      },
      'Encounter.status',
    ],
    ['200 with an error for an entry', 200, { severity: 'error', code: 'structure' }, undefined],
  ])(
    'knows a record that the server cannot show (%s), and does not ask for it again',
    async (_what, status, issue, element) => {
      const outcome = { resourceType: 'OperationOutcome', issue: [issue] };
      const body =
        status === 200
          ? { resourceType: 'Bundle', type: 'searchset', entry: [{ resource: outcome }] }
          : outcome;
      const { client, asked } = await clientOf([{ status, body }]);
      await expect(client.search('Encounter', {})).rejects.toMatchObject({
        code: 'REMOTE_INVALID',
        retryable: false,
        facts: { badRecord: true, element },
      });
      expect(asked).toHaveLength(1);
    },
  );

  it('says what to do where nobody is let in', async () => {
    const { client } = await clientOf([{ status: 401 }]);
    await expect(client.search('Patient', {})).rejects.toMatchObject({
      message: expect.stringContaining('none are given: register a client'),
    });
    const wrong = { bearer: async () => 'b', renew: async () => 'b' };
    const { client: other } = await clientOf([{ status: 401 }], { credentials: wrong });
    await expect(other.search('Patient', {})).rejects.toMatchObject({
      message: expect.stringContaining('does not accept the bearer'),
    });
  });

  it('reads Retry-After as seconds and as an HTTP date, never as nonsense', () => {
    const now = new Date('2026-11-25T08:00:00Z');
    expect(retryAfterMs('30', now)).toBe(30_000);
    expect(retryAfterMs('Wed, 25 Nov 2026 08:02:00 GMT', now)).toBe(120_000);
    expect(retryAfterMs('Wed, 25 Nov 2026 07:00:00 GMT', now)).toBe(0);
    expect(retryAfterMs('999999999', now)).toBe(3_600_000);
    expect([retryAfterMs('soon', now), retryAfterMs('', now), retryAfterMs(null, now)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('says that nobody is there', async () => {
    const { client } = await clientOf([found]);
    await opened.shift()?.();
    await expect(client.search('Patient', {})).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
      facts: { code: 'ECONNREFUSED', neverSent: true },
    });
  });

  it('stops waiting for the next try when it is told to stop', async () => {
    const stop = new AbortController();
    const { client } = await clientOf([{ status: 503 }], {
      limits: { attempts: 100, baseMs: 60_000, maxMs: 60_000 },
      signal: stop.signal,
    });
    setTimeout(() => stop.abort(), 100);
    await expect(client.search('Patient', {})).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
    });
  });

  it.each([400, 403, 404, 422, 501])('takes %d for a refusal at once', async (status) => {
    const { client, asked } = await clientOf([{ status, body: '<html>' }]);
    await expect(client.search('Patient', {})).rejects.toMatchObject({
      code: 'REMOTE_REFUSED',
      retryable: false,
      facts: { status, interaction: 'search' },
    });
    expect(asked).toHaveLength(1);
  });

  it('takes a page that has expired for something to begin again, not for a refusal', async () => {
    const { client, base, asked } = await clientOf([{ status: 410 }]);
    const gone = { code: 'REMOTE_UNAVAILABLE', retryable: true, facts: { pageGone: true } };
    await expect(client.page(`${base}/Patient?page=2`)).rejects.toMatchObject(gone);
    // Once more, in case another node has it.
    expect(asked).toHaveLength(2);
  });

  it.each([
    ['https://inner.test/r4/Patient?page=2', '/fhir/Patient?page=2'],
    ['https://inner.test/r4?_getpages=a', '/fhir?_getpages=a'],
    ['https://inner.test:443/r4/Patient/p/Observation', '/fhir/Patient/p/Observation'],
  ])('asks its own base for a link under another name of it: %s', async (url, path) => {
    const { client, asked } = await clientOf([found], { aliases: ['https://inner.test/r4/'] });
    await client.page(url);
    expect(asked.map((one) => one.url)).toEqual([path]);
  });

  it.each([
    ['https://inner.test/r4evil/Patient', 'https://inner.test/r4evil'],
    ['https://inner.test/r4/../admin?token=x', 'https://inner.test/admin'],
    ['http://inner.test/r4/Patient?patient=p1', 'http://inner.test/r4'],
    ['https://other.test/fhir/Patient/p1/Observation', 'https://other.test/fhir'],
  ])('says to which base a link led that it does not follow, and no more: %s', async (url, led) => {
    const { client, asked } = await clientOf([found], { aliases: ['https://inner.test/r4'] });
    await expect(client.page(url)).rejects.toMatchObject({
      code: 'REMOTE_INVALID',
      facts: { led, elsewhere: true },
    });
    expect(asked).toHaveLength(0);
  });

  it.each([
    'http://169.254.169.254/latest',
    'http://127.0.0.1:1/fhir/Patient',
    'https://ehr.test/fhir/Patient',
  ])('does not follow a next link to %s', async (url) => {
    const { client, asked } = await clientOf([found]);
    await expect(client.page(url)).rejects.toMatchObject({
      code: 'REMOTE_INVALID',
      retryable: false,
    });
    expect(asked).toHaveLength(0);
  });

  it('does not follow a next link to another path of its own server', async () => {
    const { client, asked, base, origin } = await clientOf([found]);
    for (const url of [`${origin}/admin`, `${base}/../admin`, `${base}evil/Patient`])
      await expect(client.page(url)).rejects.toMatchObject({ code: 'REMOTE_INVALID' });
    expect(asked).toHaveLength(0);
  });

  it('reads the clock of a server, also of one without a capability statement', async () => {
    const date = 'Wed, 25 Nov 2026 08:00:00 GMT';
    const { client } = await clientOf([{ status: 404, headers: { date } }]);
    expect((await client.serverNow()).toISOString()).toBe('2026-11-25T08:00:00.000Z');
  });
});

describe('tokens', () => {
  it('renews a token that was refused in mid-page, once, for all who ask at the same time', async () => {
    let valid = 'first';
    let renewals = 0;
    const { client, base } = await clientOf(
      (request) => (request.headers.authorization === `Bearer ${valid}` ? found : { status: 401 }),
      {
        credentials: {
          bearer: async () => 'first',
          renew: async () => {
            renewals += 1;
            return valid;
          },
        },
      },
    );
    await client.search('Patient', {});
    valid = 'second';
    expect((await client.page(`${base}/Patient?page=2`)).resources).toHaveLength(1);
    expect(renewals).toBe(1);
  });

  it('ends with a refusal when the renewed token is refused too', async () => {
    const { client, asked } = await clientOf([{ status: 401 }], {
      credentials: { bearer: async () => 'x', renew: async () => 'x' },
    });
    await expect(client.search('Patient', {})).rejects.toMatchObject({
      code: 'REMOTE_REFUSED',
      facts: { status: 401 },
    });
    expect(asked).toHaveLength(2);
  });
});

describe('writing', () => {
  it.each([
    ['a broken connection', { cut: true }],
    ['503', { status: 200, body: '<html>' }],
  ] satisfies [string, Reply][])(
    'does not know the outcome after %s, and does not send twice',
    async (_what, reply) => {
      const { client, asked } = await clientOf([reply]);
      await expect(client.create(patient)).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
      await expect(client.update(patient)).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
      expect(asked).toHaveLength(2);
    },
  );

  it('knows that nothing was sent when there was no token to send it with', async () => {
    const { AppError } = await import('@loopwell/kit');
    const bearer = async () => {
      throw new AppError('REMOTE_UNAVAILABLE', 'The token endpoint asks to come back later');
    };
    const { client, asked } = await clientOf([{}], { credentials: { bearer, renew: bearer } });
    await expect(client.create(patient)).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
      facts: { neverSent: true, interaction: 'token' },
    });
    expect(asked).toHaveLength(0);
  });

  it('takes the version of the resource for its ETag, for some servers send a hash of their bytes', async () => {
    const { client } = await clientOf([{ headers: { etag: 'W/"1f-abc"' }, body: patient }]);
    expect((await client.read('Patient', 'a')).etag).toBe('W/"3"');
  });

  it('finds the id in the location, and says so when there is none', async () => {
    const { client } = await clientOf([
      { status: 201, headers: { location: 'Patient/b/_history/1' } },
      { status: 201 },
    ]);
    expect((await client.create(patient)).id).toBe('b');
    await expect(client.create(patient)).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  });
});
