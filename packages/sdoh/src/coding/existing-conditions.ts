import { type fhir4, systems } from '@loopwell/fhir';
import { endOf, isPartial, localDateOf, startOf } from '../fhir-json/dates.ts';
import { flawsOf, isUnclear } from '../fhir-json/flaws.ts';
import { textsIn } from '../fhir-json/status-words.ts';
import { plain } from '../fhir-json/text-matching.ts';
import { objectsOf } from '../fhir-json/tolerant-readers.ts';
import type { PersonRecord } from '../model.ts';
import { isOurs } from '../terminology/our-identifiers.ts';
import type { NeedSupports, Support } from './need-evidence.ts';
import { categoriesOn, codesOnFile, isSocial } from './on-file/codes-on-file.ts';
import { standsFor } from './on-file/condition-need.ts';
import {
  abatedOn,
  isActive,
  isEnded,
  isInError,
  isRefuted,
  isUnread,
} from './on-file/condition-status.ts';

/** How the Conditions that the EHR has bear on a need. */
export type OnFile =
  /** It stands there: answers are added to it as evidence. */
  | { kind: 'active'; id: string }
  /** Answers that a clinician has judged already (refuted, or abated since) are left out; `unsure` ones may have been. */
  | { kind: 'judged'; id: string; fresh: Support[]; unsure: Support[] }
  /** One that may stand for it cannot be read or is not understood: it gets nothing, and none is made beside it. */
  | { kind: 'unclear'; id: string }
  | { kind: 'none' };

export function conditionOnFile(record: PersonRecord, need: NeedSupports): OnFile {
  const same = objectsOf(record.conditions)
    .filter(
      (condition) =>
        condition.id !== undefined &&
        !isOurs(condition, record.identity) &&
        !isDoubtful(condition) &&
        isSameNeed(condition, need),
    )
    .sort((a, b) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1));
  const active = same.find((one) => !isRefuted(one) && isActive(one));
  if (active?.id) return { kind: 'active', id: active.id };
  const unclear = objectsOf(record.conditions).find(
    (one) => !isOurs(one, record.identity) && mayBe(one, need, record),
  );
  if (unclear) return { kind: 'unclear', id: unclear.id ?? '' };
  const judged = same.filter(
    (one) => isRefuted(one) || isInError(one) || isAbated(one) || isEnded(one) || isUnread(one),
  );
  const [first] = judged;
  if (!first?.id) return { kind: 'none' };
  const readings = need.supports.map((support) => ({
    support,
    is: judged.map((one) => freshness(one, support, originsIn(record))),
  }));
  return {
    kind: 'judged',
    id: first.id,
    fresh: readings.filter((one) => one.is.every((is) => is === 'fresh')).map((one) => one.support),
    unsure: readings
      .filter((one) => !one.is.includes('same') && one.is.includes('unsure'))
      .map((one) => one.support),
  };
}

/**
 * By any of its codes, whatever the other code system holds: its SNOMED CT finding, or an ICD-10-CM code that names this need
 * and no other. Within the category where it names one.
 */
function isSameNeed(condition: fhir4.Condition, { supports }: NeedSupports): boolean {
  return supports.some(
    ({ finding, raw }) =>
      finding.need !== undefined && standsFor(condition, finding.need, [raw.authored]),
  );
}

/** Nobody can tell what it says; a status in another writing than R4's is judged by its word. */
const isDoubtful = (condition: fhir4.Condition): boolean => {
  const isKept = (path: string) =>
    /^(clinical|verification)Status$/.test(path) && path in condition;
  return isUnclear(condition) && flawsOf(condition).some((one) => one.voids && !isKept(one.path));
};

/** One whose code cannot be read may be any need of its category. */
function mayStandFor(condition: fhir4.Condition, need: NeedSupports): boolean {
  if (isSameNeed(condition, need)) return true;
  const isCodeUnread = flawsOf(condition).some(
    (one) => one.kind !== 'mended' && /^code\b/.test(one.path),
  );
  return (
    isCodeUnread &&
    need.supports.some(({ finding }) =>
      categoriesOn(condition).includes(finding.need?.category ?? ''),
    )
  );
}

/** It may be this need, and nobody can tell. */
function mayBe(condition: fhir4.Condition, need: NeedSupports, record: PersonRecord): boolean {
  if (isDoubtful(condition)) return mayStandFor(condition, need);
  if (!isIncomparable(condition) || !isOfCategory(condition, need)) return false;
  // One that is over says nothing of answers that came after it.
  return (
    mayStand(condition) ||
    need.supports.some((one) => freshness(condition, one, originsIn(record)) !== 'fresh')
  );
}

/** It has no code that tells a need, of a code system that is known here. */
const isIncomparable = (condition: fhir4.Condition): boolean =>
  codesOnFile(condition, systems.snomed).length === 0 &&
  codesOnFile(condition, systems.icd10cm).length === 0;

const mayStand = (one: fhir4.Condition) => !isRefuted(one) && !isInError(one) && !isEnded(one);

/** By its category or its words. One that says no more than that it is a social need may be any of them. */
function isOfCategory(condition: fhir4.Condition, { supports }: NeedSupports): boolean {
  const categories = categoriesOn(condition);
  const needs = supports.flatMap(({ finding }) => finding.need ?? []);
  if (needs.some((one) => categories.includes(one.category))) return true;
  const words = new Set(
    textsIn(condition.code).map((one) =>
      plain(one.replace(/\s*\((finding|situation|disorder)\)\s*$/i, '')),
    ),
  );
  return (
    categories.length === 0 &&
    (needs.some((one) => words.has(plain(one.display))) ||
      (isSocial(condition) && words.size === 0))
  );
}

const isAbated = (one: fhir4.Condition) => !isInError(one) && abatedOn(one) !== undefined;

/**
 * Has a clinician judged this answer with the Condition? Surely when the Condition names it as evidence or was recorded
 * after it; surely not when the answer is newer than the last change; between the two a person has to say.
 */
function freshness(
  condition: fhir4.Condition,
  { observation, finding, raw }: Support,
  origins: (source: string) => readonly string[],
): 'same' | 'fresh' | 'unsure' {
  const named = evidenceOf(condition);
  if (isUnread(condition)) return 'unsure';
  // A risk rests on its items: a Condition that names those was judged with it.
  const sources = finding.answers.map((one) => one.source);
  if ([observation, ...sources, ...sources.flatMap(origins)].some((one) => named.has(tailOf(one))))
    return 'same';
  const abated = isRefuted(condition) || isInError(condition) ? undefined : abatedOn(condition);
  if (abated !== undefined) return raw.instant <= abated ? 'same' : 'fresh';
  const recorded = startOf(condition.recordedDate);
  const changed = endOf(condition.meta?.lastUpdated) ?? endOf(condition.recordedDate);
  if (recorded !== undefined && raw.instant <= recorded) return 'same';
  // It has ended, nobody knows when, or was a mistake: an answer that it was not recorded after may be of a time since.
  if (!isRefuted(condition)) return 'fresh';
  // A date without a time of day does not tell what came first on that day.
  if (isPartial(condition.recordedDate) && localDateOf(raw.authored) === condition.recordedDate)
    return 'unsure';
  return changed !== undefined && raw.instant > changed ? 'fresh' : 'unsure';
}

/** What an Observation was made of: a Condition that names the form was judged with its answers. */
const originsIn =
  (record: PersonRecord) =>
  (source: string): string[] => {
    const observation = objectsOf(record.observations).find(
      (one) => `Observation/${one.id}` === source,
    );
    return objectsOf(observation?.derivedFrom).flatMap(({ reference }) =>
      typeof reference === 'string' ? [tailOf(reference)] : [],
    );
  };

const tailOf = (reference: string) => reference.split('/').slice(-2).join('/');

/** `Type/id` of all that a Condition names as evidence. */
export function evidenceOf(condition: fhir4.Condition): Set<string> {
  const references = objectsOf(condition.evidence).flatMap((conditionEvidence) =>
    objectsOf(conditionEvidence.detail).map((detail) => detail.reference),
  );
  return new Set(references.flatMap((one) => (typeof one === 'string' ? [tailOf(one)] : [])));
}
