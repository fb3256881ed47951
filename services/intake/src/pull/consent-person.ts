import { localId } from '@loopwell/fhir';

/**
 * Whose a Consent is, however little of it can be read: a newer one that nobody can read may be a no, so that it is kept
 * with its person and judged by the gates. R4 names the person in `patient`, R5 in `subject`; where either is a list or is
 * nested, the one Patient of this server that is named counts. Undefined where none or several are named.
 */
export function personOfConsent(consent: Readonly<Record<string, unknown>>, base: string): string | undefined {
  const named = [consent.patient, consent.subject].flatMap((value) => patientsIn(value, base, 0));
  const ids = new Set(named);
  return ids.size === 1 ? named[0] : undefined;
}

const deepest = 5;

function patientsIn(value: unknown, base: string, depth: number): string[] {
  if (typeof value !== 'object' || value === null || depth > deepest) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    if (name === 'reference' && typeof member === 'string') return localId(member, 'Patient', base) ?? [];
    return patientsIn(member, base, depth + 1);
  });
}
