import { type fhir4, mapDefined, parseReference, withoutUndefined } from '@loopwell/fhir';
import { AppError } from '@loopwell/kit';
import type { WriteBack } from '@loopwell/store';

/** A made resource that the EHR should hold, with what it is and where it stands. */
export type Copy = { row: WriteBack; body: fhir4.Resource; earlier: readonly fhir4.Resource[] };

/** How references of made resources become the EHR's own. */
export type EhrIds = {
  /** FHIR base of the EHR. */
  base: string;
  person: string;
  patientId: string;
  /** Ids in the EHR of made resources that were written already. */
  byMade: ReadonlyMap<string, string>;
  /** Ids in the EHR of its own resources, by the ids under which partners read them at our base. */
  byAlias: ReadonlyMap<string, string>;
  /** This installation's Device, which an EHR that keeps none knows by its identifier. */
  device?: { id: string; system: string };
};

/**
 * Referenced resources first; a ServiceRequest that the EHR has never seen goes before the
 * Procedure that rests on it.
 */
export function inReferenceOrder(copies: readonly Copy[]): Copy[] {
  const rank = ({ row }: Copy) =>
    row.type === 'ServiceRequest' && row.ehr_id === null ? 3 : row.rank;
  // A score derives from its items, and no item from a score.
  const depth = ({ body }: Copy) =>
    ((body as fhir4.Observation).derivedFrom ?? []).filter(isMade).length;
  return [...copies].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      depth(a) - depth(b) ||
      (a.row.own_resource < b.row.own_resource ? -1 : 1),
  );
}

/** References between made resources are relative; those to the EHR's own are absolute. */
const isMade = (reference: fhir4.Reference) => {
  const parsed = parseReference(reference.reference);
  return parsed !== undefined && parsed.base === undefined;
};

/**
 * The resource as the EHR gets it: our ids left out, references rewritten to the EHR's own ids and
 * relative, references that lead nowhere in the EHR left out. Nothing else is changed.
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
  // A target that the EHR does not hold: its name may stay, its address may not.
  return reference.display || reference.identifier ? withoutAddress(reference) : undefined;
}

function withoutAddress({ reference: _gone, ...rest }: fhir4.Reference): fhir4.Reference {
  return rest;
}

/**
 * The identifier that says which of ours a resource in the EHR is: the made resource carries it, in
 * this installation's system.
 */
function nameOf(resource: fhir4.Resource, madeId: string): { system: string; value: string } {
  const { identifier } = resource as fhir4.Resource & { identifier?: fhir4.Identifier[] };
  // Each EHR gets a copy of the one Device, whose identifier is the same in all.
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
 * By what the EHR is asked for one of ours: its identifier; a Provenance has none, and is asked for
 * by its target.
 */
export function questionOf(
  resource: fhir4.Resource,
  madeId: string,
): { parameter: 'identifier' | 'target'; value: string } {
  if (resource.resourceType === 'Provenance')
    return { parameter: 'target', value: targetOf(resource) ?? '' };
  const { system, value } = nameOf(resource, madeId);
  return { parameter: 'identifier', value: `${system}|${value}` };
}

/** Others may have Provenance of the same target: If-None-Exist would take theirs for ours. */
export function ifNoneExist(resource: fhir4.Resource, madeId: string): string | undefined {
  const { parameter, value } = questionOf(resource, madeId);
  return parameter === 'identifier' ? `identifier=${encodeURIComponent(value)}` : undefined;
}

/** What a Provenance is about, as the EHR knows it; undefined where the EHR does not have that. */
export const targetOf = (resource: fhir4.Resource): string | undefined =>
  (resource as fhir4.Provenance).target?.[0]?.reference;

/** The same target, moment, activity and agent: it is the Provenance that we wrote. */
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
  const { system, value } = nameOf(written, madeId);
  return (Array.isArray(shown.identifier) ? shown.identifier : []).some(
    (one) => one?.system === system && one.value === value,
  );
}

/** The one that carries our identifier, among what a search by it gave. */
export function oursAmong<R extends fhir4.Resource>(
  resources: readonly R[],
  written: fhir4.Resource,
  madeId: string,
): R | undefined {
  return resources.find(
    (one) => one.resourceType === written.resourceType && isOurs(one as Shown, written, madeId),
  );
}

/** True for what carries our identifier, or is the Provenance that we wrote. */
export const carriesOurName = (
  written: fhir4.Resource,
  read: fhir4.Resource,
  madeId: string,
): boolean => read.resourceType === written.resourceType && isOurs(read as Shown, written, madeId);

/** True when the EHR's resource holds all that we would write: there is nothing to do. */
export function isAsWanted(
  wanted: fhir4.Resource,
  current: fhir4.Resource,
  madeId: string,
): boolean {
  if (!isOurs(current as Shown, wanted, madeId)) return false;
  const { id: _id, meta: _meta, ...rest } = wanted as fhir4.Resource & { id?: string };
  return isWithin(rest, current);
}

/**
 * True when the EHR's resource is one that we wrote before, and nobody has added an element to it.
 */
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
 * Every part of `small` is found in `large`; lists may be longer there, and words may be put in
 * another way.
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

/** References may come back absolute, and instants in another time zone. */
function isSameValue(small: unknown, large: unknown): boolean {
  if (small === large) return true;
  if (typeof small !== 'string' || typeof large !== 'string') return false;
  const [a, b] = [parseReference(small), parseReference(large)];
  if (a && b) return a.type === b.type && a.id === b.id;
  return /^\d{4}-\d\d-\d\dT/.test(small) && Date.parse(small) === Date.parse(large);
}
