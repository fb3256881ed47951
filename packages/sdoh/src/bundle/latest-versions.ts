import { type fhir4, joinedLabels, labeled, labelsOf } from '@loopwell/fhir';
import { startOf } from '../fhir-json/dates.ts';
import { loincOf } from '../fhir-json/loinc-codes.ts';
import { compareTexts } from '../fhir-json/text-matching.ts';
import { isObject, objectsIn, textOf } from '../fhir-json/tolerant-readers.ts';
import { authoredOf } from '../screening/observation-answers.ts';
import type { Entry } from './bundle-model.ts';
import { renameReferences } from './references.ts';

/**
 * Keeps the latest version of each resource that comes more than once, under one id or one
 * identifier. It gets the labels of all versions, and references to the others are renamed to it.
 * Answers to different questions that share an identifier (that of their form) are not the same.
 */
export function keepLatest(entries: readonly Entry[]): { kept: Entry[]; repeated: Entry[] } {
  const seen = new Map<string, Entry>();
  /** The entry that counts for each entry. */
  const standing = new Map<Entry, Entry>();
  for (const input of [...entries].sort(byVersion)) {
    const names = [input.key, ...identifiersOf(input)];
    const others = names.map((name) => seen.get(name)).filter((other) => other !== undefined);
    const same = others.find((other) => !isAtOdds(input, other));
    standing.set(input, same === undefined ? input : (standing.get(same) ?? same));
    for (const name of names) if (!seen.has(name)) seen.set(name, input);
  }
  const repeated = entries.filter((entry) => standing.get(entry) !== entry);
  const kept = entries.filter((entry) => standing.get(entry) === entry);
  return { kept: repeated.length === 0 ? kept : mergeRepeated(kept, repeated, standing), repeated };
}

/**
 * Gives each kept entry the labels of the versions that it replaces, and renames references to
 * those versions.
 */
function mergeRepeated(
  kept: readonly Entry[],
  repeated: readonly Entry[],
  standing: ReadonlyMap<Entry, Entry>,
): Entry[] {
  const others = Map.groupBy(repeated, (entry) => standing.get(entry));
  const keptKeys = new Set(kept.map(({ key }) => key));
  const gone = repeated.filter(({ key }) => !keptKeys.has(key));
  const names = new Map(gone.map((entry) => [entry.key, standing.get(entry)?.key ?? entry.key]));
  return kept.map((input) => {
    const resource = renameReferences(input.resource, names);
    const labels = (others.get(input) ?? []).map((other) => labelsOf(other.resource));
    const meta = labeled(resource.meta, joinedLabels(...labels));
    const isSame = meta === resource.meta || meta === undefined;
    return { ...input, resource: isSame ? resource : { ...resource, meta } };
  });
}

/**
 * Tells whether two different answers share an identifier and neither is the later one. Both stay
 * then, and contradict each other.
 */
function isAtOdds(input: Entry, other: Entry): boolean {
  if (input.key === other.key || byTime(input, other) !== 0) return false;
  return answersIn(input) !== answersIn(other);
}

/** Returns the answers of a resource as text; empty where the resource holds none. */
function answersIn({ resource }: Entry): string {
  if (!['Observation', 'QuestionnaireResponse'].includes(resource.resourceType)) return '';
  const members = Object.entries(resource).filter(([key]) =>
    /^(value|item$|component$|dataAbsent)/.test(key),
  );
  return JSON.stringify(members.sort());
}

function byVersion(a: Entry, b: Entry): number {
  const timed = byTime(a, b);
  if (timed !== 0) return timed;
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  // No version is known to be later: any order will do, as long as it is always the same.
  return compareTexts(JSON.stringify(a.resource), JSON.stringify(b.resource));
}

/** Orders versions, the latest first; 0 where neither is known to be later. */
function byTime(a: Entry, b: Entry): number {
  const [ofFirst, other] = [metaOf(a), metaOf(b)];
  const changed = (startOf(other.lastUpdated) ?? 0) - (startOf(ofFirst.lastUpdated) ?? 0);
  const version = Number(other.versionId ?? 0) - Number(ofFirst.versionId ?? 0);
  if (changed !== 0) return changed;
  if (version !== 0 && !Number.isNaN(version)) return version;
  const answered = (startOf(timeOf(b)) ?? 0) - (startOf(timeOf(a)) ?? 0);
  if (answered !== 0) return answered;
  return rankOf(b) - rankOf(a);
}

/** Returns when a resource was answered or recorded, for servers that do not date versions. */
function timeOf({ resource }: Entry): string {
  if (resource.resourceType === 'Observation') return authoredOf(resource as fhir4.Observation);
  const { authored, recordedDate } = resource as { authored?: string; recordedDate?: string };
  return authored ?? recordedDate ?? '';
}

/** Statuses in the order of a resource's life: a later status means a later version. */
const life: readonly unknown[] = [
  'registered',
  'in-progress',
  'preliminary',
  'final',
  'completed',
  'corrected',
  'amended',
  'cancelled',
  'entered-in-error',
];
const rankOf = ({ resource }: Entry) => life.indexOf((resource as { status?: unknown }).status);

const metaOf = ({ resource }: Entry): fhir4.Meta =>
  isObject(resource.meta) ? (resource.meta as fhir4.Meta) : {};

function identifiersOf({ resource }: Entry): string[] {
  if (!['Observation', 'QuestionnaireResponse', 'Condition'].includes(resource.resourceType))
    return [];
  const { resourceType, identifier, code } = resource as fhir4.Observation;
  const isObservation = resourceType === 'Observation';
  const about = isObservation ? loincOf(isObject(code) ? code : undefined).join(' ') : '';
  return objectsIn(identifier)
    .filter((one) => textOf(one.value) !== undefined)
    .map((one) => `${resourceType} ${one.system ?? ''}|${one.value} ${about}`);
}
