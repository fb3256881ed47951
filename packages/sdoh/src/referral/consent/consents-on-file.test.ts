import { type fhir4, systems } from '@loopwell/fhir';
import { expect, it } from 'vitest';
import { consentQuestion } from './consent-standing.ts';
import { consentsOnFile, whyNotYet } from './consents-on-file.ts';
import { evaluateConsent } from './evaluate-consent.ts';

/**
 * A Consent that could not be kept may be a no for whomever it may name: then nothing permits until
 * a person has looked.
 */
const base = 'https://ehr.example/fhir';
const person = '11111111-1111-5111-8111-111111111111';
const patient: fhir4.Patient = {
  resourceType: 'Patient',
  id: 'ada',
  identifier: [{ system: 'urn:mrn', value: '77' }],
};
const permit = {
  resourceType: 'Consent',
  id: 'permit',
  status: 'active',
  scope: { coding: [{ system: systems.consentScope, code: 'patient-privacy' }] },
  category: [{ coding: [{ system: systems.actCode, code: 'IDSCL' }] }],
  patient: { reference: 'Patient/ada' },
  dateTime: '2026-06-01',
  policyRule: { text: 'form' },
} as fhir4.Consent;

const ask = {
  person,
  patient: 'ada',
  base,
  recipient: undefined,
  now: new Date('2026-06-15'),
  longestDays: undefined,
  sitePolicy: undefined,
};

function answer(
  consents: fhir4.Consent[],
  quarantined: { id: string; person: string | null; body: string | null }[],
): string {
  const onFile = consentsOnFile({ person, patient, base, consents, recorded: null, quarantined });
  return evaluateConsent(onFile.consents, consentQuestion(onFile, ask)).kind;
}

it.each<[string, object, boolean]>([
  ['nobody', {}, false],
  [
    'them, and somebody else',
    { patient: { reference: 'Patient/ada' }, 'patient (1)': { reference: 'Patient/bo' } },
    true,
  ],
  ['somebody else', { patient: { reference: 'Patient/bo' } }, false],
  ['them by an address', { patient: { reference: `${base}/Patient/ada` } }, true],
  [
    'their id at an address that we do not know',
    { patient: { reference: 'https://export.test/fhir/Patient/ada' } },
    true,
  ],
  [
    'their id in small letters, in a version',
    { patient: { reference: 'https://export.test/patient/ada/_history/2' } },
    true,
  ],
  [
    'another id at such an address',
    { patient: { reference: 'https://export.test/fhir/Patient/adam' } },
    false,
  ],
  ['them by an address with a version', { patient: { reference: 'Patient/ada/_history/3' } }, true],
  ['them by an identifier', { patient: { identifier: { system: 'urn:mrn', value: '77' } } }, true],
  ['them by an identifier without a system', { patient: { identifier: { value: '77' } } }, true],
  [
    'somebody by an identifier of another system',
    { patient: { identifier: { system: 'urn:other', value: '77' } } },
    false,
  ],
  [
    'somebody by another identifier',
    { patient: { identifier: { system: 'urn:mrn', value: '78' } } },
    false,
  ],
  [
    'them by a contained Patient',
    {
      patient: { reference: '#p' },
      contained: [{ identifier: [{ system: 'urn:mrn', value: '77' }] }],
    },
    true,
  ],
])('waits for a person where an unreadable Consent names %s: %o', (_name, more, isWaiting) => {
  const body = JSON.stringify({ resourceType: 'Consent', id: 'x', ...more });
  expect(answer([permit], [{ id: 'x', person: null, body }])).toBe(
    isWaiting ? 'needs-person' : 'permit',
  );
});

it.each<[string, object]>([
  ['nobody', { patient: undefined }],
  ['words', { patient: { display: 'Ada' } }],
  ['an identifier', { patient: { identifier: { value: '1' } } }],
  ['a contained Patient', { patient: { reference: '#p' } }],
  ['a practitioner', { patient: { reference: 'Practitioner/dr' } }],
  ['a condition', { patient: { reference: 'Patient?identifier=1' } }],
])('counts a no that names %s, where it was kept with the person', (_name, more) => {
  const no = { ...permit, id: 'no', provision: { type: 'deny' }, ...more } as fhir4.Consent;
  expect(answer([permit, no], [])).toBe('needs-person');
  expect(answer([permit], [])).toBe('permit');
});

it.each<[string, string | null, string, boolean]>([
  ['may be anybody’s', null, 'ehr-cannot-show', true],
  ['is somebody else’s', '22222222-2222-5222-8222-222222222222', 'ehr-cannot-show', false],
  ['came, and names nobody', null, 'missing-subject', false],
])('says that one is not shown where it %s', (_name, whose, code, isOneUnshown) => {
  const quarantined = [{ id: 'hole-1', person: whose, body: '{}', code }];
  expect(
    consentsOnFile({ person, patient, base, consents: [permit], recorded: null, quarantined })
      .isOneUnshown,
  ).toBe(isOneUnshown);
});

it.each<
  [
    string,
    { isOneUnshown?: boolean; areUnread?: boolean; recordedId?: string },
    string | undefined,
    RegExp | undefined,
  ]
>([
  ['everything is known', {}, 'ehr', undefined],
  ['one cannot be shown', { isOneUnshown: true }, 'ehr', /cannot show/],
  [
    'one cannot be shown, and the permit is recorded here',
    { isOneUnshown: true, recordedId: 'own' },
    'own',
    /cannot show/,
  ],
  ['they are not read up to now', { areUnread: true }, 'ehr', /could not be read up to now/],
  [
    'they are not read up to now, and the permit is recorded here',
    { areUnread: true, recordedId: 'own' },
    'own',
    undefined,
  ],
  [
    'they are not read up to now, and another is recorded here',
    { areUnread: true, recordedId: 'own' },
    'ehr',
    /could not be read/,
  ],
  [
    'they are not read up to now, and nobody knows which one permits',
    { areUnread: true },
    undefined,
    /could not be read/,
  ],
])('says why a permit does not count yet where %s', (_name, known, consentId, why) => {
  const onFile = {
    policies: [],
    unreadable: [],
    isOneUnshown: false,
    areUnread: false,
    recordedId: undefined,
    ...known,
  };
  const words = whyNotYet(onFile, consentId);
  if (why) expect(words).toMatch(why);
  else expect(words).toBeUndefined();
});
