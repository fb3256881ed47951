import type { fhir4 } from '@loopwell/fhir';
import { mapDefined, withoutUndefined } from '@loopwell/fhir';
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
import { enriched } from './enriched-observations.ts';
import { base } from './read-bundle.ts';

/**
 * What coding made of a Bundle as a transaction that could be posted as it is (coding contract, "return"): Observations of
 * the EHR with what was added (PUT), ours (POST), new Conditions (POST), evidence for those on file (PUT), Provenance; then
 * what could follow from new Conditions, as suggestions: Goals and ServiceRequests (POST).
 */
export function transactionOf(
  read: BundleRead,
  received: PersonCoding,
  deps: CodingDeps,
): fhir4.Bundle {
  const coding = { ...received, ...namedBySource(received, read, deps) };
  const { system: identifierSystem } = identityOr(read.record.identity);
  const { goals, serviceRequests } = suggestGoalsAndOrders(coding, read.pursued, {
    ...deps,
    identifierSystem,
  });
  const posted = postedBefore(read);
  const fresh = coding.observations.filter((one) => !posted.has(one.id));
  const refer = referrer(read, [...fresh, ...coding.conditions, ...goals], posted);
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      ...ownObservations(read, coding, deps),
      ...fresh.map((one) => created(one, refer, identifierSystem)),
      ...coding.conditions.map((one) => created(one, refer, identifierSystem)),
      ...coding.evidenceAdded.flatMap((one) => withEvidence(read, one, refer, deps)),
      ...coding.provenances.map((one) => created(one, refer)),
      ...[...goals, ...serviceRequests].map((one) => created(one, refer, identifierSystem)),
    ],
  };
}

/**
 * A Condition's name here comes from the answer that it rests on first, not from the need alone: after one was refuted, new
 * evidence makes a new one, which a conditional create must not mistake for the old.
 */
function namedBySource(
  { conditions, provenances }: PersonCoding,
  { record }: BundleRead,
  deps: CodingDeps,
): Pick<PersonCoding, 'conditions' | 'provenances'> {
  const { system } = identityOr(record.identity);
  const names = new Map(
    conditions.map((one) => [one.id, deps.deriveId('condition', one.id, one.sources[0] ?? '')]),
  );
  const named = (id: string) => names.get(id) ?? id;
  const targetOf = ({ reference = '' }: fhir4.Reference) => ({
    reference: `Condition/${named(reference.replace('Condition/', ''))}`,
  });
  return {
    conditions: conditions.map((one) => {
      const id = named(one.id);
      return {
        ...one,
        id,
        resource: { ...one.resource, id, identifier: [ourIdentifier(id, system)] },
      };
    }),
    provenances: provenances.map((one) => ({
      ...one,
      resource: { ...one.resource, target: one.resource.target.map(targetOf) },
    })),
  };
}

/** Observations of ours that were posted before and have come back with the record, by the identifier that we gave them. */
function postedBefore({ entries, record }: BundleRead): ReadonlyMap<string, string> {
  const posted = new Map<string, string>();
  for (const { resource, reference } of entries.values()) {
    if (resource.resourceType !== 'Observation' || reference === undefined) continue;
    if (!isOurs(resource as fhir4.Observation, record.identity)) continue;
    for (const value of valuesInSystem(
      resource as fhir4.Observation,
      identityOr(record.identity).system,
    ))
      posted.set(value, reference);
  }
  return posted;
}

type Refer = (reference: string) => string;

/** References of the output: to what is new by `urn:uuid:`, to the input as it may be referred to on its own server. */
function referrer(
  read: BundleRead,
  created: readonly Made<fhir4.Resource>[],
  posted: ReadonlyMap<string, string>,
): Refer {
  const made = new Map(
    created.map((one) => [`${one.resource.resourceType}/${one.id}`, `urn:uuid:${one.id}`]),
  );
  for (const [id, reference] of posted) made.set(`Observation/${id}`, reference);
  return (reference) => {
    const key = reference.startsWith(`${base}/`) ? reference.slice(base.length + 1) : reference;
    return made.get(key) ?? read.entries.get(key)?.reference ?? key;
  };
}

/** References that builders write; the resources are fresh, so they are rewritten where they stand. */
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

function relink(resource: Referring, refer: Refer): void {
  const { subject, encounter, asserter, derivedFrom, evidence, entity, extension } = resource;
  const link = (reference: fhir4.Reference | undefined) => {
    if (reference?.reference !== undefined) reference.reference = refer(reference.reference);
  };
  for (const reference of [subject, encounter, asserter]) link(reference);
  const { performer, target, addresses, reasonReference } = resource;
  for (const references of [performer, derivedFrom, target, addresses, reasonReference])
    references?.forEach(link);
  for (const one of extension ?? []) link(one.valueReference);
  for (const conditionEvidence of evidence ?? []) conditionEvidence.detail?.forEach(link);
  for (const provenanceEntity of entity ?? []) link(provenanceEntity.what);
  // What nothing can refer to is left out.
  const isThere = (one: fhir4.Reference | undefined) => one?.reference !== '';
  if (derivedFrom && !derivedFrom.every(isThere))
    resource.derivedFrom = derivedFrom.filter(isThere);
  if (entity && !entity.every((one) => isThere(one.what)))
    resource.entity = entity.filter((one) => isThere(one.what));
  if (resource.derivedFrom?.length === 0) delete resource.derivedFrom;
  if (resource.entity?.length === 0) delete resource.entity;
  if (!isThere(encounter)) delete resource.encounter;
}

/** @param system of the identifier that it carries; a type that has none is made without a condition */
function created(one: Made<fhir4.Resource>, refer: Refer, system?: string): fhir4.BundleEntry {
  const { id, ...resource } = one.resource;
  relink(resource as Referring, refer);
  return {
    fullUrl: `urn:uuid:${one.id}`,
    resource: resource as fhir4.FhirResource,
    request: {
      method: 'POST',
      url: resource.resourceType,
      ...withoutUndefined({
        ifNoneExist:
          system === undefined
            ? undefined
            : `identifier=${encodeURIComponent(`${system}|${one.id}`)}`,
      }),
    },
  };
}

/** Observations that came as such: all that they held, plus what was added or mended. */
function ownObservations(
  read: BundleRead,
  coding: PersonCoding,
  deps: CodingDeps,
): fhir4.BundleEntry[] {
  const readings = coding.readings.filter((one) => one.own && !one.finding.unsaid);
  return mapDefined(readings, ({ finding, labels }) => {
    const entry = read.entries.get(finding.answers[0]?.source ?? '');
    return entry && isKept(entry)
      ? updated(
          read,
          entry,
          enriched(sent(entry) as fhir4.Observation, { finding, labels }, read.record.choices),
          deps,
        )
      : undefined;
  });
}

/** One that says two things stays as it came, unless no server could take it: two values, or one of a type that is none of R4's. */
function isKept({ received }: Entry): boolean {
  const values = Object.keys(received).filter((key) => /^value[A-Z]/.test(key));
  return values.length < 2 && values.every((key) => observed.has(key));
}

const types =
  'Quantity CodeableConcept String Boolean Integer Range Ratio SampledData Time DateTime Period';
const observed: ReadonlySet<string> = new Set(types.split(' ').map((type) => `value${type}`));

/** What came, as it came: nothing in it changes but what is added. */
const sent = ({ received, resource, hasId }: Entry): fhir4.Resource =>
  hasId && received.id === undefined
    ? { ...received, ...withoutUndefined({ id: resource.id || undefined }) }
    : received;

/** One without an id cannot be put: it is made, under an identifier of its own, once however often it is posted. */
function updated(
  read: BundleRead,
  entry: Entry,
  resource: fhir4.Resource,
  deps: CodingDeps,
): fhir4.BundleEntry {
  const { id: _id, ...rest } = resource as fhir4.Resource & { identifier?: fhir4.Identifier[] };
  const version = resource.meta?.versionId;
  const own = objectsOf(rest.identifier).find(
    (one) => one.value !== undefined && one.system !== undefined,
  );
  const identifier =
    own ??
    ourIdentifier(
      deps.deriveId('own', JSON.stringify(entry.resource)),
      identityOr(read.record.identity).system,
    );
  const known = entry.hasId
    ? resource
    : { ...rest, identifier: own ? rest.identifier : [...objectsOf(rest.identifier), identifier] };
  return {
    ...withoutUndefined({ fullUrl: entry.fullUrl }),
    resource: known as unknown as fhir4.FhirResource,
    request: entry.hasId
      ? {
          method: 'PUT',
          url: entry.key,
          ...withoutUndefined({ ifMatch: version ? `W/"${version}"` : undefined }),
        }
      : {
          method: 'POST',
          url: resource.resourceType,
          ifNoneExist: `identifier=${encodeURIComponent(`${identifier.system}|${identifier.value}`)}`,
        },
  };
}

/** Evidence for a Condition on file, as far as it does not have it yet; nothing else in it changes. */
function withEvidence(
  read: BundleRead,
  added: PersonCoding['evidenceAdded'][number],
  refer: Refer,
  deps: CodingDeps,
): fhir4.BundleEntry[] {
  const entry = read.entries.get(added.condition);
  // One without an id cannot be changed: `nameless` says so.
  if (!entry?.hasId) return [];
  const condition = sent(entry) as fhir4.Condition;
  const present = evidenceNamedBy(entry.resource as fhir4.Condition);
  const fresh = added.observations.map(refer).filter((one) => !present.has(tailOf(one)));
  if (fresh.length === 0) return [];
  const evidence = [
    ...objectsOf(condition.evidence),
    ...fresh.map((reference) => ({ detail: [{ reference }] })),
  ];
  return [updated(read, entry, { ...condition, evidence } as fhir4.Condition, deps)];
}

const tailOf = (reference: string) => reference.split('/').slice(-2).join('/');
