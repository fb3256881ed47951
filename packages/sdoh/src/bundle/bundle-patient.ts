import { type fhir4, parseReference } from '@loopwell/fhir';
import { isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Entry, PlacedIssue } from './bundle-model.ts';

/**
 * The one person of a Bundle, and what is theirs. Where two Patients came, the one that most resources are about is meant
 * (the smaller id at a draw); the other, and what is about somebody else, is left out and said so.
 */
export function personOf(entries: readonly Entry[]): {
  entries: Entry[];
  reference: string;
  issues: PlacedIssue[];
  unattributed: Entry[];
} {
  const known = entries.filter((one) => one.resource.resourceType === 'Patient');
  const patients = known.map((one) => one.key);
  const about = new Map(entries.map((one) => [one, subjectOf(one.resource, known)]));
  const count = (key: string) => [...about.values()].filter((one) => one === key).length;
  const named =
    patients.length > 0
      ? patients
      : [...new Set([...about.values()].filter((one) => one !== undefined))];
  const [reference = ''] = named.sort((a, b) => count(b) - count(a) || (a < b ? -1 : 1));
  const issues: PlacedIssue[] = [];
  const leaveOut = (one: Entry, text: string) =>
    issues.push({ severity: 'warning', code: 'invalid-value', text, expression: one.path });
  if (reference === '')
    return { entries: [], reference, issues: nobodys(entries), unattributed: [...entries] };
  const unattributed: Entry[] = [];
  const kept = entries.filter((one) => {
    if (one.resource.resourceType === 'Patient') {
      if (one.key === reference) return true;
      leaveOut(one, 'A Bundle is about one Patient; this is a second one and is left out.');
      return false;
    }
    const subject = about.get(one);
    if (subject === undefined || subject === reference) return true;
    leaveOut(one, 'It is about somebody who is not the Patient of this Bundle, and is left out.');
    // One that names nobody by type and id may be anybody's.
    if (parseReference(subject) === undefined) unattributed.push(one);
    return false;
  });
  return { entries: kept, reference, issues, unattributed };
}

/** Without a Patient nothing can be anybody's, and a server that is posted to could mistake one person's for another's. */
const nobodys = (entries: readonly Entry[]): PlacedIssue[] =>
  entries.map(({ path }) => ({
    severity: 'warning',
    code: 'missing-data',
    text: 'Nothing tells whose it is: there is no Patient, and no subject.',
    expression: path,
  }));

/**
 * `Patient/id` that a resource is about; what names none is taken to be about the Bundle's Patient. References to entries
 * are written as `Type/id` by now: an address that is left is on another server, where the same id is somebody else. What
 * is about the Patient and observed of another (`focus`: a mother's answers in a child's record) is that other's.
 */
function subjectOf(resource: fhir4.Resource, patients: readonly Entry[]): string | undefined {
  const { subject, patient, focus } = resource as {
    subject?: unknown;
    patient?: unknown;
    focus?: fhir4.Reference[];
  };
  const others = resource.resourceType === 'Observation' ? objectsOf(focus) : [];
  const named = [...others, subject, patient].filter(isObject);
  return named
    .map((one) => whoIs(one as fhir4.Reference, patients))
    .find((one) => one !== undefined);
}

function whoIs(
  { reference, identifier }: fhir4.Reference,
  patients: readonly Entry[],
): string | undefined {
  const text = textOf(reference);
  if (text === undefined)
    return isObject(identifier) ? strangerBy(identifier as fhir4.Identifier, patients) : undefined;
  const parsed = parseReference(text);
  const key = parsed && `${parsed.type}/${parsed.id}`;
  const isElsewhere = parsed?.base !== undefined && patients.some((one) => one.key === key);
  return key === undefined || isElsewhere ? text : key;
}

/** An identifier that is none of the Patient's, though the Patient has one of its system, is somebody else's. */
function strangerBy(
  { system, value }: fhir4.Identifier,
  patients: readonly Entry[],
): string | undefined {
  const identifiers = patients.flatMap((one) =>
    objectsOf((one.resource as fhir4.Patient).identifier),
  );
  const isSameKind = identifiers.some(
    (one) => one.system === system && textOf(one.value) !== undefined,
  );
  return isSameKind && textOf(value) !== undefined ? `${system ?? ''}|${value}` : undefined;
}
