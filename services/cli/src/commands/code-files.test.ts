import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { readResources } from '@loopwell/intake';
import { describe, expect, it } from 'vitest';
import { codeFiles } from './code.ts';

const folder = mkdtempSync(join(tmpdir(), 'loopwell-files-'));
let files = 0;
const loinc = 'http://loinc.org';

type Issue = {
  severity: string;
  details: { coding: { code: string }[]; text: string };
  expression?: string[];
  diagnostics?: string;
};
type Printed = {
  id?: string;
  parameter: {
    name: string;
    resource: { entry?: { resource: { resourceType: string } }[]; issue?: Issue[] };
  }[];
};

function writable(take: (text: string) => void): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      take(String(chunk));
      done();
    },
  });
}

/** What both doors make of one file. */
async function readBy(content: string | Buffer, name = `file-${(files += 1)}.ndjson`) {
  const file = join(folder, name);
  writeFileSync(file, content);
  let [out, stderr] = ['', ''];
  const streams = {
    stdin: Readable.from([]),
    stdout: writable((text) => void (out += text)),
    stderr: writable((text) => void (stderr += text)),
  };
  const status = await codeFiles([file], {}, streams);
  const printed = out
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Printed]));
  const loaded: string[] = [];
  const problems: string[] = [];
  for await (const one of readResources([file], ({ line, reason }) =>
    problems.push(`${line}: ${reason}`),
  ))
    loaded.push(JSON.stringify(one));
  const unread = stderr
    .split('\n')
    .flatMap((line) => (line.startsWith(`${file}:`) ? [line.slice(file.length + 1)] : []));
  return { status, printed, problems, loaded, unread, told: stderr, out };
}

const issuesOf = (one: Printed | undefined) =>
  one?.parameter.find((part) => part.name === 'issues')?.resource.issue ?? [];
const needsOf = (one: Printed | undefined) =>
  (one?.parameter.find((part) => part.name === 'return')?.resource.entry ?? []).filter(
    ({ resource }) => resource.resourceType === 'Condition',
  ).length;

const person = (id: string, name = 'Núñez') => ({
  resourceType: 'Patient',
  id,
  birthDate: '1979-03-02',
  name: [{ family: name }],
});
const about = (id: string) => ({ reference: `Patient/${id}` });
const visit = (id: string, of: string) => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: { code: 'AMB' },
  subject: about(of),
});
const answer = (id: string, of: string, change: object = {}) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  category: [
    {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'survey' },
      ],
    },
  ],
  code: { coding: [{ system: loinc, code: '93030-5' }] },
  subject: about(of),
  effectiveDateTime: '2026-05-04T10:00:00Z',
  valueCodeableConcept: { coding: [{ system: loinc, code: 'LA33-6' }] },
  ...change,
});
const lines = (...resources: object[]) =>
  resources.map((one) => `${JSON.stringify(one)}\n`).join('');
const bundle = (type: string, ...resources: object[]) => ({
  resourceType: 'Bundle',
  id: 'b',
  type,
  entry: resources.map((resource) => ({ resource })),
});

describe('code and load read the same of a file', () => {
  const good = [person('p1'), visit('e1', 'p1'), answer('o1', 'p1')];
  const text = lines(...good);
  it.each<[string, string | Buffer, string?]>([
    ['lines', text],
    ['lines with a byte order mark and Windows ends', `\uFEFF${text.replaceAll('\n', '\r\n')}`],
    ['files with a mark each that were joined', good.map((one) => `\uFEFF${lines(one)}`).join('')],
    [
      'gzipped files that were joined',
      Buffer.concat(good.map((one) => gzipSync(`\uFEFF${lines(one)}`))),
    ],
    ['blank lines, also at the start', `\n  \n${text.replaceAll('\n', '\n\n')}`],
    ['no end of the last line', text.trimEnd()],
    ['gzip under another name', gzipSync(text), 'plain.json'],
    ['gzip of gzip', gzipSync(gzipSync(text)), 'twice.ndjson.gz'],
    ['no gzip under its name', text, 'none.ndjson.gz'],
    ['a byte order mark within gzip', gzipSync(`\uFEFF${text}`)],
    ['lines in a .json file', text, 'lines.json'],
    ['one Bundle over many lines', JSON.stringify(bundle('collection', ...good), null, 2)],
    [
      'one Bundle over many lines of .ndjson with a mark',
      `\uFEFF${JSON.stringify(bundle('collection', ...good), null, 2)}`,
      'whole.ndjson',
    ],
    ['a list', JSON.stringify(good)],
    ['a list over many lines', JSON.stringify(good, null, 2)],
    ['a searchset', JSON.stringify(bundle('searchset', ...good))],
    ['one resource over many lines after nothing', `\n\n${JSON.stringify(good, null, '\t')}\n\n`],
  ])('%s', async (_name, content, name) => {
    const { status, printed, problems, loaded } = await readBy(content, name);
    expect([status, problems, loaded.length]).toEqual([0, [], 3]);
    expect([printed.length, needsOf(printed[0])]).toEqual([1, 1]);
  });

  const torn = `${text}{"resourceType":"Observation","id":"o2","sub`;
  const latin1 = Buffer.concat([
    Buffer.from(text),
    Buffer.from(lines(person('p2', 'Peña')), 'latin1'),
  ]);
  it.each<[string, string | Buffer, string[]]>([
    ['a last line that is cut off', torn, ['4: It is no JSON.']],
    ['a line of Latin-1', latin1, ['4: It is not UTF-8.']],
    [
      'a line of UTF-16',
      Buffer.concat([Buffer.from(text), Buffer.from('{"a":1}', 'utf16le')]),
      ['4: It is not UTF-8.'],
    ],
    ['a first line that is no JSON', `{"resourceType":"Pat\n${text}`, ['1: It is no JSON.']],
    ['a line that is no resource', `${text}{"id":"p1"}\n`, ['4: It is no FHIR resource.']],
    [
      'a type that is none',
      `${text}{"resourceType":"Patent"}\n`,
      ['4: Its resourceType is none of FHIR R4.'],
    ],
    [
      'the answer to a batch',
      text + lines({ ...bundle('batch-response', ...good), id: 'x' }),
      [
        '4: It is the answer to a batch (batch-response), which is not read: give each resource or Bundle in it by itself.',
      ],
    ],
    [
      'Parameters',
      text +
        lines({
          resourceType: 'Parameters',
          parameter: [{ name: 'return', resource: bundle('transaction', ...good) }],
        }),
      ['4: Parameters are not read: give what they hold as a Bundle.'],
    ],
  ])('%s is named by its line, and the rest is read', async (_name, content, problem) => {
    const { status, printed, problems, loaded, unread, out } = await readBy(content);
    expect([status, problems, unread, loaded.length]).toEqual([3, problem, problem, 3]);
    expect(printed.map((one) => [one.id, needsOf(one)])).toContainEqual(['p1', 1]);
    expect(issuesOf(printed[0]).map((one) => one.severity)).toEqual(['error']);
    expect(`${out}${loaded}`).not.toContain('\uFFFD');
  });

  it.each<[string, string | Buffer, string[]]>([
    [
      'UTF-16 with its mark',
      Buffer.from('\uFEFF{"resourceType":"Patient","id":"p"}', 'utf16le'),
      ['1: It is not UTF-8.'],
    ],
    [
      'a document of Latin-1',
      Buffer.from(JSON.stringify(bundle('collection', person('p', 'Peña')), null, 2), 'latin1'),
      ['13: It is not UTF-8.'],
    ],
    [
      'a document that is cut off',
      JSON.stringify(bundle('collection', ...good), null, 2).slice(0, 200),
      ['1: It is neither JSON nor NDJSON: it may be cut off.'],
    ],
    ['nothing', '', ['1: The file is empty.']],
    ['blank lines', '\r\n \n', ['1: The file is empty.']],
  ])('%s is named, and nothing is made of it', async (_name, content, problem) => {
    const { status, problems, loaded, unread, printed } = await readBy(content);
    expect([status, problems, unread, loaded]).toEqual([3, problem, problem, []]);
    expect(
      printed.flatMap((one) => issuesOf(one).map((issue) => issue.details.coding[0]?.code)),
    ).toEqual(['unreadable']);
  });

  it('a Bundle in a Bundle is named at its place, and the rest is read', async () => {
    const { status, printed, problems, loaded } = await readBy(
      JSON.stringify(bundle('collection', ...good, bundle('collection', answer('o9', 'p1')))),
    );
    expect([status, loaded.length, problems]).toEqual([
      3,
      3,
      ['1: Bundle within a Bundle is not read: give what it holds by itself.'],
    ]);
    expect(
      issuesOf(printed[0])
        .filter((one) => one.severity === 'error')
        .map((one) => one.expression),
    ).toEqual([['Bundle.entry[3].resource']]);
    expect(needsOf(printed[0])).toBe(1);
  });
});

describe('several people', () => {
  it('of a searchset are coded one by one, in the order in which they appear', async () => {
    const outcome = {
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'warning', code: 'informational' }],
    };
    const set = bundle(
      'searchset',
      outcome,
      answer('o2', 'p2'),
      person('p1'),
      answer('o1', 'p1'),
      person('p2'),
      visit('e2', 'p2'),
    );
    const { status, printed } = await readBy(JSON.stringify(set));
    expect(status).toBe(0);
    expect(printed.map((one) => [one.id, needsOf(one)])).toEqual([
      ['b.1', 1],
      ['b.2', 1],
    ]);
    expect(printed.map((one) => JSON.stringify(one).includes('Patient/p1'))).toEqual([false, true]);
    expect(
      issuesOf(printed[0])
        .filter((one) => one.details.coding[0]?.code === 'not-coded')
        .map((one) => one.expression),
    ).toEqual([['Bundle.entry[0].resource']]);
    expect(issuesOf(printed[1]).every((one) => one.severity === 'information')).toBe(true);
  });

  it('of a collection stay one person and somebody who is left out', async () => {
    const { printed } = await readBy(
      JSON.stringify(bundle('collection', person('p1'), answer('o1', 'p1'), person('p2'))),
    );
    expect(printed.map((one) => one.id)).toEqual(['b']);
    expect(issuesOf(printed[0]).map((one) => one.details.coding[0]?.code)).toContain(
      'invalid-value',
    );
  });

  it('of one name, and lines about one whose Patient is not there, are gathered by id wherever their lines stand', async () => {
    const { status, printed } = await readBy(
      lines(
        answer('o1', 'p1'),
        person('p2', 'Lind'),
        answer('o3', 'p3'),
        person('p1', 'Lind'),
        answer('o2', 'p2', { effectiveDateTime: '2999-01-01' }),
      ),
    );
    expect(status).toBe(0);
    expect(printed.map((one) => one.id)).toEqual(['p1', 'p2', 'p3']);
    expect([needsOf(printed[0]), needsOf(printed[2])]).toEqual([1, 1]);
  });

  it('keep what names nobody with those whose answers name it, under its labels, and else apart', async () => {
    const { subject: _nobody, ...bare } = visit('e1', 'p1');
    const restricted = {
      ...bare,
      meta: {
        security: [
          { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' },
        ],
      },
    };
    const { subject: _of, ...orphan } = answer('o9', 'p1');
    const own = { encounter: { reference: 'Encounter/e1' } };
    const { printed } = await readBy(
      lines(
        restricted,
        person('p1'),
        person('p2'),
        answer('o1', 'p1', own),
        answer('o2', 'p2'),
        orphan,
      ),
    );
    expect(printed.map((one) => [one.id, needsOf(one)])).toEqual([
      ['p1', 1],
      ['p2', 1],
      [undefined, 0],
    ]);
    expect(printed.map((one) => JSON.stringify(one.parameter[0]).includes('"R"'))).toEqual([
      true,
      false,
      false,
    ]);
    expect(issuesOf(printed[2])).toMatchObject([
      {
        severity: 'warning',
        details: { coding: [{ code: 'missing-data' }] },
        expression: ["Observation.where(id = 'o9')"],
        diagnostics: 'line 6',
      },
    ]);
  });

  it('with answers of one identifier each keep their own', async () => {
    const identifier = [{ value: '1' }];
    const { printed } = await readBy(
      JSON.stringify(
        bundle('searchset', answer('o1', 'p1', { identifier }), answer('o2', 'p2', { identifier })),
      ),
    );
    expect(printed.map(needsOf)).toEqual([1, 1]);
  });
});

describe('resources of no Bundle', () => {
  it('of types that no screening is read from are counted', async () => {
    const {
      status,
      told: stderr,
      printed,
    } = await readBy(
      lines(
        person('p1'),
        answer('o1', 'p1'),
        { resourceType: 'Claim', id: 'c' },
        { resourceType: 'Device', id: 'd' },
      ),
    );
    expect([status, printed.length]).toEqual([0, 1]);
    expect(stderr).toContain(
      '1 person was coded. 2 resources are of a type that no screening is read from.',
    );
  });

  it('beyond what can be held are all left uncoded, and that is said', async () => {
    const long = 'x'.repeat(1_000_000);
    const stdin = Readable.from(
      (function* () {
        yield lines(bundle('collection', person('p0'), answer('o0', 'p0')));
        for (let number = 0; number < 70; number += 1)
          yield lines({ ...answer(`o${number}`, 'p1'), note: [{ text: long }] });
      })(),
    );
    let out = '';
    const stdout = writable((text) => void (out += text));
    expect(await codeFiles([], {}, { stdin, stdout, stderr: new PassThrough() })).toBe(3);
    const printed = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Printed);
    expect(printed.map((one) => [one.id, needsOf(one)])).toEqual([
      ['b', 1],
      [undefined, 0],
    ]);
    expect(issuesOf(printed[1])[0]?.details.text).toContain('More than 64 MB');
  });
});
