import { type fhir4, joinedLabels, labeled, labelsOf, mapDefined } from '@loopwell/fhir';
import { startOf } from '../fhir-json/dates.ts';
import { loincOf } from '../fhir-json/loinc-codes.ts';
import { isObject, objectsOf } from '../fhir-json/tolerant-readers.ts';
import { authoredOf } from '../screening/observation-answers.ts';
import type { Entry } from './bundle-model.ts';
import { renamed } from './references.ts';

/**
 * What comes twice, under one id or one identifier, counts once: the latest version of it, under the labels of all. What
 * names another version means the one that is kept. Answers to different questions that share an identifier (that of their
 * form) are not the same.
 */
export function latestOf(entries: readonly Entry[]): { kept: Entry[]; repeated: Entry[] } {
  const newest = [...entries].sort(byVersion);
  const seen = new Map<string, Entry>();
  /** Each entry, with the one that counts for it. */
  const standing = new Map<Entry, Entry>();
  for (const one of newest) {
    const names = [one.key, ...identifiersOf(one)];
    const known = names.flatMap((name) => seen.get(name) ?? []);
    const same = known.find((other) => !isAtOdds(one, other));
    standing.set(one, same === undefined ? one : (standing.get(same) ?? same));
    for (const name of names) if (!seen.has(name)) seen.set(name, one);
  }
  const repeated = entries.filter((one) => standing.get(one) !== one);
  const kept = entries.filter((one) => standing.get(one) === one);
  return { kept: repeated.length === 0 ? kept : withRepeated(kept, repeated, standing), repeated };
}

/** The entries that are kept, with the labels of those that are not, and with references to those as references to them. */
function withRepeated(
  kept: readonly Entry[],
  repeated: readonly Entry[],
  standing: ReadonlyMap<Entry, Entry>,
): Entry[] {
  const others = Map.groupBy(repeated, (one) => standing.get(one));
  const isKept = new Set(kept.map((one) => one.key));
  const names = new Map(
    mapDefined(repeated, (one) =>
      isKept.has(one.key) ? undefined : ([one.key, standing.get(one)?.key ?? one.key] as const),
    ),
  );
  return kept.map((one) => {
    const resource = renamed(one.resource, names);
    const meta = labeled(
      resource.meta,
      joinedLabels(...(others.get(one) ?? []).map((other) => labelsOf(other.resource))),
    );
    return {
      ...one,
      resource: meta === resource.meta || meta === undefined ? resource : { ...resource, meta },
    };
  });
}

/** Two answers under one identifier, and nothing tells which is the later one: both stay, and contradict each other. */
function isAtOdds(one: Entry, other: Entry): boolean {
  return one.key !== other.key && byTime(one, other) === 0 && saidBy(one) !== saidBy(other);
}

function saidBy({ resource }: Entry): string {
  const isAnswer =
    resource.resourceType === 'Observation' || resource.resourceType === 'QuestionnaireResponse';
  return isAnswer
    ? JSON.stringify(
        Object.entries(resource)
          .filter(([key]) => /^(value|item$|component$|dataAbsent)/.test(key))
          .sort(),
      )
    : '';
}

function byVersion(a: Entry, b: Entry): number {
  const timed = byTime(a, b);
  if (timed !== 0) return timed;
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  // Nothing tells: any order will do, as long as it is always the same.
  const [left, right] = [JSON.stringify(a.resource), JSON.stringify(b.resource)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The later version first; 0 where nothing tells. */
function byTime(a: Entry, b: Entry): number {
  const [one, other] = [metaOf(a), metaOf(b)];
  const changed = (startOf(other.lastUpdated) ?? 0) - (startOf(one.lastUpdated) ?? 0);
  const version = Number(other.versionId ?? 0) - Number(one.versionId ?? 0);
  if (changed !== 0) return changed;
  if (version !== 0 && !Number.isNaN(version)) return version;
  const answered = (startOf(timeOf(b)) ?? 0) - (startOf(timeOf(a)) ?? 0);
  if (answered !== 0) return answered;
  return rankOf(b) - rankOf(a);
}

/** When it was answered or written: tells versions apart where their server does not. */
function timeOf({ resource }: Entry): string {
  if (resource.resourceType === 'Observation') return authoredOf(resource as fhir4.Observation);
  const { authored, recordedDate } = resource as { authored?: string; recordedDate?: string };
  return authored ?? recordedDate ?? '';
}

/** The later a status comes in a resource's life, the later is its version. */
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

const metaOf = (one: Entry): fhir4.Meta =>
  isObject(one.resource.meta) ? (one.resource.meta as fhir4.Meta) : {};

function identifiersOf({ resource }: Entry): string[] {
  if (!['Observation', 'QuestionnaireResponse', 'Condition'].includes(resource.resourceType))
    return [];
  const { identifier } = resource as { identifier?: fhir4.Identifier | fhir4.Identifier[] };
  const list = Array.isArray(identifier)
    ? identifier
    : isObject(identifier)
      ? [identifier as fhir4.Identifier]
      : [];
  const { code } = resource as { code?: fhir4.CodeableConcept };
  const about =
    resource.resourceType === 'Observation'
      ? loincOf(isObject(code) ? code : undefined).join(' ')
      : '';
  return objectsOf(list).flatMap((one) =>
    typeof one.value === 'string' && one.value !== ''
      ? `${resource.resourceType} ${one.system ?? ''}|${one.value} ${about}`
      : [],
  );
}
