import { localExtensions, localId, mapDefined, parseReference, patientIdIn } from '@loopwell/fhir';

/**
 * Whose a Consent is, however little of it can be read: a newer one that nobody can read may be a
 * no, so that it is kept with its person and judged by the gates. R4 names the person in `patient`,
 * R5 in `subject`; where either is a list or is nested, the one Patient of this server that is
 * named counts. Where none is named, it is whose it was read as: by a search for one Patient, or
 * from a file of one Patient. Undefined where none or several are named.
 *
 * DECISIONS D48.
 * @param readFor id of the Patient whose Consents were asked for
 */
export function personOfConsent(
  consent: Readonly<Record<string, unknown>>,
  base: string,
  readFor?: string,
): string | undefined {
  // A member that came twice has its earlier value beside it: `patient (1)`.
  const whose = mapDefined(Object.entries(consent), ([name, member]) =>
    /^(patient|subject)( \(\d+\))?$/.test(name) ? member : undefined,
  );
  const ids = new Set(whose.flatMap((value) => patientsIn(value, base, 0)));
  const [only] = ids;
  if (ids.size > 0) return ids.size === 1 ? only : undefined;
  return whose.some(namesSomebodyElse) ? undefined : (loadedWith(consent, base) ?? readFor);
}

/** A Patient of another server. */
const namesSomebodyElse = (reference: unknown) =>
  typeof reference === 'object' &&
  reference !== null &&
  'reference' in reference &&
  parseReference(String(reference.reference))?.type === 'Patient';

/** `loopwell load` says with which Patient a Consent came that names none. */
function loadedWith(
  { extension }: Readonly<Record<string, unknown>>,
  base: string,
): string | undefined {
  const extensions = (Array.isArray(extension) ? (extension as unknown[]) : []).filter(
    (candidate) =>
      typeof candidate === 'object' &&
      candidate !== null &&
      'url' in candidate &&
      candidate.url === localExtensions.loadedWith,
  );
  return extensions.flatMap((one) => patientsIn(one, base, 0))[0];
}

/**
 * Every Patient that something may name, at this server or under the same id at another, as deep as
 * it is looked at.
 */
export const patientsNamed = (json: unknown): string[] => [...new Set(idsIn(json, patientIdIn, 0))];

const deepest = 5;

/**
 * A Patient of this server, also in other letters, with blanks around it, or with slashes before or
 * behind.
 */
function patientIn(reference: string, base: string): string | undefined {
  const text = reference.trim();
  const local = text.toLowerCase().startsWith(`${base.toLowerCase()}/`)
    ? text.slice(base.length + 1)
    : text;
  const written = /^[./]*patient\/([A-Za-z0-9\-.]{1,64})(\/_history\/[^/]+)?\/*$/i.exec(local);
  return localId(reference, 'Patient', base) ?? written?.[1];
}

const patientsIn = (json: unknown, base: string, depth: number): string[] =>
  idsIn(json, (reference) => patientIn(reference, base), depth);

function idsIn(
  json: unknown,
  idIn: (reference: string) => string | undefined,
  depth: number,
): string[] {
  if (typeof json !== 'object' || json === null || depth > deepest) return [];
  return Object.entries(json).flatMap(([name, member]) => {
    if (name === 'reference' && typeof member === 'string') return idIn(member) ?? [];
    return idsIn(member, idIn, depth + 1);
  });
}
