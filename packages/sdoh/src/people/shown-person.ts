import { type fhir4, localExtensions } from '@loopwell/fhir';
import { textOf } from '../fhir-json/tolerant-readers.ts';
import { interpreterNeed } from './interpreter-need.ts';
import type { ContactCare, PartnerReach } from './reach/contact-care.ts';

/** What a partner's page can show of a person, as far as grants show it. */
export type ShownPerson = {
  firstName?: string | undefined;
  lastName?: string | undefined;
  contact?: { way: 'phone' | 'sms' | 'email'; address: string } | undefined;
  care?: ContactCare | undefined;
  language?: { code?: string | undefined; text?: string | undefined } | undefined;
  needsInterpreter: boolean;
  /** The home, as an envelope has it. */
  address?: readonly string[] | undefined;
};

/**
 * Reads what a page can show of a person.
 *
 * @param patient the Patient with the parts that the grants of a Task show now
 * @param reach the way that the person chose for partners, if the grants show it
 */
export function shownPerson(patient: fhir4.Patient, reach: PartnerReach | undefined): ShownPerson {
  return {
    ...nameIn(patient),
    contact: contactOf(reach?.contact),
    care: reach?.care,
    language: languageIn(patient),
    needsInterpreter: interpreterNeed(patient.extension, []) === 'needed',
    address: addressIn(patient),
  };
}

/** Tells whether a way to reach the person is shown. */
export const showsContact = ({ telecom }: fhir4.Patient): boolean => telecom !== undefined;

/** Reads how many people live with a person, themselves included; undefined where it is not shown. */
export function householdIn({ extension }: fhir4.Patient): number | undefined {
  return extension?.find(({ url }) => url === localExtensions.householdSize)?.valueInteger;
}

/** Gives the first name, and the rest apart from it. A name without parts is split. */
function nameIn({ name }: fhir4.Patient): Pick<ShownPerson, 'firstName' | 'lastName'> {
  const [shown] = name ?? [];
  if (!shown) return {};
  const [firstName] = shown.given ?? [];
  if (firstName !== undefined || shown.family !== undefined)
    return { firstName, lastName: shown.family };
  const [word, ...others] = (shown.text ?? '').split(/\s+/);
  return { firstName: word, lastName: others.join(' ') || undefined };
}

function contactOf(contact: fhir4.ContactPoint | undefined): ShownPerson['contact'] {
  if (contact?.value === undefined) return undefined;
  const { system, value: address } = contact;
  if (system !== 'phone' && system !== 'sms' && system !== 'email') return undefined;
  return { way: system, address };
}

function languageIn({ communication }: fhir4.Patient): ShownPerson['language'] {
  const preferred = communication?.find((language) => language.preferred) ?? communication?.[0];
  if (!preferred) return undefined;
  const coding = preferred.language.coding?.[0];
  const text = textOf(preferred.language.text) ?? textOf(coding?.display);
  return { code: textOf(coding?.code), text };
}

/** Lists the lines of the home; undefined without a street or a box. */
function addressIn({ address }: fhir4.Patient): string[] | undefined {
  const [home] = address ?? [];
  const lines = home?.line ?? [];
  if (!home || lines.length === 0) return undefined;
  const region = [home.state, home.postalCode].filter(Boolean).join(' ');
  const town = [home.city, region].filter(Boolean).join(', ');
  return town === '' ? lines : [...lines, town];
}
