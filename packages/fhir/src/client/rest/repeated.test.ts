import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { createOutbound } from '@loopwell/outbound';
import { afterEach, describe, expect, it } from 'vitest';
import { createFhirClient } from './fhir-client.ts';

/**
 * JSON.parse takes the last of two members of one name in silence: what comes over the wire is
 * looked at for them.
 */
const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function clientOf(body: string | Buffer, headers: Record<string, string> = {}) {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/fhir+json', ...headers }).end(body);
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
  return createFhirClient({ base: `${origin}/fhir`, outbound, limits: { attempts: 1 } });
}

const consent =
  '{"resourceType":"Consent","id":"c","status":"active","patient":{"reference":"Patient/a"},"provision":{"type":"permit","actor":[{"reference":{"reference":"Organization/o"}}]}}';
const other = '{"resource":{"resourceType":"Consent","id":"d"}}';
const page = (entry: string) =>
  `{"resourceType":"Bundle","type":"searchset","entry":[${other},{"fullUrl":"u","resource":${entry}},${other}]}`;
const search = async (text: string | Buffer, headers?: Record<string, string>) =>
  (await clientOf(text, headers)).search('Consent', {});

describe('a page on which something is there twice', () => {
  it.each<[string, string, string, string]>([
    [
      'a status',
      consent.replace('"status"', '"status":"inactive","status"'),
      'Consent.status',
      'status',
    ],
    [
      'an element within',
      consent.replace('"type"', '"type":"deny","type"'),
      'Consent.provision.type',
      'type',
    ],
    [
      'an element in a list',
      consent.replace('{"reference":{', '{"reference":{"reference":"x"},"reference":{'),
      'Consent.provision.actor[0].reference',
      'reference',
    ],
    [
      'whose it is',
      consent.replace('"patient"', '"patient":{"reference":"Patient/b"},"patient"'),
      'Consent.patient',
      'patient',
    ],
    ['an id', consent.replace('"id"', '"id":"z","id"'), 'Consent.id', 'id'],
    [
      'a name written with an escape',
      consent.replace('"status"', '"st\\u0061tus":"inactive","status"'),
      'Consent.status',
      'status',
    ],
    [
      'a type',
      consent.replace('"resourceType"', '"resourceType":"Patient","resourceType"'),
      'Consent.resourceType',
      'resourceType',
    ],
    [
      'the same value',
      consent.replace('"status"', '"status":"active","status"'),
      'Consent.status',
      'status',
    ],
    [
      'an element three times',
      consent.replace('"status"', '"status":"a","status":"b","status"'),
      'Consent.status',
      'status',
    ],
    [
      'a name that is no element',
      consent.replace('"status"', '"so what":1,"so what":2,"status"'),
      'an element',
      'so what',
    ],
  ])(
    'gives the resource with %s as one that cannot be read, and the others as they are',
    async (_name, text, element, key) => {
      const { resources, invalid } = await search(page(text));
      expect(resources.map((one) => one.id)).toEqual(['d', 'd']);
      expect(invalid).toMatchObject([
        { reason: 'repeated-member', element, resource: { resourceType: 'Consent' } },
      ]);
      const kept = JSON.stringify(invalid[0]?.resource);
      expect(kept).toContain(`"${key}":`);
      expect(kept).toContain(`"${key} (1)":`);
    },
  );

  it('finds it in an answer that is packed', async () => {
    const text = page(consent.replace('"status"', '"status":"inactive","status"'));
    const { invalid } = await search(gzipSync(Buffer.from(text)), { 'content-encoding': 'gzip' });
    expect(invalid).toMatchObject([{ element: 'Consent.status' }]);
  });

  it.each(['resource', 'fullUrl'])(
    'gives an entry with two of %s as one that cannot be read',
    async (name) => {
      const text = page(consent).replace(
        '"fullUrl":"u"',
        `"fullUrl":"u","${name}":{"resourceType":"Patient","id":"p"}`,
      );
      const { resources, invalid } = await search(text);
      expect(resources.map((one) => one.id)).toEqual(['d', 'd']);
      expect(invalid).toMatchObject([
        { reason: 'repeated-member', element: `Bundle.entry.${name}` },
      ]);
      expect(JSON.stringify(invalid[0]?.entry)).toContain('"p"');
    },
  );

  it.each([
    ['its entries', `{"resourceType":"Bundle","entry":[${other}],"entry":[]}`],
    [
      'its links',
      '{"resourceType":"Bundle","link":[{"relation":"next","url":"u"}],"link":[],"entry":[]}',
    ],
    [
      'an address',
      '{"resourceType":"Bundle","link":[{"relation":"next","url":"u","url":"v"}],"entry":[]}',
    ],
    [
      'its labels',
      '{"resourceType":"Bundle","meta":{"security":[{"code":"R"}],"security":[]},"entry":[]}',
    ],
  ])(
    'is refused where %s are there twice, for something would be lost in silence',
    async (_name, text) => {
      await expect(search(text)).rejects.toMatchObject({ code: 'REMOTE_INVALID' });
    },
  );

  it('is read where a text only looks like it', async () => {
    const { resources, invalid } = await search(
      page(consent.replace('"active"', '"active\\",\\"status\\":\\"no"')),
    );
    expect(invalid).toEqual([]);
    expect(resources).toHaveLength(3);
  });

  it('is read soon, whatever is in it', async () => {
    const deep = `${'{"a":0,"a":'.repeat(3_000)}1${'}'.repeat(3_000)}`;
    const wide = `{${Array.from({ length: 100_000 }, (_, index) => `"k${index % 50_000}":0`).join(',')}}`;
    const { resources, invalid } = await search(
      page(consent).replace('"fullUrl":"u"', `"x":${deep},"y":${wide}`),
    );
    expect(resources).toHaveLength(2);
    expect(invalid).toHaveLength(1);
  });
});

it('believes no resource that is read by itself and says something twice', async () => {
  const client = await clientOf(consent.replace('"type"', '"type":"deny","type"'));
  await expect(client.read('Consent', 'c')).rejects.toMatchObject({
    code: 'REMOTE_INVALID',
    facts: { type: 'Consent', element: 'provision.type' },
  });
  expect((await (await clientOf(consent)).read('Consent', 'c')).resource.id).toBe('c');
});
