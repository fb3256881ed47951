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

/** References within the input are written against this; it is taken off again in the output. */
export const base = 'urn:input';

const fullUrlOf = /^(https?:\/\/.*)\/([A-Za-z]+)\/([A-Za-z0-9.-]{1,64})$/;

/**
 * What a site says about itself: its own codes in LOINC, and what it wants otherwise than the guide
 * advises.
 */
export type Site = SiteChoices & {
  translations?: Translations;
  /** System of the identifiers that new resources get; the documented one when left out. */
  identifierSystem?: string;
};

/**
 * Reads one Bundle: one Patient with all that counts (coding contract, "In"), or several where its
 * type says so. Resources are known by `Type/id`, whatever form their references take; what comes
 * twice counts once; what belongs to somebody else is left out and said so.
 *
 * @returns one for each person, in the order in which they appear, and at the end one for what is
 * nobody's
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

/** What it takes to read entries. */
type EntryReading = {
  deps: CodingDeps;
  instruments: readonly Instrument[];
  translations: Translations;
  choices: SiteChoices;
};

/**
 * Reads the entries of a Bundle: named, with references among them as `Type/id`, in LOINC, without
 * times of the future.
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

/** A Bundle of several people has one id, and each of them needs another. */
const idOfShare = (bundle: string | undefined, number: number, person: string) =>
  bundle === undefined ? parseReference(person)?.id : `${bundle}.${number}`;

/** Lists what was found in the future, at its place; what else is wrong was said before. */
function listFutureIssues(
  timed: fhir4.Resource,
  resource: fhir4.Resource,
  path: string,
): PlacedIssue[] {
  const added = flawsOf(timed).slice(flawsOf(resource).length);
  return added.map((flaw) => placeFlaw(flaw, path));
}

/** The issue of a flaw, at its place in a resource. */
const placeFlaw = ({ kind, text, path }: Flaw, resourcePath: string): PlacedIssue =>
  placeIssue(
    severityOf(kind),
    codeOf(kind),
    text,
    path === '' ? resourcePath : `${resourcePath}.${path}`,
  );

/** RelatedPersons may be named as having answered. */
const otherPeople = (entries: readonly Entry[]) =>
  entries
    .map(({ resource }) => resource)
    .filter(({ resourceType }) => resourceType === 'RelatedPerson');

/** A number can mean one id only. */
function idOf(bundle: object & { id?: unknown }): string | undefined {
  const { id } = bundle;
  if (isRepeated(bundle, 'id')) return undefined;
  return typeof id === 'number' ? String(id) : textOf(id);
}

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
  // Without an id of its own nothing but its fullUrl can name it.
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
 * What is not in the transaction and has no id can still be referred to by what its server knows it
 * by (FHIR R4, http, conditional references). Observations without an id are in the transaction
 * themselves.
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
 * Without an id or identifier these are still named by what they came as; nothing that is posted
 * can refer to the others.
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
 * Whose record it is, for ids that stay the same from one export to the next: the first identifier,
 * else the id alone.
 */
function ownerOf(
  patient: fhir4.Patient | undefined,
  address: string | undefined,
  deps: CodingDeps,
): string {
  const identifiers = objectsOf(patient?.identifier);
  const names = identifiers.map(({ system, value }) => `${system ?? ''}|${value ?? ''}`);
  // Ids are a server's own: the same one elsewhere is somebody else.
  const ownName = address?.startsWith('http') ? address : patient?.id;
  return deps.deriveId('patient', names.sort()[0] ?? ownName ?? '');
}

/** What an earlier answer of ours left on file is on file like anything else. */
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
