import { type fhir4, mapDefined, parseReference } from '@loopwell/fhir';
import { isObject, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Entry, PlacedIssue } from './bundle-model.ts';
import { latestOf } from './latest-versions.ts';
import { namedIn } from './references.ts';

/** What one person's record is read from; `places` are the numbers of all entries that are told of with it. */
type Share = { entries: Entry[]; repeated: Entry[]; places: ReadonlySet<number> | undefined };

/** Types of Bundles that servers make of many people's resources. A collection is about one (coding contract). */
const ofMany: ReadonlySet<unknown> = new Set(['searchset', 'history', 'batch', 'transaction']);

/**
 * The entries of each person, where a Bundle holds several: by `subject` or `patient`, and what names nobody with those who
 * refer to it or whom it refers to, if that is one person. What is left is nobody's, and stands at the end.
 */
export function sharesOf(bundle: fhir4.Bundle, entries: readonly Entry[]): Share[] {
  const people = ofMany.has(textOf(bundle.type)?.trim().toLowerCase())
    ? peopleOf(entries)
    : new Map<string, Entry[]>();
  if ([...people.keys()].filter((one) => one !== nobody).length < 2) {
    const { kept, repeated } = latestOf(entries);
    return [{ entries: kept, repeated, places: undefined }];
  }
  const stale = staleIn(people);
  const shares = [...people.values()].map((some) => shareOf(some, stale));
  return withTheRest(bundle, shares);
}

const nobody = '';

function shareOf(entries: readonly Entry[], stale: ReadonlySet<Entry>): Share {
  const { kept, repeated } = latestOf(entries.filter((one) => !stale.has(one)));
  const older = entries.filter((one) => stale.has(one));
  return {
    entries: kept,
    repeated: [...repeated, ...older],
    places: new Set(entries.map(placeOf)),
  };
}

/** What stands under one id with two people was moved from one to the other: the latest version counts. */
function staleIn(people: ReadonlyMap<string, readonly Entry[]>): Set<Entry> {
  const owners = [...people].flatMap(([person, some]) => some.map((entry) => ({ person, entry })));
  const byKey = [...Map.groupBy(owners, ({ entry }) => entry.key).values()];
  const moved = byKey.filter((some) => new Set(some.map((one) => one.person)).size > 1);
  return new Set(moved.flatMap((some) => latestOf(some.map((one) => one.entry)).repeated));
}

const placeOf = ({ path }: Entry) => Number(numberIn(path));
const numberIn = (path: string | undefined) => /^Bundle\.entry\[(\d+)\]/.exec(path ?? '')?.[1];

/** Entries that are no person's (a search's own outcome, other types, what cannot be read) are told of once, with the first. */
function withTheRest({ entry }: fhir4.Bundle, shares: readonly Share[]): Share[] {
  const taken = new Set(shares.flatMap((one) => [...(one.places ?? [])]));
  const rest = mapDefined(Array.isArray(entry) ? entry : [], (_one, index) =>
    taken.has(index) ? undefined : index,
  );
  return shares.map((share, index) =>
    index === 0 ? { ...share, places: new Set([...(share.places ?? []), ...rest]) } : share,
  );
}

/** Issues of a share's entries, and those of the Bundle itself, which concern everybody in it. */
export function issuesOfShares(
  issues: readonly PlacedIssue[],
): (places: ReadonlySet<number> | undefined) => PlacedIssue[] {
  const byPlace = Map.groupBy(issues, ({ expression }) => {
    const number = numberIn(expression);
    return number === undefined ? undefined : Number(number);
  });
  const ofAll = byPlace.get(undefined) ?? [];
  return (places) =>
    places === undefined
      ? [...issues]
      : [...ofAll, ...[...places].flatMap((place) => byPlace.get(place) ?? [])];
}

/** In the order of their first entries; what is nobody's comes last. */
function peopleOf(entries: readonly Entry[]): Map<string, Entry[]> {
  const keys = new Set(entries.map((one) => one.key));
  const owner = new Map(entries.map((one) => [one, ownerOf(one, keys)]));
  adopt(entries, owner);
  const people = Map.groupBy(entries, (one) => owner.get(one) ?? nobody);
  const rest = people.get(nobody);
  if (rest && people.delete(nobody)) people.set(nobody, rest);
  return people;
}

function ownerOf({ key, resource }: Entry, keys: ReadonlySet<string>): string | undefined {
  if (resource.resourceType === 'Patient') return key;
  const { subject, patient } = resource as { subject?: unknown; patient?: unknown };
  return [subject, patient].flatMap((one) => personNamed(one, keys) ?? [])[0];
}

/** `Patient/id`; with its address where another Patient of this id is here, for that is somebody else. */
function personNamed(named: unknown, keys: ReadonlySet<string>): string | undefined {
  const text = isObject(named) ? textOf(named.reference) : undefined;
  const parsed = text === undefined ? undefined : parseReference(text);
  if (parsed?.type !== 'Patient') return undefined;
  const key = `Patient/${parsed.id}`;
  return parsed.base !== undefined && keys.has(key) ? text : key;
}

/** Visits, panels and forms without a subject belong to those whose answers name them, as often as that tells something new. */
function adopt(entries: readonly Entry[], owner: Map<Entry, string | undefined>): void {
  const byKey = Map.groupBy(entries, (one) => one.key);
  const links = entries.flatMap((one) =>
    namedIn(one.resource).flatMap((key) =>
      (byKey.get(key) ?? []).map((other) => [one, other] as const),
    ),
  );
  const orphans = new Set(entries.filter((one) => owner.get(one) === undefined));
  const linked = links.filter(([one, other]) => orphans.has(one) || orphans.has(other));
  for (let isNew = orphans.size > 0; isNew; ) {
    isNew = false;
    const claims = new Map<Entry, Set<string>>();
    for (const [one, other] of linked) {
      const [mine, theirs] = [owner.get(one), owner.get(other)];
      if (mine === undefined && theirs !== undefined)
        claims.set(one, (claims.get(one) ?? new Set()).add(theirs));
      if (theirs === undefined && mine !== undefined)
        claims.set(other, (claims.get(other) ?? new Set()).add(mine));
    }
    for (const [one, some] of claims) {
      const [only] = some;
      if (some.size !== 1 || only === undefined) continue;
      owner.set(one, only);
      isNew = true;
    }
  }
}
