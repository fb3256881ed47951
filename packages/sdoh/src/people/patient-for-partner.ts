import { type fhir4, isRealDate, localExtensions } from '@loopwell/fhir';
import { omitUndefined } from '../fhir-json/omit-undefined.ts';
import { textOf } from '../fhir-json/tolerant-readers.ts';
import { homeOf, minimumPatient, type PatientView } from './minimum-patient.ts';

/** How a Patient is shown to one partner: the view, and the parts that the partner may read. */
export type PartnerView = PatientView & {
  elements: readonly string[];
  /** How many people live with the person, themselves included, as they say. */
  householdSize?: number | undefined;
};

/**
 * Returns the Patient with exactly those parts that a grant lists. `address` is the whole address
 * of the home, and `birth-date` the whole birth date. DECISIONS D154.
 */
export function patientForPartner(patient: fhir4.Patient, view: PartnerView): fhir4.Patient {
  const { elements } = view;
  const shows = (element: string) => elements.includes(element);
  const permitted = onlyElements(minimumPatient(patient, view), elements);
  const household = shows('household') ? householdOf(view.householdSize) : [];
  const extension = [...(permitted.extension ?? []), ...household];
  const address = shows('address') ? addressOf(patient, view) : undefined;
  return omitUndefined<fhir4.Patient>({
    ...permitted,
    extension: extension.length > 0 ? extension : undefined,
    birthDate: shows('birth-date') ? birthDateOf(patient) : undefined,
    address: address ? [address] : permitted.address,
  });
}

const householdOf = (size: number | undefined): fhir4.Extension[] =>
  size === undefined ? [] : [{ url: localExtensions.householdSize, valueInteger: size }];

const birthDateOf = ({ birthDate }: fhir4.Patient): string | undefined =>
  typeof birthDate === 'string' && /^\d{4}-\d\d-\d\d$/.test(birthDate) && isRealDate(birthDate)
    ? birthDate
    : undefined;

/** Returns the home as an envelope has it. Nothing else that an address may hold is taken over. */
function addressOf(patient: fhir4.Patient, view: PatientView): fhir4.Address | undefined {
  const home = homeOf(patient, view);
  if (!home) return undefined;
  const written: unknown[] = Array.isArray(home.line) ? home.line : [];
  const line = written.map(textOf).filter((text) => text !== undefined);
  const [city, state, postalCode] = [home.city, home.state, home.postalCode].map(textOf);
  const address = omitUndefined<fhir4.Address>({
    line: line.length > 0 ? line : undefined,
    city,
    state,
    postalCode,
  });
  return Object.keys(address).length > 0 ? address : undefined;
}

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
