import { type fhir4, localExtensions } from '@loopwell/fhir';
import { expect, it } from 'vitest';
import { onlyElements } from './patient-for-partner.ts';

const interpreter = {
  url: 'http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired',
  valueBoolean: true,
};
const age = { url: localExtensions.ageGroup, valueString: 'adult' };
const patient: fhir4.Patient = {
  resourceType: 'Patient',
  id: 'p',
  extension: [interpreter, age],
  name: [{ family: 'Lind' }],
  telecom: [{ system: 'phone', value: '612-555-0100' }],
  gender: 'unknown',
  address: [{ city: 'Minneapolis' }],
  communication: [{ language: { text: 'Somali' } }],
  managingOrganization: { reference: 'Organization/us' },
};
const always = {
  resourceType: 'Patient',
  id: 'p',
  gender: 'unknown',
  managingOrganization: { reference: 'Organization/us' },
};

it.each<[string, object]>([
  ['', {}],
  ['name', { name: patient.name }],
  ['age', { extension: [age] }],
  ['place', { address: patient.address }],
  ['language', { extension: [interpreter], communication: patient.communication }],
  ['contact', { telecom: patient.telecom }],
  ['name age place language contact', patient],
  ['all', {}],
  ['names', {}],
])('a grant of "%s" shows that and no more', (elements, shown) => {
  expect(onlyElements(patient, elements.split(' '))).toEqual({ ...always, ...shown });
});
