/** A Patient as an EHR names it, with the address of the EHR's FHIR API. */
export type Named = { connection: string; patientId: string; base: string | null };

/** Elements of a FHIR resource that say whom it is about. */
const subjects = ['subject', 'patient', 'for', 'individual', 'beneficiary', 'participant'];

/**
 * Tells whether a resource that could not be read is about a Patient. Where it says whom it is
 * about, nothing else counts: a mother may have filled in the form of her child. What says nothing
 * of that, or is no JSON, is about whoever it refers to.
 */
export function namesPatient(body: string, patient: Named): boolean {
  const resource = parsed(body);
  if (resource === undefined)
    return [...body.replaceAll('\\/', '/').matchAll(/"([^"\s]*Patient\/[^"\s]*)"/g)].some(
      ([, reference = '']) => isReferenceTo(reference, patient),
    );
  const { resourceType } = resource;
  if (resourceType === 'Patient') return false;
  const about = subjects.flatMap((key) => references(resource[key]));
  const toPatients = about.filter((reference) => /(^|\/)Patient\//.test(reference));
  const counting = toPatients.length > 0 ? toPatients : references(resource);
  return counting.some((reference) => isReferenceTo(reference, patient));
}

function parsed(body: string): Record<string, unknown> | undefined {
  try {
    const read: unknown = JSON.parse(body);
    return typeof read === 'object' && read !== null && !Array.isArray(read)
      ? (read as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Lists all references in a part of a resource. */
function references(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, inner]) =>
    key === 'reference' && typeof inner === 'string' ? [inner] : references(inner),
  );
}

/** Tells whether a reference means a Patient of this EHR: relative, or below the EHR's address. */
function isReferenceTo(reference: string, { patientId, base }: Named): boolean {
  const match = /^(?:(.*)\/)?Patient\/([^/]+)(?:\/_history\/[^/]+)?$/.exec(reference);
  if (match === null || match[2] !== patientId) return false;
  return match[1] === undefined || base === null || match[1] === base.replace(/\/+$/, '');
}
