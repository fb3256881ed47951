import { writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFhirClient, type FhirClient } from '@loopwell/fhir/client';
import { readResources } from '@loopwell/intake';
import { errorRecord, systemClock } from '@loopwell/kit';
import { createOutbound } from '@loopwell/outbound';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instruments } from '../../packages/instruments/src/index.ts';
import { codeBundle, odditiesOf, whyNoHelp } from '../../packages/sdoh/src/index.ts';
import { checkResource } from '../../services/intake/src/pull/check/check-resource.ts';

/**
 * The same malformed resources at each door of DECISIONS D123, and what each door says of them in
 * its own format.
 */

const ownTask = {
  person: 'p1',
  serviceRequest: 'order-1',
  receiptKey: 'key-1',
  partner: 'pantry',
  identifierSystem: 'urn:uuid:6a1b1f6e-0000-4000-8000-000000000001',
};

/** At `pull`: the code of the quarantine row, or `on` where it is kept. */
function atPull(resource: unknown): string {
  const source = { tenant: 'default', connection: 'ehr', base: 'https://ehr.test/fhir' };
  const checked = checkResource(resource as never, 'Observation', source);
  return checked.kind === 'quarantine' ? checked.row.code : 'on';
}

const patient = { resourceType: 'Patient', id: 'p1' };

/** In a Bundle (`loopwell code`, `POST /api/v1/code`): severity, code and element of each issue. */
function inBundle(resource: unknown): string[] {
  const bundle = {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [{ resource }, { resource: patient }],
  };
  const deps = { deriveId: (...parts: string[]) => parts.join('-') };
  const [parameters] = [...codeBundle(bundle, instruments, deps as never)];
  const issues = parameters?.parameter?.find(({ name }) => name === 'issues')?.resource;
  return ((issues as { issue?: Issue[] } | undefined)?.issue ?? [])
    .filter(({ severity }) => severity !== 'information')
    .map(({ severity, details, expression: [place = ''] = [] }) => {
      const element = place.slice(place.lastIndexOf('.') + 1);
      return `${severity} ${details.coding[0]?.code} ${element}`;
    });
}
type Issue = { severity: string; details: { coding: { code: string }[] }; expression?: string[] };

/**
 * In a file of `loopwell load`: the reason that is told for its line, or `on` where it is served.
 */
async function inFile(resource: unknown): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'loopwell-doors-')), 'resource.ndjson');
  writeFileSync(file, JSON.stringify(resource));
  const reasons: string[] = [];
  let served = 0;
  for await (const _resource of readResources([file], ({ reason }) => reasons.push(reason)))
    served += 1;
  return reasons[0] ?? (served > 0 ? 'on' : 'nothing');
}

/** As a partner's Task, and as the Procedure that it names. */
const asTask = (resource: unknown) => odditiesOf(resource, ownTask)[0] ?? 'on';
const asProcedure = (resource: unknown) => whyNoHelp(resource, ownTask) ?? 'on';

/** From a server: what a search page leaves out, and what a read throws. */
let answer: unknown;
const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/fhir+json' });
  response.end(JSON.stringify(answer));
});
let client: FhirClient;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`;
  const outbound = createOutbound({ allowedPrivateOrigins: [base] });
  client = createFhirClient({ base, outbound, clock: systemClock });
});
afterAll(() => server.close());

async function onPage(resource: unknown): Promise<string> {
  answer = { resourceType: 'Bundle', type: 'searchset', entry: [{ resource }] };
  const page = await client.search('Observation', {});
  return page.invalid[0]?.reason ?? 'on';
}

async function whenRead(resource: unknown): Promise<string> {
  answer = resource;
  try {
    await client.read('Observation', 'o1');
    return 'on';
  } catch (error) {
    return errorRecord(error).code;
  }
}

type Whole = Record<string, unknown>;

const nested = (depth: number): object => (depth === 0 ? {} : { inner: nested(depth - 1) });
const observation: Whole = {
  resourceType: 'Observation',
  id: 'o1',
  status: 'final',
  category: [{ coding: [{ code: 'survey' }] }],
  code: { coding: [{ system: 'http://loinc.org', code: '88122-7' }] },
  subject: { reference: 'Patient/p1' },
  effectiveDateTime: '2026-11-20',
  valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: 'LA28397-0' }] },
};
const task: Whole = { resourceType: 'Task', id: 't1', status: 'accepted' };
const procedure: Whole = {
  resourceType: 'Procedure',
  id: 'o1',
  status: 'completed',
  code: { text: 'Two bags of rice' },
};

const wrong: Record<string, (whole: Whole) => unknown> = {
  'is text': () => 'text',
  'is a list': () => [],
  'says no type': ({ resourceType: _type, ...rest }) => rest,
  'is of no type of R4': (whole) => ({ ...whole, resourceType: 'Nonsense' }),
  'is of another type': (whole) => ({ ...whole, resourceType: 'Patient' }),
  'has an id that is none': (whole) => ({ ...whole, id: 'o 1' }),
  'has an object for its id': (whole) => ({ ...whole, id: {} }),
  'says no status': ({ status: _status, ...rest }) => rest,
  'has two values': (whole) => ({ ...whole, valueString: 'a', valueBoolean: true }),
  'carries a modifier': (whole) => ({ ...whole, modifierExtension: [{ url: 'urn:x' }] }),
  'is nested without end': (whole) => ({ ...whole, extension: [nested(300)] }),
  'has two subjects': (whole) => ({
    ...whole,
    subject: [{ reference: 'Patient/p1' }, { reference: 'Patient/p2' }],
  }),
};

/**
 * Each rule's doors, in the words of each. `on` stands for a door that hands it on to the next one.
 */
const table = [
  // what is wrong, search page, read, pull
  ['is text', 'entry-without-resource', 'REMOTE_INVALID', 'unreadable'],
  ['is a list', 'entry-without-resource', 'REMOTE_INVALID', 'unreadable'],
  ['says no type', 'entry-without-resource', 'REMOTE_INVALID', 'unexpected-type'],
  ['is of no type of R4', 'on', 'REMOTE_INVALID', 'unexpected-type'],
  ['is of another type', 'on', 'REMOTE_INVALID', 'unexpected-type'],
  ['has an id that is none', 'on', 'on', 'unusable-id'],
  ['has an object for its id', 'on', 'on', 'unusable-id'],
  ['says no status', 'on', 'on', 'missing-status'],
  ['has two values', 'on', 'on', 'two-values'],
  // Kept for coding, which makes nothing of it and says so.
  ['carries a modifier', 'on', 'on', 'on'],
  ['is nested without end', 'on', 'on', 'on'],
  ['has two subjects', 'on', 'on', 'malformed'],
] as const;

describe('an Observation from an EHR', () => {
  it.each(table)('that %s', async (name, page, read, pull) => {
    const resource = wrong[name]?.(observation);
    expect(await onPage(resource)).toBe(page);
    expect(await whenRead(resource)).toBe(read);
    expect(atPull(resource)).toBe(pull);
  });
  it('that is whole passes all of them', async () => {
    expect([await onPage(observation), await whenRead(observation)]).toEqual(['on', 'on']);
    expect(atPull(observation)).toBe('on');
  });
});

describe('an Observation of a Bundle or file', () => {
  it.each([
    // what is wrong, issues of the Bundle, reason told of the file
    ['is text', 'error unreadable resource', 'It is no FHIR resource.'],
    ['is a list', 'error unreadable resource', 'The file is empty.'],
    ['says no type', 'error unreadable resource', 'It is no FHIR resource.'],
    [
      'is of no type of R4',
      'error unreadable resourceType',
      'Its resourceType is none of FHIR R4.',
    ],
    ['is of another type', 'warning invalid-value resource', 'on'],
    ['has an id that is none', 'error unreadable id', 'on'],
    ['has an object for its id', 'error unreadable id', 'Its id is no text.'],
    ['says no status', 'warning missing-data resource', 'on'],
    ['has two values', 'warning invalid-value resource', 'on'],
    ['carries a modifier', 'warning not-understood modifierExtension', 'on'],
    ['is nested without end', 'error unreadable resource', 'on'],
    ['has two subjects', 'error unreadable subject', 'on'],
  ])('that %s', async (name, bundle, file) => {
    const resource = wrong[name]?.(observation);
    expect(inBundle(resource)).toEqual([bundle]);
    expect(await inFile(resource)).toBe(file);
  });
  it('that is whole is coded and served', async () => {
    expect(inBundle(observation)).toEqual([]);
    expect(await inFile(observation)).toBe('on');
  });
});

describe('what a partner shows', () => {
  it.each([
    // what is wrong, the Task, the Procedure
    ['is text', 'not-a-task', 'not-a-procedure'],
    ['is a list', 'not-a-task', 'not-a-procedure'],
    ['says no type', 'not-a-task', 'not-a-procedure'],
    ['is of no type of R4', 'not-a-task', 'not-a-procedure'],
    ['is of another type', 'not-a-task', 'not-a-procedure'],
    // Its status decides by the table of moves, where none is read as unknown.
    ['says no status', 'on', 'not-a-procedure'],
    ['carries a modifier', 'not-understood', 'not-understood'],
    ['has two subjects', 'on', 'other-person'],
  ])('and that %s', (name, ofTask, ofProcedure) => {
    expect(asTask(wrong[name]?.(task))).toBe(ofTask);
    expect(asProcedure(wrong[name]?.(procedure))).toBe(ofProcedure);
  });
  it('and that is whole is believed', () => {
    expect([asTask(task), asProcedure(procedure)]).toEqual(['on', 'on']);
  });
});
