import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type CodeOptions, codeFiles } from './code.ts';

const folder = mkdtempSync(join(tmpdir(), 'loopwell-code-'));
const file = (name: string, content: string | Buffer) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const bundle = (id: string) => ({
  resourceType: 'Bundle',
  id,
  type: 'collection',
  entry: [
    { resource: { resourceType: 'Patient', id: 'p1', birthDate: '1979-03-02' } },
    {
      resource: {
        resourceType: 'QuestionnaireResponse',
        id: 'q1',
        questionnaire: 'http://loinc.org/q/96777-8',
        status: 'completed',
        authored: '2026-05-04T10:00:00-05:00',
        item: [
          {
            linkId: '/93030-5',
            answer: [{ valueCoding: { system: 'http://loinc.org', code: 'LA33-6' } }],
          },
        ],
      },
    },
  ],
});
const line = (id: string) => `${JSON.stringify(bundle(id))}\n`;

async function run(
  files: string[],
  stdin: Iterable<string | Buffer> = [],
  options: CodeOptions = {},
) {
  let [out, said] = ['', ''];
  const into = (take: (text: string) => void) =>
    new Writable({
      write(chunk, _encoding, done) {
        take(String(chunk));
        done();
      },
    });
  const [stdout, stderr] = [
    into((text) => void (out += text)),
    into((text) => void (said += text)),
  ];
  const status = await codeFiles(files, options, { stdin: Readable.from(stdin), stdout, stderr });
  return {
    status,
    out,
    said,
    printed:
      out.trim() === ''
        ? []
        : out
            .trim()
            .split('\n')
            .map((one) => JSON.parse(one)),
  };
}

describe('loopwell code', () => {
  it('prints one Parameters for each Bundle, in the order of the input', async () => {
    const { status, printed } = await run([], [line('a'), line('b'), line('c')]);
    expect(status).toBe(0);
    expect(printed.map((one) => [one.resourceType, one.id])).toEqual([
      ['Parameters', 'a'],
      ['Parameters', 'b'],
      ['Parameters', 'c'],
    ]);
  });

  it('reads .json as one Bundle over many lines, NDJSON by line, gzipped or not, with or without a BOM or a last newline', async () => {
    const files = [
      file('one.json', JSON.stringify(bundle('a'), null, 2)),
      file('some.ndjson', `\uFEFF${line('b')}\r\n${JSON.stringify(bundle('c'))}`),
      file('packed.ndjson.gz', gzipSync(line('d'))),
      file('packed.json.gz', gzipSync(JSON.stringify(bundle('e'), null, 2))),
      '-',
    ];
    const { status, printed } = await run(files, [line('f')]);
    expect([status, printed.map((one) => one.id).join('')]).toEqual([0, 'abcdef']);
  });

  it('goes on after what cannot be read, says where it stands, quotes none of it, and ends with 3', async () => {
    const {
      status,
      printed,
      said: stderr,
    } = await run(
      [],
      [line('a'), 'Maria Lopez, no JSON\n', '{"resourceType":"Patent"}\n', line('b')],
    );
    expect(status).toBe(3);
    expect(
      printed.map((one) => one.parameter.map((part: { name: string }) => part.name).join()),
    ).toEqual(['return,issues', 'issues', 'issues', 'return,issues']);
    expect(printed[1].parameter[0].resource.issue).toMatchObject([{ severity: 'error' }]);
    expect(stderr).toContain('standard input:2');
    expect(stderr).toContain('2 could not be read');
    expect(`${stderr}${JSON.stringify(printed[1])}`).not.toContain('Maria');
  });

  it('splits lines wherever chunks end, within a letter too', async () => {
    const bytes = Buffer.from(`${JSON.stringify({ ...bundle('å'), id: 'å' })}\n${line('b')}`);
    const { printed } = await run(
      [],
      [...bytes].map((byte) => Buffer.from([byte])),
    );
    expect(printed.map((one) => one.id)).toEqual(['å', 'b']);
  });

  it('prints the same bytes for the same input', async () => {
    expect((await run([], [line('a')])).out).toBe((await run([], [line('a')])).out);
  });

  it('could not run on a file that is not there, a folder, or an archive that breaks off; before anything is printed', async () => {
    const good = file('good.json', line('a'));
    for (const bad of [join(folder, 'none.json'), folder])
      await expect(run([good, bad])).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    const cut = file('cut.ndjson.gz', gzipSync(line('a').repeat(50)).subarray(0, 40));
    await expect(run([cut])).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('cannot be read to its end'),
    });
  });

  it('says NEG and leaves ICD-10-CM out only where a site wants so', async () => {
    const twice = JSON.parse(line('a'));
    twice.entry[1].resource.item.push({
      linkId: '/96779-4',
      answer: [{ valueCoding: { system: 'http://loinc.org', code: 'LA32-8' } }],
    });
    const text = async (options: object) =>
      JSON.stringify((await run([], [JSON.stringify(twice)], options)).printed[0].parameter[0]);
    const [plain, other] = [await text({}), await text({ negative: true, icd10cm: false })];
    expect([plain.includes('"NEG"'), plain.includes('Z59.82')]).toEqual([false, true]);
    expect([
      other.match(/"NEG"/g)?.length,
      other.includes('Z59.82'),
      other.includes('551691000124106'),
    ]).toEqual([1, false, true]);
  });

  it("reads a site's own codes by its ConceptMap, and runs on no map that is half one", async () => {
    const group = (source: string, codes: Record<string, string>, change: object = {}) => ({
      source,
      target: 'http://loinc.org',
      element: Object.entries(codes).map(([from, to]) => ({
        code: from,
        target: [{ code: to, equivalence: 'equivalent' }],
      })),
      ...change,
    });
    let maps = 0;
    const map = (...groups: object[]) =>
      file(
        `map-${(maps += 1)}.json`,
        JSON.stringify({ resourceType: 'ConceptMap', status: 'active', group: groups }),
      );
    const local = {
      resourceType: 'Bundle',
      entry: [
        { resource: { resourceType: 'Patient', id: 'p1' } },
        {
          resource: {
            resourceType: 'Observation',
            id: 'o1',
            status: 'final',
            effectiveDateTime: '2026-05-04',
            code: { coding: [{ system: 'urn:site', code: 'RIDE' }] },
            valueCodeableConcept: { coding: [{ system: 'urn:site', code: 'Y' }] },
          },
        },
        {
          resource: {
            resourceType: 'QuestionnaireResponse',
            id: 'q1',
            status: 'completed',
            authored: '2026-05-04',
            questionnaire: 'https://site.example/form|2',
            item: [
              { linkId: 'util', answer: [{ valueCoding: { system: 'urn:site', code: 'OFF' } }] },
            ],
          },
        },
      ],
    };
    const conceptMap = map(
      group('urn:site', { RIDE: '93030-5', Y: 'LA33-6', OFF: 'LA32002-0' }),
      group('https://site.example/form', { util: '96779-4' }),
    );
    const { printed, status } = await run([], [JSON.stringify(local)], { conceptMap });
    const text = JSON.stringify(printed[0]);
    expect([
      status,
      text.includes('551691000124106'),
      text.includes('Z59.12'),
      text.includes('unmapped'),
    ]).toEqual([0, true, true, false]);
    expect(JSON.stringify((await run([], [JSON.stringify(local)])).printed[0])).not.toContain(
      '551691000124106',
    );
    for (const [says, wrong] of [
      [
        'group[0].target has to be',
        map(group('urn:site', { Y: 'LA33-6' }, { target: 'urn:other' })),
      ],
      [
        'group[0].element[0] (Y) has',
        map(
          group(
            'urn:site',
            {},
            { element: [{ code: 'Y', target: [{ code: 'LA33-6' }, { code: 'LA32-8' }] }] },
          ),
        ),
      ],
      [
        'group[0].element[0] (Y) has',
        map(
          group(
            'urn:site',
            {},
            { element: [{ code: 'Y', target: [{ code: 'LA33-6', equivalence: 'wider' }] }] },
          ),
        ),
      ],
      [': It is no ConceptMap', file('none.json', '{"resourceType":"Bundle"}')],
      ['cannot be read as JSON', file('torn.json', '{')],
    ] as const)
      await expect(run([], [line('a')], { conceptMap: wrong })).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(says),
      });
  });

  it('waits for whoever reads slowly, so that memory stays bounded', async () => {
    let [given, taken, furthest] = [0, 0, 0];
    const stdin = Readable.from(
      (function* () {
        for (; given < 300; given += 1) yield line(`b${given}`);
      })(),
    );
    const stdout = new Writable({
      highWaterMark: 1,
      write(_chunk, _encoding, done) {
        taken += 1;
        furthest = Math.max(furthest, given - taken);
        setImmediate(done);
      },
    });
    await codeFiles([], {}, { stdin, stdout, stderr: new PassThrough() });
    expect([given, taken]).toEqual([300, 300]);
    expect(furthest).toBeLessThan(40);
  });

  it('stops when nobody reads any more', async () => {
    const stdout = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => done(new Error('EPIPE')),
    });
    expect(
      await codeFiles(
        [],
        {},
        { stdin: Readable.from([line('a'), line('b')]), stdout, stderr: new PassThrough() },
      ),
    ).toBe(1);
  });
});
