import { type fhir4, parseReference, systems } from '@loopwell/fhir';
import type { CopyRow } from '@loopwell/store';

/** A made resource that the EHR should hold, with what it is and where it stands. */
export type Copy = { row: CopyRow; body: fhir4.Resource };

/** How references of made resources become the EHR's own. */
export type EhrIds = {
  /** FHIR base of the EHR. */
  base: string;
  person: string;
  patientId: string;
  /** Ids in the EHR of made resources that were written already. */
  byMade: ReadonlyMap<string, string>;
};

/** Referenced resources first; a ServiceRequest that the EHR has never seen goes before the Procedure that rests on it. */
export function inReferenceOrder(copies: readonly Copy[]): Copy[] {
  const rank = ({ row }: Copy) => (row.type === 'ServiceRequest' && row.ehr_id === null ? 3 : row.rank);
  return [...copies].sort((a, b) => rank(a) - rank(b) || (a.row.made_id < b.row.made_id ? -1 : 1));
}

/**
 * The resource as the EHR gets it: our ids left out, references rewritten to the EHR's own ids and relative, references
 * that lead nowhere in the EHR left out. Nothing else is changed.
 */
export function forEhr(copy: Copy, ids: EhrIds): fhir4.Resource {
  const { id: _ours, meta, ...rest } = copy.body as fhir4.Resource & Record<string, unknown>;
  const rewritten = rewrite(rest, ids) as Record<string, unknown>;
  const kept = meta?.profile || meta?.security ? { meta: pick(meta) } : {};
  const own = copy.row.ehr_id ? { id: copy.row.ehr_id } : {};
  return { ...rewritten, ...own, ...kept, resourceType: copy.body.resourceType } as fhir4.Resource;
}

function pick(meta: fhir4.Meta): fhir4.Meta {
  return { ...(meta.profile ? { profile: meta.profile } : {}), ...(meta.security ? { security: meta.security } : {}) };
}

function rewrite(value: unknown, ids: EhrIds): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => rewrite(item, ids)).filter((item) => item !== undefined);
    return items.length > 0 ? items : undefined;
  }
  if (typeof value !== 'object' || value === null) return value;
  if ('reference' in value && typeof value.reference === 'string') return rewriteReference(value as fhir4.Reference, ids);
  const entries = Object.entries(value).flatMap(([key, inner]) => {
    const next = rewrite(inner, ids);
    return next === undefined ? [] : [[key, next] as const];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function rewriteReference(reference: fhir4.Reference, ids: EhrIds): fhir4.Reference | undefined {
  const parsed = parseReference(reference.reference);
  if (!parsed) return reference;
  const { base, type, id } = parsed;
  if (base === ids.base) return { ...reference, reference: `${type}/${id}` };
  if (type === 'Patient' && id === ids.person) return { ...reference, reference: `Patient/${ids.patientId}` };
  const own = ids.byMade.get(id);
  if (own) return { ...reference, reference: `${type}/${own}` };
  // A target that the EHR does not hold: its name may stay, its address may not.
  return reference.display || reference.identifier ? withoutAddress(reference) : undefined;
}

function withoutAddress({ reference: _gone, ...rest }: fhir4.Reference): fhir4.Reference {
  return rest;
}

/** The identifier that says which of ours a resource in the EHR is, for If-None-Exist and for asking. */
export function identifierQuery(madeId: string): string {
  return `identifier=${encodeURIComponent(`${systems.loopwellId}|${madeId}`)}`;
}

/** True when what was read again is what was written: same type, our identifier, same status. */
export function provesWrite(written: fhir4.Resource, read: fhir4.Resource, madeId: string): boolean {
  const a = written as fhir4.Resource & { status?: unknown };
  const b = read as fhir4.Resource & { status?: unknown; identifier?: fhir4.Identifier[] };
  const ours = (b.identifier ?? []).some((one) => one.value === madeId);
  return a.resourceType === b.resourceType && ours && (a.status === undefined || a.status === b.status);
}
