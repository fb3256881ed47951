import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { systemClock } from '@loopwell/kit';
import { createOutbound, type OutboundOptions } from '@loopwell/outbound';
import { request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { backendServices } from '../sign-in/smart-backend.ts';
import { createFhirClient, type FhirClientOptions } from './fhir-client.ts';

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that does whatever a test wants with its answers, and a client that is in a hurry. */
async function talk(
  handle: Handle,
  options: Partial<OutboundOptions> = {},
  client: Partial<FhirClientOptions> = {},
) {
  const asked: IncomingMessage[] = [];
  const closed: Promise<void>[] = [];
  const server = createServer((incoming, response) => {
    asked.push(incoming);
    closed.push(new Promise((resolve) => incoming.socket.once('close', () => resolve())));
    handle(incoming, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const outbound = createOutbound({
    allowedPrivateOrigins: [origin],
    requestTimeoutMs: 400,
    pageTimeoutMs: 900,
    ...options,
  });
  opened.push(
    async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    () => outbound.close(),
  );
  const base = `${origin}/fhir`;
  const made = createFhirClient({
    base,
    outbound,
    limits: { attempts: 3, baseMs: 1, maxMs: 5 },
    ...client,
  });
  return { client: made, outbound, origin, base, asked, closed };
}

/** A byte now and then, for ever: each alone would keep an idle timer away. */
function drip(
  response: ServerResponse,
  first = '{"resourceType":"Bundle","entry":[',
  byte = ' ',
): void {
  response.write(first);
  const timer = setInterval(() => response.write(byte), 30);
  response.once('close', () => clearInterval(timer));
}

/** As `gzip file` writes it: the file's name stands in the header. */
const named = (packed: Buffer) =>
  Buffer.concat([
    packed.subarray(0, 3),
    Buffer.from([8]),
    packed.subarray(4, 10),
    Buffer.from('a.json\0'),
    packed.subarray(10),
  ]);
/** Its checksum is another. */
const spoiled = (packed: Buffer) =>
  Buffer.concat([packed.subarray(0, -8), Buffer.alloc(4), packed.subarray(-4)]);

const fhirJson = { 'content-type': 'application/fhir+json' };
const patient = { resourceType: 'Patient', id: 'a' } as const;
const text = JSON.stringify(patient);

describe('a server that never comes to an end', () => {
  const dripsBody: Handle = (_request, response) => drip(response.writeHead(200, fhirJson));
  /** Its headers drip. */
  const dripsHead: Handle = ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nx-slow: ');
    const timer = setInterval(() => socket.write('a'), 30);
    socket.once('close', () => clearInterval(timer));
  };
  const saysNothing: Handle = () => {};
  const refusesSlowly: Handle = (_request, response) => drip(response.writeHead(503, fhirJson));

  it.each([
    ['its body drips', dripsBody],
    ['its headers drip', dripsHead],
    ['it says nothing', saysNothing],
    ['a refusal drips', refusesSlowly],
  ] satisfies [string, Handle][])(
    'is left at the deadline, once, when %s',
    async (_what, handle) => {
      const { client, asked, closed, origin } = await talk(handle);
      const started = Date.now();
      await expect(client.read('Patient', 'a')).rejects.toMatchObject({
        code: 'REMOTE_UNAVAILABLE',
        retryable: true,
        facts: { code: 'deadline', origin, neverSent: false },
      });
      expect(Date.now() - started).toBeLessThan(3_000);
      expect(asked).toHaveLength(1);
      await closed[0];
    },
  );

  it('has longer for a page of an EHR than for anything else', async () => {
    const late: Handle = (_request, response) => {
      setTimeout(
        () => response.writeHead(200, fhirJson).end('{"resourceType":"Bundle","type":"searchset"}'),
        600,
      );
    };
    const { client, base, outbound } = await talk(late, {}, { hasPages: true });
    expect((await client.search('Patient', {})).resources).toEqual([]);
    await expect(client.read('Patient', 'a')).rejects.toMatchObject({
      facts: { code: 'deadline' },
    });
    const partner = createFhirClient({ base: `${base}/partner`, outbound });
    await expect(partner.search('Task', {})).rejects.toMatchObject({ facts: { code: 'deadline' } });
  });

  it('leaves the outcome of a write unknown', async () => {
    const { client, asked } = await talk(dripsBody);
    await expect(client.create(patient)).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      facts: { code: 'deadline' },
    });
    // Whoever goes on with it asks, and nobody else beside.
    const [read, other] = await Promise.allSettled([
      client.read('Patient', 'a'),
      client.read('Patient', 'b'),
    ]);
    expect(read).toMatchObject({ reason: { facts: { code: 'deadline' } } });
    expect(other).toMatchObject({ reason: { facts: { leftAlone: true, neverSent: true } } });
    expect(asked).toHaveLength(2);
  });

  it.each([
    ['token', '/token'],
    ['discovery', undefined],
  ])('is left when its %s drips', async (_what, path) => {
    const { outbound, origin, base, client } = await talk(dripsBody);
    const key = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    });
    const keyed = {
      clientId: 'c',
      keyFile: { text: String(key) },
      keyId: 'k',
      ...(path ? { tokenUrl: `${origin}${path}` } : {}),
    };
    const credentials = backendServices({
      ...keyed,
      scopes: 'system/*.rs',
      clock: systemClock,
      outbound,
      base,
    });
    await expect(credentials.bearer()).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
      facts: { code: 'deadline', origin },
    });
    await expect(client.capabilities()).rejects.toMatchObject({ facts: { code: 'deadline' } });
  });

  it('is left when it takes a connection and no TLS', async () => {
    const tcp = createTcpServer(() => {});
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const origin = `https://127.0.0.1:${(tcp.address() as { port: number }).port}`;
    const outbound = createOutbound({ allowedPrivateOrigins: [origin], requestTimeoutMs: 300 });
    opened.push(
      async () => tcp.close(),
      () => outbound.close(),
    );
    const client = createFhirClient({ base: `${origin}/fhir`, outbound });
    await expect(client.create(patient)).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
      facts: { code: 'deadline', neverSent: true },
    });
  });

  it('shows how long it lets us wait', async () => {
    const { client, outbound, origin } = await talk(saysNothing, {
      requestTimeoutMs: 3_000,
      receivers: { slowMs: 100 },
    });
    expect(outbound.traffic.waiting()).toEqual([]);
    const read = client.read('Patient', 'a').catch(() => {});
    await expect
      .poll(() => outbound.traffic.longest().get(origin) ?? 0, { timeout: 15_000 })
      .toBeGreaterThan(0.15);
    expect(outbound.traffic.waiting()).toMatchObject([{ origin, method: 'GET' }]);
    expect(outbound.receivers.troubled()).toEqual([{ origin, why: 'slow' }]);
    await read;
    expect(outbound.traffic.longest().get(origin)).toBe(0);
    expect(outbound.receivers.troubled()).toEqual([{ origin, why: 'deadline' }]);
  });
});

describe('stopping', () => {
  const never: Handle = () => {};
  const minute = { requestTimeoutMs: 60_000 };

  it('ends what reads at once, and refuses what is new', async () => {
    const { client, outbound } = await talk(never, minute);
    const reading = client.read('Patient', 'a');
    const refused = expect(reading).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
      facts: { code: 'stopped' },
    });
    await expect.poll(() => outbound.traffic.waiting(), { timeout: 15_000 }).toHaveLength(1);
    outbound.stop();
    await refused;
    await expect(client.create(patient)).rejects.toMatchObject({
      facts: { code: 'stopped', neverSent: true },
    });
  });

  it('waits for a write a little, for it may have been done', async () => {
    const { client, outbound } = await talk(never, minute);
    const writing = expect(client.create(patient)).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
    });
    await expect.poll(() => outbound.traffic.waiting(), { timeout: 15_000 }).toHaveLength(1);
    outbound.stop(300);
    expect(outbound.traffic.waiting()).toHaveLength(1);
    await writing;
  });
});

describe('the size of an answer', () => {
  const chunk = Buffer.alloc(256 * 1024, 0x20);
  /** As fast as it goes, for ever. */
  const endless: Handle = (_request, response) => {
    response.writeHead(200, fhirJson);
    const pump = () => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', pump);
    };
    pump();
  };
  const claimsMuch: Handle = (_request, response) => {
    response.writeHead(200, { ...fhirJson, 'content-length': String(10 ** 12) });
    drip(response);
  };
  const patience = { requestTimeoutMs: 20_000 };

  it.each([
    ['has no end', endless],
    ['says that it is large', claimsMuch],
  ] satisfies [string, Handle][])(
    'is kept to what is read where a body %s',
    async (_what, handle) => {
      const { client, asked } = await talk(handle, patience);
      const before = process.memoryUsage.rss();
      await expect(client.read('Patient', 'a')).rejects.toMatchObject({
        code: 'REMOTE_INVALID',
        facts: { code: 'too-large' },
      });
      expect(process.memoryUsage.rss() - before).toBeLessThan(150 * 1024 * 1024);
      expect(asked).toHaveLength(1);
    },
  );

  it('does not count by pieces: a byte at a time costs no more', async () => {
    const bytes = Buffer.from(JSON.stringify({ ...patient, language: 'x'.repeat(200_000) }));
    const pieces: Handle = ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      socket.end(
        `${[...bytes].map((one) => `1\r\n${String.fromCharCode(one)}\r\n`).join('')}0\r\n\r\n`,
      );
    };
    const { client } = await talk(pieces, patience);
    expect(
      (await client.read<{ resourceType: 'Patient'; language: string }>('Patient', 'a')).resource
        .language,
    ).toHaveLength(200_000);
  });
});

it('is told of by whoever stumbles over it: nobody waits for ever', {
  timeout: 5_000,
}, async () => {
  const { outbound, origin } = await talk(
    (_request, response) => void response.writeHead(200, fhirJson).end(text),
  );
  const told = new Promise((resolve) => {
    const onResponseStart = () => {
      throw new Error('stumbled');
    };
    const handler = {
      onRequestStart: () => {},
      onResponseStart,
      onResponseError: (_controller: unknown, error: Error) => resolve(error),
    };
    outbound.dispatcher.dispatch({ origin, path: '/x', method: 'GET' }, handler);
  });
  await expect(told).resolves.toMatchObject({ message: 'stumbled' });
});

it('has no code where the network names none', async () => {
  const { client } = await talk(
    ({ socket }) => void socket.end('HTTP/1.1 2000 OK\r\n\r\n'),
    {},
    { limits: { attempts: 1 } },
  );
  await expect(client.read('Patient', 'a')).rejects.toMatchObject({
    code: 'REMOTE_UNAVAILABLE',
    facts: { code: 'failed' },
  });
});

describe('what all answers hold together', () => {
  const megabyte = 1024 * 1024;
  const padded = JSON.stringify({ ...patient, language: 'x'.repeat(megabyte) });

  it('is given up by whoever holds most, and never by a server that wants little', async () => {
    // A megabyte each, and then nothing more: as many of them as there is room for.
    const greedy: Handle = (_request, response) =>
      void response.writeHead(200, fhirJson).write('x'.repeat(megabyte));
    const room = {
      requestTimeoutMs: 5_000,
      maxHeldBytes: 4 * megabyte,
      receivers: { width: 8, slowMs: 60_000 },
    };
    const first = await talk(greedy, room);
    const good = await talk(
      (_request, response) => void response.writeHead(200, fhirJson).end(padded),
    );
    const outbound = createOutbound({
      allowedPrivateOrigins: [first.origin, good.origin],
      ...room,
    });
    opened.push(() => outbound.close());
    const well = createFhirClient({ base: good.base, outbound, limits: { attempts: 1 } });
    const held = Promise.allSettled(
      Array.from({ length: 6 }, () =>
        request(`${first.origin}/x`, { dispatcher: outbound.through('small') }),
      ),
    );
    await expect.poll(() => first.asked.length, { timeout: 15_000 }).toBe(6);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(
      (await well.read<{ resourceType: 'Patient'; language: string }>('Patient', 'a')).resource
        .language,
    ).toHaveLength(megabyte);
    outbound.stop(0);
    const codes = (await held).map((one) =>
      one.status === 'rejected' ? one.reason.facts.code : 'read',
    );
    expect(new Set(codes)).toEqual(new Set(['memory', 'stopped']));
  });
});

describe('JSON that is made to be costly', () => {
  const bytes = 6 * 1024 * 1024;
  it.each([
    ['lists in lists', '['.repeat(bytes / 2) + ']'.repeat(bytes / 2)],
    ['objects in objects', `${'{"a":'.repeat(6_000)}1${'}'.repeat(6_000)}`],
    ['lists without anything', `[${'[],'.repeat(bytes / 3)}[]]`],
    ['objects without anything', `[${'{},'.repeat(bytes / 3)}{}]`],
    ['numbers', `[${'1,'.repeat(bytes / 2)}1]`],
    [
      'members of one object',
      `{${Array.from({ length: 300_000 }, (_, index) => `"${index}":1`).join(',')}}`,
    ],
    [
      'quotes that are escaped beside lists',
      `[${JSON.stringify('"[{,\\')},${'[],'.repeat(bytes / 3)}[]]`,
    ],
  ])('is refused before anybody parses it: %s', async (_what, value) => {
    const packed = gzipSync(`{"resourceType":"Patient","id":"a","x":${value}}`);
    const { client, asked } = await talk(
      (_request, response) =>
        void response
          .writeHead(200, { ...fhirJson, 'content-encoding': 'gzip', connection: 'close' })
          .end(packed),
      { requestTimeoutMs: 20_000 },
    );
    await expect(client.read('Patient', 'a')).rejects.toMatchObject({
      code: 'REMOTE_INVALID',
      facts: { code: 'too-many' },
    });
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['braces in words', `"${'[{,'.repeat(bytes / 3)}"`],
    ['braces behind a quote in words', JSON.stringify(`"${'[{,'.repeat(bytes / 3)}\\`)],
    ['deep answers', `${'{"item":['.repeat(1_000)}1${']}'.repeat(1_000)}`],
    ['long lists', `[${'"a long enough word, as FHIR has them",'.repeat(100_000)}""]`],
  ])('is told from what only looks so: %s', async (_what, value) => {
    const { client } = await talk(
      (_request, response) =>
        void response
          .writeHead(200, fhirJson)
          .end(`{"resourceType":"Patient","id":"a","x":${value}}`),
      { requestTimeoutMs: 20_000 },
    );
    expect((await client.read('Patient', 'a')).resource).toMatchObject(patient);
  });
});

describe('how an answer is packed', () => {
  const answers =
    (body: Buffer | string, headers: Record<string, string> = {}): Handle =>
    (_request, response) =>
      void response.writeHead(200, { ...fhirJson, ...headers }).end(body);
  const patience = { requestTimeoutMs: 20_000 };

  it('is asked for as gzip, and as nothing else', async () => {
    const { client, asked, outbound, origin } = await talk(answers(text));
    await client.read('Patient', 'a');
    await (
      await request(`${origin}/x`, {
        dispatcher: outbound.through('token'),
        headers: { 'Accept-Encoding': 'br' },
      })
    ).body.dump();
    expect(asked.map((one) => one.headers['accept-encoding'])).toEqual(['gzip', 'gzip']);
  });

  it.each([
    ['plain', text, {}],
    ['identity', text, { 'content-encoding': 'identity' }],
    ['gzip', gzipSync(text), { 'content-encoding': 'gzip' }],
    ['x-gzip in capitals', gzipSync(text), { 'content-encoding': 'X-GZIP' }],
    ['gzip that nobody names', gzipSync(text), {}],
    [
      'gzip in two members',
      Buffer.concat([gzipSync(text.slice(0, 9)), gzipSync(text.slice(9))]),
      { 'content-encoding': 'gzip' },
    ],
    [
      'gzip with a line break behind it',
      Buffer.concat([gzipSync(text), Buffer.from('\r\n')]),
      { 'content-encoding': 'gzip' },
    ],
    [
      'gzip with a proxy’s words behind it',
      Buffer.concat([gzipSync(text), Buffer.from('<!-- cached -->')]),
      { 'content-encoding': 'gzip' },
    ],
    [
      'gzip with zeros behind it',
      Buffer.concat([gzipSync(text), Buffer.alloc(7)]),
      { 'content-encoding': 'gzip' },
    ],
    [
      'gzip with a name, in two members and words behind them',
      Buffer.concat([
        named(gzipSync(text.slice(0, 9))),
        gzipSync(text.slice(9)),
        Buffer.from('\n'),
      ]),
      { 'content-encoding': 'gzip' },
    ],
    ['plain where gzip is said', text, { 'content-encoding': 'gzip' }],
  ] satisfies [string, Buffer | string, Record<string, string>][])(
    'is read: %s',
    async (_what, body, headers) => {
      const { client } = await talk(answers(body, headers));
      expect((await client.read('Patient', 'a')).resource).toEqual(patient);
    },
  );

  it.each([
    ['br', brotliCompressSync(text), 'encoding'],
    ['deflate', deflateSync(text), 'encoding'],
    ['gzip, gzip', gzipSync(gzipSync(text)), 'encoding'],
    ['zstd', randomBytes(40), 'encoding'],
    ['gzip', gzipSync(randomBytes(5_000)).subarray(0, 2_000), 'damaged'],
    ['gzip', Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), randomBytes(100)]), 'damaged'],
    [
      'gzip',
      Buffer.concat([gzipSync(text.slice(0, 9)), gzipSync(text.slice(9)).subarray(0, 12)]),
      'damaged',
    ],
    ['gzip', Buffer.concat([spoiled(gzipSync(text)), Buffer.from('\n')]), 'damaged'],
    ['gzip', gzipSync(text).subarray(0, -3), 'damaged'],
    ['gzip', Buffer.from([0x1f, 0x8b]), 'damaged'],
  ] satisfies [string, Buffer, string][])('is refused: %s', async (encoding, body, code) => {
    const { client, asked } = await talk(answers(body, { 'content-encoding': encoding }));
    await expect(client.read('Patient', 'a')).rejects.toMatchObject({
      code: 'REMOTE_INVALID',
      facts: { code },
    });
    expect(asked.length).toBe(code === 'encoding' ? 1 : 3);
  });

  /** Much of nothing: small on the wire, on a connection that closes at once. */
  const bomb = (megabytes: number): Handle => {
    const body = gzipSync(
      `{"resourceType":"Patient","id":"a","language":"${' '.repeat(megabytes * 1024 * 1024)}"}`,
    );
    return ({ socket }) => {
      socket.write(
        'HTTP/1.1 200 OK\r\ncontent-type: application/fhir+json\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n',
      );
      socket.end(body);
    };
  };

  it('is counted once more unpacked: what is too large then is refused, and nothing ends over it', async () => {
    const { client, asked } = await talk(bomb(40), patience);
    await expect(client.read('Patient', 'a')).rejects.toMatchObject({
      code: 'REMOTE_INVALID',
      facts: { code: 'too-large' },
    });
    expect(asked).toHaveLength(1);
  });

  it('is read on a connection that closes at once, however large it is unpacked', async () => {
    const { client } = await talk(bomb(7), patience);
    const some = await Promise.all(
      ['a', 'b'].map(() =>
        client.read<{ resourceType: 'Patient'; language: string }>('Patient', 'a'),
      ),
    );
    expect(some.map((one) => one.resource.language.length)).toEqual([
      7 * 1024 * 1024,
      7 * 1024 * 1024,
    ]);
  });

  it('is read where a refusal is packed', async () => {
    const outcome = {
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', code: 'forbidden' }],
    };
    const { client } = await talk((_request, response) => {
      response
        .writeHead(403, { ...fhirJson, 'content-encoding': 'gzip' })
        .end(gzipSync(JSON.stringify(outcome)));
    });
    await expect(client.read('Patient', 'a')).rejects.toMatchObject({
      code: 'REMOTE_REFUSED',
      facts: { issueCode: 'forbidden' },
    });
  });
});
