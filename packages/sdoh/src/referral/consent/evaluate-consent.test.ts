import type { fhir4 } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { type ConsentQuestion, evaluateConsent } from './evaluate-consent.ts';

const now = new Date('2026-06-15T12:00:00Z');
const ehr = 'https://ehr.example.org/fhir';

const question: ConsentQuestion = {
  isPerson: (reference) => reference === 'Patient/p1' || reference === `${ehr}/Patient/p1`,
  isRecipient: (reference) =>
    reference?.reference === 'Organization/pantry' ||
    reference?.reference === 'https://pantry.example.org/fhir/Organization/pantry',
  now,
  longestDays: undefined,
};

const idscl = [
  { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IDSCL' }] },
];
const privacy = {
  coding: [
    { system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' },
  ],
};

type Loose = Record<string, unknown>;

function consent(change: Loose = {}): fhir4.Consent {
  return {
    resourceType: 'Consent',
    id: 'c1',
    meta: { versionId: '3' },
    status: 'active',
    scope: privacy,
    category: idscl,
    patient: { reference: 'Patient/p1' },
    dateTime: '2026-01-10T09:00:00-06:00',
    organization: [{ reference: 'Organization/clinic' }],
    sourceAttachment: { title: 'form' },
    policyRule: { text: 'hipaa-auth' },
    ...change,
  } as unknown as fhir4.Consent;
}

const answer = (consents: readonly Loose[], change: Partial<ConsentQuestion> = {}) =>
  evaluateConsent(
    consents.map((one, index) => consent({ id: `c${index + 1}`, ...one })),
    { ...question, ...change },
  ).kind;

const provision = (content: Loose) => ({ provision: content });
const actor = (reference: unknown, more: Loose = {}) => ({
  role: { coding: [{ code: 'IRCP' }] },
  reference,
  ...more,
});
const pantry = actor({ reference: 'Organization/pantry' });
const shelter = actor({ reference: 'Organization/shelter' });
const modifier = [{ url: 'https://example.org/not', valueBoolean: true }];

describe('a single consent', () => {
  it.each<[string, Loose, string]>([
    ['permits as it stands', {}, 'permit'],
    ['permits without a provision type', provision({}), 'permit'],
    ['permits with type permit', provision({ type: 'permit' }), 'permit'],
    ['denies with type deny', provision({ type: 'deny' }), 'denied'],
    [
      'waits for a person with a type that does not exist',
      provision({ type: 'maybe' }),
      'needs-person',
    ],
    ['is nothing as a draft', { status: 'draft' }, 'none'],
    ['is nothing as a proposal', { status: 'proposed' }, 'none'],
    ['is nothing when inactive', { status: 'inactive' }, 'none'],
    ['is nothing when rejected', { status: 'rejected' }, 'none'],
    ['is nothing when entered in error', { status: 'entered-in-error' }, 'none'],
    ['waits for a person without a status', { status: undefined }, 'needs-person'],
    [
      'is nothing for another scope',
      { scope: { coding: [{ system: privacy.coding[0]?.system, code: 'treatment' }] } },
      'none',
    ],
    [
      'waits for a person with the scope of another code system',
      { scope: { coding: [{ system: 'https://example.org', code: 'patient-privacy' }] } },
      'needs-person',
    ],
    ['waits for a person without a scope', { scope: undefined }, 'needs-person'],
    [
      'is nothing for another category',
      { category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }] },
      'none',
    ],
    ['waits for a person without a category', { category: undefined }, 'needs-person'],
    [
      'permits when IDSCL is one of several categories',
      { category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }, ...idscl] },
      'permit',
    ],
    ['is nothing for another person', { patient: { reference: 'Patient/p2' } }, 'none'],
    [
      'is nothing for a person of another server',
      { patient: { reference: 'https://elsewhere.example.org/fhir/Patient/p1' } },
      'none',
    ],
    ['waits for a person without a patient', { patient: undefined }, 'needs-person'],
    ['permits by an absolute reference', { patient: { reference: `${ehr}/Patient/p1` } }, 'permit'],
    [
      'permits by a reference with a version',
      { patient: { reference: 'Patient/p1/_history/4' } },
      'permit',
    ],
    ['is nothing when signed in the future', { dateTime: '2026-06-15T12:00:01Z' }, 'none'],
    ['permits when signed this very instant', { dateTime: '2026-06-15T12:00:00Z' }, 'permit'],
    [
      'permits when signed earlier today by an offset',
      { dateTime: '2026-06-15T16:59:00+05:00' },
      'permit',
    ],
    [
      'is nothing when signed later today by an offset',
      { dateTime: '2026-06-15T07:00:01-05:00' },
      'none',
    ],
    ['permits when signed on a day that has begun', { dateTime: '2026-06-15' }, 'permit'],
    ['is nothing when signed tomorrow', { dateTime: '2026-06-16' }, 'none'],
    ['permits when signed in a year', { dateTime: '2025' }, 'permit'],
    ['waits for a person without a date', { dateTime: undefined }, 'needs-person'],
    ['waits for a person with a date that is none', { dateTime: 'last week' }, 'needs-person'],
    ['permits in an open period', provision({ period: {} }), 'permit'],
    [
      'permits in its period',
      provision({ period: { start: '2026-01-01', end: '2026-12-31' } }),
      'permit',
    ],
    [
      'permits on the last day of its period',
      provision({ period: { end: '2026-06-15' } }),
      'permit',
    ],
    [
      'permits in the last month of its period',
      provision({ period: { end: '2026-06' } }),
      'permit',
    ],
    ['permits in the last year of its period', provision({ period: { end: '2026' } }), 'permit'],
    ['is nothing after its period', provision({ period: { end: '2026-06-14' } }), 'none'],
    [
      'is nothing a second after its period',
      provision({ period: { end: '2026-06-15T11:59:59Z' } }),
      'none',
    ],
    ['is nothing before its period', provision({ period: { start: '2026-06-16' } }), 'none'],
    [
      'waits for a person with a period that is none',
      provision({ period: { end: 'soon' } }),
      'needs-person',
    ],
    ['permits when it names the recipient', provision({ actor: [pantry] }), 'permit'],
    [
      'permits when it names the recipient by an absolute reference',
      provision({
        actor: [actor({ reference: 'https://pantry.example.org/fhir/Organization/pantry' })],
      }),
      'permit',
    ],
    [
      'permits when it names the recipient among others',
      provision({ actor: [shelter, pantry] }),
      'permit',
    ],
    ['is nothing when it names others only', provision({ actor: [shelter] }), 'none'],
    [
      'is nothing when it names the same id on another server',
      provision({
        actor: [actor({ reference: 'https://elsewhere.example.org/fhir/Organization/pantry' })],
      }),
      'none',
    ],
    [
      'waits for a person when it names somebody by display',
      provision({ actor: [actor({ display: 'The pantry' })] }),
      'needs-person',
    ],
    [
      'waits for a person when it names somebody by identifier',
      provision({ actor: [shelter, actor({ identifier: { value: '12' } })] }),
      'needs-person',
    ],
    [
      'permits when it names the recipient and somebody by display',
      provision({ actor: [pantry, actor({ display: 'The clinic' })] }),
      'permit',
    ],
    [
      'waits for a person when it names somebody inside itself',
      provision({ actor: [actor({ reference: '#org' })] }),
      'needs-person',
    ],
    ['waits for a person with an empty list of actors', provision({ actor: [] }), 'needs-person'],
    ['is nothing as a denial of others', provision({ type: 'deny', actor: [shelter] }), 'none'],
    ['denies the recipient', provision({ type: 'deny', actor: [pantry] }), 'denied'],
    [
      'waits for a person as a denial of somebody by display',
      provision({ type: 'deny', actor: [actor({ display: 'Pantries' })] }),
      'needs-person',
    ],
    ['denies without a date', { dateTime: undefined, ...provision({ type: 'deny' }) }, 'denied'],
    [
      'denies though dated in the future',
      { dateTime: '2027-01-01', ...provision({ type: 'deny' }) },
      'denied',
    ],
    [
      'is nothing as a denial that has ended',
      provision({ type: 'deny', period: { end: '2026-06-01' } }),
      'none',
    ],
    [
      'is nothing as a denial that has not begun',
      provision({ type: 'deny', period: { start: '2026-07-01' } }),
      'none',
    ],
    ...[
      'provision',
      'data',
      'purpose',
      'securityLabel',
      'action',
      'class',
      'code',
      'dataPeriod',
      'anythingNew',
    ].map((key): [string, Loose, string] => [
      `waits for a person with ${key}`,
      provision({ [key]: key === 'dataPeriod' ? { start: '2026' } : [{ type: 'deny' }] }),
      'needs-person',
    ]),
    [
      'waits for a person as a denial with exceptions',
      provision({ type: 'deny', provision: [{ type: 'permit' }] }),
      'needs-person',
    ],
    [
      'is nothing with data, for others',
      provision({
        data: [{ meaning: 'instance', reference: { reference: 'Observation/1' } }],
        actor: [shelter],
      }),
      'none',
    ],
    [
      'waits for a person with a modifier of its own',
      { modifierExtension: modifier },
      'needs-person',
    ],
    [
      'waits for a person with a modifier in its provision',
      provision({ modifierExtension: modifier }),
      'needs-person',
    ],
    [
      'waits for a person with a modifier on an actor, whomever it names',
      provision({ actor: [{ ...shelter, modifierExtension: modifier }] }),
      'needs-person',
    ],
    [
      'waits for a person with a modifier in its verification',
      { verification: [{ verified: true, modifierExtension: modifier }] },
      'needs-person',
    ],
    [
      'waits for a person with implicit rules',
      { implicitRules: 'https://example.org/rules' },
      'needs-person',
    ],
    [
      'permits with a plain extension in its provision',
      provision({ extension: [{ url: 'https://example.org/note', valueString: 'x' }] }),
      'permit',
    ],
    [
      'permits with policy and verification',
      { policyRule: { text: 'x' }, verification: [{ verified: true }] },
      'permit',
    ],
  ])('%s', (_name, change, expected) => {
    expect(answer([change])).toBe(expected);
  });
});

describe('several consents', () => {
  const deny = provision({ type: 'deny' });
  it.each<[string, Loose[], string]>([
    [
      'a matching denial wins over a newer permit',
      [{ ...deny, dateTime: '2025-01-01' }, {}],
      'denied',
    ],
    [
      'a denial wins over what a person would have to read',
      [deny, { modifierExtension: modifier }],
      'denied',
    ],
    [
      'a denial of others leaves a permit alone',
      [{ ...provision({ type: 'deny', actor: [shelter] }) }, {}],
      'permit',
    ],
    [
      'a newer inactive one of the same discloser wins',
      [{}, { status: 'inactive', dateTime: '2026-02-01' }],
      'denied',
    ],
    [
      'a newer rejected one of the same discloser wins',
      [{}, { status: 'rejected', dateTime: '2026-02-01' }],
      'denied',
    ],
    [
      'an older inactive one does not',
      [{}, { status: 'inactive', dateTime: '2025-02-01' }],
      'permit',
    ],
    ['a newer draft does not', [{}, { status: 'draft', dateTime: '2026-02-01' }], 'permit'],
    [
      'a newer one entered in error does not',
      [{}, { status: 'entered-in-error', dateTime: '2026-02-01' }],
      'permit',
    ],
    [
      'a newer rejected one of another discloser does not',
      [
        {},
        {
          status: 'rejected',
          dateTime: '2026-02-01',
          organization: [{ reference: 'Organization/other' }],
        },
      ],
      'permit',
    ],
    [
      'a newer rejected one about something else does not',
      [{}, { status: 'rejected', dateTime: '2026-02-01', category: [{ text: 'research' }] }],
      'permit',
    ],
    [
      'a newer rejected one of another person does not',
      [{}, { status: 'rejected', dateTime: '2026-02-01', patient: { reference: 'Patient/p2' } }],
      'permit',
    ],
    [
      'a rejected one without a discloser may be of the same one',
      [{}, { status: 'rejected', dateTime: '2026-02-01', organization: undefined }],
      'denied',
    ],
    [
      'a rejected one without a date may be the newer one',
      [{}, { status: 'rejected', dateTime: undefined }],
      'denied',
    ],
    [
      'a rejected one of the same month may be the newer one',
      [{}, { status: 'rejected', dateTime: '2026-01' }],
      'denied',
    ],
    [
      'an absolute reference names the same discloser',
      [
        {},
        {
          status: 'rejected',
          dateTime: '2026-02-01',
          organization: [{ reference: `${ehr}/Organization/clinic` }],
        },
      ],
      'denied',
    ],
    [
      'the same id on two servers names two disclosers',
      [
        { organization: [{ reference: 'https://a.example.org/Organization/clinic' }] },
        {
          status: 'rejected',
          dateTime: '2026-02-01',
          organization: [{ reference: 'https://b.example.org/Organization/clinic' }],
        },
      ],
      'permit',
    ],
    [
      'a permit signed after the rejection counts',
      [
        { dateTime: '2026-03-01' },
        { status: 'rejected', dateTime: '2026-02-01' },
        { dateTime: '2025-12-01' },
      ],
      'permit',
    ],
    [
      'what is not evaluated waits for a person even beside a permit',
      [{}, provision({ data: [{}] })],
      'needs-person',
    ],
    [
      'an expired one beside a valid one',
      [provision({ period: { end: '2026-02-01' } }), {}],
      'permit',
    ],
    [
      'only expired ones',
      [provision({ period: { end: '2026-02-01' } }), provision({ period: { end: '2025' } })],
      'none',
    ],
    ['none at all', [], 'none'],
  ])('%s', (_name, consents, expected) => {
    expect(answer(consents)).toBe(expected);
    expect(answer([...consents].reverse())).toBe(expected);
  });

  it('keeps the id and version of the one that lasts longest, and until when', () => {
    const short = consent({ id: 'short', provision: { period: { end: '2026-07-01T00:00:00Z' } } });
    const long = consent({ id: 'long', provision: { period: { end: '2026-08-01' } } });
    expect(evaluateConsent([short, long], question)).toEqual({
      kind: 'permit',
      consentId: 'long',
      version: '3',
      until: '2026-08-01T23:59:59.999Z',
    });
    expect(evaluateConsent([short, long, consent({ id: 'open' })], question)).toEqual({
      kind: 'permit',
      consentId: 'open',
      version: '3',
    });
  });
});

describe('the longest validity of a site', () => {
  it.each<[string, Loose, number | undefined, string]>([
    ['none set: an old signature counts', { dateTime: '2001-01-01' }, undefined, 'permit'],
    ['within a year', { dateTime: '2025-06-16T12:00:00Z' }, 365, 'permit'],
    ['to the very instant', { dateTime: '2025-06-15T12:00:00Z' }, 365, 'permit'],
    ['after a year', { dateTime: '2025-06-15T11:59:59Z' }, 365, 'none'],
    ['counted from the start of a partial date', { dateTime: '2025' }, 365, 'none'],
    [
      'the period of the consent may be shorter',
      provision({ period: { end: '2026-06-01' } }),
      365,
      'none',
    ],
    [
      'a denial does not wear out',
      { dateTime: '2001-01-01', ...provision({ type: 'deny' }) },
      365,
      'denied',
    ],
  ])('%s', (_name, change, longestDays, expected) => {
    expect(answer([change], { longestDays })).toBe(expected);
  });

  it('says until when, the earlier of period and site', () => {
    const found = evaluateConsent([consent({ provision: { period: { end: '2030' } } })], {
      ...question,
      longestDays: 365,
    });
    expect(found).toMatchObject({ until: '2027-01-10T15:00:00.000Z' });
  });
});

describe('a malformed consent', () => {
  it.each<[string, Loose]>([
    ['a category that is no list', { category: idscl[0] }],
    ['a category that is a list of words', { category: ['IDSCL'] }],
    ['a scope that is a list', { scope: [privacy] }],
    ['a coding that is no list', { scope: { coding: privacy.coding[0] } }],
    ['a provision that is a list', { provision: [{ type: 'deny' }] }],
    ['a provision that is a word', { provision: 'permit' }],
    ['actors that are no list', { provision: { actor: pantry } }],
    ['an actor that is a word', { provision: { actor: ['Organization/pantry'] } }],
    ['a period that is a word', { provision: { period: '2026' } }],
    ['a period with numbers', { provision: { period: { end: 2026 } } }],
    ['a date that is a number', { dateTime: 20260110 }],
    [
      'an actor whose reference is a word',
      { provision: { actor: [{ reference: 'Organization/pantry' }] } },
    ],
  ])('waits for a person: %s', (_name, change) => {
    expect(answer([change])).toBe('needs-person');
  });

  it('never throws and never permits on garbage, however deep', () => {
    let deep: unknown = { type: 'permit' };
    for (let level = 0; level < 20_000; level += 1) deep = { provision: [deep] };
    const garbage = [
      null,
      undefined,
      'x',
      7,
      [],
      {},
      { patient: 3 },
      { patient: { reference: 7 } },
      consent({ organization: 'clinic', patient: 'p1' }),
      consent({ provision: deep }),
    ];
    expect(evaluateConsent(garbage as unknown as fhir4.Consent[], question).kind).toBe(
      'needs-person',
    );
    expect(evaluateConsent(undefined as unknown as fhir4.Consent[], question).kind).toBe('none');
  });
});
