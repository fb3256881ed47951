import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { localExtensions, parseJson, repeatedMembers } from '@loopwell/fhir';
import { type Incoming, isDeletion, written } from '@loopwell/fhir/server';
import { describe, expect, it } from 'vitest';
import { filesOf, type LoadProblem, readResources } from './read-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'loopwell-load-'));
let number = 0;

async function read(content: string | Buffer, name = `file-${(number += 1)}.json`) {
  const file = join(folder, name);
  writeFileSync(file, content);
  const problems: LoadProblem[] = [];
  const resources: Incoming[] = [];
  for await (const one of readResources([file], (problem) => problems.push(problem)))
    resources.push(one);
  return {
    resources,
    problems: problems.map(({ line, reason }) => `${line}: ${reason}`),
    ids: resources.map((one) => `${one.resourceType}/${one.id}`),
  };
}

const patient = { resourceType: 'Patient', id: 'p1' };
const visit = { resourceType: 'Encounter', id: 'e1', subject: { reference: 'Patient/p1' } };
const bundle = (type: string, ...entry: unknown[]) => ({ resourceType: 'Bundle', type, entry });

describe('reading files that are served as an EHR', () => {
  it('reads Bundles of every usual kind, and passes over what a search says about itself', async () => {
    for (const type of ['collection', 'transaction', 'batch', 'searchset']) {
      const outcome = {
        resource: { resourceType: 'OperationOutcome', issue: [] },
        search: { mode: 'outcome' },
      };
      const { ids, problems } = await read(
        JSON.stringify(bundle(type, { resource: patient }, { resource: visit }, outcome), null, 2),
      );
      expect(ids).toEqual(['Patient/p1', 'Encounter/e1']);
      expect(problems).toEqual([]);
    }
  });

  it('keeps the labels of a Bundle with its answers, Conditions and visits', async () => {
    const label = { system: 'urn:site', code: 'teens' };
    const answer = { resourceType: 'Observation', id: 'o1', meta: { security: [{ code: 'own' }] } };
    const whole = bundle(
      'collection',
      { resource: answer },
      { resource: patient },
      { resource: visit },
    );
    const { resources } = await read(JSON.stringify({ ...whole, meta: { security: [label] } }));
    expect(resources.map((one) => one.meta?.security)).toEqual([
      [{ code: 'own' }, label],
      undefined,
      [label],
    ]);
  });

  it('keeps what modifies a Bundle or entry with the Consents, orders and Goals in it', async () => {
    const modifierExtension = [{ url: 'urn:not' }];
    const patientOf = { patient: { reference: 'Patient/a' } };
    const held = ['Consent', 'ServiceRequest', 'Goal', 'Patient'].map((resourceType) => ({
      resource: { resourceType, id: 'a', ...(resourceType === 'Consent' ? patientOf : {}) },
    }));
    const expected = (kept: object) =>
      held.map(({ resource }) =>
        resource.resourceType === 'Patient' ? resource : { ...resource, ...kept },
      );
    const load = async (document: object) => (await read(JSON.stringify(document))).resources;
    expect(await load({ ...bundle('collection', ...held), implicitRules: 'urn:rules' })).toEqual(
      expected({ implicitRules: 'urn:rules' }),
    );
    expect(
      await load(bundle('collection', ...held.map((one) => ({ ...one, modifierExtension })))),
    ).toEqual(expected({ modifierExtension }));
    expect(await load({ ...bundle('collection', ...held), modifierExtension: [] })).toEqual(
      expected({}),
    );
  });

  describe('what holds resources and is not read', () => {
    const consent = { resourceType: 'Consent', id: 'c', patient: { reference: 'urn:uuid:p1' } };
    const held = bundle(
      'searchset',
      { fullUrl: 'urn:uuid:p1', resource: patient },
      { resource: visit },
      { resource: consent },
    );
    const parameters = {
      resourceType: 'Parameters',
      parameter: [{ name: 'a', part: [{ name: 'b', resource: held }] }],
    };
    const within = (type: string) =>
      `1: ${type} within a Bundle is not read: give what it holds by itself.`;
    const kept = {
      ...consent,
      patient: { reference: 'Patient/p1' },
      modifierExtension: [{ url: localExtensions.notRead, valueBoolean: true }],
    };

    it.each<[string, object, string]>([
      ['a Bundle in a Bundle', bundle('collection', { resource: held }), within('Bundle')],
      [
        'Parameters in a Bundle',
        bundle('collection', { resource: parameters }),
        within('Parameters'),
      ],
      [
        'the answer to a batch',
        bundle('batch-response', { resource: held, response: { status: '200' } }),
        '1: It is the answer to a batch ',
      ],
      [
        'the answer to a transaction',
        { ...held, type: 'transaction-response' },
        '1: It is the answer to a transaction ',
      ],
      ['Parameters', parameters, '1: Parameters are not read: '],
    ])(
      'is named where it is %s, and a Consent in it kept without permitting anything',
      async (_name, document, problem) => {
        for (const text of [JSON.stringify(document), JSON.stringify(document, null, 2)]) {
          const { resources, problems } = await read(text);
          expect(resources).toEqual([kept]);
          expect(problems).toEqual([expect.stringContaining(problem)]);
        }
      },
    );

    it('leaves the other entries to be read', async () => {
      const { ids } = await read(
        JSON.stringify(
          bundle(
            'collection',
            { resource: bundle('searchset', { resource: visit }) },
            { resource: patient },
          ),
        ),
      );
      expect(ids).toEqual(['Patient/p1']);
    });
  });

  it('takes the newest version of a history last', async () => {
    const { resources } = await read(
      JSON.stringify(
        bundle(
          'history',
          { resource: { ...patient, active: false } },
          { resource: { ...patient, active: true } },
        ),
      ),
    );
    expect(resources.at(-1)).toMatchObject({ active: false });
  });

  it('reads NDJSON with a byte order mark, Windows line ends, empty lines and no last line end', async () => {
    const { ids, problems } = await read(
      `\uFEFF${JSON.stringify(patient)}\r\n\r\n${JSON.stringify(visit)}`,
    );
    expect(ids).toEqual(['Patient/p1', 'Encounter/e1']);
    expect(problems).toEqual([]);
  });

  it('reads gzipped files by their content, whatever they are called', async () => {
    const zipped = gzipSync(`${JSON.stringify(patient)}\n${JSON.stringify(visit)}\n`);
    expect((await read(zipped, 'people.ndjson.gz')).ids).toHaveLength(2);
    expect((await read(zipped, 'people.ndjson')).ids).toHaveLength(2);
    expect((await read(JSON.stringify(patient), 'plain.json.gz')).ids).toEqual(['Patient/p1']);
  });

  it('reads a single resource, a list of them, and very long lines', async () => {
    expect((await read(JSON.stringify(patient, null, 2))).ids).toEqual(['Patient/p1']);
    expect((await read(JSON.stringify([patient, visit]))).ids).toHaveLength(2);
    const long = { ...patient, photo: [{ data: 'A'.repeat(5_000_000) }] };
    expect((await read(`${JSON.stringify(long)}\n${JSON.stringify(visit)}\n`)).ids).toHaveLength(2);
  });

  it('tells a bad line by its number, wherever it stands, and reads the others', async () => {
    const good = JSON.stringify(patient);
    expect(await read(`${good}\n{"resourceType":"Enc\n${JSON.stringify(visit)}\n`)).toMatchObject({
      ids: ['Patient/p1', 'Encounter/e1'],
      problems: ['2: It is no JSON.'],
    });
    expect(await read(`{"resourceType":"Enc\n${good}\n`)).toMatchObject({
      ids: ['Patient/p1'],
      problems: ['1: It is no JSON.'],
    });
    expect(await read(`42\n${good}\n`)).toMatchObject({
      ids: ['Patient/p1'],
      problems: ['1: It is no FHIR resource.'],
    });
    expect(await read(`${JSON.stringify({ resourceType: 'Patient', id: {} })}\n`)).toMatchObject({
      ids: [],
      problems: ['1: Its id is no text.'],
    });
    expect(await read(`${JSON.stringify({ resourceType: 'Patient', id: 7 })}\n`)).toMatchObject({
      ids: ['Patient/7'],
      problems: [],
    });
    expect(
      await read(`${JSON.stringify({ resourceType: 'Observaton', id: 'o' })}\n${good}`),
    ).toMatchObject({
      ids: ['Patient/p1'],
      problems: ['1: Its resourceType is none of FHIR R4.'],
    });
  });

  it.each([
    [
      'Latin-1',
      Buffer.from(
        '{"resourceType":"Patient","id":"p2","name":[{"family":"N\xfa\xf1ez"}]}\n',
        'latin1',
      ),
    ],
    ['UTF-16', Buffer.from('{"resourceType":"Patient","id":"p2"}\n', 'utf16le')],
  ])(
    'refuses a line of %s, and reads the others: nothing is filled with replacement characters',
    async (_name, bytes) => {
      const { ids, problems } = await read(
        Buffer.concat([Buffer.from(`${JSON.stringify(patient)}\n`), bytes]),
        `enc-${_name}.ndjson`,
      );
      expect(ids).toEqual(['Patient/p1']);
      expect(problems[0]).toBe('2: It is not UTF-8.');
    },
  );

  it('knows whom an address with a version means where the entries say no address', async () => {
    const answer = {
      resourceType: 'Observation',
      id: 'o1',
      subject: { reference: 'https://ehr.example.org/fhir/Patient/12345/_history/7' },
    };
    const { resources } = await read(
      JSON.stringify(
        bundle('collection', { resource: { ...patient, id: 12345 } }, { resource: answer }),
      ),
    );
    expect(resources[1]).toMatchObject({ subject: { reference: 'Patient/12345' } });
  });

  it('reads what was packed twice', async () => {
    expect(
      (await read(gzipSync(gzipSync(JSON.stringify(patient))), 'twice.ndjson.gz')).ids,
    ).toEqual(['Patient/p1']);
  });

  describe('where a member is there twice.', () => {
    const twice = '{"resourceType":"Consent","id":"c1","status":"active","status":"inactive"}';
    const plain = JSON.stringify(visit);
    const whole = (entry: string) =>
      `{"resourceType":"Bundle","type":"collection","entry":[${entry},{"resource":${plain}}]}`;

    it.each<[string, string, string]>([
      ['a line', `${twice}\n${plain}\n`, '1: status is there twice.'],
      ['an entry', whole(`{"resource":${twice}}`), '1: entry[0].resource.status is there twice.'],
      ['a list', `[${twice},${plain}]`, '1: status is there twice.'],
      [
        'an element within',
        `${twice.replace('"status":"inactive"', '"provision":{"type":"deny","type":"permit"}')}\n${plain}`,
        '1: provision.type is there twice.',
      ],
      [
        'what goes with it in its entry',
        whole(
          `{"fullUrl":"a","fullUrl":"b","resource":${twice.replace(',"status":"inactive"', '')}}`,
        ),
        '1: entry[0].fullUrl is there twice.',
      ],
    ])(
      'keeps the resource of %s so that whoever reads it finds both, names the place, and reads the others',
      async (_name, text, problem) => {
        const { ids, problems, resources } = await read(text);
        expect(ids).toEqual(['Consent/c1', 'Encounter/e1']);
        expect(problems).toEqual([problem]);
        expect(repeatedMembers(parseJson(written(resources[0])))).toHaveLength(1);
        expect(written(resources[1])).toBe(plain);
      },
    );

    it('keeps both of two resources in one entry, and of two lists of entries, and lets neither be believed', async () => {
      const person = JSON.stringify(patient);
      const once = twice.replace(',"status":"inactive"', '');
      for (const text of [
        whole(`{"resource":${once},"resource":${person}}`),
        `{"resourceType":"Bundle","type":"collection","entry":[{"resource":${once}}],"entry":[{"resource":${person}},{"resource":${plain}}]}`,
      ]) {
        const { resources } = await read(text);
        const unclear = resources
          .filter((one) => repeatedMembers(parseJson(written(one))).length > 0)
          .map((one) => one.resourceType);
        expect(unclear).toEqual(expect.arrayContaining(['Consent', 'Patient']));
      }
    });
  });

  it.each<[string, object, boolean]>([
    ['no patient', {}, true],
    ['a patient by an identifier', { patient: { identifier: { value: '1' } } }, true],
    ['a patient by words', { patient: { display: 'Ada' } }, true],
    ['a patient that it contains', { patient: { reference: '#p' } }, true],
    ['a patient under an address that nothing has', { patient: { reference: 'urn:uuid:0' } }, true],
    ['a patient by a condition', { patient: { reference: 'Patient?identifier=1' } }, true],
    ['its patient', { patient: { reference: 'Patient/p1' } }, false],
    ['its patient as R5 does', { subject: { reference: 'Patient/p1' } }, false],
    ['another patient', { patient: { reference: 'Patient/p9' } }, false],
  ])(
    'says of a Consent with %s with whom it came, where that is one person: %o',
    async (_name, more, isSaid) => {
      const consent = { resourceType: 'Consent', id: 'c', ...more };
      const load = async (...entry: object[]) =>
        (await read(JSON.stringify(bundle('collection', ...entry)))).resources.at(-1);
      const came = { url: localExtensions.loadedWith, valueReference: { reference: 'Patient/p1' } };
      expect(await load({ resource: patient }, { resource: consent })).toEqual({
        ...consent,
        ...(isSaid ? { extension: [came] } : {}),
      });
      expect(
        await load(
          { resource: patient },
          { resource: { ...patient, id: 'p2' } },
          { resource: consent },
        ),
      ).toEqual(consent);
    },
  );

  describe('what a Bundle deletes', () => {
    const deletion = (url: string) => ({ request: { method: 'DELETE', url } });
    const consent = { resourceType: 'Consent', id: 'c', status: 'active' };
    const deleted = (resources: Incoming[]) =>
      resources.filter((one) => one[isDeletion]).map((one) => `${one.resourceType}/${one.id}`);

    it('is handed on after what it brings', async () => {
      const { resources } = await read(
        JSON.stringify(bundle('transaction', deletion('Consent/c'), { resource: consent })),
      );
      expect(deleted(resources)).toEqual(['Consent/c']);
      expect(resources.at(-1)?.[isDeletion]).toBe(true);
      expect(
        deleted(
          (
            await read(
              JSON.stringify(
                bundle('batch', {
                  ...deletion(''),
                  request: { method: 'DELETE', url: 'https://e.example/fhir/Goal/g' },
                }),
              ),
            )
          ).resources,
        ),
      ).toEqual(['Goal/g']);
    });

    it('stays where a history brings it back', async () => {
      expect(
        deleted(
          (
            await read(
              JSON.stringify(bundle('history', { resource: consent }, deletion('Consent/c'))),
            )
          ).resources,
        ),
      ).toEqual([]);
      expect(
        deleted(
          (
            await read(
              JSON.stringify(bundle('history', deletion('Consent/c'), { resource: consent })),
            )
          ).resources,
        ),
      ).toEqual(['Consent/c']);
    });

    it('is told where it is named by a condition', async () => {
      expect(
        await read(
          JSON.stringify(
            bundle('transaction', deletion('Consent?identifier=1'), { resource: patient }),
          ),
        ),
      ).toMatchObject({
        ids: ['Patient/p1'],
        problems: ['1: It deletes by a condition, which is not carried out.'],
      });
    });
  });

  it('says of a file that it is empty, or no JSON at all', async () => {
    expect((await read('')).problems).toEqual(['1: The file is empty.']);
    expect((await read(' \n\r\n')).problems).toEqual(['1: The file is empty.']);
    expect((await read('<html>\n<body>\n')).problems).toEqual([
      '1: It is neither JSON nor NDJSON: it may be cut off.',
    ]);
    expect((await read('{\n "resourceType": "Bundle",\n "entry": [')).problems).toEqual([
      '1: It is neither JSON nor NDJSON: it may be cut off.',
    ]);
  });

  it('refuses a gzipped file that ends in the middle', async () => {
    const zipped = gzipSync(`${JSON.stringify(patient)}\n`.repeat(500));
    await expect(
      read(zipped.subarray(0, zipped.length - 30), 'torn.ndjson.gz'),
    ).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('gives a resource without id one that follows from its content', async () => {
    const nameless = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
    const [a] = (await read(JSON.stringify(nameless))).ids;
    const [b] = (
      await read(
        JSON.stringify({ code: { text: 'x' }, status: 'final', resourceType: 'Observation' }),
      )
    ).ids;
    const [c] = (await read(JSON.stringify({ ...nameless, status: 'amended' }))).ids;
    expect(a).toMatch(/^Observation\/[0-9a-f-]{36}$/);
    expect(b).toBe(a);
    expect(c).not.toBe(a);
  });

  it('resolves the references of a transaction to what its entries become', async () => {
    const uuid = 'urn:uuid:11111111-2222-3333-4444-555555555555';
    const { resources } = await read(
      JSON.stringify(
        bundle(
          'transaction',
          {
            fullUrl: uuid,
            resource: { resourceType: 'Patient', identifier: [{ value: uuid }] },
            request: { method: 'POST', url: 'Patient' },
          },
          {
            fullUrl: 'http://elsewhere.example/fhir/Encounter/e9',
            resource: { resourceType: 'Encounter', id: 'e9', subject: { reference: uuid } },
          },
          {
            resource: {
              resourceType: 'Observation',
              subject: { reference: uuid },
              encounter: { reference: 'http://elsewhere.example/fhir/Encounter/e9' },
              performer: [
                { reference: 'Practitioner?identifier=npi|9' },
                { reference: 'urn:uuid:nobody' },
              ],
            },
            request: { method: 'PUT', url: 'Observation/o7' },
          },
        ),
      ),
    );
    const id = '11111111-2222-3333-4444-555555555555';
    expect(resources[0]).toMatchObject({ id, identifier: [{ value: uuid }] });
    expect(resources[1]).toMatchObject({ subject: { reference: `Patient/${id}` } });
    expect(resources[2]).toMatchObject({
      id: 'o7',
      subject: { reference: `Patient/${id}` },
      encounter: { reference: 'Encounter/e9' },
      performer: [{ reference: 'Practitioner?identifier=npi|9' }, { reference: 'urn:uuid:nobody' }],
    });
  });

  it('finds the files of a folder in the order of their names, and refuses what is not there', () => {
    const inner = join(folder, 'inner');
    mkdirSync(join(inner, 'deep'), { recursive: true });
    for (const name of ['b.ndjson', 'a.json.gz', 'deep/c.json', 'readme.txt'])
      writeFileSync(join(inner, name), '');
    expect(filesOf([inner]).map((one) => one.slice(inner.length + 1))).toEqual([
      'a.json.gz',
      'b.ndjson',
      'deep/c.json',
    ]);
    expect(() => filesOf([inner, join(folder, 'absent.json')])).toThrow(
      /absent\.json cannot be read/,
    );
  });
});
