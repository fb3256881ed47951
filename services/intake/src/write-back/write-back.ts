import { type fhir4, mapDefined, parseReference, withoutUndefined } from '@loopwell/fhir';
import { AppError } from '@loopwell/kit';
import type { WriteBack } from '@loopwell/store';

/** A resource of ours that the EHR should hold, with its row and its earlier versions. */
export type Copy = { row: WriteBack; body: fhir4.Resource; earlier: readonly fhir4.Resource[] };

/** The ids that turn references to our resources into the EHR's own. */
export type EhrIds = {
  /** FHIR base of the EHR. */
  base: string;
  person: string;
  patientId: string;
  /** Ids in the EHR of our resources that were already written. */
  byMade: ReadonlyMap<string, string>;
  /** Ids in the EHR of its own resources, by the ids under which partners read them at our base. */
  byAlias: ReadonlyMap<string, string>;
  /** This installation's Device. An EHR without Device knows it by its identifier. */
  device?: { id: string; system: string };
};

/**
 * Sorts copies so that referenced resources come first. A ServiceRequest that the EHR does not have
 * goes before the Procedure that is based on it.
 */
export function inReferenceOrder(copies: readonly Copy[]): Copy[] {
  const rank = ({ row }: Copy) =>
    row.type === 'ServiceRequest' && row.ehr_id === null ? 3 : row.rank;
  // A score derives from its items, but an item never from a score.
  const depth = ({ body }: Copy) =>
    ((body as fhir4.Observation).derivedFrom ?? []).filter(isMade).length;
  return [...copies].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      depth(a) - depth(b) ||
      (a.row.own_resource < b.row.own_resource ? -1 : 1),
  );
}

/**
 * Returns whether a reference names a resource of ours. Those are relative; references to the EHR's
 * own are absolute.
 */
const isMade = (reference: fhir4.Reference) => {
  const parsed = parseReference(reference.reference);
  return parsed !== undefined && parsed.base === undefined;
};

/**
 * Returns the resource as the EHR gets it: without our ids, with references rewritten to the EHR's
 * own relative ids, and without references to nothing in the EHR. Nothing else changes.
 */
export function forEhr(copy: Copy, ids: EhrIds): fhir4.Resource {
  const { id: _ours, meta, ...rest } = copy.body as fhir4.Resource & Record<string, unknown>;
  const rewritten = rewrite(rest, ids) as Record<string, unknown>;
  const kept = meta?.profile || meta?.security ? { meta: pick(meta) } : {};
  const ehrIdOf = copy.row.ehr_id ? { id: copy.row.ehr_id } : {};
  return {
    ...rewritten,
    ...ehrIdOf,
    ...kept,
    resourceType: copy.body.resourceType,
  } as fhir4.Resource;
}

function pick(meta: fhir4.Meta): fhir4.Meta {
  return {
    ...withoutUndefined({
      profile: meta.profile || undefined,
      security: meta.security || undefined,
    }),
  };
}

function rewrite(json: unknown, ids: EhrIds): unknown {
  if (Array.isArray(json)) {
    const items = json.map((item) => rewrite(item, ids)).filter((item) => item !== undefined);
    return items.length > 0 ? items : undefined;
  }
  if (typeof json !== 'object' || json === null) return json;
  if ('reference' in json && typeof json.reference === 'string')
    return rewriteReference(json as fhir4.Reference, ids);
  const entries = mapDefined(Object.entries(json), ([key, inner]) => {
    const next = rewrite(inner, ids);
    return next === undefined ? undefined : ([key, next] as const);
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function rewriteReference(reference: fhir4.Reference, ids: EhrIds): fhir4.Reference | undefined {
  const parsed = parseReference(reference.reference);
  if (!parsed) return reference;
  const { base, type, id } = parsed;
  if (base === ids.base) return { ...reference, reference: `${type}/${id}` };
  if (type === 'Patient' && id === ids.person)
    return { ...reference, reference: `Patient/${ids.patientId}` };
  const ehrReference = ids.byMade.get(id) ?? ids.byAlias.get(id);
  if (ehrReference) return { ...reference, reference: `${type}/${ehrReference}` };
  const { device } = ids;
  if (type === 'Device' && id === device?.id)
    return { ...withoutAddress(reference), identifier: { system: device.system, value: id } };
  // For a target that the EHR does not hold, the name stays and the address goes.
  return reference.display || reference.identifier ? withoutAddress(reference) : undefined;
}

function withoutAddress({ reference: _gone, ...rest }: fhir4.Reference): fhir4.Reference {
  return rest;
}

/**
 * Returns the identifier that marks a resource in the EHR as ours. The resource carries it, in this
 * installation's system.
 */
function nameOf(
  resource: fhir4.Resource,
  madeId: string,
): Required<Pick<fhir4.Identifier, 'system' | 'value'>> {
  const { identifier } = resource as fhir4.Resource & { identifier?: fhir4.Identifier[] };
  // Each EHR gets a copy of the one Device, with the same identifier in all.
  const ourIdentifier =
    resource.resourceType === 'Device'
      ? identifier?.[0]
      : identifier?.find((one) => one.value === madeId);
  if (ourIdentifier?.system === undefined)
    throw new AppError(
      'INTERNAL',
      'A resource that is to be written does not carry its identifier',
    );
  return { system: ourIdentifier.system, value: ourIdentifier.value ?? madeId };
}

/**
 * Returns the search that finds one of our resources in the EHR: by its identifier or, for a
 * Provenance, which has none, by its target.
 */
export function questionOf(
  resource: fhir4.Resource,
  madeId: string,
): { parameter: 'identifier' | 'target'; text: string } {
  if (resource.resourceType === 'Provenance')
    return { parameter: 'target', text: targetOf(resource) ?? '' };
  const name = nameOf(resource, madeId);
  return { parameter: 'identifier', text: `${name.system}|${name.value}` };
}

/**
 * Returns the condition of If-None-Exist for a resource; undefined for a Provenance, because
 * another party's Provenance of the same target would match.
 */
export function ifNoneExist(resource: fhir4.Resource, madeId: string): string | undefined {
  const { parameter, text } = questionOf(resource, madeId);
  return parameter === 'identifier' ? `identifier=${encodeURIComponent(text)}` : undefined;
}

/**
 * Returns the target of a Provenance as the EHR knows it; undefined when the EHR does not have it.
 */
export const targetOf = (resource: fhir4.Resource): string | undefined =>
  (resource as fhir4.Provenance).target?.[0]?.reference;

/**
 * Returns whether a Provenance is the one that we wrote: it has the same target, moment, activity
 * and agent.
 */
function isSameProvenance(shown: fhir4.Resource, written: fhir4.Resource): boolean {
  const partsOf = ({ target, recorded, activity, agent }: fhir4.Provenance) => ({
    target,
    recorded,
    activity,
    agent,
  });
  return (
    shown.resourceType === 'Provenance' && isWithin(partsOf(written as fhir4.Provenance), shown)
  );
}

type Shown = fhir4.Resource & { identifier?: fhir4.Identifier[] };

function isOurs(shown: Shown, written: fhir4.Resource, madeId: string): boolean {
  if (written.resourceType === 'Provenance') return isSameProvenance(shown, written);
  const name = nameOf(written, madeId);
  return (Array.isArray(shown.identifier) ? shown.identifier : []).some(
    (one) => one?.system === name.system && one.value === name.value,
  );
}

/** Returns the resource that carries our identifier, among the results of a search for it. */
export function oursAmong<R extends fhir4.Resource>(
  resources: readonly R[],
  written: fhir4.Resource,
  madeId: string,
): R | undefined {
  return resources.find(
    (one) => one.resourceType === written.resourceType && isOurs(one as Shown, written, madeId),
  );
}

/** Returns whether a resource carries our identifier, or is the Provenance that we wrote. */
export const carriesOurName = (
  written: fhir4.Resource,
  read: fhir4.Resource,
  madeId: string,
): boolean => read.resourceType === written.resourceType && isOurs(read as Shown, written, madeId);

/** Returns whether the EHR's resource already holds all that we would write. */
export function isAsWanted(
  wanted: fhir4.Resource,
  current: fhir4.Resource,
  madeId: string,
): boolean {
  if (!isOurs(current as Shown, wanted, madeId)) return false;
  const { id: _id, meta: _meta, ...rest } = wanted as fhir4.Resource & { id?: string };
  return isWithin(rest, current);
}

/** Returns whether the EHR's resource is one that we wrote before, without added elements. */
export function isUntouched(
  before: readonly fhir4.Resource[],
  current: fhir4.Resource,
  madeId: string,
): boolean {
  const added = (resource: fhir4.Resource) =>
    Object.keys(current).some(
      (key) => !(key in resource) && !['id', 'meta', 'text', 'language'].includes(key),
    );
  return before.some((one) => isAsWanted(one, current, madeId) && !added(one));
}

const ownWords = new Set(['display', 'text', 'unit']);

/**
 * Returns whether `large` holds every part of `small`. Lists may be longer there, and display texts
 * may differ.
 */
export function isWithin(small: unknown, large: unknown): boolean {
  if (small === undefined) return true;
  if (Array.isArray(small))
    return (
      Array.isArray(large) && small.every((one) => large.some((other) => isWithin(one, other)))
    );
  if (typeof small === 'object' && small !== null) {
    if (typeof large !== 'object' || large === null) return false;
    return Object.entries(small).every(
      ([key, member]) =>
        ownWords.has(key) || isWithin(member, (large as Record<string, unknown>)[key]),
    );
  }
  return isSameValue(small, large);
}

/**
 * Returns whether two values are the same. References may come back absolute, and instants in
 * another time zone.
 */
function isSameValue(small: unknown, large: unknown): boolean {
  if (small === large) return true;
  if (typeof small !== 'string' || typeof large !== 'string') return false;
  const [a, b] = [parseReference(small), parseReference(large)];
  if (a && b) return a.type === b.type && a.id === b.id;
  return /^\d{4}-\d\d-\d\dT/.test(small) && Date.parse(small) === Date.parse(large);
}
