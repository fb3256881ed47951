import type { fhir4 } from '@loopwell/fhir';
import { localExtensions } from '@loopwell/fhir';
import { omitUndefined } from '../fhir-json/omit-undefined.ts';

/**
 * Returns a Patient with only those parts that a grant lists: `name`, `age`, `place`, `language`
 * (which has the need for an interpreter), `contact`. Who manages the record is always shown.
 */
export function onlyElements(patient: fhir4.Patient, elements: readonly string[]): fhir4.Patient {
  const shows = (element: string) => elements.includes(element);
  const extension = (patient.extension ?? []).filter(({ url }) =>
    shows(url === localExtensions.ageGroup ? 'age' : 'language'),
  );
  return omitUndefined<fhir4.Patient>({
    ...patient,
    extension: extension.length > 0 ? extension : undefined,
    name: shows('name') ? patient.name : undefined,
    telecom: shows('contact') ? patient.telecom : undefined,
    address: shows('place') ? patient.address : undefined,
    communication: shows('language') ? patient.communication : undefined,
  });
}
