import { type fhir4, profiles, systems } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { consentOfRecord, type RecordedConsent } from './consent/recorded-consent.ts';
import { minimumConsent } from './minimum-consent.ts';

const base = 'https://loopwell.example/fhir';
const parties = { base, id: 'copy-1', person: 'person-1', recipient: 'pantry' };
const consent: fhir4.Consent = {
  resourceType: 'Consent',
  id: 'theirs',
  status: 'active',
  text: { status: 'generated', div: '<div>secret</div>' },
  scope: { coding: [{ system: systems.consentScope, code: 'patient-privacy' }], text: 'secret' },
  category: [{ coding: [{ system: systems.actCode, code: 'IDSCL' }] }],
  patient: { reference: 'Patient/theirs', display: 'secret' },
  dateTime: '2026-11-01',
  performer: [{ reference: 'RelatedPerson/theirs' }],
  organization: [{ reference: 'Organization/clinic', display: 'Lakes Clinic' }],
  sourceAttachment: { contentType: 'application/pdf', data: 'c2lnbmVk' },
  policyRule: { text: 'The form of 2024' },
  provision: {
    type: 'permit',
    period: { end: '2027-01-01' },
    actor: [
      {
        role: { text: 'to the other shelter' },
        reference: { reference: 'Organization/other', display: 'Other' },
      },
      { role: { text: 'recipient' }, reference: { reference: 'Organization/pantry' } },
    ],
  },
};
const copyOf = (
  more: Partial<fhir4.Consent> = {},
  who: Partial<typeof parties> & { recordedBy?: { id: string; name: string } } = {},
) => minimumConsent({ ...consent, ...more }, { ...parties, ...who });

describe('the copy of a Consent that one partner reads', () => {
  it('is the decision without the signed form or other recipients', () => {
    const seen = copyOf();
    expect(JSON.stringify(seen)).not.toMatch(/theirs|c2lnbmVk|other|Other|secret/);
    expect(seen).toMatchObject({
      id: 'copy-1',
      meta: { profile: [profiles.consent] },
      status: 'active',
      dateTime: '2026-11-01',
      patient: { reference: `${base}/Patient/person-1` },
      provision: {
        type: 'permit',
        period: { end: '2027-01-01' },
        actor: [{ reference: { reference: `${base}/Organization/pantry` } }],
      },
    });
  });

  it('names no recipient where the original names none', () => {
    expect(copyOf({ provision: { type: 'permit' } }).provision).toEqual({ type: 'permit' });
  });

  const rule: fhir4.CodeableConcept = {
    coding: [{ system: 'https://x.example', code: 'y' }],
    text: 'z',
  };
  it.each<[string, Partial<fhir4.Consent>, object]>([
    ['a rule', { policyRule: rule }, { policyRule: rule }],
    ['words', { policyRule: { text: 'w' } }, { policyRule: { text: 'w' } }],
    [
      'policies',
      {
        policyRule: undefined,
        policy: [{ authority: 'https://a.example', uri: 'https://b.example' }],
      },
      { policy: [{ authority: 'https://a.example', uri: 'https://b.example' }] },
    ],
    ['none', { policyRule: undefined }, {}],
  ])('carries the policy of the original: %s', (_name, more, expected) => {
    const { policy, policyRule } = copyOf(more);
    expect(JSON.parse(JSON.stringify({ policy, policyRule }))).toEqual(expected);
  });

  const contained = [
    { resourceType: 'Organization', id: 'o', name: 'North Clinic', telecom: [{ value: 'secret' }] },
  ] as fhir4.Organization[];
  it.each<[string, fhir4.Reference[] | undefined, fhir4.Reference[] | undefined]>([
    [
      'its name',
      [{ reference: 'Organization/1', display: 'Lakes Clinic' }],
      [{ display: 'Lakes Clinic' }],
    ],
    [
      'its identifier',
      [{ identifier: { system: 'npi', value: '1', assigner: { display: 'x' } } }],
      [{ identifier: { system: 'npi', value: '1' } }],
    ],
    [
      'a reference alone, as words',
      [{ reference: 'https://ehr.example/fhir/Organization/1' }],
      [{ display: 'Organization/1' }],
    ],
    ['a contained one', [{ reference: '#o' }], [{ display: 'North Clinic' }]],
    ['nobody', undefined, undefined],
  ])('carries the discloser of the original: %s', (_name, organization, expected) => {
    const seen = copyOf({ organization, contained });
    expect(seen.organization).toEqual(expected);
    expect(JSON.stringify(seen)).not.toContain('secret');
    expect(seen.meta).toEqual(expected ? { profile: [profiles.consent] } : undefined);
  });

  it('names us for a consent that was recorded here', () => {
    const seen = copyOf({ organization: undefined }, { recordedBy: { id: 'us', name: 'Clinic' } });
    expect(seen.organization).toEqual([
      { reference: `${base}/Organization/us`, display: 'Clinic' },
    ]);
  });
});

describe('the copy of a consent that was recorded here', () => {
  const record: RecordedConsent = {
    ...{ id: 'r1', dateTime: '2026-11-20', until: '2027-11-20', signer: 'Mai', method: 'paper' },
    ...{ document: 'binder 4', householdSize: 4 },
    permits: { kind: 'food-insecurity', except: ['hillside'], elements: ['name', 'contact'] },
  };
  const copyOfRecord = (more: Partial<RecordedConsent>) => {
    const recorded = { ...record, ...more };
    return minimumConsent(consentOfRecord(recorded, 'person-1'), {
      ...parties,
      recordedBy: { id: 'us', name: 'Clinic' },
      recorded,
    });
  };

  it('says who signed by which right, how, until when, and what may be read', () => {
    expect(copyOfRecord({})).toMatchObject({
      meta: { profile: [profiles.consent] },
      performer: [{ reference: `${base}/Patient/person-1` }],
      sourceAttachment: { title: 'Signed on paper; held by the discloser' },
      provision: {
        period: { end: '2027-11-20' },
        actor: [{ reference: { reference: `${base}/Organization/pantry` } }],
        code: [
          { coding: [{ system: systems.consentElement, code: 'name' }] },
          { coding: [{ system: systems.consentElement, code: 'contact' }] },
        ],
      },
    });
  });

  it('tells no partner who else may know, where the form is, or a guardian’s name', () => {
    const seen = JSON.stringify(copyOfRecord({ authority: 'guardian' }));
    expect(seen).toContain('"performer":[{"type":"RelatedPerson","display":"Guardian"}]');
    expect(seen).not.toMatch(/hillside|binder|Mai|food-insecurity/);
  });
});
