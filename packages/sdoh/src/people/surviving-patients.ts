import type { LinkProblem, LinkStatements } from './link-statements.ts';

/** A Patient that is known, with what it says, and whether a person has set its link. */
export type LinkedPatient = {
  id: string;
  statements: LinkStatements;
  /**
   * A person set the link while the EHR named this Patient as the surviving one; empty for none.
   */
  setAgainst?: string | undefined;
};

/** Where the link of a Patient leads. */
export type Survivor =
  /** To the person of this Patient, which may be itself. */
  | { kind: 'follows'; patient: string; waitsFor?: string }
  /** A person has set the link, and it stays. */
  | { kind: 'set-by-person' }
  /** It stays where it is, and a person has to look. */
  | { kind: 'problem'; problem: LinkProblem };

/**
 * Tells for Patients of one EHR which Patient has survived each of them. A chain is followed to its
 * end. Where the next Patient is not known yet, the last one that is known counts, and the link
 * waits. A circle, several successors, or a link that cannot be followed moves nothing.
 * DECISIONS D146.
 *
 * @param patients all Patients that are connected by links, so far as they are known
 */
export function survivingPatients(patients: readonly LinkedPatient[]): Map<string, Survivor> {
  const byId = new Map(patients.map((patient) => [patient.id, patient]));
  const successors = successorsOf(patients);
  return new Map(patients.map(({ id }) => [id, survivorOf(id, byId, successors)]));
}

type ById = ReadonlyMap<string, LinkedPatient>;
type Successors = ReadonlyMap<string, ReadonlySet<string>>;

/** Lists by Patient the ones that replace it, as either of the two says. */
function successorsOf(patients: readonly LinkedPatient[]): Successors {
  const successors = new Map<string, Set<string>>();
  const add = (from: string, to: string) => {
    const named = successors.get(from) ?? new Set();
    successors.set(from, named.add(to));
  };
  for (const { id, statements } of patients) {
    for (const other of statements.replacedBy) add(id, other);
    for (const other of statements.replaces) add(other, id);
  }
  return successors;
}

function survivorOf(start: string, byId: ById, successors: Successors): Survivor {
  const path = new Set<string>();
  for (let id = start; ; ) {
    path.add(id);
    const next = nextAfter(id, byId, successors);
    if (next.kind === 'problem') return next;
    if (next.kind === 'set-by-person' && id === start) return next;
    if (next.kind === 'set-by-person' || next.patient === undefined)
      return { kind: 'follows', patient: id };
    if (path.has(next.patient)) return { kind: 'problem', problem: 'link-in-circle' };
    if (!byId.has(next.patient)) return atUnknown(start, id, next.patient);
    id = next.patient;
  }
}

const atUnknown = (start: string, last: string, unknown: string): Survivor =>
  start === last
    ? { kind: 'follows', patient: last, waitsFor: unknown }
    : { kind: 'follows', patient: last };

type Next =
  | { kind: 'next'; patient: string | undefined }
  | { kind: 'set-by-person' }
  | { kind: 'problem'; problem: LinkProblem };

function nextAfter(id: string, byId: ById, successors: Successors): Next {
  const patient = byId.get(id);
  const named = [...(successors.get(id) ?? [])];
  const setAgainst = patient?.setAgainst;
  if (setAgainst !== undefined && setAgainst === named.sort().join(' '))
    return { kind: 'set-by-person' };
  const problem = patient?.statements.unusable;
  if (problem !== undefined) return { kind: 'problem', problem };
  if (named.length > 1) return { kind: 'problem', problem: 'links-to-several' };
  return { kind: 'next', patient: named[0] };
}

/**
 * Returns what the EHR says now about who replaces a Patient, to be kept where a person sets its
 * link. Until the EHR says something else, the person's word stands.
 */
export function namedSuccessors(id: string, patients: readonly LinkedPatient[]): string {
  return [...(successorsOf(patients).get(id) ?? [])].sort().join(' ');
}

/** Rows about Patients that links connect, as they are stored. */
type LinkRows = {
  links: readonly { patient_id: string; unusable: string | null; set_against: string | null }[];
  statements: readonly { patient_id: string; type: string; other_id: string }[];
};

/** Puts together from stored rows what Patients say of their links. */
export function linkedPatients({ links, statements }: LinkRows): LinkedPatient[] {
  const byPatient = Map.groupBy(statements, (row) => row.patient_id);
  return links.map((link) => {
    const rows = byPatient.get(link.patient_id) ?? [];
    const named = (type: string) =>
      rows.filter((row) => row.type === type).map((row) => row.other_id);
    const unusable = (link.unusable ?? undefined) as LinkProblem | undefined;
    return {
      id: link.patient_id,
      statements: { replacedBy: named('replaced-by'), replaces: named('replaces'), unusable },
      setAgainst: link.set_against ?? undefined,
    };
  });
}
