import { type fhir4, labelsOf, parseReference } from '@loopwell/fhir';
import { type Translations, translated } from '../concept-map.ts';
import { type Identity, identityOf, isOurs } from '../identity.ts';
import type { CodingDeps, PersonRecord, SiteChoices } from '../model.ts';
import { isObject, objectsOf, textOf } from '../shapes.ts';
import { pursuedOnFile } from '../suggestions.ts';
import type { BundleRead, Entry, PlacedIssue } from './model.ts';
import { latestOf } from './once.ts';
import { personOf } from './person.ts';
import { resolverOf } from './references.ts';

/** What `loopwell code` reads out of a Bundle; anything else is left alone and said so. */
const readTypes = new Set([
  'Patient',
  'Encounter',
  'QuestionnaireResponse',
  'Observation',
  'Condition',
  'RelatedPerson',
  'Consent',
  'Goal',
  'ServiceRequest',
]);

/** References within the input are written against this; it is taken off again in the output. */
export const base = 'urn:input';

const fullUrlOf = /^(https?:\/\/.*)\/([A-Za-z]+)\/([A-Za-z0-9.-]{1,64})$/;

/** What a site says about itself: its own codes in LOINC, and what it wants otherwise than the guide advises. */
export type Site = SiteChoices & {
  translations?: Translations;
  /** System of the identifiers that new resources get; the documented one when left out. */
  identifierSystem?: string;
};

/**
 * Reads one Bundle: one Patient with all that counts (coding contract, "In"). Resources are known by `Type/id`, whatever
 * form their references take; what comes twice counts once; what belongs to somebody else is left out and said so.
 */
export function readBundle(
  bundle: fhir4.Bundle,
  deps: CodingDeps,
  { translations = new Map(), identifierSystem, ...choices }: Site = {},
): BundleRead {
  const issues: PlacedIssue[] = [];
  const identity = identityOf(identifierSystem);
  const named = objectsIn(bundle.entry, issues).flatMap(({ entry, index }) => nameEntry(entry, index, issues, deps));
  const resolve = resolverOf(named);
  const resolved = named.map((one) => ({
    ...one,
    received: translated(one.received, translations),
    resource: translated(resolve(one.resource), translations),
  }));
  const { kept, repeated } = latestOf(resolved);
  issues.push(...repeated.map((one) => said('information', 'not-coded', 'It comes twice; the latest version counts once.', one.path)));
  const person = personOf(kept);
  issues.push(...person.issues);
  return {
    id: textOf(bundle.id),
    record: { ...recordOf(person.entries, person.reference, identity, deps), choices, labels: labelsOf(bundle) },
    pursued: pursuedOnFile(person.entries.map((one) => one.resource)),
    entries: new Map(kept.map((one) => [one.key, one])),
    issues,
  };
}

const said = (severity: PlacedIssue['severity'], code: string, text: string, expression: string): PlacedIssue => ({
  severity,
  code,
  text,
  expression,
});

function objectsIn(entries: unknown, issues: PlacedIssue[]): { entry: fhir4.BundleEntry; index: number }[] {
  if (entries === undefined) return [];
  if (!Array.isArray(entries)) {
    issues.push(said('warning', 'invalid-value', 'Bundle.entry has to be a list.', 'Bundle.entry'));
    return [];
  }
  return entries.flatMap((entry: unknown, index) => {
    if (isObject(entry) && isObject(entry.resource)) return { entry: entry as fhir4.BundleEntry, index };
    issues.push(said('warning', 'invalid-value', 'The entry holds no resource.', `Bundle.entry[${index}]`));
    return [];
  });
}

function nameEntry(entry: fhir4.BundleEntry, index: number, issues: PlacedIssue[], deps: CodingDeps): Entry[] {
  const resource = entry.resource as fhir4.Resource;
  const path = `Bundle.entry[${index}].resource`;
  const type = textOf(resource.resourceType);
  if (type === undefined || !readTypes.has(type)) {
    const text =
      type === undefined ? 'The resource says no resourceType.' : `${typeName(type)} is no resource that screenings are read from.`;
    issues.push(said(type === undefined ? 'warning' : 'information', type === undefined ? 'invalid-value' : 'not-coded', text, path));
    return [];
  }
  if (isTooDeep(resource)) {
    issues.push(said('warning', 'invalid-value', 'The resource is nested too deeply to be one; it is left out.', path));
    return [];
  }
  const fullUrl = textOf(entry.fullUrl);
  const own = isId(resource.id) ? resource.id : undefined;
  if (resource.id !== undefined && own === undefined)
    issues.push(said('warning', 'invalid-value', 'Its id is no FHIR id, and is not used.', `${path}.id`));
  const id = own ?? fullUrlOf.exec(fullUrl ?? '')?.[3] ?? deps.deriveId('entry', type, fullUrl ?? JSON.stringify(resource));
  const key = `${type}/${id}`;
  const hasId = own !== undefined || fullUrlOf.test(fullUrl ?? '');
  // Without an id of its own nothing but its fullUrl can name it.
  const name = fullUrl ?? (hasId ? undefined : `urn:uuid:${id}`);
  const reference = hasId ? key : (conditional(type, resource) ?? (isNamed.has(type) ? (name ?? key) : ''));
  return [{ key, path, received: resource, resource: { ...resource, id }, reference, fullUrl: name, hasId }];
}

/**
 * What is not in the transaction and has no id can still be referred to by what its server knows it by (FHIR R4, http,
 * conditional references). Observations without an id are in the transaction themselves.
 */
function conditional(type: string, resource: fhir4.Resource): string | undefined {
  if (type === 'Observation') return undefined;
  const { identifier } = resource as { identifier?: unknown };
  const known = (Array.isArray(identifier) ? identifier : [identifier]).filter(isObject);
  const one = known.find(({ system, value }) => textOf(system) !== undefined && textOf(value) !== undefined);
  return one && `${type}?identifier=${encodeURIComponent(`${one.system}|${one.value}`)}`;
}

/** Without an id or identifier these are still named by what they came as; nothing that is posted can refer to the others. */
const isNamed: ReadonlySet<string> = new Set(['Patient', 'Observation', 'Condition']);

/** FHIR R4, datatype id. */
const isId = (value: unknown): value is string => typeof value === 'string' && /^[A-Za-z0-9.-]{1,64}$/.test(value);

const typeName = (type: string) => (/^[A-Za-z]{1,40}$/.test(type) ? type : 'This');

/** Forms are a handful of levels deep, and each level of theirs is four of JSON. */
const deepest = 250;

/** A walk level by level, for what is too deep would exhaust a stack. */
function isTooDeep(resource: object): boolean {
  let level: object[] = [resource];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) return true;
    const next: object[] = [];
    for (const one of level) for (const value of Object.values(one)) if (typeof value === 'object' && value !== null) next.push(value);
    level = next;
  }
  return false;
}

function recordOf(entries: readonly Entry[], patient: string, identity: Identity, deps: CodingDeps): PersonRecord {
  const of = <R extends fhir4.Resource>(type: string) =>
    entries.flatMap((one) => (one.resource.resourceType === type ? [withoutOurs(one.resource, identity) as R] : []));
  const [known] = of<fhir4.Patient>('Patient');
  return {
    organisation: 'code',
    connection: ownerOf(known, entries.find((one) => one.resource.resourceType === 'Patient')?.fullUrl, deps),
    base,
    person: parseReference(patient)?.id ?? '',
    ...(known ? { patient: known } : {}),
    encounters: of<fhir4.Encounter>('Encounter'),
    responses: of<fhir4.QuestionnaireResponse>('QuestionnaireResponse'),
    observations: of<fhir4.Observation>('Observation'),
    conditions: of<fhir4.Condition>('Condition'),
    made: [],
    identity,
  };
}

/** Whose record it is, for ids that stay the same from one export to the next: the first identifier, else the id alone. */
function ownerOf(patient: fhir4.Patient | undefined, address: string | undefined, deps: CodingDeps): string {
  const names = objectsOf(patient?.identifier)
    .map((one) => `${one.system ?? ''}|${one.value ?? ''}`)
    .sort();
  // Ids are a server's own: the same one elsewhere is somebody else.
  const own = address?.startsWith('http') ? address : patient?.id;
  return deps.deriveId('patient', names[0] ?? own ?? '');
}

/** What an earlier answer of ours left on file is on file like anything else. */
function withoutOurs(resource: fhir4.Resource & { identifier?: unknown }, identity: Identity): fhir4.Resource {
  const { identifier, ...rest } = resource;
  if (!Array.isArray(identifier) || !isOurs(resource, identity)) return resource;
  const others = objectsOf(identifier as fhir4.Identifier[]).filter((one) => one.system !== identity.system);
  return others.length === identifier.length ? resource : ({ ...rest, identifier: others } as fhir4.Resource);
}
