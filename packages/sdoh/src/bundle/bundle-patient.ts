import { type fhir4, parseReference } from '@loopwell/fhir';
import { isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Entry, PlacedIssue } from './bundle-model.ts';

/** The one person of a Bundle, and the entries that are theirs. */
type Attributed = {
  entries: Entry[];
  reference: string;
  issues: PlacedIssue[];
  unattributed: Entry[];
};

/**
 * Attributes entries to the one person of a Bundle. Of two Patients it takes the one that most
 * resources are about (the smaller id at a draw). It leaves out the other Patient and all entries
 * about other people, with an issue for each.
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
    // An entry whose subject has no type and id may be about any person.
    if (!isPatient(input) && parseReference(subject) === undefined)
      attributed.unattributed.push(input);
  }
  return attributed;
}

const isPatient = ({ resource }: Entry) => resource.resourceType === 'Patient';

/**
 * Picks the Patient that most of the entries are about; without a Patient, the person that most of
 * them name.
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
 * Reports entries of a Bundle without a Patient and without a subject. A server that they are
 * posted to could take one person's data for another's.
 */
const nobodys = (entries: readonly Entry[]): PlacedIssue[] =>
  entries.map(({ path }) => ({
    severity: 'warning',
    code: 'missing-data',
    text: 'Nothing tells whose it is: there is no Patient, and no subject.',
    expression: path,
  }));

/**
 * Returns the person that a resource is about, as `Patient/id`; undefined where it names none, and
 * then it counts as about the Bundle's Patient. References to entries are written as `Type/id` by
 * now. A full address that is left is on another server, where the same id is another person. An
 * Observation with a `focus` (a mother's answers in a child's record) is about the focus.
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

/**
 * Returns the name of the person that a reference points to: `Type/id`, the address of another
 * server's resource, or an identifier that is not the Patient's.
 */
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
 * Returns the identifier as the name of another person where the Patient has an identifier of the
 * same system. Equal identifiers were resolved to `Type/id` before.
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
