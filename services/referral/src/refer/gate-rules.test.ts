import { type fhir4, systems } from '@loopwell/fhir';
import { consentOfRecord } from '@loopwell/sdoh';
import type { PartnerRow, TaskRow } from '@loopwell/store';
import { describe, expect, it } from 'vitest';
import type { ReferralSettings } from '../settings.ts';
import { gateRules, placesOf } from './gate-rules.ts';
import type { Partner, PersonFile } from './model.ts';

const clock = { now: () => new Date('2026-11-24T12:00:00Z') };
const settings = { longestConsentDays: 365, agreedByConsent: false } as ReferralSettings;
const pantry: Partner = {
  id: 'pantry',
  name: 'Pantry',
  address: 'https://pantry.example',
  channel: 'fhir-rest',
  references: ['Organization/pantry', 'urn:uuid:1'],
};
const file: PersonFile = {
  person: 'person-1',
  connection: 'c',
  base: 'https://ehr.example/fhir',
  patient: { resourceType: 'Patient', id: 'p' },
  consents: [],
  goals: [],
  serviceRequests: [],
};

const consent = (more: Partial<fhir4.Consent> = {}): fhir4.Consent => ({
  resourceType: 'Consent',
  id: 'c1',
  meta: { versionId: '7' },
  status: 'active',
  scope: { coding: [{ system: systems.consentScope, code: 'patient-privacy' }] },
  category: [{ coding: [{ system: systems.actCode, code: 'IDSCL' }] }],
  patient: { reference: 'Patient/p' },
  dateTime: '2026-06-01',
  organization: [{ reference: 'Organization/clinic' }],
  policyRule: { text: 'Authorization to share' },
  ...more,
});
const named = (...references: string[]) => ({
  provision: {
    actor: references.map((reference) => ({ role: { text: 'r' }, reference: { reference } })),
  },
});
const recorded = (more: object = {}) =>
  consentOfRecord({ id: 'r1', dateTime: '2026-08-01', ...more }, 'person-1');
const judge = (consents: fhir4.Consent[], partner = pantry) =>
  gateRules(settings, clock).consent(
    {
      consents,
      policies: [],
      unreadable: [],
      isOneUnshown: false,
      areUnread: false,
      recordedId: undefined,
      scope: undefined,
      excluded: [],
    },
    file,
    partner,
  );

describe('consent, as the gates ask for it', () => {
  it('permits with its version, its end by the longest validity, and the day of its signature', () => {
    expect(judge([consent()])).toEqual({
      kind: 'permit',
      consentId: 'c1',
      version: '7',
      until: '2027-06-01T00:00:00.000Z',
      signed: '2026-06-01',
    });
  });

  it.each(['Organization/pantry', 'urn:uuid:1', 'https://ehr.example/fhir/Organization/pantry'])(
    'knows the recipient as %s',
    (reference) => {
      expect(judge([consent(named(reference))]).kind).toBe('permit');
    },
  );

  it('does not know another one', () =>
    expect(judge([consent(named('Organization/shelter'))]).kind).toBe('none'));

  it('is of nobody else', () =>
    expect(judge([consent({ patient: { reference: 'Patient/q' } })]).kind).toBe('none'));

  it.each<[string, fhir4.Consent]>([
    ['its period has ended', consent({ provision: { period: { end: '2026-10-01' } } })],
    ['it is older than the longest validity', consent({ dateTime: '2025-06-01' })],
  ])('has lapsed when %s: nobody took it back', (_name, one) =>
    expect(judge([one])).toEqual({ kind: 'none', lapsed: true }),
  );

  it.each<[string, fhir4.Consent[]]>([
    ['there never was one', []],
    ['it was made inactive', [consent({ status: 'inactive' })]],
    [
      'it is for another recipient',
      [consent({ dateTime: '2025-01-01', ...named('Organization/shelter') })],
    ],
    ['it begins in the future', [consent({ provision: { period: { start: '2027-01-01' } } })]],
  ])('has not lapsed when %s', (_name, consents) =>
    expect(judge(consents)).toEqual({ kind: 'none', lapsed: false }),
  );
});

describe('a consent that a reviewer recorded obeys the same rules', () => {
  it('permits, and is the one that the decision names', () => {
    expect(judge([recorded()])).toMatchObject({
      kind: 'permit',
      consentId: 'r1',
      version: '2026-08-01',
      signed: '2026-08-01',
    });
  });

  it.each<[string, fhir4.Consent[], string]>([
    ['it has ended', [recorded({ until: '2026-10-01T00:00:00Z' })], 'none'],
    ['it is older than the longest validity', [recorded({ dateTime: '2025-08-01' })], 'none'],
    ['the EHR holds a denial', [recorded(), consent({ provision: { type: 'deny' } })], 'denied'],
    [
      'the EHR holds a newer one that was ended',
      [recorded(), consent({ id: 'c2', status: 'inactive', dateTime: '2026-09-01' })],
      'denied',
    ],
    [
      'the EHR holds an older one that was ended',
      [recorded(), consent({ id: 'c2', status: 'inactive', dateTime: '2026-07-01' })],
      'permit',
    ],
    [
      "it was taken back, and the EHR's own is older",
      [recorded({ withdrawn: true, withdrawnAt: '2026-11-01T00:00:00Z' }), consent()],
      'denied',
    ],
    [
      "it was taken back, and the EHR's own was signed since",
      [
        recorded({ withdrawn: true, withdrawnAt: '2026-11-01T00:00:00Z' }),
        consent({ dateTime: '2026-11-20' }),
      ],
      'permit',
    ],
    [
      'it was taken back, and there is no other',
      [recorded({ withdrawn: true, withdrawnAt: '2026-11-01T00:00:00Z' })],
      'none',
    ],
  ])('%s', (_name, consents, kind) => expect(judge(consents).kind).toBe(kind));
});

describe('agreement by consent', () => {
  const agreement = (
    agreedByConsent: boolean,
    consents: fhir4.Consent[],
    more: Partial<PersonFile> = {},
  ) =>
    gateRules({ ...settings, agreedByConsent }, clock).agreement(
      {
        consents,
        policies: [],
        unreadable: [],
        isOneUnshown: false,
        areUnread: false,
        recordedId: undefined,
        scope: undefined,
        excluded: [],
      },
      { ...file, ...more },
      'food-insecurity',
    );

  it('counts only where the site says so, from the day of the signature, with the Consent named', () => {
    expect(agreement(true, [consent()])).toEqual({ source: 'Consent/c1', on: '2026-06-01' });
    expect(agreement(false, [consent()])).toBeUndefined();
  });

  it('needs a consent that stands', () => {
    expect(agreement(true, [])).toBeUndefined();
    expect(agreement(true, [consent({ status: 'inactive' })])).toBeUndefined();
    expect(agreement(true, [consent({ dateTime: '2025-01-01' })])).toBeUndefined();
  });

  it("comes after the person's own word in the EHR", () => {
    const order = {
      resourceType: 'ServiceRequest',
      id: 's',
      status: 'active',
      intent: 'order',
      category: [{ coding: [{ system: systems.sdohcc, code: 'food-insecurity' }] }],
      subject: {},
      authoredOn: '2026-10-01',
    } as fhir4.ServiceRequest;
    expect(agreement(true, [consent()], { serviceRequests: [order] })).toEqual({
      source: 'ServiceRequest/s',
      on: '2026-10-01',
    });
  });
});

const rowOf = (id: string, categories: string[]) =>
  ({ id, body: JSON.stringify({ categories }) }) as PartnerRow;
const taskAt = (live: boolean) => ({ partner: 'pantry', live }) as TaskRow;

it.each<[string, PartnerRow[], TaskRow[], string[]]>([
  ['what the directory says', [rowOf('pantry', ['food']), rowOf('other', ['x'])], [], ['food']],
  ['all its rows', [rowOf('pantry', ['food']), rowOf('pantry', ['rent'])], [], ['food', 'rent']],
  ['the help that it is at work on', [], [taskAt(true)], ['food']],
  ['nothing of a Task that ended', [], [taskAt(false)], []],
])('a partner gives %s', (_what, partners, tasks, categories) => {
  expect(placesOf({ category: 'food' }, tasks, partners)(pantry)).toEqual({
    ...pantry,
    categories,
  });
});
