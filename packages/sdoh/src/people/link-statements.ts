import { type fhir4, parseReference } from '@loopwell/fhir';
import { isObject } from '../fhir-json/tolerant-readers.ts';

/**
 * Why the links of a Patient are not followed. Each is listed for a person beside the quarantine.
 */
export type LinkProblem =
  | 'link-in-circle'
  | 'link-to-itself'
  | 'link-to-another-type'
  | 'link-to-another-server'
  | 'link-unreadable'
  | 'links-to-several'
  | 'too-many-links';

/** What a Patient says in `Patient.link` about which record replaces which, by Patient ids. */
export type LinkStatements = {
  replacedBy: readonly string[];
  replaces: readonly string[];
  /** One of its links cannot be followed, so none of them is. */
  unusable?: LinkProblem | undefined;
};

/**
 * How many links of one Patient are read. A record that replaces more is for a person to look at.
 */
const mostLinks = 100;

const linkTypes: readonly unknown[] = ['replaced-by', 'replaces', 'refer', 'seealso'];

/**
 * Reads which records a Patient replaces and by which it is replaced. `refer` and `seealso` say
 * nothing about that. DECISIONS D146.
 *
 * @param base the FHIR base of the EHR that the Patient comes from
 */
export function linkStatements(patient: fhir4.Patient, base: string): LinkStatements {
  const links: unknown = patient.link ?? [];
  if (!Array.isArray(links) || patient.link === null) return unusable('link-unreadable');
  if (links.length > mostLinks) return unusable('too-many-links');
  const replacedBy = new Set<string>();
  const replaces = new Set<string>();
  for (const link of links as unknown[]) {
    const read = readLink(link, base);
    if (read.kind === 'problem') return unusable(read.problem);
    if (read.kind === 'says-nothing') continue;
    if (read.id === patient.id) return unusable('link-to-itself');
    (read.kind === 'replaces' ? replaces : replacedBy).add(read.id);
  }
  return { replacedBy: [...replacedBy].sort(), replaces: [...replaces].sort() };
}

type ReadLink =
  | { kind: 'replaced-by' | 'replaces'; id: string }
  | { kind: 'says-nothing' }
  | { kind: 'problem'; problem: LinkProblem };

function readLink(link: unknown, base: string): ReadLink {
  if (!isObject(link) || !linkTypes.includes(link.type)) return problemOf('link-unreadable');
  const { type, other } = link;
  if (type !== 'replaced-by' && type !== 'replaces') return { kind: 'says-nothing' };
  const reference = isObject(other) ? other.reference : undefined;
  const parsed = typeof reference === 'string' ? parseReference(reference) : undefined;
  if (!parsed) return problemOf('link-unreadable');
  if (parsed.type !== 'Patient') return problemOf('link-to-another-type');
  const isElsewhere = parsed.base !== undefined && parsed.base !== base;
  return isElsewhere ? problemOf('link-to-another-server') : { kind: type, id: parsed.id };
}

const problemOf = (problem: LinkProblem): ReadLink => ({ kind: 'problem', problem });

const unusable = (problem: LinkProblem): LinkStatements => ({
  replacedBy: [],
  replaces: [],
  unusable: problem,
});
