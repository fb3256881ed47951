import { localExtensions, localId, mapDefined, parseReference, patientIdIn } from '@loopwell/fhir';

/**
 * Returns the id of the Patient that a Consent belongs to, even if little of it can be read;
 * undefined when none or several are named. A newer one that cannot be read may be a refusal, so it
 * is kept with its person and judged by the gates. R4 names the person in `patient`, R5 in
 * `subject`; where either is a list or is nested, the one named Patient of this server counts.
 * Where none is named, it is the Patient of the search or of the file that it came from.
 *
 * DECISIONS D48.
 * @param readFor id of the Patient whose Consents were requested
 */
export function personOfConsent(
  consent: Readonly<Record<string, unknown>>,
  base: string,
  readFor?: string,
): string | undefined {
  // The earlier value of a repeated member is beside it: `patient (1)`.
  const whose = mapDefined(Object.entries(consent), ([name, member]) =>
    /^(patient|subject)( \(\d+\))?$/.test(name) ? member : undefined,
  );
  const ids = new Set(whose.flatMap((value) => patientsIn(value, base, 0)));
  const [only] = ids;
  if (ids.size > 0) return ids.size === 1 ? only : undefined;
  return whose.some(namesSomebodyElse) ? undefined : (loadedWith(consent, base) ?? readFor);
}

/**
 * Returns whether a reference names a Patient. It is asked only after no Patient of this server was
 * found, so it means one of another server.
 */
const namesSomebodyElse = (reference: unknown) =>
  typeof reference === 'object' &&
  reference !== null &&
  'reference' in reference &&
  parseReference(String(reference.reference))?.type === 'Patient';

/** Returns the Patient that `loopwell load` noted for a Consent that names none. */
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
 * Lists all Patients that a value may name, at this server or under the same id at another, down to
 * the greatest depth that is searched.
 */
export const patientsNamed = (json: unknown): string[] => [...new Set(idsIn(json, patientIdIn, 0))];

const deepest = 5;

/**
 * Returns the id of a Patient of this server in a reference. Other letter case, blanks around it
 * and extra slashes are accepted.
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
