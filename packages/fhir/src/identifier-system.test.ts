import { describe, expect, it } from 'vitest';
import { identifierSystemProblem } from './identifier-system.ts';

describe('the system of our identifiers', () => {
  it.each([
    'https://clinic.example.org/loopwell',
    'http://ehr.lakes.org/fhir/NamingSystem/loopwell',
    'https://loopwell.example/fhir/NamingSystem/id',
    'urn:oid:2.16.840.1.113883.3.4321.7',
    'urn:oid:1.3.6.1.4.1.99999.1',
    'urn:uuid:6f0c2f0e-0001-4000-8000-000000000001',
  ])('may be %s', (text) => {
    expect(identifierSystemProblem(text)).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['a word', 'loopwell'],
    ['a relative address', '/fhir/ids'],
    ['an address without a host', 'https://'],
    ['a space within', 'https://clinic.example.org/our ids'],
    ['a space behind', 'https://clinic.example.org/ids '],
    ['a line break', 'https://clinic.example.org/ids\n'],
    ['the separator of a token search', 'https://clinic.example.org/ids|x'],
    ['a comma', 'https://clinic.example.org/a,b'],
    ['a fragment', 'https://clinic.example.org/ids#x'],
    ['a UUID that is none', 'urn:uuid:1234'],
    ['a UUID in capitals', 'urn:uuid:6F0C2F0E-0001-4000-8000-000000000001'],
    ['an OID that is none', 'urn:oid:2.16..1'],
    ['LOINC', 'http://loinc.org'],
    ['SNOMED CT', 'http://snomed.info/sct'],
    ['ICD-10-CM', 'http://hl7.org/fhir/sid/icd-10-cm'],
    ['social security numbers', 'http://hl7.org/fhir/sid/us-ssn'],
    ["HL7's terminology", 'http://terminology.hl7.org/CodeSystem/v2-0203'],
    ['units', 'http://unitsofmeasure.org'],
    ['LOINC by its OID', 'urn:oid:2.16.840.1.113883.6.1'],
    ["HL7's example branch", 'urn:oid:2.16.840.1.113883.19.5'],
  ])('is not %s', (_title, text) => {
    expect(identifierSystemProblem(text)).toMatch(/^must be /);
  });
});
