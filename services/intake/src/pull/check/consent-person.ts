import { localExtensions, localId, parseReference, patientIdIn } from '@loopwell/fhir';

/**
 * Whose a Consent is, however little of it can be read: a newer one that nobody can read may be a no, so that it is kept
 * with its person and judged by the gates. R4 names the person in `patient`, R5 in `subject`; where either is a list or is
 * nested, the one Patient of this server that is named counts. Where none is named, it is whose it was read as: by a search for
 * one Patient, or from a file of one Patient. Undefined where none or several are named.
 *
 * @param readFor id of the Patient whose Consents were asked for
 */
export function personOfConsent(
  consent: Readonly<Record<string, unknown>>,
  base: string,
  readFor?: string,
): string | undefined {
  // A member that came twice has its earlier value beside it: `patient (1)`.
  const whose = Object.entries(consent).flatMap(([name, value]) =>
    /^(patient|subject)( \(\d+\))?$/.test(name) ? [value] : [],
  );
  const ids = new Set(whose.flatMap((value) => patientsIn(value, base, 0)));
  const [only] = ids;
  if (ids.size > 0) return ids.size === 1 ? only : undefined;
  return whose.some(namesSomebodyElse) ? undefined : (loadedWith(consent, base) ?? readFor);
}

/** A Patient of another server. */
const namesSomebodyElse = (value: unknown) =>
  typeof value === 'object' &&
  value !== null &&
  'reference' in value &&
  parseReference(String(value.reference))?.type === 'Patient';

/** `loopwell load` says with which Patient a Consent came that names none. */
function loadedWith(
  { extension }: Readonly<Record<string, unknown>>,
  base: string,
): string | undefined {
  const own = (Array.isArray(extension) ? (extension as unknown[]) : []).filter(
    (one) =>
      typeof one === 'object' &&
      one !== null &&
      'url' in one &&
      one.url === localExtensions.loadedWith,
  );
  return own.flatMap((one) => patientsIn(one, base, 0))[0];
}

/** Every Patient that something may name, at this server or under the same id at another, as deep as it is looked at. */
export const patientsNamed = (value: unknown): string[] => [
  ...new Set(idsIn(value, patientIdIn, 0)),
];

const deepest = 5;

/** A Patient of this server, also in other letters, with blanks around it, or with slashes before or behind. */
function patientIn(reference: string, base: string): string | undefined {
  const text = reference.trim();
  const local = text.toLowerCase().startsWith(`${base.toLowerCase()}/`)
    ? text.slice(base.length + 1)
    : text;
  const written = /^[./]*patient\/([A-Za-z0-9\-.]{1,64})(\/_history\/[^/]+)?\/*$/i.exec(local);
  return localId(reference, 'Patient', base) ?? written?.[1];
}

const patientsIn = (value: unknown, base: string, depth: number): string[] =>
  idsIn(value, (reference) => patientIn(reference, base), depth);

function idsIn(
  value: unknown,
  idIn: (reference: string) => string | undefined,
  depth: number,
): string[] {
  if (typeof value !== 'object' || value === null || depth > deepest) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    if (name === 'reference' && typeof member === 'string') return idIn(member) ?? [];
    return idsIn(member, idIn, depth + 1);
  });
}
