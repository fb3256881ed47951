import { type fhir4, parseReference } from '@loopwell/fhir';
import { isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Entry, PlacedIssue } from './bundle-model.ts';

/** The one person of a Bundle, and what is theirs. */
type Attributed = {
  entries: Entry[];
  reference: string;
  issues: PlacedIssue[];
  unattributed: Entry[];
};

/**
 * Attributes entries to the one person of a Bundle. Where two Patients came, the one that most
 * resources are about is meant (the smaller id at a draw); the other, and what is about somebody
 * else, is left out and said so.
 */
export function attributeEntries(entries: readonly Entry[]): Attributed {
  const about = new Map<Entry, string | undefined>();
  const patients = entries.filter(isPatient);
  for (const input of entries) about.set(input, subjectOf(input.resource, patients));
  const reference = pickPatient(patients, [...about.values()]);
  if (reference === undefined)
    return { entries: [], reference: '', issues: nobodys(entries), unattributed: [...entries] };
  const attributed: Attributed = { entries: [], reference, issues: [], unattributed: [] };
  const leaveOut = ({ path }: Entry, text: string) =>
    attributed.issues.push({ severity: 'warning', code: 'invalid-value', text, expression: path });
  for (const input of entries) {
    const subject = isPatient(input) ? input.key : about.get(input);
    if (subject === undefined || subject === reference) {
      attributed.entries.push(input);
      continue;
    }
    const text = isPatient(input)
      ? 'A Bundle is about one Patient; this is a second one and is left out.'
      : 'It is about somebody who is not the Patient of this Bundle, and is left out.';
    leaveOut(input, text);
    // One that names nobody by type and id may be anybody's.
    if (!isPatient(input) && parseReference(subject) === undefined)
      attributed.unattributed.push(input);
  }
  return attributed;
}

const isPatient = ({ resource }: Entry) => resource.resourceType === 'Patient';

/**
 * Picks the Patient that most of the entries are about; where none is here, whom most of them name.
 */
function pickPatient(
  patients: readonly Entry[],
  subjects: readonly (string | undefined)[],
): string | undefined {
  const count = (key: string) => subjects.filter((subject) => subject === key).length;
  const keys = patients.map(({ key }) => key);
  const named = new Set(subjects.filter((subject) => subject !== undefined));
  const candidates = keys.length > 0 ? keys : [...named];
  return candidates.sort((a, b) => count(b) - count(a) || (a < b ? -1 : 1))[0];
}

/**
 * Without a Patient nothing can be anybody's, and a server that is posted to could mistake one
 * person's for another's.
 */
const nobodys = (entries: readonly Entry[]): PlacedIssue[] =>
  entries.map(({ path }) => ({
    severity: 'warning',
    code: 'missing-data',
    text: 'Nothing tells whose it is: there is no Patient, and no subject.',
    expression: path,
  }));

/**
 * `Patient/id` that a resource is about; what names none is taken to be about the Bundle's Patient.
 * References to entries are written as `Type/id` by now: an address that is left is on another
 * server, where the same id is somebody else. What is about the Patient and observed of another
 * (`focus`: a mother's answers in a child's record) is that other's.
 */
function subjectOf(resource: fhir4.Resource, patients: readonly Entry[]): string | undefined {
  const { subject, patient, focus } = resource as {
    subject?: unknown;
    patient?: unknown;
    focus?: fhir4.Reference[];
  };
  const others = resource.resourceType === 'Observation' ? objectsOf(focus) : [];
  const references = [...others, subject, patient].filter(isObject);
  const subjects = references.map((one) => personNamed(one as fhir4.Reference, patients));
  return subjects.find((person) => person !== undefined);
}

function personNamed(
  { reference, identifier }: fhir4.Reference,
  patients: readonly Entry[],
): string | undefined {
  const text = textOf(reference);
  if (text === undefined && !isObject(identifier)) return undefined;
  if (text === undefined) return findStranger(identifier as fhir4.Identifier, patients);
  const parsed = parseReference(text);
  const key = parsed && `${parsed.type}/${parsed.id}`;
  const isElsewhere = parsed?.base !== undefined && patients.some((one) => one.key === key);
  return key === undefined || isElsewhere ? text : key;
}

/**
 * An identifier that is none of the Patient's, though the Patient has one of its system, is
 * somebody else's.
 */
function findStranger(
  identifier: fhir4.Identifier,
  patients: readonly Entry[],
): string | undefined {
  const { system } = identifier;
  const number = textOf(identifier.value);
  const identifiers = patients.flatMap(({ resource }) =>
    objectsOf((resource as fhir4.Patient).identifier),
  );
  const isSameKind = identifiers.some(
    (other) => other.system === system && textOf(other.value) !== undefined,
  );
  return isSameKind && number !== undefined ? `${system ?? ''}|${number}` : undefined;
}
