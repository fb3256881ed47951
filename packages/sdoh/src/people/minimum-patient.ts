import { type fhir4, localExtensions } from '@loopwell/fhir';
import { omitUndefined } from '../fhir-json/omit-undefined.ts';
import { isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import { ourIdentifier } from '../terminology/our-identifiers.ts';
import { safeAtHome } from '../terminology/safe-at-home.ts';
import { isCurrent } from './current-period.ts';
import { interpreterUrls } from './interpreter-need.ts';
import { ageGroupOf } from './patient-standing.ts';
import { isProtectedAddress } from './protected-address.ts';

/** How a Patient is shown to a partner. DECISIONS D55. */
export type PatientView = {
  /** Our id of the person. */
  id: string;
  /** FHIR base at which the partner reads. */
  base: string;
  /** The site's own Organization: whom a partner calls instead of the person. */
  organization: { id: string; name: string };
  /** The site's day, YYYY-MM-DD. */
  today: string;
  /** The number or address that the person chose for partners, if it may be known. */
  contact: fhir4.ContactPoint | undefined;
  /** The words of addresses that keep the true one secret; those of Safe at Home if undefined. */
  protectedAddress: string | undefined;
  /** System of our identifiers in this database. */
  identifierSystem: string;
};

/**
 * Returns the Patient as a partner may see it: only what is listed here is taken over, value by
 * value. That is name, language and interpreter, age group, town and ZIP; gender is `unknown`,
 * which US Core allows. No birth date and no street goes out, and no phone or e-mail of the record:
 * it may be another person's. Without a contact that the person chose, the partner calls the site,
 * `managingOrganization`. An address of a program that keeps the true one secret goes as it is.
 */
export function minimumPatient(patient: fhir4.Patient, view: PatientView): fhir4.Patient {
  const name = nameOf(patient, view.today);
  const address = placeOf(patient, view);
  const extension = [...interpreterOf(patient), ...ageExtension(patient, view.today)];
  const communication = languagesOf(patient);
  return omitUndefined<fhir4.Patient>({
    resourceType: 'Patient',
    id: view.id,
    extension: listOrNothing(extension),
    identifier: [ourIdentifier(view.id, view.identifierSystem)],
    name: name && [name],
    telecom: view.contact && [view.contact],
    gender: 'unknown',
    address: address && [address],
    communication: listOrNothing(communication),
    managingOrganization: {
      reference: `${view.base}/Organization/${view.organization.id}`,
      display: view.organization.name,
    },
  });
}

const listOrNothing = <T>(list: T[]): T[] | undefined => (list.length > 0 ? list : undefined);

const nameUses: readonly unknown[] = ['usual', 'official', undefined, 'temp'];

/**
 * Picks one name: the one that people go by, then the official one. Former names, nicknames and
 * aliases stay here.
 */
function nameOf(patient: fhir4.Patient, today: string): fhir4.HumanName | undefined {
  const current = objectsOf(patient.name).filter(
    (one) => nameUses.includes(one.use) && isCurrent(one.period, today),
  );
  const sorted = current.toSorted((a, b) => nameUses.indexOf(a.use) - nameUses.indexOf(b.use));
  const names = sorted.map(plainName).filter((one) => one !== undefined);
  return names[0];
}

const textsOf = (json: unknown): string[] =>
  Array.isArray(json) ? json.map(textOf).filter((text) => text !== undefined) : [];

function plainName(name: fhir4.HumanName): fhir4.HumanName | undefined {
  const use = name.use || undefined;
  const family = textOf(name.family);
  const givenNames = listOrNothing(textsOf(name.given));
  if (family || givenNames)
    return omitUndefined<fhir4.HumanName>({ use, family, given: givenNames });
  const text = textOf(name.text);
  // Words in place of a name may hold a number or a birth date.
  return text && !/\d/.test(text) ? omitUndefined<fhir4.HumanName>({ use, text }) : undefined;
}

const homeUses: readonly unknown[] = ['home', undefined, 'temp'];

/** Returns the words of addresses that keep the true one secret. */
const wordsOf = ({ protectedAddress = safeAtHome }: HomeView): string => protectedAddress;

/** What tells which address counts. */
type HomeView = Pick<PatientView, 'today' | 'protectedAddress'>;

/**
 * Returns the address at which the person lives now, as the record has it. One that keeps the true
 * one secret comes before all others.
 */
export function homeOf(patient: fhir4.Patient, view: HomeView): fhir4.Address | undefined {
  const current = objectsOf(patient.address).filter(
    ({ use, period }) => use !== 'old' && isCurrent(period, view.today),
  );
  const secret = current.find((address) => isProtectedAddress(address, wordsOf(view)));
  const homes = current.filter(({ use }) => homeUses.includes(use));
  return secret ?? homes.toSorted((a, b) => homeUses.indexOf(a.use) - homeUses.indexOf(b.use))[0];
}

/**
 * Returns town and ZIP of where the person lives now. The last four digits of a ZIP+4 name a street
 * and are cut.
 */
function placeOf(patient: fhir4.Patient, view: PatientView): fhir4.Address | undefined {
  const address = homeOf(patient, view);
  if (address && isProtectedAddress(address, wordsOf(view))) return protectedPlace(address);
  // A town has no digits; what has some holds a street.
  const city = /\d/.test(textOf(address?.city) ?? '') ? undefined : textOf(address?.city);
  const postalCode = /^(\d{5})(?:-?\d{4})?$/.exec(textOf(address?.postalCode) ?? '')?.[1];
  return city || postalCode ? omitUndefined<fhir4.Address>({ city, postalCode }) : undefined;
}

/** Returns an address that keeps the true one secret, as it is written. */
function protectedPlace({ line, city, state, postalCode, text }: fhir4.Address): fhir4.Address {
  return omitUndefined<fhir4.Address>({
    line: listOrNothing(textsOf(line)),
    city: textOf(city),
    state: textOf(state),
    postalCode: textOf(postalCode),
    text: textOf(text),
  });
}

function interpreterOf(patient: fhir4.Patient): fhir4.Extension[] {
  const extensions = objectsOf(patient.extension).filter(({ url }) =>
    interpreterUrls.includes(url),
  );
  return extensions.flatMap(({ url, valueBoolean, valueCoding }): fhir4.Extension[] => {
    if (typeof valueBoolean === 'boolean') return [{ url, valueBoolean }];
    const coding = plainCoding(valueCoding);
    return coding ? [{ url, valueCoding: coding }] : [];
  });
}

function ageExtension(patient: fhir4.Patient, today: string): fhir4.Extension[] {
  const group = ageGroupOf(patient, today);
  return group ? [{ url: localExtensions.ageGroup, valueString: group }] : [];
}

function plainCoding(coding: unknown): fhir4.Coding | undefined {
  if (!isObject(coding)) return undefined;
  const [system, code, display] = [coding.system, coding.code, coding.display].map(textOf);
  const plain = omitUndefined<fhir4.Coding>({ system, code, display });
  return Object.keys(plain).length > 0 ? plain : undefined;
}

function languagesOf(patient: fhir4.Patient): fhir4.PatientCommunication[] {
  const languages: fhir4.PatientCommunication[] = [];
  for (const { language, preferred } of objectsOf(patient.communication)) {
    const plain = plainConcept(language);
    if (!plain) continue;
    languages.push(
      typeof preferred === 'boolean' ? { language: plain, preferred } : { language: plain },
    );
  }
  return languages;
}

/** Returns a concept's codes, else its words where no number is in them. */
function plainConcept(concept: unknown): fhir4.CodeableConcept | undefined {
  if (!isObject(concept)) return undefined;
  const codings = objectsOf(concept.coding as fhir4.Coding[]).map(plainCoding);
  const coding = codings.filter((plain) => plain !== undefined);
  if (coding.length > 0) return { coding };
  const text = textOf(concept.text);
  return text && !/\d/.test(text) ? { text } : undefined;
}
