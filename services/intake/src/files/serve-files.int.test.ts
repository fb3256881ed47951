import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseJson, repeatedMembers } from '@loopwell/fhir';
import { afterEach, describe, expect, it } from 'vitest';
import { readResources } from './read-files.ts';
import { type FileEhr, serveFiles } from './serve-files.ts';

const open: FileEhr[] = [];
const folderOf = () => mkdtempSync(join(tmpdir(), 'loopwell-served-'));

async function start(folder = folderOf()): Promise<FileEhr> {
  const ehr = await serveFiles(folder, 0);
  open.push(ehr);
  return ehr;
}

afterEach(async () => {
  for (const ehr of open.splice(0)) await ehr.close();
});

type Page = { entry?: { resource: { meta?: { versionId: string } } }[] };

async function call(url: string, init?: RequestInit) {
  const response = await fetch(url, init);
  const text = await response.text();
  const { status, headers } = response;
  return { status, headers, text, page: () => JSON.parse(text) as Page };
}

async function load(ehr: FileEhr, ...entries: string[]): Promise<void> {
  const file = join(folderOf(), 'bundle.json');
  writeFileSync(
    file,
    `{"resourceType":"Bundle","type":"transaction","entry":[${entries.join(',')}]}`,
  );
  await ehr.load(readResources([file], () => {}));
}

describe('an EHR that serves files', () => {
  const search = (ehr: FileEhr, type: string) => call(`${ehr.base}/${type}?_count=50`);
  const resourcesOf = async (ehr: FileEhr, type: string) =>
    (await search(ehr, type)).page().entry?.map((entry) => entry.resource);

  it('serves a member twice where the file has it twice, also when it is started again', async () => {
    const folder = folderOf();
    const first = await start(folder);
    await load(
      first,
      '{"resource":{"resourceType":"Consent","id":"c","status":"active","status":"inactive"}}',
    );
    expect(repeatedMembers(parseJson((await search(first, 'Consent')).text))).toMatchObject([
      { path: ['entry', 0, 'resource'], key: 'status' },
    ]);
    await open.splice(open.indexOf(first), 1)[0]?.close();
    const again = await start(folder);
    expect(repeatedMembers(parseJson((await search(again, 'Consent')).text))).toHaveLength(1);
  });

  it.each([
    ['Consent', { status: 'active' }, { status: 'inactive' }],
    ['ServiceRequest', { status: 'active' }, { status: 'entered-in-error' }],
    ['Goal', { lifecycleStatus: 'active' }, { lifecycleStatus: 'entered-in-error' }],
    ['Patient', { active: true }, { active: false }],
  ])(
    'says of a %s that a Bundle deletes that it counts no more',
    async (resourceType, before, after) => {
      const ehr = await start();
      await load(ehr, JSON.stringify({ resource: { resourceType, id: 'x', ...before } }));
      expect(await resourcesOf(ehr, resourceType)).toMatchObject([before]);
      const deletionOf = (id: string) =>
        JSON.stringify({ request: { method: 'DELETE', url: `${resourceType}/${id}` } });
      await load(ehr, deletionOf('x'), deletionOf('none'));
      const deleted = await resourcesOf(ehr, resourceType);
      expect(deleted).toMatchObject([after]);
      await load(ehr, deletionOf('x'));
      expect(await resourcesOf(ehr, resourceType)).toEqual(deleted);
    },
  );

  it('takes what is written back: once under If-None-Exist, and over the version that was meant', async () => {
    const ehr = await start();
    const identifier = [{ system: 'urn:x', value: '1' }];
    const observation = { resourceType: 'Observation', status: 'final', identifier };
    const write = (method: string, path: string, headers: Record<string, string>) =>
      call(`${ehr.base}/${path}`, {
        method,
        headers: { 'content-type': 'application/fhir+json', ...headers },
        body: JSON.stringify(observation),
      });
    const create = () => write('POST', 'Observation', { 'if-none-exist': 'identifier=urn:x|1' });
    expect([(await create()).status, (await create()).status]).toEqual([201, 200]);
    const { id } = JSON.parse((await create()).text) as { id: string };
    const etag = (await call(`${ehr.base}/Observation/${id}`)).headers.get('etag') ?? '';
    const update = (version: string) => write('PUT', `Observation/${id}`, { 'if-match': version });
    expect([(await update(etag)).status, (await update(etag)).status]).toEqual([200, 412]);
  });

  it('refuses another path, and a body that is no resource of the type, with an OperationOutcome', async () => {
    const { base } = await start();
    const post = (url: string, body: string) => call(url, { method: 'POST', body });
    const answers = [
      await call(new URL('/elsewhere', base).href),
      await post(`${base}/Patient`, 'no JSON'),
      await post(`${base}/Patient`, '{"resourceType":"Consent"}'),
      await call(`${base}/Patient/none`),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([404, 400, 400, 404]);
    for (const answer of answers) expect(answer.text).toContain('OperationOutcome');
  });
});
