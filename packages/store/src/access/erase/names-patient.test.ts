import { describe, expect, it } from 'vitest';
import { namesPatient } from './names-patient.ts';

const two = { connection: 'a', patientId: '2', base: 'https://ehr.example/fhir/' };
const text = (resource: object) => JSON.stringify({ resourceType: 'Observation', ...resource });
const to = (reference: string) => ({ reference });

describe('a resource that could not be read', () => {
  it.each<[string, string]>([
    ['its subject', text({ subject: to('Patient/2') })],
    ['its subject in a version', text({ subject: to('Patient/2/_history/9') })],
    ['the address in the EHR', text({ patient: to('https://ehr.example/fhir/Patient/2') })],
    ['somebody for whom it is', text({ for: to('Patient/2'), owner: to('Practitioner/1') })],
    ['a reference where no subject is named', text({ entry: [{ item: to('Patient/2') }] })],
    [
      'a subject that is a part of itself',
      text({ subject: to('#p'), performer: [to('Patient/2')] }),
    ],
    ['text that is no JSON', '{"subject":{"reference":"Patient\\/2"}'],
  ])('is about a Patient: %s', (_what, body) => {
    expect(namesPatient(body, two)).toBe(true);
  });

  it.each<[string, string]>([
    ['a version', text({ meta: { versionId: '2' }, subject: to('Patient/1') })],
    ['a value', text({ subject: to('Patient/1'), valueString: '2' })],
    ['a longer id', text({ subject: to('Patient/22') })],
    ['another type', text({ subject: to('Group/2') })],
    ['a Patient of another server', text({ subject: to('https://other.example/Patient/2') })],
    [
      'whoever filled in the form',
      text({ subject: to('Patient/1'), performer: [to('Patient/2')] }),
    ],
    [
      'another Patient who is linked',
      text({ resourceType: 'Patient', link: [{ other: to('Patient/2') }] }),
    ],
    ['text that is no JSON', '{"versionId":"2","subject":{"reference":"Patient/12"}'],
  ])('is not: %s', (_what, body) => {
    expect(namesPatient(body, two)).toBe(false);
  });
});
