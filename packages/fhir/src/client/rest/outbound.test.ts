import { createServer, type Server } from 'node:http';
import { createOutbound, networkError, type Outbound, type Resolve } from '@loopwell/outbound';
import { request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { createFhirClient } from './fhir-client.ts';

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

/** A server on loopback that says what it was asked, and with which bearer. */
async function listen(
  answer?: (url: string) => { status: number; headers?: Record<string, string>; body?: string },
) {
  const asked: { url: string; bearer: string | undefined }[] = [];
  const server: Server = createServer((incoming, response) => {
    asked.push({ url: incoming.url ?? '', bearer: incoming.headers.authorization });
    const { status, headers, body } = answer?.(incoming.url ?? '') ?? { status: 200, body: '{}' };
    response
      .writeHead(status, { 'content-type': 'application/fhir+json', ...headers })
      .end(body ?? '{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  opened.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port, asked };
}

function outboundTo(allowedPrivateOrigins: string[], resolve?: Resolve): Outbound {
  const outbound = createOutbound({ allowedPrivateOrigins, ...(resolve ? { resolve } : {}) });
  opened.push(() => outbound.close());
  return outbound;
}

const ask = (outbound: Outbound, url: string) =>
  request(url, { dispatcher: outbound.dispatcher }).then(
    async (answer) => {
      await answer.body.dump();
      return answer.statusCode;
    },
    (error: unknown) => networkError(error, 'x').code,
  );

/** A resolver that says what it is told, answer after answer. */
const resolver = (...answers: string[][]): Resolve => {
  let turn = 0;
  return (_host, _options, callback) => {
    const some = answers[Math.min(turn, answers.length - 1)] ?? [];
    turn += 1;
    callback(
      null,
      some.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
};

describe('addresses that are refused before anything is sent', () => {
  const named = 'http://ehr.test:8080';
  it.each([
    ['http://127.0.0.1:9/', 'private-network'],
    ['https://127.0.0.1/', 'private-network'],
    ['https://2130706433/', 'private-network'],
    ['https://0x7f000001/', 'private-network'],
    ['https://0177.0.0.1/', 'private-network'],
    ['https://127.1/', 'private-network'],
    ['https://127.0.0.1./', 'private-network'],
    ['https://localhost/', 'private-network'],
    ['https://LOCALHOST./', 'private-network'],
    ['https://any.localhost/', 'private-network'],
    ['https://[::1]/', 'private-network'],
    ['https://[::ffff:127.0.0.1]/', 'private-network'],
    ['https://[::ffff:7f00:1]/', 'private-network'],
    ['https://10.0.0.8/', 'private-network'],
    ['https://169.254.169.254/latest/meta-data', 'link-local-or-reserved'],
    ['https://0xa9fea9fe/', 'link-local-or-reserved'],
    ['https://[::ffff:169.254.169.254]/', 'link-local-or-reserved'],
    ['https://[fe80::1]/', 'link-local-or-reserved'],
    ['https://0.0.0.0/', 'link-local-or-reserved'],
    ['https://[::]/', 'link-local-or-reserved'],
    ['http://example.org/', 'plain-http'],
    ['https://user@example.org/', 'credentials-in-url'],
    ['https://example.org@127.0.0.1/', 'credentials-in-url'],
    ['file:///etc/passwd', 'scheme'],
    ['ftp://example.org/', 'scheme'],
    ['nonsense', 'not-a-url'],
    // Named is an origin, not a host.
    ['https://ehr.test:8080/', undefined],
    ['http://ehr.test:8081/', 'plain-http'],
  ])('%s', (url, reason) => {
    const outbound = outboundTo([named]);
    if (reason === undefined) expect(outbound.checkUrl(url).href).toBe(url);
    else
      expect(() => outbound.checkUrl(url)).toThrow(
        expect.objectContaining({
          code: 'ADDRESS_REFUSED',
          facts: expect.objectContaining({ reason }),
        }),
      );
  });

  it('refuses link-local metadata even when somebody names it', () => {
    const outbound = outboundTo(['http://169.254.169.254']);
    expect(() => outbound.checkUrl('http://169.254.169.254/latest')).toThrow(
      expect.objectContaining({ code: 'ADDRESS_REFUSED' }),
    );
  });
});

describe('the address connected to', () => {
  it('opens a named origin on loopback', async () => {
    const { port, asked } = await listen();
    const outbound = outboundTo([`http://ehr.test:${port}`], resolver(['127.0.0.1']));
    expect(await ask(outbound, `http://ehr.test:${port}/metadata`)).toBe(200);
    expect(asked).toHaveLength(1);
  });

  it('refuses another port of a named host', async () => {
    const [ehr, other] = [await listen(), await listen()];
    const outbound = outboundTo([`http://ehr.test:${ehr.port}`], resolver(['127.0.0.1']));
    expect(await ask(outbound, `http://ehr.test:${ehr.port}/`)).toBe(200);
    expect(await ask(outbound, `http://ehr.test:${other.port}/`)).toBe('ADDRESS_REFUSED');
    expect(other.asked).toHaveLength(0);
  });

  it('refuses another scheme of a named host, and literal addresses that nobody named', async () => {
    const { port, asked } = await listen();
    const outbound = outboundTo([`https://ehr.test:${port}`], resolver(['127.0.0.1']));
    expect(await ask(outbound, `http://ehr.test:${port}/`)).toBe('ADDRESS_REFUSED');
    expect(await ask(outbound, `http://127.0.0.1:${port}/`)).toBe('ADDRESS_REFUSED');
    expect(asked).toHaveLength(0);
  });

  it('refuses a public name that resolves to a private address, alone or among others', async () => {
    const { port, asked } = await listen();
    for (const addresses of [
      ['127.0.0.1'],
      ['8.8.8.8', '127.0.0.1'],
      ['::ffff:127.0.0.1'],
      ['169.254.169.254'],
    ]) {
      const outbound = outboundTo([], resolver(addresses));
      expect(await ask(outbound, `http://rebinding.test:${port}/`)).toBe('ADDRESS_REFUSED');
    }
    expect(asked).toHaveLength(0);
  });

  it('refuses a named origin whose name has moved to the metadata address', async () => {
    const { port } = await listen(() => ({ status: 200, headers: { connection: 'close' } }));
    const outbound = outboundTo(
      [`http://ehr.test:${port}`],
      resolver(['127.0.0.1'], ['169.254.169.254']),
    );
    expect(await ask(outbound, `http://ehr.test:${port}/`)).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await ask(outbound, `http://ehr.test:${port}/`)).toBe('ADDRESS_REFUSED');
  });

  it('never follows a redirect, and takes no bearer along', async () => {
    const elsewhere = await listen();
    for (const location of [
      `http://127.0.0.1:${elsewhere.port}/fhir/Patient`,
      'http://169.254.169.254/latest/meta-data',
    ]) {
      const ehr = await listen(() => ({ status: 302, headers: { location } }));
      const base = `http://127.0.0.1:${ehr.port}/fhir`;
      const outbound = outboundTo([
        `http://127.0.0.1:${ehr.port}`,
        `http://127.0.0.1:${elsewhere.port}`,
      ]);
      const credentials = { bearer: async () => 'secret', renew: async () => 'secret' };
      const client = createFhirClient({ base, outbound, credentials });
      await expect(client.search('Patient', {})).rejects.toMatchObject({
        code: 'REMOTE_REFUSED',
        facts: { status: 302 },
      });
      expect(ehr.asked.map((one) => one.bearer)).toEqual(['Bearer secret']);
    }
    expect(elsewhere.asked).toHaveLength(0);
  });
});
