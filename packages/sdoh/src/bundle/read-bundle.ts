import {
  type Flaw,
  type fhir4,
  isRepeated,
  labelsOf,
  parseReference,
  readShape,
} from '@loopwell/fhir';
import { findPursued } from '../coding/goals-and-orders.ts';
import { codeOf, flawsOf, severityOf, withFlaws } from '../fhir-json/flaws.ts';
import { withoutFuture } from '../fhir-json/future-times.ts';
import { objectsIn, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { CodingDeps, Identity, Instrument, PersonRecord, SiteChoices } from '../model.ts';
import { reached } from '../screening/flaw-reach.ts';
import { worded } from '../screening/questions-by-wording.ts';
import { type Translations, translated } from '../terminology/concept-map.ts';
import { identityOf, isOurs } from '../terminology/our-identifiers.ts';
import type { BundleRead, Entry, PlacedIssue } from './bundle-model.ts';
import { attributeEntries } from './bundle-patient.ts';
import { type FoundEntry, findBundleFlaws, listEntries, placeIssue } from './entries.ts';
import { createIssueLookup, splitByPerson } from './person-shares.ts';
import { createResolver } from './references.ts';

/** Base of references to the input while it is coded; the output drops it again. */
export const base = 'urn:input';

const fullUrlOf = /^(https?:\/\/.*)\/([A-Za-z]+)\/([A-Za-z0-9.-]{1,64})$/;

/** The settings of a site: its own codes in LOINC, and its choices against the guide's advice. */
export type Site = SiteChoices & {
  translations?: Translations;
  /** System of the identifiers that new resources get; the documented one when left out. */
  identifierSystem?: string;
};

/**
 * Reads one Bundle into a record for its Patient (coding contract, "In"), or for several where its
 * type says so. References become `Type/id`, whatever form they came in. A repeated resource counts
 * once. Resources of other people are left out and reported.
 *
 * @returns one for each person, in the order in which they appear, and at the end one for the
 * entries of no person
 */
export function readBundle(
  bundle: fhir4.Bundle,
  instruments: readonly Instrument[],
  deps: CodingDeps,
  { translations = new Map(), identifierSystem, ...choices }: Site = {},
): BundleRead[] {
  const issues: PlacedIssue[] = [];
  const identity = identityOf(identifierSystem);
  const flaws = findBundleFlaws(bundle, issues);
  const entries = readEntries(bundle, issues, { deps, instruments, translations, choices });
  const shares = splitByPerson(bundle, entries);
  const text = 'It comes twice; the latest version counts once.';
  for (const { path } of shares.flatMap(({ repeated }) => repeated))
    issues.push(placeIssue('information', 'not-coded', text, path));
  const issuesOf = createIssueLookup(issues);
  const id = idOf(bundle);
  return shares.map((share, index) => {
    const person = attributeEntries(share.entries);
    const record = createRecord(person.entries, person.reference, identity, deps);
    return {
      id: shares.length === 1 ? id : idOfShare(id, index + 1, person.reference),
      bundle,
      record: {
        ...reached(record, otherPeople(person.entries), flaws),
        choices,
        labels: labelsOf(bundle),
      },
      unattributed: person.unattributed,
      pursued: findPursued(person.entries.map(({ resource }) => resource)),
      entries: new Map(share.entries.map((entry) => [entry.key, entry])),
      issues: [...issuesOf(share.places), ...person.issues],
      places: share.places,
    };
  });
}

/** The inputs of `readEntries` beside the Bundle. */
type EntryReading = {
  deps: CodingDeps;
  instruments: readonly Instrument[];
  translations: Translations;
  choices: SiteChoices;
};

/**
 * Reads the entries of a Bundle. Each gets an id, references as `Type/id` and codes in LOINC, and
 * loses times in the future.
 */
function readEntries(
  bundle: fhir4.Bundle,
  issues: PlacedIssue[],
  { deps, instruments, translations, choices }: EntryReading,
): Entry[] {
  const named = listEntries(bundle, issues).map((listed) =>
    nameEntry(listed, issues, deps, choices.timeZone),
  );
  const resolve = createResolver(named);
  const translate = (resource: fhir4.Resource) =>
    worded(translated(resource, translations), instruments);
  return named.map(({ flaws, ...input }) => {
    const resource = withFlaws(translate(resolve(input.resource)), flaws);
    const timed = deps.now === undefined ? resource : withoutFuture(resource, deps.now);
    issues.push(...listFutureIssues(timed, resource, input.path));
    return { ...input, received: translate(input.received), resource: timed };
  });
}

/** Returns the id of one person's share of a Bundle: its id and a number, or the Patient's id. */
const idOfShare = (bundle: string | undefined, number: number, person: string) =>
  bundle === undefined ? parseReference(person)?.id : `${bundle}.${number}`;

/** Lists issues for times in the future, each at its place. Other flaws were reported before. */
function listFutureIssues(
  timed: fhir4.Resource,
  resource: fhir4.Resource,
  path: string,
): PlacedIssue[] {
  const added = flawsOf(timed).slice(flawsOf(resource).length);
  return added.map((flaw) => placeFlaw(flaw, path));
}

/** Turns a flaw into an issue at its place in the Bundle. */
const placeFlaw = ({ kind, text, path }: Flaw, resourcePath: string): PlacedIssue =>
  placeIssue(
    severityOf(kind),
    codeOf(kind),
    text,
    path === '' ? resourcePath : `${resourcePath}.${path}`,
  );

/** Lists the RelatedPersons of the entries, who may have given the answers. */
const otherPeople = (entries: readonly Entry[]) =>
  entries
    .map(({ resource }) => resource)
    .filter(({ resourceType }) => resourceType === 'RelatedPerson');

/** Reads the id of a Bundle. A number is read as its digits; an id that comes twice is dropped. */
function idOf(bundle: object & { id?: unknown }): string | undefined {
  const { id } = bundle;
  if (isRepeated(bundle, 'id')) return undefined;
  return typeof id === 'number' ? String(id) : textOf(id);
}

/** Reads the resource of an entry and gives it a key, an id and a name for the output. */
function nameEntry(
  read: FoundEntry,
  issues: PlacedIssue[],
  deps: CodingDeps,
  timeZone: string | undefined,
): Entry & { flaws: Flaw[] } {
  const path = `Bundle.entry[${read.index}].resource`;
  const { resource, flaws } = readShape(read.resource, timeZone);
  issues.push(...flaws.map((flaw) => placeFlaw(flaw, path)));
  const type = resource.resourceType;
  const fullUrl = isRepeated(read.bundleEntry, 'fullUrl')
    ? undefined
    : textOf(read.bundleEntry.fullUrl);
  const ownId = textOf(resource.id) ?? fullUrlOf.exec(fullUrl ?? '')?.[3];
  const hasId = ownId !== undefined;
  const id = ownId ?? deps.deriveId('entry', type, fullUrl ?? JSON.stringify(resource));
  const key = `${type}/${id}`;
  // A resource without an id of its own is named by its fullUrl.
  const name = fullUrl ?? (hasId ? undefined : `urn:uuid:${id}`);
  const unnamed = isNamed.has(type) ? (name ?? key) : '';
  return {
    key,
    path,
    received: resource,
    resource: { ...resource, id },
    reference: hasId ? key : (conditionalReference(type, resource) ?? unnamed),
    fullUrl: name,
    hasId,
    flaws: [...flaws, ...read.flaws],
  };
}

/**
 * Writes a conditional reference to a resource by its first whole identifier (FHIR R4, http). It
 * serves resources without an id that are not in the transaction; Observations without an id are in
 * it.
 */
function conditionalReference(type: string, resource: fhir4.Resource): string | undefined {
  if (type === 'Observation') return undefined;
  const { identifier } = resource as { identifier?: unknown };
  const whole = objectsIn(identifier).find(
    (one) => textOf(one.system) !== undefined && textOf(one.value) !== undefined,
  );
  if (!whole) return undefined;
  return `${type}?identifier=${encodeURIComponent(`${whole.system}|${whole.value}`)}`;
}

/**
 * Types that are named by fullUrl or derived key where they have no id or identifier. Other types
 * get no name then: a posted resource could not refer to them.
 */
const isNamed: ReadonlySet<string> = new Set(['Patient', 'Observation', 'Condition']);

function createRecord(
  entries: readonly Entry[],
  patient: string,
  identity: Identity,
  deps: CodingDeps,
): PersonRecord {
  const resourcesOf = <R extends fhir4.Resource>(type: string) =>
    entries
      .filter(({ resource }) => resource.resourceType === type)
      .map(({ resource }) => withoutOurs(resource, identity) as R);
  const [subject] = resourcesOf<fhir4.Patient>('Patient');
  const patientEntry = entries.find(({ resource }) => resource.resourceType === 'Patient');
  const record: PersonRecord = {
    tenant: 'code',
    connection: ownerOf(subject, patientEntry?.fullUrl, deps),
    base,
    person: parseReference(patient)?.id ?? '',
    encounters: resourcesOf<fhir4.Encounter>('Encounter'),
    responses: resourcesOf<fhir4.QuestionnaireResponse>('QuestionnaireResponse'),
    observations: resourcesOf<fhir4.Observation>('Observation'),
    conditions: resourcesOf<fhir4.Condition>('Condition'),
    made: [],
    identity,
  };
  if (subject) record.patient = subject;
  return record;
}

/**
 * Derives a stable key for the owner of a record, so that ids stay the same from one export to the
 * next: from the first identifier, else from address or id.
 */
function ownerOf(
  patient: fhir4.Patient | undefined,
  address: string | undefined,
  deps: CodingDeps,
): string {
  const identifiers = objectsOf(patient?.identifier);
  const names = identifiers.map(({ system, value }) => `${system ?? ''}|${value ?? ''}`);
  // An id is a server's own: the same id on another server is another person.
  const ownName = address?.startsWith('http') ? address : patient?.id;
  return deps.deriveId('patient', names.sort()[0] ?? ownName ?? '');
}

/**
 * Drops our identifiers from a resource, so that what an earlier run left on file counts as the
 * EHR's own.
 */
function withoutOurs(
  resource: fhir4.Resource & { identifier?: unknown },
  identity: Identity,
): fhir4.Resource {
  const { identifier, ...rest } = resource;
  if (!Array.isArray(identifier) || !isOurs(resource, identity)) return resource;
  const others = objectsOf(identifier as fhir4.Identifier[]).filter(
    (one) => one.system !== identity.system,
  );
  return others.length === identifier.length
    ? resource
    : ({ ...rest, identifier: others } as fhir4.Resource);
}
