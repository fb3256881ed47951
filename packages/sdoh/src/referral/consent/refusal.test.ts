import { type fhir4, systems } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { type ConsentQuestion, evaluateConsent } from './evaluate-consent.ts';

/**
 * What may be a no counts as one, or waits: a refusal by what it is called, and a provision that is
 * about somebody else in part.
 */
const question: ConsentQuestion = {
  isPerson: (reference) => reference === 'Patient/p1',
  isRecipient: (reference) => reference?.reference === 'Organization/pantry',
  now: new Date('2026-06-15T12:00:00Z'),
  longestDays: undefined,
};
type Loose = Record<string, unknown>;
const coded = (system: string, code: string, display?: string) => ({
  coding: [{ system, code, ...(display ? { display } : {}) }],
});
const policies = 'http://terminology.hl7.org/CodeSystem/consentpolicycodes';
const consent = (change: Loose = {}) =>
  ({
    resourceType: 'Consent',
    id: 'c1',
    status: 'active',
    scope: coded(systems.consentScope, 'patient-privacy'),
    category: [coded(systems.actCode, 'IDSCL')],
    patient: { reference: 'Patient/p1' },
    dateTime: '2026-01-10',
    policyRule: coded(policies, 'hipaa-auth'),
    ...change,
  }) as unknown as fhir4.Consent;
const answer = (...some: fhir4.Consent[]) => evaluateConsent(some, question);
const older = consent({ id: 'c0', dateTime: '2026-01-01' });

/** Alone it permits nothing, and beside a clear permit a person looks. */
function waits(change: Loose, path: string): void {
  expect(answer(consent(change))).toMatchObject({ kind: 'needs-person', doubt: { path } });
  expect(answer(older, consent(change)).kind).toBe('needs-person');
}

const refusals = [
  'Opt-out',
  'OPTOUT',
  'OptOut form',
  'opted_out',
  'Refusal of disclosure',
  'Patient refuses',
  'Declined',
  'Denied',
  'Consent revoked',
];
const more = [
  'Withdrawal of authorization',
  'Restricted',
  'Restriction on disclosures',
  'Do not share',
  "Don't disclose",
  'No disclosure',
  'Patient objects',
  'Not signed',
  'Consent has not been obtained',
  'Unsigned form',
  'Pending signature',
  'Authorization expired',
  'No autorizo compartir mi información',
  'El paciente se niega',
  'Rechazado por el paciente',
];
/** Whole texts that name no policy. */
const empty = ['No', 'none', 'N/A', 'Unknown', 'never', 'pending', 'Expired', '   ', '-'];

describe('a Consent that is called a refusal', () => {
  it.each([...refusals, ...more, ...empty])(
    'permits nothing by the words of its policy: %s',
    (text) => {
      waits({ policyRule: { text } }, 'Consent.policyRule');
      waits({ policyRule: coded(policies, 'hipaa-auth', text) }, 'Consent.policyRule');
      waits({ category: [coded(systems.actCode, 'IDSCL'), { text }] }, 'Consent.category');
      waits({ category: [coded(systems.actCode, 'IDSCL', text)] }, 'Consent.category');
      waits({ sourceAttachment: { title: text } }, 'Consent.sourceAttachment.title');
      waits(
        { sourceReference: { reference: 'DocumentReference/9', display: text } },
        'Consent.sourceReference.display',
      );
      waits(
        { scope: { ...coded(systems.consentScope, 'patient-privacy'), text } },
        'Consent.scope',
      );
    },
  );

  it.each([
    'https://mn.example/opt-out',
    'https://mn.example/opt-out/2026/form.pdf',
    'https://mn.example/OptOutForm',
    'https://mn.example/policy?kind=optout',
    'urn:policy:OPTOUT:2',
    'https://mn.example/hipaa-restrictions/1',
    'https://mn.example/consent-refusal.html',
    `${systems.actCode}|NOCONSENT`,
  ])('permits nothing by the address of its policy: %s', (address) => {
    waits({ policyRule: undefined, policy: [{ uri: address }] }, 'Consent.policy');
    waits(
      {
        policyRule: undefined,
        policy: [{ uri: 'https://mn.example/share' }, { authority: address }],
      },
      'Consent.policy',
    );
  });

  it.each(['OPTOUT', 'OPTOUTE', 'OPTINR', 'NOCONSENT'])(
    'permits nothing under the category %s, and may be a no',
    (code) => {
      waits(
        { category: [coded(systems.actCode, 'IDSCL'), coded(systems.actCode, code)] },
        'Consent.category',
      );
      waits({ category: [coded(systems.actCode, code)] }, 'Consent.category');
    },
  );

  it.each(['5.0', '6.0', '4.3'])(
    'permits nothing where an element of FHIR %s came as an extension',
    (version) => {
      const url = `http://hl7.org/fhir/${version}/StructureDefinition/extension-Consent.decision`;
      waits({ extension: [{ url, valueCode: 'deny' }] }, 'Consent.extension');
      waits(
        { provision: { extension: [{ url, valueCode: 'deny' }] } },
        'Consent.provision.extension',
      );
    },
  );

  it('counts whenever it was signed', () =>
    waits({ dateTime: '2027-01-01', policyRule: { text: 'Opt-out' } }, 'Consent.policyRule'));

  it.each([
    'Authorization to share',
    'This authorization may be revoked at any time',
    'You can opt out later. It holds until withdrawn.',
    'I have the right to refuse; I do not.',
    'Released without restrictions',
    'To adopt outreach plans',
    'Notice of privacy practices',
    'Subject to revocation at any time',
    'You have the right of withdrawal',
    'Valid until revocation',
    'It has not been revoked.',
    'A revocable consent',
    'It protects from unauthorized access',
    'Known policy of the clinic',
    'This authorization expires after one year',
    'Autorizo compartir mi información',
    '同意分享',
    'I know that my provider may not condition treatment on this form',
  ])('permits where the words only tell of a right: %s', (text) => {
    expect(answer(consent({ policyRule: { text } })).kind).toBe('permit');
  });

  it.each([
    'https://clinic.example/forms/share',
    'https://www.hhs.gov/hipaa',
    'urn:uuid:0a',
    'https://mn.example/optimal-outcomes',
  ])('permits under an address that says no such thing: %s', (uri) =>
    expect(answer(consent({ policyRule: undefined, policy: [{ uri }] })).kind).toBe('permit'),
  );
});

const role = (code: string) =>
  coded('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code);
const actor = (reference: string, as: object = role('IRCP')) => ({
  role: as,
  reference: { reference },
});
const pantry = actor('Organization/pantry');
const shelter = actor('Organization/shelter');

describe('whom a provision is about', () => {
  it.each<[string, Loose, string]>([
    ['the partner as a custodian', { actor: [actor('Organization/pantry', role('CST'))] }, 'actor'],
    [
      'the partner as an author, in words',
      { actor: [actor('Organization/pantry', { text: 'Author' })] },
      'actor',
    ],
    [
      'the clinic as a custodian',
      { type: 'deny', actor: [actor('Organization/clinic', role('CST'))] },
      'actor',
    ],
    ['a group', { type: 'deny', actor: [actor('Group/g')] }, 'actor'],
    ['a care team', { type: 'deny', actor: [actor('CareTeam/t')] }, 'actor'],
    [
      'somebody who may work there',
      { type: 'deny', actor: [actor('PractitionerRole/r')] },
      'actor',
    ],
    [
      'others, with an exception for all',
      { type: 'permit', actor: [shelter], provision: [{ type: 'deny' }] },
      'actor',
    ],
    [
      'others, with an exception for the partner',
      { type: 'permit', actor: [shelter], provision: [{ type: 'deny', actor: [pantry] }] },
      'actor',
    ],
    [
      'others, with an exception deep within',
      {
        type: 'deny',
        actor: [shelter],
        provision: [
          { type: 'permit', actor: [shelter], provision: [{ type: 'deny', actor: [pantry] }] },
        ],
      },
      'actor',
    ],
    [
      'the partner, with an exception',
      { type: 'permit', actor: [pantry], provision: [{ type: 'deny', actor: [shelter] }] },
      'provision',
    ],
    ['a purpose', { type: 'deny', purpose: [{ code: 'HMARKT' }] }, 'purpose'],
    ['a kind of data', { type: 'deny', class: [{ code: 'Condition' }] }, 'class'],
    ['labels', { type: 'deny', securityLabel: [{ code: 'R' }] }, 'securityLabel'],
  ])('is not judged where it names %s', (_name, provision, element) => {
    waits({ provision }, `Consent.provision.${element}`);
  });

  it.each<[string, Loose]>([
    ['another organization', { type: 'deny', actor: [shelter] }],
    [
      'another organization, by a role in words',
      { type: 'deny', actor: [actor('Organization/shelter', { text: 'Recipient' })] },
    ],
    ['a relative', { type: 'deny', actor: [actor('RelatedPerson/m', { text: 'Mother' })] }],
    [
      'others throughout',
      { type: 'deny', actor: [shelter], provision: [{ type: 'permit', actor: [shelter] }] },
    ],
  ])('concerns nobody else where it names %s', (_name, provision) => {
    expect(answer(older, consent({ provision })).kind).toBe('permit');
  });
});
