import type { fhir4 } from '@loopwell/fhir';
import { isObject, textOf } from '../shapes.ts';
import type { Entry, PlacedIssue } from './model.ts';

/**
 * The one person of a Bundle, and what is theirs. Where two Patients came, the one that most resources are about is meant
 * (the smaller id at a draw); the other, and what is about somebody else, is left out and said so.
 */
export function personOf(entries: readonly Entry[]): { entries: Entry[]; reference: string; issues: PlacedIssue[] } {
  const patients = entries.filter((one) => one.resource.resourceType === 'Patient').map((one) => one.key);
  const about = new Map(entries.map((one) => [one, subjectOf(one.resource)]));
  const count = (key: string) => [...about.values()].filter((one) => one === key).length;
  const named = patients.length > 0 ? patients : [...new Set([...about.values()].filter((one) => one !== undefined))];
  const [reference = ''] = named.sort((a, b) => count(b) - count(a) || (a < b ? -1 : 1));
  const issues: PlacedIssue[] = [];
  const leaveOut = (one: Entry, text: string) => issues.push({ severity: 'warning', code: 'invalid-value', text, expression: one.path });
  if (reference === '') return { entries: [], reference, issues: nobodys(entries) };
  const kept = entries.filter((one) => {
    if (one.resource.resourceType === 'Patient') {
      if (one.key === reference) return true;
      leaveOut(one, 'A Bundle is about one Patient; this is a second one and is left out.');
      return false;
    }
    const subject = about.get(one);
    if (subject === undefined || subject === reference) return true;
    leaveOut(one, 'It is about somebody who is not the Patient of this Bundle, and is left out.');
    return false;
  });
  return { entries: kept, reference, issues };
}

/** Without a Patient nothing can be anybody's, and a server that is posted to could mistake one person's for another's. */
const nobodys = (entries: readonly Entry[]): PlacedIssue[] =>
  entries.map(({ path }) => ({
    severity: 'warning',
    code: 'missing-data',
    text: 'Nothing tells whose it is: there is no Patient, and no subject.',
    expression: path,
  }));

/** `Patient/id` that a resource is about; what names none is taken to be about the Bundle's Patient. */
function subjectOf(resource: fhir4.Resource): string | undefined {
  const { subject, patient } = resource as { subject?: unknown; patient?: unknown };
  const reference = [subject, patient].map((one) => (isObject(one) ? textOf(one.reference) : undefined)).find((one) => one !== undefined);
  const match = reference === undefined ? null : /(?:^|\/)(Patient\/[A-Za-z0-9.-]{1,64})(?:\/_history\/.*)?$/.exec(reference);
  return match?.[1] ?? reference;
}
