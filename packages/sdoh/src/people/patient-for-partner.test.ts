import { type fhir4, localExtensions } from '@loopwell/fhir';
import { expect, it } from 'vitest';
import type { PatientView } from './minimum-patient.ts';
import { patientForPartner } from './patient-for-partner.ts';

const view: PatientView = {
  id: 'person-1',
  base: 'https://loopwell.example/fhir',
  organization: { id: 'us', name: 'Lakes Clinic' },
  today: '2026-11-24',
  contact: { system: 'phone', value: '+16125550100', rank: 1 },
  protectedAddress: undefined,
  identifierSystem: 'urn:example:ids',
};
const interpreter = {
  url: 'http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired',
  valueBoolean: true,
};
const patient: fhir4.Patient = {
  resourceType: 'Patient',
  extension: [interpreter],
  name: [{ family: 'Vang', given: ['Kia'] }],
  telecom: [{ system: 'phone', value: '612-555-0100', rank: 1 }],
  birthDate: '1979-03-02',
  address: [
    { use: 'old', line: ['9 Old Road'], city: 'Duluth' },
    {
      ...{ use: 'home', line: ['Lot 12', '7 Elm St'], city: 'Saint Paul', state: 'MN' },
      ...{ postalCode: '55101-1234', text: 'with her sister', district: 'Ramsey' },
    },
  ],
  communication: [{ language: { text: 'Hmong' } }],
};
const always = ['gender', 'id', 'identifier', 'managingOrganization', 'resourceType'];
const language = { communication: patient.communication, extension: [interpreter] };
const address = {
  address: [
    { line: ['Lot 12', '7 Elm St'], city: 'Saint Paul', state: 'MN', postalCode: '55101-1234' },
  ],
};
const size = { url: localExtensions.householdSize, valueInteger: 4 };

it.each<[string, object]>([
  ['', {}],
  ['name', { name: patient.name }],
  ['contact', { telecom: [view.contact] }],
  ['language', language],
  ['household', { extension: [size] }],
  ['address', address],
  ['birth-date', { birthDate: '1979-03-02' }],
  ['place', { address: [{ city: 'Saint Paul', postalCode: '55101' }] }],
  ['language household', { ...language, extension: [interpreter, size] }],
])('a partner with "%s" reads that and nothing else', (elements, shown) => {
  const seen = patientForPartner(patient, {
    ...view,
    elements: elements.split(' '),
    householdSize: 4,
  });
  expect(Object.keys(seen).sort()).toEqual([...always, ...Object.keys(shown)].sort());
  expect(seen).toMatchObject(shown);
});

it.each<[string, string, Partial<fhir4.Patient>]>([
  ['a birth year', 'birth-date', { birthDate: '1979' }],
  ['a birth date that is none', 'birth-date', { birthDate: '1979-02-31' }],
  ['an address of nothing', 'address', { address: [{ text: 'ask her sister' }] }],
])('shows nothing of %s', (_what, elements, more) => {
  const seen = patientForPartner(
    { ...patient, ...more },
    { ...view, elements: elements.split(' ') },
  );
  expect(Object.keys(seen).sort()).toEqual(always);
});
