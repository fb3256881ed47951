import { type fhir4, localExtensions } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { householdIn, shownPerson } from './shown-person.ts';

const care = { noVoicemail: true, personOnly: true, hours: 'mornings' };

describe('a person on the page of a partner', () => {
  it('is shown with what the grants show', () => {
    const patient: fhir4.Patient = {
      resourceType: 'Patient',
      extension: [
        {
          url: 'http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired',
          valueBoolean: true,
        },
      ],
      name: [{ given: ['Hodan', 'Amina'], family: 'Warsame' }],
      communication: [
        { language: { text: 'English' } },
        { language: { coding: [{ code: 'so', display: 'Somali' }] }, preferred: true },
      ],
      address: [{ line: ['12 Elm St'], city: 'Minneapolis', state: 'MN', postalCode: '55408' }],
    };
    const contact = { system: 'sms', value: '+16125550142' } as const;
    expect(shownPerson(patient, { contact, care })).toEqual({
      firstName: 'Hodan',
      lastName: 'Warsame',
      contact: { way: 'sms', address: '+16125550142' },
      care,
      language: { code: 'so', text: 'Somali' },
      needsInterpreter: true,
      address: ['12 Elm St', 'Minneapolis, MN 55408'],
    });
  });

  it('has no address without a street or a box, and no contact of another kind', () => {
    const patient: fhir4.Patient = { resourceType: 'Patient', address: [{ postalCode: '55408' }] };
    const contact = { system: 'fax', value: '+16125550142' } as const;
    expect(shownPerson(patient, { contact, care })).toEqual({ care, needsInterpreter: false });
  });

  it('has a first name where the record has words alone', () => {
    const patient: fhir4.Patient = { resourceType: 'Patient', name: [{ text: 'Pa Houa Vang' }] };
    const names = { firstName: 'Pa', lastName: 'Houa Vang' };
    expect(shownPerson(patient, undefined)).toMatchObject(names);
  });

  it('says how many live together where that is shown', () => {
    const extension = [{ url: localExtensions.householdSize, valueInteger: 4 }];
    expect(householdIn({ resourceType: 'Patient', extension })).toBe(4);
    expect(householdIn({ resourceType: 'Patient' })).toBeUndefined();
  });
});
