import {
  type Flaw,
  type fhir4,
  isRepeated,
  labelsOf,
  mapDefined,
  parseReference,
  readShape,
  withoutUndefined,
} from '@loopwell/fhir';
import { findPursued } from '../coding/goals-and-orders.ts';
import { codeOf, flawsOf, severityOf, withFlaws } from '../fhir-json/flaws.ts';
import { withoutFuture } from '../fhir-json/future-times.ts';
import { isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { CodingDeps, Identity, Instrument, PersonRecord, SiteChoices } from '../model.ts';
import { reached } from '../screening/flaw-reach.ts';
import { worded } from '../screening/questions-by-wording.ts';
import { type Translations, translated } from '../terminology/concept-map.ts';
import { identityOf, isOurs } from '../terminology/our-identifiers.ts';
import type { BundleRead, Entry, PlacedIssue } from './bundle-model.ts';
import { personOf } from './bundle-patient.ts';
import { entriesOf, type Found, flawsOfBundle, said } from './entries.ts';
import { issuesOfShares, sharesOf } from './person-shares.ts';
import { resolverOf } from './references.ts';

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
 * Reads one Bundle: one Patient with all that counts (coding contract, "In"), or several where its type says so. Resources
 * are known by `Type/id`, whatever form their references take; what comes twice counts once; what belongs to somebody else
 * is left out and said so.
 *
 * @returns one for each person, in the order in which they appear, and at the end one for what is nobody's
 */
export function readBundle(
  bundle: fhir4.Bundle,
  instruments: readonly Instrument[],
  deps: CodingDeps,
  { translations = new Map(), identifierSystem, ...choices }: Site = {},
): BundleRead[] {
  const issues: PlacedIssue[] = [];
  const identity = identityOf(identifierSystem);
  const whole = flawsOfBundle(bundle, issues);
  const named = entriesOf(bundle, issues).map((found) =>
    nameEntry(found, issues, deps, choices.timeZone),
  );
  const resolve = resolverOf(named);
  const resolved = named.map((one) => {
    const resource = withFlaws(
      worded(translated(resolve(one.resource), translations), instruments),
      one.flaws,
    );
    const timed = deps.now === undefined ? resource : withoutFuture(resource, deps.now);
    issues.push(...futureIn(timed, resource, one.path));
    return {
      ...one,
      received: worded(translated(one.received, translations), instruments),
      resource: timed,
    };
  });
  const id = idOf(bundle);
  const shares = sharesOf(bundle, resolved);
  const repeats = shares.flatMap((one) => one.repeated);
  issues.push(
    ...repeats.map((repeat) =>
      said(
        'information',
        'not-coded',
        'It comes twice; the latest version counts once.',
        repeat.path,
      ),
    ),
  );
  const issuesOf = issuesOfShares(issues);
  return shares.map(({ entries, places }, index) => {
    const person = personOf(entries);
    return {
      id: shares.length === 1 ? id : idOfShare(id, index + 1, person.reference),
      bundle,
      record: {
        ...reached(
          recordOf(person.entries, person.reference, identity, deps),
          otherPeople(person.entries),
          whole,
        ),
        choices,
        labels: labelsOf(bundle),
      },
      unattributed: person.unattributed,
      pursued: findPursued(person.entries.map((one) => one.resource)),
      entries: new Map(entries.map((one) => [one.key, one])),
      issues: [...issuesOf(places), ...person.issues],
      places,
    };
  });
}

/** A Bundle of several people has one id, and each of them needs another. */
const idOfShare = (bundle: string | undefined, number: number, person: string) =>
  bundle === undefined ? parseReference(person)?.id : `${bundle}.${number}`;

/** What was found in the future, at its place; what else is wrong was said before. */
const futureIn = (timed: fhir4.Resource, resource: fhir4.Resource, path: string): PlacedIssue[] =>
  flawsOf(timed)
    .slice(flawsOf(resource).length)
    .map((one) => said(severityOf(one.kind), codeOf(one.kind), one.text, `${path}.${one.path}`));

/** RelatedPersons may be named as having answered. */
const otherPeople = (entries: readonly Entry[]) =>
  mapDefined(entries, (one) =>
    one.resource.resourceType === 'RelatedPerson' ? one.resource : undefined,
  );

/** A number can mean one id only. */
function idOf(bundle: object & { id?: unknown }): string | undefined {
  const { id } = bundle;
  if (isRepeated(bundle, 'id')) return undefined;
  return typeof id === 'number' ? String(id) : textOf(id);
}

function nameEntry(
  { entry, resource: given, index, flaws: outer }: Found,
  issues: PlacedIssue[],
  deps: CodingDeps,
  timeZone: string | undefined,
): Entry & { flaws: Flaw[] } {
  const path = `Bundle.entry[${index}].resource`;
  const { resource, flaws } = readShape(given, timeZone);
  const type = resource.resourceType;
  issues.push(
    ...flaws.map((flaw) =>
      said(
        severityOf(flaw.kind),
        codeOf(flaw.kind),
        flaw.text,
        flaw.path === '' ? path : `${path}.${flaw.path}`,
      ),
    ),
  );
  const fullUrl = isRepeated(entry, 'fullUrl') ? undefined : textOf(entry.fullUrl);
  const own = textOf(resource.id);
  const id =
    own ??
    fullUrlOf.exec(fullUrl ?? '')?.[3] ??
    deps.deriveId('entry', type, fullUrl ?? JSON.stringify(resource));
  const key = `${type}/${id}`;
  const hasId = own !== undefined || fullUrlOf.test(fullUrl ?? '');
  // Without an id of its own nothing but its fullUrl can name it.
  const name = fullUrl ?? (hasId ? undefined : `urn:uuid:${id}`);
  const reference = hasId
    ? key
    : (conditional(type, resource) ?? (isNamed.has(type) ? (name ?? key) : ''));
  return {
    key,
    path,
    received: resource,
    resource: { ...resource, id },
    reference,
    fullUrl: name,
    hasId,
    flaws: [...flaws, ...outer],
  };
}

/**
 * What is not in the transaction and has no id can still be referred to by what its server knows it by (FHIR R4, http,
 * conditional references). Observations without an id are in the transaction themselves.
 */
function conditional(type: string, resource: fhir4.Resource): string | undefined {
  if (type === 'Observation') return undefined;
  const { identifier } = resource as { identifier?: unknown };
  const known = (Array.isArray(identifier) ? identifier : [identifier]).filter(isObject);
  const one = known.find(
    ({ system, value }) => textOf(system) !== undefined && textOf(value) !== undefined,
  );
  return one && `${type}?identifier=${encodeURIComponent(`${one.system}|${one.value}`)}`;
}

/** Without an id or identifier these are still named by what they came as; nothing that is posted can refer to the others. */
const isNamed: ReadonlySet<string> = new Set(['Patient', 'Observation', 'Condition']);

function recordOf(
  entries: readonly Entry[],
  patient: string,
  identity: Identity,
  deps: CodingDeps,
): PersonRecord {
  const of = <R extends fhir4.Resource>(type: string) =>
    mapDefined(entries, (one) =>
      one.resource.resourceType === type ? (withoutOurs(one.resource, identity) as R) : undefined,
    );
  const [known] = of<fhir4.Patient>('Patient');
  return {
    tenant: 'code',
    connection: ownerOf(
      known,
      entries.find((one) => one.resource.resourceType === 'Patient')?.fullUrl,
      deps,
    ),
    base,
    person: parseReference(patient)?.id ?? '',
    ...withoutUndefined({ patient: known || undefined }),
    encounters: of<fhir4.Encounter>('Encounter'),
    responses: of<fhir4.QuestionnaireResponse>('QuestionnaireResponse'),
    observations: of<fhir4.Observation>('Observation'),
    conditions: of<fhir4.Condition>('Condition'),
    made: [],
    identity,
  };
}

/** Whose record it is, for ids that stay the same from one export to the next: the first identifier, else the id alone. */
function ownerOf(
  patient: fhir4.Patient | undefined,
  address: string | undefined,
  deps: CodingDeps,
): string {
  const names = objectsOf(patient?.identifier)
    .map((one) => `${one.system ?? ''}|${one.value ?? ''}`)
    .sort();
  // Ids are a server's own: the same one elsewhere is somebody else.
  const own = address?.startsWith('http') ? address : patient?.id;
  return deps.deriveId('patient', names[0] ?? own ?? '');
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
