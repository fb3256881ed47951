import { type fhir4, localExtensions, mapDefined, withoutUndefined } from '@loopwell/fhir';
import { contains, startOf } from '../fhir-json/dates.ts';
import { isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import { ourIdentifier } from '../terminology/our-identifiers.ts';
import { ageGroupOf } from './patient-standing.ts';

/** How a Patient is shown to a partner. */
export type PatientView = {
  /** Our id of the person. */
  id: string;
  /** FHIR base at which the partner reads. */
  base: string;
  /** The site's own Organization: whom a partner calls instead of the person. */
  organization: { id: string; name: string };
  /** The site's day, YYYY-MM-DD. */
  today: string;
  /** The site's consent form asks which contact may be used, and nothing speaks against it for this person. */
  withContact: boolean;
  /** System of our identifiers in this database. */
  identifierSystem: string;
};

/**
 * The Patient as a partner may see it: only what stands here is taken over, value by value. Name, language and
 * interpreter, age group, town and ZIP; gender is `unknown`, which US Core allows. No birth date, no street, and no phone
 * or e-mail: a number that a machine chose may be the wrong person's. The partner calls the site, `managingOrganization`.
 */
export function minimumPatient(patient: fhir4.Patient, view: PatientView): fhir4.Patient {
  const name = nameOf(patient, view.today);
  const address = placeOf(patient, view.today);
  const extension = [...interpreterOf(patient), ...ageExtension(patient, view.today)];
  const communication = languagesOf(patient);
  const telecom = view.withContact ? contactOf(patient, view.today) : undefined;
  return {
    resourceType: 'Patient',
    id: view.id,
    ...withoutUndefined({ extension: extension.length > 0 ? extension : undefined }),
    identifier: [ourIdentifier(view.id, view.identifierSystem)],
    ...withoutUndefined({
      name: name ? [name] : undefined,
      telecom: telecom ? [telecom] : undefined,
    }),
    gender: 'unknown',
    ...withoutUndefined({
      address: address ? [address] : undefined,
      communication: communication.length > 0 ? communication : undefined,
    }),
    managingOrganization: {
      reference: `${view.base}/Organization/${view.organization.id}`,
      display: view.organization.name,
    },
  };
}

/** Ended yesterday or not begun: not what holds today. A period that cannot be read holds for nothing. */
function isCurrent(period: unknown, today: string): boolean {
  if (period === undefined) return true;
  if (!isObject(period)) return false;
  const { start, end } = period as { start?: string; end?: string };
  const isReadable = [start, end].every((one) => one === undefined || startOf(one) !== undefined);
  return isReadable && contains({ start, end }, startOf(today) ?? 0);
}

const nameUses: readonly unknown[] = ['usual', 'official', undefined, 'temp'];

/** One name: the one that people go by, then the official one. Former names, nicknames and aliases stay here. */
function nameOf(patient: fhir4.Patient, today: string): fhir4.HumanName | undefined {
  const current = objectsOf(patient.name).filter(
    (one) => nameUses.includes(one.use) && isCurrent(one.period, today),
  );
  const sorted = current.toSorted((a, b) => nameUses.indexOf(a.use) - nameUses.indexOf(b.use));
  const names = sorted.map(plainName).filter((one) => one !== undefined);
  return names[0];
}

const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.flatMap((one: unknown) => textOf(one) ?? []) : [];

function plainName({ family, given, text, use }: fhir4.HumanName): fhir4.HumanName | undefined {
  const givens = textsOf(given);
  const familyName = textOf(family);
  const kept = use ? { use } : {};
  if (familyName || givens.length > 0)
    return {
      ...kept,
      ...withoutUndefined({
        family: familyName || undefined,
        given: givens.length > 0 ? givens : undefined,
      }),
    };
  const whole = textOf(text);
  // Words in place of a name may hold a number or a birth date.
  return whole && !/\d/.test(whole) ? { ...kept, text: whole } : undefined;
}

const homeUses: readonly unknown[] = ['home', undefined, 'temp'];

/** Town and ZIP of where somebody lives now. The last four digits of a ZIP+4 name a street. */
function placeOf(patient: fhir4.Patient, today: string): fhir4.Address | undefined {
  const current = objectsOf(patient.address).filter(
    (one) => homeUses.includes(one.use) && isCurrent(one.period, today),
  );
  const [address] = current.toSorted((a, b) => homeUses.indexOf(a.use) - homeUses.indexOf(b.use));
  // A town has no digits; what has some holds a street.
  const city = /\d/.test(textOf(address?.city) ?? '') ? undefined : textOf(address?.city);
  const zip = /^(\d{5})(?:-?\d{4})?$/.exec(textOf(address?.postalCode) ?? '')?.[1];
  return city || zip
    ? { ...withoutUndefined({ city: city || undefined, postalCode: zip || undefined }) }
    : undefined;
}

/** HL7's extension, and US Core's newer one. */
const interpreterUrls: readonly unknown[] = [
  'http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired',
  'http://hl7.org/fhir/us/core/StructureDefinition/us-core-interpreter-needed',
];

function interpreterOf(patient: fhir4.Patient): fhir4.Extension[] {
  return objectsOf(patient.extension).flatMap(
    ({ url, valueBoolean, valueCoding }): fhir4.Extension[] => {
      if (!interpreterUrls.includes(url)) return [];
      if (typeof valueBoolean === 'boolean') return [{ url, valueBoolean }];
      const coding = plainCoding(valueCoding);
      return coding ? [{ url, valueCoding: coding }] : [];
    },
  );
}

function ageExtension(patient: fhir4.Patient, today: string): fhir4.Extension[] {
  const group = ageGroupOf(patient, today);
  return group ? [{ url: localExtensions.ageGroup, valueString: group }] : [];
}

function plainCoding(coding: unknown): fhir4.Coding | undefined {
  if (!isObject(coding)) return undefined;
  const kept = mapDefined(['system', 'code', 'display'], (key) => {
    const text = textOf(coding[key]);
    return text ? [key, text] : undefined;
  });
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

function languagesOf(patient: fhir4.Patient): fhir4.PatientCommunication[] {
  return mapDefined(objectsOf(patient.communication), ({ language, preferred }) => {
    if (!isObject(language)) return undefined;
    const coding = objectsOf(language.coding as fhir4.Coding[]).flatMap(
      (one) => plainCoding(one) ?? [],
    );
    const text = textOf(language.text);
    const plain = coding.length > 0 ? { coding } : text && !/\d/.test(text) ? { text } : undefined;
    return plain
      ? {
          language: plain,
          ...withoutUndefined({
            preferred: typeof preferred === 'boolean' ? preferred : undefined,
          }),
        }
      : undefined;
  });
}

const contactForms = {
  phone: /^\+?[\d\s().-]{7,20}$/,
  sms: /^\+?[\d\s().-]{7,20}$/,
  email: /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
} as const;

/** The contact of rank 1, where there is exactly one: not an old one, and nothing but a number or an address in it. */
function contactOf(patient: fhir4.Patient, today: string): fhir4.ContactPoint | undefined {
  const first = objectsOf(patient.telecom).filter((one) => one.rank === 1);
  const [contact] = first;
  if (!contact || first.length > 1 || contact.use === 'old' || !isCurrent(contact.period, today))
    return undefined;
  const { system, value, use } = contact;
  if (system !== 'phone' && system !== 'sms' && system !== 'email') return undefined;
  if (!textOf(value) || !contactForms[system].test(value ?? '')) return undefined;
  return {
    system,
    ...withoutUndefined({ value: value || undefined, use: use || undefined }),
    rank: 1,
  };
}
