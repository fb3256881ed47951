import type { fhir4 } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { safeAtHome } from '../terminology/safe-at-home.ts';
import { minimumPatient, type PatientView } from './minimum-patient.ts';

const base = 'https://loopwell.example/fhir';
const view: PatientView = {
  id: 'person-1',
  base,
  organization: { id: 'us', name: 'Lakes Clinic' },
  today: '2026-11-24',
  contact: undefined,
  protectedAddress: safeAtHome,
  identifierSystem: 'urn:example:ids',
};

/** Every place in which a Patient can carry what stays here. */
const patient = {
  resourceType: 'Patient',
  id: 'theirs',
  meta: { source: 'urn:secret-source', tag: [{ display: 'secret-tag' }] },
  text: { status: 'generated', div: '<div>secret-narrative 1979-03-02</div>' },
  contained: [{ resourceType: 'RelatedPerson', name: [{ family: 'secret-contained' }] }],
  identifier: [{ system: 'mrn', value: 'MRN-1' }],
  extension: [
    {
      url: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race',
      extension: [{ url: 'text', valueString: 'secret-race' }],
    },
    { url: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex', valueCode: 'F' },
    {
      url: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace',
      valueAddress: { city: 'secret-birthplace' },
    },
    {
      url: 'http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired',
      valueBoolean: true,
      id: 'secret-extension-id',
    },
  ],
  active: true,
  name: [
    { use: 'old', family: 'secret-old' },
    { use: 'maiden', family: 'secret-maiden' },
    { use: 'nickname', given: ['secret-nick'] },
    { use: 'usual', given: ['secret-ended'], period: { end: '2020-01-01' } },
    {
      use: 'official',
      family: 'Lind',
      given: ['Ada', 'M'],
      text: 'Ada Lind 612-555-0188',
      prefix: ['Dr'],
      _family: { id: 'secret-primitive' },
    },
  ],
  telecom: [
    { system: 'phone', value: '612-555-0100', rank: 2 },
    { system: 'email', value: 'ada@example.org' },
  ],
  gender: 'female',
  birthDate: '1979-03-02',
  _birthDate: {
    extension: [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime',
        valueDateTime: '1979-03-02T04:00:00Z',
      },
    ],
  },
  deceasedBoolean: false,
  address: [
    { use: 'old', city: 'secret-town' },
    {
      use: 'home',
      line: ['12 secret-street'],
      text: '12 secret-street, Minneapolis',
      city: 'Minneapolis',
      district: 'secret-district',
      state: 'MN',
      postalCode: '55401-1234',
      period: { start: '2019-05-05' },
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/geolocation', valueDecimal: 44.97 },
      ],
    },
  ],
  maritalStatus: { text: 'secret-marital' },
  multipleBirthInteger: 2,
  photo: [{ data: 'c2VjcmV0' }],
  contact: [
    { name: { family: 'secret-contact' }, telecom: [{ system: 'phone', value: '612-555-0101' }] },
  ],
  communication: [
    {
      language: {
        coding: [{ system: 'urn:ietf:bcp:47', code: 'hmn', display: 'Hmong' }],
        text: 'secret-language-words',
      },
      preferred: true,
    },
  ],
  generalPractitioner: [{ reference: 'Practitioner/secret-gp' }],
  managingOrganization: { reference: 'Organization/secret-org' },
  link: [{ other: { reference: 'Patient/secret-link' }, type: 'seealso' }],
} as unknown as fhir4.Patient;

describe('the Patient that a partner reads', () => {
  it('is name, language and interpreter, age group, town and ZIP; whom to call is the site', () => {
    expect(minimumPatient(patient, view)).toEqual({
      resourceType: 'Patient',
      id: 'person-1',
      extension: [
        {
          url: 'http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired',
          valueBoolean: true,
        },
        { url: 'https://loopwell.example/StructureDefinition/age-group', valueString: '18 to 64' },
      ],
      identifier: [{ system: 'urn:example:ids', value: 'person-1' }],
      name: [{ use: 'official', family: 'Lind', given: ['Ada', 'M'] }],
      gender: 'unknown',
      address: [{ city: 'Minneapolis', postalCode: '55401' }],
      communication: [
        {
          language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'hmn', display: 'Hmong' }] },
          preferred: true,
        },
      ],
      managingOrganization: { reference: `${base}/Organization/us`, display: 'Lakes Clinic' },
    });
  });

  it('carries nothing else, wherever it stands', () => {
    expect(JSON.stringify(minimumPatient(patient, view))).not.toMatch(
      /secret|555-|1979|female|MRN|@|1234|c2Vj/,
    );
  });

  it.each<[string, object]>([
    ['nothing', {}],
    [
      'wrong types',
      {
        name: 'Ada',
        address: { city: 'X' },
        telecom: 'x',
        communication: {},
        extension: 'x',
        birthDate: 1979,
      },
    ],
    [
      'nulls',
      {
        name: null,
        address: [null],
        telecom: [null],
        communication: [null],
        extension: [null],
        birthDate: null,
      },
    ],
    [
      'wrong types inside',
      {
        name: [{ family: 1, given: 'Ada' }],
        address: [{ city: 2, postalCode: 55401 }],
        communication: [{ language: 'hmn' }],
      },
    ],
    [
      'words in place of a name with a number in it',
      { name: [{ text: 'Ada, call 612-555-0100' }] },
    ],
    [
      'a street in place of a town',
      { address: [{ city: '12 Main St', postalCode: '12 Main St' }] },
    ],
    [
      'names of the past only',
      {
        name: [
          { use: 'old', family: 'X' },
          { family: 'Y', period: { end: 'last year' } },
        ],
      },
    ],
  ])('is but an id where the record has %s', (_name, more) => {
    const seen = minimumPatient({ resourceType: 'Patient', ...more } as fhir4.Patient, view);
    expect(Object.keys(seen).sort()).toEqual([
      'gender',
      'id',
      'identifier',
      'managingOrganization',
      'resourceType',
    ]);
  });

  it.each([
    ['2008-11-24', '18 to 64'],
    ['2008-11-25', 'under 18'],
    ['2008', undefined],
    ['1961-10', '65 or older'],
    ['1961-11', undefined],
    ['1961-12', '18 to 64'],
    ['1850-01-01', undefined],
    ['2027-01-01', undefined],
  ])('of somebody born %s is in the group %s', (birthDate, group) => {
    const seen = minimumPatient({ resourceType: 'Patient', birthDate }, view);
    expect(seen.extension?.[0]?.valueString).toBe(group);
  });
});

describe('the contact of a Patient', () => {
  const phone = { system: 'phone', value: '612-555-0100', use: 'mobile', rank: 1 } as const;
  const seen = (contact?: fhir4.ContactPoint) =>
    minimumPatient({ resourceType: 'Patient', telecom: [phone] }, { ...view, contact }).telecom;

  it('is the one that the person chose, and never one of the chart', () => {
    expect(seen()).toBeUndefined();
    const chosen = { system: 'sms', value: '+16125550123', rank: 1 } as const;
    expect(seen(chosen)).toEqual([chosen]);
  });
});

describe('an address that keeps the true one secret', () => {
  const lot = { line: ['Lot 0123', 'PO Box 17370'], city: 'St. Paul', postalCode: '55117-0370' };
  const elm = { use: 'home', line: ['1 Elm Street'], city: 'Duluth', postalCode: '55802' };
  const seen = (...address: object[]) =>
    minimumPatient({ resourceType: 'Patient', address } as fhir4.Patient, view).address;

  it('goes as it is written, and hides all others', () => {
    expect(seen(elm, { ...lot, use: 'billing', id: 'x' })).toEqual([lot]);
  });

  it('counts only while it is current', () => {
    const gone = [{ city: 'Duluth', postalCode: '55802' }];
    expect(seen(elm, { ...lot, use: 'old' })).toEqual(gone);
    expect(seen(elm, { ...lot, period: { end: '2020-01-01' } })).toEqual(gone);
  });
});
