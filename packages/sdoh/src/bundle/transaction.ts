import type { fhir4 } from '@loopwell/fhir';
import { evidenceNamedBy } from '../coding/existing-conditions.ts';
import { suggestGoalsAndOrders } from '../coding/goals-and-orders.ts';
import type { Made, PersonCoding } from '../coding/person-coding.ts';
import { objectsOf } from '../fhir-json/tolerant-readers.ts';
import type { CodingDeps } from '../model.ts';
import {
  identityOr,
  isOurs,
  ourIdentifier,
  valuesInSystem,
} from '../terminology/our-identifiers.ts';
import type { BundleRead, Entry } from './bundle-model.ts';
import { enrichObservation } from './enriched-observations.ts';
import { base } from './read-bundle.ts';

/**
 * Builds a transaction from the coding of a Bundle, ready to be posted (coding contract, "return").
 * It holds enriched Observations of the EHR (PUT), ours (POST), new Conditions (POST), evidence for
 * Conditions on file (PUT), and Provenance. Suggested Goals and ServiceRequests for new Conditions
 * come last (POST).
 */
export function createTransaction(
  read: BundleRead,
  received: PersonCoding,
  deps: CodingDeps,
): fhir4.Bundle {
  const coding = { ...received, ...nameBySource(received, read, deps) };
  const { system: identifierSystem } = identityOr(read.record.identity);
  const { goals, serviceRequests } = suggestGoalsAndOrders(coding, read.pursued, {
    ...deps,
    identifierSystem,
  });
  const posted = findPosted(read);
  const observations = coding.observations.filter((made) => !posted.has(made.id));
  const refer = createReferrer(read, [...observations, ...coding.conditions, ...goals], posted);
  const create = (made: Made<fhir4.Resource>) => createEntry(made, refer, identifierSystem);
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      ...updateObservations(read, coding, deps),
      ...observations.map(create),
      ...coding.conditions.map(create),
      ...coding.evidenceAdded.flatMap((added) => addEvidence(read, added, refer, deps)),
      ...coding.provenances.map((made) => createEntry(made, refer)),
      ...[...goals, ...serviceRequests].map(create),
    ],
  };
}

/**
 * Renames new Conditions after the answer that each rests on first, rather than after the need
 * alone. After a Condition was refuted, new evidence makes a new one, and a conditional create must
 * not mistake it for the old one.
 */
function nameBySource(
  { conditions, provenances }: PersonCoding,
  { record }: BundleRead,
  deps: CodingDeps,
): Pick<PersonCoding, 'conditions' | 'provenances'> {
  const { system } = identityOr(record.identity);
  const names = new Map<string, string>();
  for (const { id, sources } of conditions)
    names.set(id, deps.deriveId('condition', id, sources[0] ?? ''));
  const rename = (id: string) => names.get(id) ?? id;
  const renameTarget = ({ reference = '' }: fhir4.Reference) => ({
    reference: `Condition/${rename(reference.replace('Condition/', ''))}`,
  });
  return {
    conditions: conditions.map((made) => {
      const id = rename(made.id);
      const identifier = [ourIdentifier(id, system)];
      return { ...made, id, resource: { ...made.resource, id, identifier } };
    }),
    provenances: provenances.map((made) => {
      const target = made.resource.target.map(renameTarget);
      return { ...made, resource: { ...made.resource, target } };
    }),
  };
}

/**
 * Finds Observations of ours that were posted before and have come back with the record, by the
 * identifier that we gave them.
 */
function findPosted({ entries, record }: BundleRead): ReadonlyMap<string, string> {
  const { system } = identityOr(record.identity);
  const posted = new Map<string, string>();
  for (const { resource, reference } of entries.values()) {
    if (resource.resourceType !== 'Observation' || reference === undefined) continue;
    if (!isOurs(resource, record.identity)) continue;
    for (const id of valuesInSystem(resource, system)) posted.set(id, reference);
  }
  return posted;
}

type Refer = (reference: string) => string;

/**
 * Creates the function that writes references of the output: to new resources by `urn:uuid:`, to
 * the input as its own server may refer to it.
 */
function createReferrer(
  read: BundleRead,
  created: readonly Made<fhir4.Resource>[],
  posted: ReadonlyMap<string, string>,
): Refer {
  const names = new Map(posted.entries().map(([id, name]) => [`Observation/${id}`, name]));
  for (const { id, resource } of created)
    if (!names.has(`${resource.resourceType}/${id}`))
      names.set(`${resource.resourceType}/${id}`, `urn:uuid:${id}`);
  return (reference) => {
    const key = reference.startsWith(`${base}/`) ? reference.slice(base.length + 1) : reference;
    return names.get(key) ?? read.entries.get(key)?.reference ?? key;
  };
}

/**
 * Members of our new resources that hold references. `relink` changes them in place.
 */
type Referring = {
  subject?: fhir4.Reference;
  encounter?: fhir4.Reference;
  asserter?: fhir4.Reference;
  performer?: fhir4.Reference[];
  derivedFrom?: fhir4.Reference[];
  target?: fhir4.Reference[];
  addresses?: fhir4.Reference[];
  reasonReference?: fhir4.Reference[];
  extension?: fhir4.Extension[];
  evidence?: fhir4.ConditionEvidence[];
  entity?: fhir4.ProvenanceEntity[];
};

/** Rewrites all references of a new resource in place. */
function relink(resource: Referring, refer: Refer): void {
  const { subject, encounter, asserter, derivedFrom, evidence, entity, extension } = resource;
  const link = (reference: fhir4.Reference | undefined) => {
    if (reference?.reference !== undefined) reference.reference = refer(reference.reference);
  };
  for (const reference of [subject, encounter, asserter]) link(reference);
  const { performer, target, addresses, reasonReference } = resource;
  for (const references of [performer, derivedFrom, target, addresses, reasonReference])
    references?.forEach(link);
  for (const { valueReference } of extension ?? []) link(valueReference);
  for (const { detail } of evidence ?? []) detail?.forEach(link);
  for (const { what } of entity ?? []) link(what);
  dropUnnamed(resource);
}

/** Drops references to resources without a name in the output. */
function dropUnnamed(resource: Referring): void {
  const { derivedFrom, entity, encounter } = resource;
  const isThere = (reference: fhir4.Reference | undefined) => reference?.reference !== '';
  if (derivedFrom && !derivedFrom.every(isThere))
    resource.derivedFrom = derivedFrom.filter(isThere);
  if (entity && !entity.every(({ what }) => isThere(what)))
    resource.entity = entity.filter(({ what }) => isThere(what));
  if (resource.derivedFrom?.length === 0) delete resource.derivedFrom;
  if (resource.entity?.length === 0) delete resource.entity;
  if (!isThere(encounter)) delete resource.encounter;
}

/** Writes the search by which a server finds a resource that was posted before. */
const identifierSearch = (system: string | undefined, id: string | undefined) =>
  `identifier=${encodeURIComponent(`${system}|${id}`)}`;

/**
 * Builds the entry that creates a resource of ours.
 *
 * @param system of its identifier, for a conditional create; without it the create is unconditional
 */
function createEntry(made: Made<fhir4.Resource>, refer: Refer, system?: string): fhir4.BundleEntry {
  const { id: _id, ...resource } = made.resource;
  relink(resource as Referring, refer);
  const request: fhir4.BundleEntryRequest = { method: 'POST', url: resource.resourceType };
  if (system !== undefined) request.ifNoneExist = identifierSearch(system, made.id);
  return { fullUrl: `urn:uuid:${made.id}`, resource: resource as fhir4.FhirResource, request };
}

/** Updates the EHR's own Observations with what coding added or mended. */
function updateObservations(
  read: BundleRead,
  coding: PersonCoding,
  deps: CodingDeps,
): fhir4.BundleEntry[] {
  const entries: fhir4.BundleEntry[] = [];
  for (const reading of coding.readings) {
    const { finding, isFromEhr } = reading;
    const input = read.entries.get(finding.answers[0]?.source ?? '');
    if (!isFromEhr || finding.unsaid || !input || !isKept(input)) continue;
    const observation = sent(input) as fhir4.Observation;
    const enriched = enrichObservation(observation, reading, read.record.choices);
    entries.push(updateEntry(read, input, enriched, deps));
  }
  return entries;
}

/**
 * Tells whether a server can take the Observation. None takes one with two values, or with a value
 * of a type that R4 does not have.
 */
function isKept({ received }: Entry): boolean {
  const values = Object.keys(received).filter((key) => /^value[A-Z]/.test(key));
  return values.length < 2 && values.every((key) => observed.has(key));
}

const types =
  'Quantity CodeableConcept String Boolean Integer Range Ratio SampledData Time DateTime Period';
const observed: ReadonlySet<string> = new Set(types.split(' ').map((type) => `value${type}`));

/** Returns the resource of an entry as it came, with the id of its fullUrl where it had none. */
function sent({ received, resource, hasId }: Entry): fhir4.Resource {
  const isWithoutId = hasId && received.id === undefined;
  return isWithoutId && resource.id ? { ...received, id: resource.id } : received;
}

/**
 * Updates an entry. One without an id cannot be put. It is created under an identifier, so that it
 * exists once however often it is posted.
 */
function updateEntry(
  read: BundleRead,
  input: Entry,
  resource: fhir4.Resource,
  deps: CodingDeps,
): fhir4.BundleEntry {
  const updated = input.hasId ? putEntry(input, resource) : postEntry(read, input, resource, deps);
  return input.fullUrl === undefined ? updated : { fullUrl: input.fullUrl, ...updated };
}

function putEntry({ key }: Entry, resource: fhir4.Resource): fhir4.BundleEntry {
  const version = resource.meta?.versionId;
  const request: fhir4.BundleEntryRequest = { method: 'PUT', url: key };
  if (version) request.ifMatch = `W/"${version}"`;
  return { resource: resource as fhir4.FhirResource, request };
}

function postEntry(
  read: BundleRead,
  input: Entry,
  resource: fhir4.Resource,
  deps: CodingDeps,
): fhir4.BundleEntry {
  const { id: _id, ...rest } = resource as fhir4.Resource & { identifier?: fhir4.Identifier[] };
  const identifiers = objectsOf(rest.identifier);
  const whole = identifiers.find((one) => one.value !== undefined && one.system !== undefined);
  const { system } = identityOr(read.record.identity);
  const identifier =
    whole ?? ourIdentifier(deps.deriveId('own', JSON.stringify(input.resource)), system);
  const posted = {
    ...rest,
    identifier: whole ? rest.identifier : [...identifiers, identifier],
  };
  return {
    resource: posted as unknown as fhir4.FhirResource,
    request: {
      method: 'POST',
      url: resource.resourceType,
      ifNoneExist: identifierSearch(identifier.system, identifier.value),
    },
  };
}

/**
 * Adds evidence that a Condition on file does not have yet. Nothing else in the Condition changes.
 */
function addEvidence(
  read: BundleRead,
  added: PersonCoding['evidenceAdded'][number],
  refer: Refer,
  deps: CodingDeps,
): fhir4.BundleEntry[] {
  const input = read.entries.get(added.condition);
  // One without an id cannot be changed: `findNameless` says so.
  if (!input?.hasId) return [];
  const condition = sent(input) as fhir4.Condition;
  const present = evidenceNamedBy(input.resource as fhir4.Condition);
  const references = added.observations.map(refer);
  const missing = references.filter((reference) => !present.has(lastTwoParts(reference)));
  if (missing.length === 0) return [];
  const details = missing.map((reference) => ({ detail: [{ reference }] }));
  const evidence = [...objectsOf(condition.evidence), ...details];
  return [updateEntry(read, input, { ...condition, evidence } as fhir4.Condition, deps)];
}

const lastTwoParts = (reference: string) => reference.split('/').slice(-2).join('/');
