import { type fhir4, type Labels, labeled, systems } from '@loopwell/fhir';
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

/** How the Conditions that the EHR has bear on a need. DECISIONS D37. */
export type ExistingCondition =
  /** It stands there: answers are added to it as evidence. */
  | { kind: 'active'; id: string }
  /**
   * Answers that a clinician has judged already (refuted, or abated since) are left out; `unsure`
   * ones may have been.
   */
  | { kind: 'judged'; id: string; unjudged: Support[]; unsure: Support[] }
  /**
   * One that may stand for it cannot be read or is not understood: it gets nothing, and none is
   * made beside it.
   */
  | { kind: 'unclear'; id: string }
  | { kind: 'none' };

/** Finds the Condition on file that bears on a need. */
export function findExisting(record: PersonRecord, need: NeedSupports): ExistingCondition {
  const conditions = objectsOf(record.conditions).filter((one) => !isOurs(one, record.identity));
  const same = conditions
    .filter((one) => one.id !== undefined && !isDoubtful(one) && isSameNeed(one, need))
    .sort((a, b) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1));
  const active = same.find((condition) => !isRefuted(condition) && isActive(condition));
  if (active?.id) return { kind: 'active', id: active.id };
  const unclear = conditions.find((condition) => mayBe(condition, need, record));
  if (unclear) return { kind: 'unclear', id: unclear.id ?? '' };
  const judged = same.filter(isJudged);
  const [first] = judged;
  if (!first?.id) return { kind: 'none' };
  return { kind: 'judged', id: first.id, ...sortByJudgment(record, judged, need.supports) };
}

const isJudged = (condition: fhir4.Condition) =>
  [isRefuted, isInError, isAbated, isEnded, isUnread].some((is) => is(condition));

/** Sorts answers by whether a clinician has judged them with one of these Conditions. */
function sortByJudgment(
  record: PersonRecord,
  judged: readonly fhir4.Condition[],
  supports: readonly Support[],
): { unjudged: Support[]; unsure: Support[] } {
  const originsOf = createOriginLookup(record);
  const sorted: { unjudged: Support[]; unsure: Support[] } = { unjudged: [], unsure: [] };
  for (const support of supports) {
    const judgments = new Set(judged.map((condition) => judgmentOf(condition, support, originsOf)));
    if (judgments.has('judged')) continue;
    sorted[judgments.has('unsure') ? 'unsure' : 'unjudged'].push(support);
  }
  return sorted;
}

/**
 * By any of its codes, whatever the other code system holds: its SNOMED CT finding, or an ICD-10-CM
 * code that names this need and no other. Within the category where it names one.
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
    (flaw) => flaw.kind !== 'mended' && /^code\b/.test(flaw.path),
  );
  const categories = categoriesOn(condition);
  const isOfNeed = ({ finding }: Support) => categories.includes(finding.need?.category ?? '');
  return isCodeUnread && need.supports.some(isOfNeed);
}

/** It may be this need, and nobody can tell. */
function mayBe(condition: fhir4.Condition, need: NeedSupports, record: PersonRecord): boolean {
  if (isDoubtful(condition)) return mayStandFor(condition, need);
  if (!isIncomparable(condition) || !isOfCategory(condition, need)) return false;
  if (mayStand(condition)) return true;
  // One that is over says nothing of answers that came after it.
  const originsOf = createOriginLookup(record);
  return need.supports.some((support) => judgmentOf(condition, support, originsOf) !== 'unjudged');
}

/** It has no code that tells a need, of a code system that is known here. */
const isIncomparable = (condition: fhir4.Condition): boolean =>
  codesOnFile(condition, systems.snomed).length === 0 &&
  codesOnFile(condition, systems.icd10cm).length === 0;

const mayStand = (condition: fhir4.Condition) =>
  !isRefuted(condition) && !isInError(condition) && !isEnded(condition);

/**
 * By its category or its words. One that says no more than that it is a social need may be any of
 * them.
 */
function isOfCategory(condition: fhir4.Condition, { supports }: NeedSupports): boolean {
  const categories = categoriesOn(condition);
  const needs = supports.map(({ finding }) => finding.need).filter((need) => need !== undefined);
  if (needs.some((need) => categories.includes(need.category))) return true;
  if (categories.length > 0) return false;
  const words = textsIn(condition.code).map((text) => plain(text.replace(semanticTag, '')));
  if (needs.some((need) => words.includes(plain(need.display)))) return true;
  return isSocial(condition) && words.length === 0;
}

/** What SNOMED CT puts behind a name: `Food insecurity (finding)`. */
const semanticTag = /\s*\((finding|situation|disorder)\)\s*$/i;

const isAbated = (one: fhir4.Condition) => !isInError(one) && abatedOn(one) !== undefined;

type OriginLookup = (source: string) => readonly string[];

/**
 * Has a clinician judged this answer with the Condition? Surely when the Condition names it as
 * evidence or was recorded after it; surely not when the answer is newer than the last change;
 * between the two a person has to say.
 */
function judgmentOf(
  condition: fhir4.Condition,
  support: Support,
  originsOf: OriginLookup,
): 'judged' | 'unjudged' | 'unsure' {
  const { raw } = support;
  if (isUnread(condition)) return 'unsure';
  if (isNamedAsEvidence(condition, support, originsOf)) return 'judged';
  const abated = isRefuted(condition) || isInError(condition) ? undefined : abatedOn(condition);
  if (abated !== undefined) return raw.instant <= abated ? 'judged' : 'unjudged';
  const recorded = startOf(condition.recordedDate);
  if (recorded !== undefined && raw.instant <= recorded) return 'judged';
  // It has ended, nobody knows when, or was a mistake: an answer that it was not recorded after may
  // be of a time since.
  if (!isRefuted(condition)) return 'unjudged';
  // A date without a time of day does not tell what came first on that day.
  if (isPartial(condition.recordedDate) && localDateOf(raw.authored) === condition.recordedDate)
    return 'unsure';
  const changed = endOf(condition.meta?.lastUpdated) ?? endOf(condition.recordedDate);
  return changed !== undefined && raw.instant > changed ? 'unjudged' : 'unsure';
}

/**
 * A risk rests on its items, and answers on their form: a Condition that names those was judged
 * with it.
 */
function isNamedAsEvidence(
  condition: fhir4.Condition,
  { observation, finding }: Support,
  originsOf: OriginLookup,
): boolean {
  const named = evidenceNamedBy(condition);
  const sources = finding.answers.map((answer) => answer.source);
  const origins = [observation, ...sources, ...sources.flatMap(originsOf)];
  return origins.some((source) => named.has(lastTwoParts(source)));
}

/** Finds what an Observation was made of. */
const createOriginLookup =
  (record: PersonRecord): OriginLookup =>
  (source) => {
    const observation = objectsOf(record.observations).find(
      (one) => `Observation/${one.id}` === source,
    );
    return keysIn(objectsOf(observation?.derivedFrom));
  };

const lastTwoParts = (reference: string) => reference.split('/').slice(-2).join('/');

/** `Type/id` of each reference. */
const keysIn = (references: readonly fhir4.Reference[]): string[] =>
  references
    .map(({ reference }) => reference)
    .filter((reference) => typeof reference === 'string')
    .map(lastTwoParts);

/** Finds `Type/id` of all that a Condition names as evidence. */
export function evidenceNamedBy(condition: fhir4.Condition): Set<string> {
  const details = objectsOf(condition.evidence).flatMap(({ detail }) => objectsOf(detail));
  return new Set(keysIn(details));
}

/** Adds labels to what somebody has decided on. None is ever taken away. */
export function withLabels(condition: fhir4.Condition, labels: Labels): fhir4.Condition {
  const meta = labeled(condition.meta, labels);
  if (meta === condition.meta || !meta) return condition;
  return { ...condition, meta };
}

/** Adds evidence. A status that a person set is never touched, and nothing is taken away. */
export function withEvidence(
  condition: fhir4.Condition,
  observations: readonly string[],
): fhir4.Condition {
  const details = objectsOf(condition.evidence).flatMap(({ detail }) => objectsOf(detail));
  const present = new Set(details.map((detail) => detail.reference));
  const missing = observations.filter((reference) => !present.has(reference));
  if (missing.length === 0) return condition;
  const added = missing.map((reference) => ({ detail: [{ reference }] }));
  return { ...condition, evidence: [...(condition.evidence ?? []), ...added] };
}
