import type { fhir4 } from '@loopwell/fhir';
import { startOf } from '../fhir-json/dates.ts';
import { omitUndefined } from '../fhir-json/omit-undefined.ts';
import { isObject } from '../fhir-json/tolerant-readers.ts';
import { interpreterNeed } from './interpreter-need.ts';
import type {
  ContactPerson,
  PersonProfile,
  ProfileAddress,
  ProfileContact,
  ProfileLanguage,
  ProfileName,
  ProfilePractitioner,
} from './profile-model.ts';
import {
  cutText,
  leaveOut,
  type Notes,
  readCode,
  readConcept,
  readDate,
  readList,
  readPeriod,
  readPositive,
  readText,
  readTexts,
} from './profile-reader.ts';

const most = {
  names: 10,
  contacts: 20,
  languages: 10,
  addresses: 10,
  lines: 5,
  contactPersons: 10,
  contactsOfPerson: 5,
  relationships: 5,
  practitioners: 5,
} as const;

/** HumanName.use, ContactPoint.use and Address.use of R4. */
const uses = {
  name: ['usual', 'official', 'temp', 'nickname', 'anonymous', 'old', 'maiden'],
  contact: ['home', 'work', 'temp', 'old', 'mobile'],
  address: ['home', 'work', 'temp', 'old', 'billing'],
} as const;

const contactSystems: readonly unknown[] = [
  ...['phone', 'fax', 'email', 'pager', 'url', 'sms', 'other'],
];

/**
 * Reads the profile of a person from a Patient. It never throws: an element that is not as R4
 * writes it is left out, and `notes` names its path. Lists and texts are bounded.
 */
export function personProfile(patient: fhir4.Patient): PersonProfile {
  const notes: Notes = [];
  const json = patient as unknown as Json;
  const list = <T>(element: string, limit: number, read: ReadItem<T>) =>
    readList(json[element], { path: element, most: limit }, notes, read);
  const names = list('name', most.names, readName);
  const birthDate = readDate(json.birthDate, 'birthDate', notes);
  const deceased = readDeath(json, notes);
  const contacts = list('telecom', most.contacts, readContact);
  const languages = list('communication', most.languages, readLanguage);
  const interpreter = interpreterNeed(json.extension, notes);
  const addresses = list('address', most.addresses, readAddress);
  const contactPersons = list('contact', most.contactPersons, readContactPerson);
  const practitioners = list('generalPractitioner', most.practitioners, readPractitioner);
  const parts = { names, contacts, languages, addresses, contactPersons };
  const optional = { birthDate, deceased, interpreter };
  const generalPractitioners = practitioners;
  return omitUndefined<PersonProfile>({ ...parts, ...optional, generalPractitioners, notes });
}

type Json = Record<string, unknown>;
type ReadItem<T> = (member: Json, path: string, notes: Notes) => T | undefined;

function readDeath(
  { deceasedBoolean, deceasedDateTime }: Json,
  notes: Notes,
): PersonProfile['deceased'] {
  if (deceasedDateTime !== undefined) {
    if (startOf(deceasedDateTime) !== undefined) return readText(deceasedDateTime, '', notes);
    leaveOut(notes, 'deceasedDateTime');
  }
  if (deceasedBoolean !== undefined && typeof deceasedBoolean !== 'boolean')
    leaveOut(notes, 'deceasedBoolean');
  return deceasedBoolean === true ? true : undefined;
}

/** Reads use and period, which names, contacts and addresses share. */
function readSpan(json: Json, path: string, notes: Notes, allowed: readonly string[]) {
  const use = readCode(json.use, `${path}.use`, notes, allowed);
  return { use, ...readPeriod(json.period, `${path}.period`, notes) };
}

/** Reads a HumanName: `text` is the whole name as it is to be shown, else its parts make it. */
function readName(json: Json, path: string, notes: Notes): ProfileName | undefined {
  const givenNames = readTexts(json.given, `${path}.given`, notes);
  const family = readText(json.family, `${path}.family`, notes);
  const parts = family === undefined ? givenNames : [...givenNames, family];
  const text = readText(json.text, `${path}.text`, notes) ?? cutText(parts.join(' '));
  if (text === '') return undefined;
  return omitUndefined<ProfileName>({ text, ...readSpan(json, path, notes, uses.name) });
}

function readContact(json: Json, path: string, notes: Notes): ProfileContact | undefined {
  const { system } = json;
  const number = readText(json.value, `${path}.value`, notes);
  if (number === undefined) return undefined;
  // A value without a system may be any kind of number (R4 demands a system: rule cpt-2).
  if (typeof system !== 'string' || !contactSystems.includes(system))
    return leaveOut(notes, `${path}.system`);
  const rank = readPositive(json.rank, `${path}.rank`, notes);
  const span = readSpan(json, path, notes, uses.contact);
  return omitUndefined<ProfileContact>({ system, address: number, rank, ...span });
}

function readLanguage(json: Json, path: string, notes: Notes): ProfileLanguage | undefined {
  const { code, text } = readConcept(json.language, `${path}.language`, notes);
  if (code === undefined && text === undefined) return undefined;
  const { preferred } = json;
  if (preferred !== undefined && typeof preferred !== 'boolean')
    leaveOut(notes, `${path}.preferred`);
  const isPreferred = preferred === true ? true : undefined;
  return omitUndefined<ProfileLanguage>({ code, text, preferred: isPreferred });
}

const placeParts = ['city', 'state', 'postalCode', 'text'] as const;

function readAddress(json: Json, path: string, notes: Notes): ProfileAddress | undefined {
  const lines = readTexts(json.line, `${path}.line`, notes).slice(0, most.lines);
  const place: Partial<Record<(typeof placeParts)[number], string>> = {};
  for (const part of placeParts) {
    const text = readText(json[part], `${path}.${part}`, notes);
    if (text !== undefined) place[part] = text;
  }
  if (lines.length === 0 && Object.keys(place).length === 0) return undefined;
  const span = readSpan(json, path, notes, uses.address);
  return omitUndefined<ProfileAddress>({ lines, ...place, ...span });
}

/** Reads a Patient.contact: a guardian, partner or friend, and how they stand to the person. */
function readContactPerson(json: Json, path: string, notes: Notes): ContactPerson | undefined {
  const name = isObject(json.name) ? readName(json.name, `${path}.name`, notes) : undefined;
  if (json.name !== undefined && !isObject(json.name)) leaveOut(notes, `${path}.name`);
  const reached = { path: `${path}.telecom`, most: most.contactsOfPerson };
  const contacts = readList(json.telecom, reached, notes, readContact);
  const related = { path: `${path}.relationship`, most: most.relationships };
  const relationships = readList(json.relationship, related, notes, readRelationship);
  if (name === undefined && contacts.length === 0) return undefined;
  const span = readPeriod(json.period, `${path}.period`, notes);
  return omitUndefined<ContactPerson>({ name: name?.text, relationships, contacts, ...span });
}

function readRelationship(json: Json, path: string, notes: Notes): string | undefined {
  const { text, code } = readConcept(json, path, notes);
  return text ?? code;
}

function readPractitioner(json: Json, path: string, notes: Notes) {
  const display = readText(json.display, `${path}.display`, notes);
  const reference = readText(json.reference, `${path}.reference`, notes);
  if (display === undefined && reference === undefined) return undefined;
  return omitUndefined<ProfilePractitioner>({ display, reference });
}
