import { type fhir4, parseReference } from '@loopwell/fhir';
import { isObject, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Entry, PlacedIssue } from './bundle-model.ts';
import { keepLatest } from './latest-versions.ts';
import { listReferredKeys } from './references.ts';

/**
 * The entries that one person's record is read from. `places` are the numbers of all entries whose
 * issues are reported with it.
 */
type Share = { entries: Entry[]; repeated: Entry[]; places: ReadonlySet<number> | undefined };

/**
 * Types of Bundles that servers make of many people's resources. A collection is about one person
 * (coding contract).
 */
const ofMany: ReadonlySet<unknown> = new Set(['searchset', 'history', 'batch', 'transaction']);

/**
 * Splits the entries of a Bundle by person, where it holds several people. An entry belongs to its
 * `subject` or `patient`. An entry without either goes with the entries that refer to it or that it
 * refers to, if those are one person's. Entries that belong to no person come last.
 */
export function splitByPerson(bundle: fhir4.Bundle, entries: readonly Entry[]): Share[] {
  const isOfMany = ofMany.has(textOf(bundle.type)?.trim().toLowerCase());
  const people = isOfMany ? groupByPerson(entries) : new Map<string, Entry[]>();
  const persons = [...people.keys()].filter((person) => person !== nobody);
  if (persons.length < 2) {
    const { kept, repeated } = keepLatest(entries);
    return [{ entries: kept, repeated, places: undefined }];
  }
  const moved = findMoved(people);
  const shares = [...people.values()].map((group) => createShare(group, moved));
  return withTheRest(bundle, shares);
}

const nobody = '';

function createShare(entries: readonly Entry[], moved: ReadonlySet<Entry>): Share {
  const { kept, repeated } = keepLatest(entries.filter((entry) => !moved.has(entry)));
  const older = entries.filter((entry) => moved.has(entry));
  const places = new Set(entries.map(placeOf));
  return { entries: kept, repeated: [...repeated, ...older], places };
}

/** Finds older versions of entries that have moved to another person: the latest version counts. */
function findMoved(people: ReadonlyMap<string, readonly Entry[]>): Set<Entry> {
  const owned = [...people].flatMap(([person, entries]) =>
    entries.map((entry) => ({ person, entry })),
  );
  const moved = new Set<Entry>();
  for (const group of Map.groupBy(owned, ({ entry }) => entry.key).values()) {
    if (new Set(group.map(({ person }) => person)).size < 2) continue;
    for (const older of keepLatest(group.map(({ entry }) => entry)).repeated) moved.add(older);
  }
  return moved;
}

const placeOf = ({ path }: Entry) => Number(numberIn(path));
const numberIn = (path: string | undefined) => /^Bundle\.entry\[(\d+)\]/.exec(path ?? '')?.[1];

/**
 * Gives the first share the places of all entries that no share has (a search's own outcome, other
 * types, unreadable entries).
 */
function withTheRest(bundle: fhir4.Bundle, shares: readonly Share[]): Share[] {
  const taken = new Set(shares.flatMap(({ places }) => [...(places ?? [])]));
  const numbers = Array.isArray(bundle.entry) ? [...bundle.entry.keys()] : [];
  const rest = numbers.filter((number) => !taken.has(number));
  const [first, ...others] = shares;
  if (!first) return [];
  return [{ ...first, places: new Set([...(first.places ?? []), ...rest]) }, ...others];
}

/**
 * Creates the look-up of the issues of a share: those of its entries, and those of the Bundle
 * itself, which concern every person in it.
 */
export function createIssueLookup(
  issues: readonly PlacedIssue[],
): (places: ReadonlySet<number> | undefined) => PlacedIssue[] {
  const byPlace = Map.groupBy(issues, ({ expression }) => {
    const number = numberIn(expression);
    return number === undefined ? undefined : Number(number);
  });
  const ofAll = byPlace.get(undefined) ?? [];
  return (places) => {
    if (places === undefined) return [...issues];
    return [...ofAll, ...[...places].flatMap((place) => byPlace.get(place) ?? [])];
  };
}

/** Groups entries by person, in order of each person's first entry; the rest comes last. */
function groupByPerson(entries: readonly Entry[]): Map<string, Entry[]> {
  const keys = new Set(entries.map(({ key }) => key));
  const owners: Owners = new Map(entries.map((entry) => [entry, ownerOf(entry, keys)]));
  assignOrphans(entries, owners);
  const people = Map.groupBy(entries, (entry) => owners.get(entry) ?? nobody);
  const rest = people.get(nobody);
  if (rest && people.delete(nobody)) people.set(nobody, rest);
  return people;
}

function ownerOf({ key, resource }: Entry, keys: ReadonlySet<string>): string | undefined {
  if (resource.resourceType === 'Patient') return key;
  const { subject, patient } = resource as { subject?: unknown; patient?: unknown };
  return personNamed(subject, keys) ?? personNamed(patient, keys);
}

/**
 * Returns the Patient that a reference names, as `Patient/id`. A reference with an address keeps it
 * where an entry has the same id: the two are different people.
 */
function personNamed(named: unknown, keys: ReadonlySet<string>): string | undefined {
  const text = isObject(named) ? textOf(named.reference) : undefined;
  const parsed = text === undefined ? undefined : parseReference(text);
  if (parsed?.type !== 'Patient') return undefined;
  const key = `Patient/${parsed.id}`;
  return parsed.base !== undefined && keys.has(key) ? text : key;
}

type Owners = Map<Entry, string | undefined>;
type Link = readonly [Entry, Entry];

/**
 * Assigns visits, panels and forms without a subject to the person whose entries they are linked
 * with. It repeats until a pass assigns none.
 */
function assignOrphans(entries: readonly Entry[], owners: Owners): void {
  const orphans = new Set(entries.filter((entry) => owners.get(entry) === undefined));
  if (orphans.size === 0) return;
  const links = linkEntries(entries).filter(([a, b]) => orphans.has(a) || orphans.has(b));
  while (assignOnce(links, owners)) {
    // An entry with a new owner may give that owner to others in the next pass.
  }
}

/** Pairs each entry with the entries that it refers to. */
function linkEntries(entries: readonly Entry[]): Link[] {
  const byKey = Map.groupBy(entries, ({ key }) => key);
  return entries.flatMap((input) => {
    const named = listReferredKeys(input.resource).flatMap((key) => byKey.get(key) ?? []);
    return named.map((other): Link => [input, other]);
  });
}

/** Assigns each entry that exactly one person claims. @returns whether it assigned any */
function assignOnce(links: readonly Link[], owners: Owners): boolean {
  const claims = new Map<Entry, Set<string>>();
  const claim = (input: Entry, by: Entry) => {
    const person = owners.get(by);
    if (owners.get(input) !== undefined || person === undefined) return;
    claims.set(input, (claims.get(input) ?? new Set()).add(person));
  };
  for (const [input, other] of links) {
    claim(input, other);
    claim(other, input);
  }
  const certain = [...claims].filter(([, persons]) => persons.size === 1);
  for (const [input, persons] of certain) owners.set(input, [...persons][0]);
  return certain.length > 0;
}
