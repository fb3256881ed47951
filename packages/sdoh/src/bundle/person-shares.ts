import { type fhir4, parseReference } from '@loopwell/fhir';
import { isObject, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Entry, PlacedIssue } from './bundle-model.ts';
import { keepLatest } from './latest-versions.ts';
import { listReferredKeys } from './references.ts';

/**
 * What one person's record is read from; `places` are the numbers of all entries that are told of
 * with it.
 */
type Share = { entries: Entry[]; repeated: Entry[]; places: ReadonlySet<number> | undefined };

/**
 * Types of Bundles that servers make of many people's resources. A collection is about one (coding
 * contract).
 */
const ofMany: ReadonlySet<unknown> = new Set(['searchset', 'history', 'batch', 'transaction']);

/**
 * The entries of each person, where a Bundle holds several: by `subject` or `patient`, and what
 * names nobody with those who refer to it or whom it refers to, if that is one person. What is left
 * is nobody's, and stands at the end.
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

/** Finds entries that were moved: of one id with two people the latest version counts. */
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
 * Gives the first share the entries that are no person's (a search's own outcome, other types, what
 * cannot be read).
 */
function withTheRest(bundle: fhir4.Bundle, shares: readonly Share[]): Share[] {
  const taken = new Set(shares.flatMap(({ places }) => [...(places ?? [])]));
  const numbers = Array.isArray(bundle.entry) ? [...bundle.entry.keys()] : [];
  const rest = numbers.filter((number) => !taken.has(number));
  const [first, ...others] = shares;
  if (!first) return [];
  return [{ ...first, places: new Set([...(first.places ?? []), ...rest]) }, ...others];
}

/** Issues of a share's entries, and those of the Bundle itself, which concern everybody in it. */
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

/** Groups entries by person, in the order of their first entries; what is nobody's comes last. */
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
 * `Patient/id`; with its address where another Patient of this id is here, for that is somebody
 * else.
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
 * Assigns visits, panels and forms without a subject to those whose answers name them, as often as
 * that tells something new.
 */
function assignOrphans(entries: readonly Entry[], owners: Owners): void {
  const orphans = new Set(entries.filter((entry) => owners.get(entry) === undefined));
  if (orphans.size === 0) return;
  const links = linkEntries(entries).filter(([a, b]) => orphans.has(a) || orphans.has(b));
  while (assignOnce(links, owners)) {
    // Whoever has an owner now may be the owner of others.
  }
}

/** Pairs each entry with those that it names. */
function linkEntries(entries: readonly Entry[]): Link[] {
  const byKey = Map.groupBy(entries, ({ key }) => key);
  return entries.flatMap((input) => {
    const named = listReferredKeys(input.resource).flatMap((key) => byKey.get(key) ?? []);
    return named.map((other): Link => [input, other]);
  });
}

/** Assigns what exactly one person claims. @returns whether it assigned any */
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
