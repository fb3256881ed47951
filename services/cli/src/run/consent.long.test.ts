import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  answersFor,
  asResponse,
  partnersBundle,
  type Sandbox,
  startSandbox,
} from '@loopwell/sandbox';
import { openDatabase } from '@loopwell/store';
import { testDatabase } from '@loopwell/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../program.ts';

/**
 * Files of people who lack food and whose Consents only look like permission: through `load`, with
 * `--send`.
 */
const folder = mkdtempSync(join(tmpdir(), 'loopwell-consent-'));
let sandbox: Sandbox;
let database: { url: string; close: () => Promise<void> };
let printed = '';
let stderr = '';
let number = 0;

type Json = Record<string, unknown>;
const consentScope = 'http://terminology.hl7.org/CodeSystem/consentscope';
const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const code = (system: string, value: string) => ({ coding: [{ system, code: value }] });
const absent = {
  extension: [
    { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' },
  ],
};
const modifier = {
  modifierExtension: [{ url: 'https://ehr.example.org/not', valueBoolean: true }],
};

beforeAll(async () => {
  const partners = [
    {
      name: 'northside-food',
      behavior: 'accept-only' as const,
      stepMs: 200,
      sendToken: 'we-send',
      readToken: 'they-read',
    },
  ];
  sandbox = await startSandbox({ port: 0, host: '127.0.0.1', ehrs: [], partners });
  const tokens = {
    [sandbox.partnerBase('northside-food')]: { send: 'we-send', read: 'they-read' },
  };
  writeFileSync(join(folder, 'tokens.json'), JSON.stringify(tokens));
  writeFileSync(
    join(folder, 'partners.json'),
    JSON.stringify(partnersBundle((name) => sandbox.partnerBase(name))),
  );
});
afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  database = await testDatabase();
  [printed, stderr] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) =>
    Boolean((printed += String(text))),
  );
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((stderr += String(text))));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await database.close();
});

const consentOf = (id: string, more: Json = {}): Json => ({
  resourceType: 'Consent',
  id: `${id}-consent`,
  status: 'active',
  scope: code(consentScope, 'patient-privacy'),
  category: [code(actCode, 'IDSCL')],
  patient: { reference: `Patient/${id}` },
  dateTime: '2026-01-05',
  organization: [{ reference: 'Organization/clinic' }],
  policyRule: { text: 'Authorization to share' },
  ...more,
});

function personOf(id: string, consents: readonly Json[]): Json[] {
  const authored = '2026-01-05T10:10:00Z';
  const answers = answersFor('hunger-vital-sign', ['food-insecurity']);
  return [
    { resourceType: 'Patient', id, gender: 'female', birthDate: '1980-02-03' },
    asResponse({
      id: `${id}-form`,
      instrument: 'hunger-vital-sign',
      patient: id,
      encounter: `${id}-visit`,
      authored,
      answers,
    }) as never,
    ...consents,
  ];
}

async function load(name: string, resources: readonly Json[], ...more: string[]) {
  number += 1;
  const file = join(folder, `${name}-${number}.ndjson`);
  writeFileSync(file, resources.map((one) => JSON.stringify(one)).join('\n'));
  return loadFile(file, ...more);
}

async function loadFile(file: string, ...more: string[]) {
  [printed, stderr] = ['', ''];
  number += 1;
  const partners = [
    '--partners',
    join(folder, 'partners.json'),
    '--partner-tokens',
    join(folder, 'tokens.json'),
    '--allow-private-networks',
  ];
  const gates = [
    '--send',
    '--approve',
    'unambiguous',
    '--agreed-by-consent',
    '--once',
    '--json',
    '--settle',
    '2s',
  ];
  const args = [
    'load',
    file,
    ...partners,
    ...gates,
    '--data-dir',
    join(folder, `data-${number}`),
    ...more,
  ];
  const status = await main(args, { DATABASE_URL: database.url, QUEUE_URL: process.env.QUEUE_URL });
  return { status, result: printed === '' ? undefined : JSON.parse(printed) };
}

/** Ids of the Patients whose Task was made at all; what is not in this table was never posted. */
async function sentFor(): Promise<string[]> {
  const db = openDatabase({ url: database.url, tenant: 'o' });
  const { rows } = await db.query<{ patient: string }>(
    "select p.source_id as patient from task t join ehr_resource p on p.person = t.person and p.type = 'Patient' order by 1",
  );
  await db.close();
  return rows.map((row) => row.patient);
}

const tasksAtPartner = async () =>
  (
    (await (await fetch(`${sandbox.address}/admin/partners/northside-food/counts`)).json()) as {
      types: { Task?: number };
    }
  ).types.Task ?? 0;

const provision = (more: Json) => ({ provision: more });
const shut: readonly (readonly [string, (id: string) => Json[]])[] = [
  ['r5-deny', (id) => [consentOf(id, { decision: 'deny' })]],
  [
    'r5-provisions',
    (id) => [consentOf(id, { decision: 'deny', scope: undefined, provision: [{ actor: [] }] })],
  ],
  [
    'r5-subject',
    (id) => [
      consentOf(id),
      consentOf(id, {
        id: `${id}-2`,
        patient: undefined,
        subject: { reference: `Patient/${id}` },
        decision: 'deny',
      }),
    ],
  ],
  [
    'representative',
    (id) => [
      consentOf(id, {
        category: [code('http://loinc.org', '59284-0')],
        dateTime: undefined,
        policyRule: code('http://snomed.info/sct', '425691002'),
        provision: {
          type: 'permit',
          period: { start: '2026-02-01', end: '2010-01-01' },
          actor: [{ role: { text: 'Mother' }, reference: { reference: 'RelatedPerson/m' } }],
          action: [code('http://terminology.hl7.org/CodeSystem/consentaction', 'correct')],
        },
      }),
    ],
  ],
  [
    'document',
    (id) => [
      consentOf(id, { category: [code('http://loinc.org', '59284-0')], policyRule: undefined }),
    ],
  ],
  [
    'code-status',
    (id) => [
      consentOf(id, {
        scope: code(consentScope, 'adr'),
        category: [code('http://loinc.org', '75320-2')],
      }),
    ],
  ],
  ['modifier', (id) => [consentOf(id, modifier)]],
  ['modifier-deep', (id) => [consentOf(id, provision({ period: { start: '2026', ...modifier } }))]],
  ['nested', (id) => [consentOf(id, provision({ type: 'permit', provision: [{ type: 'deny' }] }))]],
  ['rules', (id) => [consentOf(id, { implicitRules: 'https://ehr.example.org/rules' })]],
  [
    'rules-contained',
    (id) => [
      consentOf(id, {
        contained: [{ resourceType: 'Organization', id: 'o', implicitRules: 'urn:x' }],
      }),
    ],
  ],
  ['masked-status', (id) => [consentOf(id, { _status: absent })]],
  ['masked-start', (id) => [consentOf(id, provision({ period: { _start: absent } }))]],
  ['status-writing', (id) => [consentOf(id, { status: 'Active' })]],
  ['type-writing', (id) => [consentOf(id, provision({ type: 'DENY' }))]],
  ['list', (id) => [consentOf(id, { scope: [code(consentScope, 'patient-privacy')] })]],
  ['no-list', (id) => [consentOf(id, { category: code(actCode, 'IDSCL') })]],
  [
    'patient-list',
    (id) => [
      consentOf(id),
      consentOf(id, { id: `${id}-2`, patient: [{ reference: `Patient/${id}` }] }),
    ],
  ],
  [
    'newer-unreadable',
    (id) => [
      consentOf(id),
      consentOf(id, { id: `${id}-2`, dateTime: '2026-02-01', provision: 'deny' }),
    ],
  ],
  [
    'nobodys-unreadable',
    (id) => [
      consentOf(id),
      consentOf(id, {
        id: `${id}-2`,
        patient: undefined,
        performer: [{ reference: `Patient/${id}` }],
      }),
    ],
  ],
  ['opt-out', (id) => [consentOf(id, { policyRule: code(actCode, 'OPTOUT') })]],
  [
    'restrictions',
    (id) => [
      consentOf(id, {
        policyRule: code(
          'http://terminology.hl7.org/CodeSystem/consentpolicycodes',
          'hipaa-restrictions',
        ),
      }),
    ],
  ],
  ['not-verified', (id) => [consentOf(id, { verification: [{ verified: false }] })]],
  ['no-policy', (id) => [consentOf(id, { policyRule: undefined })]],
  [
    'denied',
    (id) => [consentOf(id), consentOf(id, { id: `${id}-2`, ...provision({ type: 'deny' }) })],
  ],
];

const open: readonly (readonly [string, (id: string) => Json[]])[] = [
  ['plain', (id) => [consentOf(id)]],
  [
    'rich',
    (id) => [
      consentOf(id, {
        text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' },
        extension: [{ url: 'https://ehr.example.org/note', valueString: 'x' }],
        _status: {
          id: 's',
          extension: [{ url: 'https://ehr.example.org/note', valueString: 'x' }],
        },
        verification: [{ verified: true }],
        policyRule: {
          id: 'p',
          text: 'hipaa-auth',
          extension: [{ url: 'https://ehr.example.org/note', valueBoolean: true }],
        },
        ...provision({ type: 'permit', period: { start: '2026-01-01' } }),
      }),
    ],
  ],
  [
    'beside-treatment',
    (id) => [
      consentOf(id),
      consentOf(id, {
        id: `${id}-2`,
        scope: code(consentScope, 'treatment'),
        ...provision({ type: 'deny' }),
      }),
    ],
  ],
];

describe('Consents that only look like permission', { timeout: 120_000 }, () => {
  it('send nothing, and those that permit are sent', async () => {
    const before = await tasksAtPartner();
    const { result } = await load(
      'people',
      [...shut, ...open].flatMap(([id, consents]) => personOf(id, consents(id))),
    );
    expect(result.referrals.needed, stderr).toBe(shut.length + open.length);
    expect(await sentFor()).toEqual(open.map(([id]) => id).sort());
    expect(await tasksAtPartner()).toBe(before + open.length);
    // Each of the others waits for a person, by name of its gate.
    expect(result.referrals.waiting.agreement + result.referrals.waiting.consent).toBe(shut.length);
  });

  it('count under the policy that the site has named, which has to be one', async () => {
    const people = personOf('bare', [consentOf('bare', { policyRule: undefined })]);
    const policy = 'http://terminology.hl7.org/CodeSystem/consentpolicycodes|hipaa-auth';
    await load('policy', people, '--consent-policy', policy);
    expect(await sentFor()).toEqual(['bare']);
    for (const wrong of ['hipaa-auth', 'http://x.example|', `${actCode}|OPTOUT`]) {
      expect((await load('policy', people, '--consent-policy', wrong)).status).toBe(2);
      expect(stderr).toContain('--consent-policy');
      expect(stderr).toContain('Give the system and code of a policy that permits');
    }
  });
});

const cases = fileURLToPath(
  new URL('../../../../../shared/cases/05-consent-that-permits-nobody-we-know', import.meta.url),
);
const bundles = existsSync(cases)
  ? readdirSync(cases).filter((name) => /-|^r5/.test(name) && !/^partner/.test(name))
  : [];

describe.skipIf(bundles.length === 0)(
  'the same in seven files of others',
  { timeout: 120_000 },
  () => {
    it('sends nothing for any of them, and for the one without its foreign element it does', async () => {
      expect(bundles).toHaveLength(7);
      const before = await tasksAtPartner();
      for (const name of bundles) {
        const { result } = await loadFile(join(cases, name));
        expect(result.referrals.waiting.agreement + result.referrals.waiting.consent, name).toBe(1);
        expect(await sentFor(), name).toEqual([]);
        await database.close();
        database = await testDatabase();
      }
      expect(await tasksAtPartner()).toBe(before);
      const text = readFileSync(join(cases, 'r5-decision-deny.json'), 'utf8').replace(
        /"decision": "deny",/,
        '',
      );
      const control = join(folder, 'control.json');
      writeFileSync(control, text);
      await loadFile(control);
      expect(await sentFor()).toEqual(['p1']);
    });
  },
);
