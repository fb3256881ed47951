import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type fhir4, parseReference, profiles, systems } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { minimumPatient } from '../people/minimum-patient.ts';
import { consentOfRecord } from './consent/recorded-consent.ts';
import { mayLeave, minimumCondition } from './minimum-condition.ts';
import { minimumConsent } from './minimum-consent.ts';
import { ownProcedure } from './partner-answer/partner-procedure.ts';
import { buildServiceRequest, buildTask, type ReferralParts } from './referral-resources.ts';

const base = 'https://loopwell.example/fhir';
const identifierSystem = 'https://clinic.example.org/loopwell';
const parts: ReferralParts = {
  base,
  identifierSystem,
  serviceRequestId: 'sr-1',
  taskId: 'task-1',
  receiptKey: 'task-1_fhir-rest_request',
  person: 'person-1',
  category: 'food-insecurity',
  conditions: ['condition-1'],
  consent: 'consent-1',
  serviceCode: {
    system: systems.snomed,
    code: '467771000124109',
    display: 'Assistance with application for food pantry program',
  },
  requester: 'us',
  requesterName: 'Clinic',
  owner: 'pantry',
  ownerName: 'Pantry',
  orderedOn: '2026-11-24T12:00:00.000Z',
  authoredOn: '2026-11-24T13:00:00.000Z',
};
const condition: fhir4.Condition = {
  resourceType: 'Condition',
  id: 'theirs',
  meta: { profile: [profiles.condition], source: 'x' },
  category: [{ coding: [{ system: systems.sdohcc, code: 'food-insecurity' }] }],
  code: { coding: [{ system: systems.snomed, code: '733423003' }] },
  subject: { reference: 'Patient/theirs' },
  encounter: { reference: 'Encounter/theirs' },
  asserter: { reference: 'Practitioner/theirs' },
  evidence: [{ detail: [{ reference: 'Observation/theirs' }] }],
  note: [{ text: 'said in tears' }],
};
const consent: fhir4.Consent = {
  resourceType: 'Consent',
  id: 'theirs',
  status: 'active',
  scope: { coding: [{ system: systems.consentScope, code: 'patient-privacy' }] },
  category: [{ coding: [{ system: systems.actCode, code: 'IDSCL' }] }],
  patient: { reference: 'Patient/theirs' },
  dateTime: '2026-11-01',
  performer: [{ reference: 'RelatedPerson/theirs' }],
  organization: [{ reference: 'Organization/clinic' }],
  sourceAttachment: { contentType: 'application/pdf', data: 'c2lnbmVk' },
  provision: {
    type: 'permit',
    period: { end: '2027-01-01' },
    actor: [{ role: { text: 'recipient' }, reference: { reference: 'Organization/pantry' } }],
  },
};
const parties = { base, id: 'consent-1', person: 'person-1', recipient: 'pantry' };
const view = {
  id: 'person-1',
  base,
  organization: { id: 'us', name: 'Clinic' },
  today: '2026-11-24',
  contact: undefined,
  protectedAddress: undefined,
  identifierSystem,
};
const procedure: fhir4.Procedure = {
  resourceType: 'Procedure',
  id: 'theirs',
  status: 'completed',
  code: { coding: [{ system: systems.snomed, code: '710925007' }] },
  subject: { reference: `${base}/Patient/person-1` },
  performedDateTime: '2026-11-25',
  performer: [{ actor: { reference: 'Practitioner/theirs' } }],
  location: { reference: 'Location/theirs' },
  report: [{ reference: 'DiagnosticReport/theirs' }],
  note: [{ text: 'Two bags', authorReference: { reference: 'Practitioner/theirs' } }],
};
const made = {
  'SDOHCC-ServiceRequest': buildServiceRequest(parts),
  'SDOHCC-TaskForReferralManagement': buildTask(parts),
  'SDOHCC-Consent': minimumConsent(consent, parties),
  'SDOHCC-Procedure': ownProcedure(procedure, {
    id: 'own',
    person: 'person-1',
    serviceRequest: 'sr-1',
    identifierSystem,
    partner: { id: 'pantry', name: 'Pantry' },
  }),
} as const;

/** Every literal reference in a resource, wherever it stands. */
function referencesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'reference' && typeof inner === 'string' ? [inner] : referencesOf(inner),
  );
}

function emptyPlaces(value: unknown, path = ''): string[] {
  if (value === '' || value === null || value === undefined) return [path];
  if (typeof value !== 'object') return [];
  const inner = Object.entries(value);
  return inner.length === 0
    ? [path]
    : inner.flatMap(([key, one]) => emptyPlaces(one, `${path}.${key}`));
}

describe('what goes to a partner', () => {
  it('is an order that stays with us: who, what for, why, by which consent', () => {
    expect(made['SDOHCC-ServiceRequest']).toMatchObject({
      status: 'active',
      intent: 'order',
      category: [
        { coding: [{ system: systems.usCoreCategory, code: 'sdoh' }] },
        { coding: [{ system: systems.sdohcc, code: 'food-insecurity' }] },
      ],
      code: { coding: [{ system: systems.snomed, code: '467771000124109' }] },
      authoredOn: parts.orderedOn,
      reasonReference: [{ reference: `${base}/Condition/condition-1` }],
      supportingInfo: [{ reference: `${base}/Consent/consent-1` }],
    });
  });

  it('is a Task to fulfill it, made once under its receipt key', () => {
    expect(made['SDOHCC-TaskForReferralManagement']).toMatchObject({
      status: 'requested',
      intent: 'order',
      code: { coding: [{ system: systems.taskCode, code: 'fulfill' }] },
      focus: { reference: `${base}/ServiceRequest/sr-1` },
      for: { reference: `${base}/Patient/person-1` },
      authoredOn: parts.authoredOn,
      requester: { reference: `${base}/Organization/us`, display: 'Clinic' },
      owner: { reference: `${base}/Organization/pantry`, display: 'Pantry' },
      identifier: [{ system: parts.identifierSystem, value: parts.receiptKey }],
    });
  });

  it('has absolute references to our base only', () => {
    const sent = [
      buildServiceRequest(parts),
      buildTask(parts),
      minimumCondition(condition, 'condition-1', base, 'person-1'),
      minimumConsent(consent, parties),
    ];
    const references = sent.flatMap(referencesOf);
    expect(references.length).toBeGreaterThan(10);
    for (const one of references) expect(parseReference(one)?.base).toBe(base);
  });

  it('leaves out what there is none of: no empty lists, no empty texts', () => {
    const bare = {
      ...parts,
      conditions: [],
      serviceCode: { system: systems.snomed, code: '1', display: '' },
    };
    expect(emptyPlaces(buildServiceRequest(bare))).toEqual([]);
    expect(emptyPlaces(Object.values(made))).toEqual([]);
    expect(
      emptyPlaces([
        minimumPatient({ resourceType: 'Patient' }, view),
        minimumCondition(condition, 'c', base, 'p'),
      ]),
    ).toEqual([]);
  });

  it('is of a Condition what it is, not how it was found out', () => {
    const seen = JSON.stringify(minimumCondition(condition, 'condition-1', base, 'person-1'));
    expect(seen).not.toMatch(/theirs|tears|evidence|asserter|encounter/);
  });
});

describe('a Condition that never leaves', () => {
  const labeled = (code: string) => ({
    ...condition,
    meta: { security: [{ system: systems.confidentiality, code }] },
  });
  const verified = (code: string) => ({ ...condition, verificationStatus: { coding: [{ code }] } });
  it.each(['R', 'V'])('is labeled %s', (code) => expect(mayLeave(labeled(code))).toBe(false));
  it.each(['refuted', 'entered-in-error'])('is %s', (code) =>
    expect(mayLeave(verified(code))).toBe(false),
  );
  it.each(['Refuted', 'Entered in Error'])(
    'says so in words beside a code of the site: %s',
    (display) => {
      const verificationStatus = { coding: [{ system: 'urn:site', code: '7', display }] };
      expect(mayLeave({ ...verified('confirmed'), verificationStatus })).toBe(false);
    },
  );
  it('is no other one', () =>
    expect([condition, labeled('N'), verified('unconfirmed')].map(mayLeave)).toEqual([
      true,
      true,
      true,
    ]));
});

describe('a consent that a reviewer recorded', () => {
  const recorded = { id: 'c', dateTime: '2026-11-01', until: '2027-01-01T00:00:00.000Z' };
  it('is a Consent as any other', () => {
    expect(consentOfRecord(recorded, 'person-1')).toMatchObject({
      id: 'c',
      status: 'active',
      dateTime: '2026-11-01',
      patient: { reference: 'Patient/person-1' },
      provision: { type: 'permit', period: { end: recorded.until } },
    });
  });

  it('ends on the day that it is taken back', () => {
    expect(
      consentOfRecord(
        { ...recorded, withdrawn: true, withdrawnAt: '2026-11-20T10:00:00Z' },
        'person-1',
      ),
    ).toMatchObject({
      status: 'inactive',
      dateTime: '2026-11-20T10:00:00Z',
    });
  });
});

const definitions = join(
  import.meta.dirname,
  '../../../../../shared/ig/definitions/StructureDefinition',
);

type ElementDefinition = { path: string; id: string; min?: number; max?: string } & Record<
  string,
  unknown
>;

/** Mandatory, forbidden and fixed elements at the top of a profile that a resource breaks. */
function breaches(name: string, resource: object): string[] {
  const profile = JSON.parse(
    readFileSync(join(definitions, `StructureDefinition-${name}.json`), 'utf8'),
  ) as {
    snapshot: { element: ElementDefinition[] };
  };
  const top = profile.snapshot.element.filter(
    (one) => one.id.split('.').length === 2 && !one.id.includes(':'),
  );
  return top.flatMap((one) => {
    const key = one.path.split('.')[1]?.replace('[x]', '') ?? '';
    const values = Object.entries(resource).filter(
      ([name_]) => name_ === key || (one.path.endsWith('[x]') && name_.startsWith(key)),
    );
    const count = values.flatMap(([, value]) => value).length;
    const wanted = Object.entries(one).find(([rule]) => /^(fixed|pattern)[A-Z]/.test(rule))?.[1];
    if (count < (one.min ?? 0)) return [`${one.path} is missing`];
    if (one.max !== undefined && one.max !== '*' && count > Number(one.max))
      return [`${one.path} is there ${count} times`];
    if (wanted !== undefined && count > 0 && !values.some(([, value]) => matches(value, wanted)))
      return [`${one.path} is not ${JSON.stringify(wanted)}`];
    return [];
  });
}

function matches(value: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted))
    return wanted.every((one) => [value].flat().some((some) => matches(some, one)));
  if (typeof wanted !== 'object' || wanted === null) return value === wanted;
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.entries(wanted).every(([key, one]) =>
      matches((value as Record<string, unknown>)[key], one),
    )
  );
}

describe.skipIf(!existsSync(definitions))(
  'SDOH Clinical Care 3.0.0, as its profiles are written',
  () => {
    it.each(Object.entries(made))('%s has what is mandatory and fixed', (name, resource) => {
      expect(breaches(name, resource)).toEqual([]);
      expect(resource.meta?.profile).toEqual([expect.stringMatching(new RegExp(`/${name}$`))]);
    });

    it('would notice what is missing', () => {
      const { requester: _none, ...task } = buildTask(parts);
      expect(breaches('SDOHCC-TaskForReferralManagement', { ...task, intent: 'plan' })).toEqual([
        'Task.intent is not "order"',
        'Task.requester is missing',
      ]);
    });
  },
);
