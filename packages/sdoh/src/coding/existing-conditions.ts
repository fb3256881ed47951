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

/** The Condition of the EHR that bears on a need, and how. DECISIONS D37. */
export type ExistingCondition =
  /** An active one: answers are added to it as evidence. */
  | { kind: 'active'; id: string }
  /**
   * Answers that a clinician has judged already (refuted, or abated since) are left out; `unsure`
   * ones may have been.
   */
  | { kind: 'judged'; id: string; unjudged: Support[]; unsure: Support[] }
  /**
   * One that may stand for the need and cannot be read or understood: it gets no evidence, and none
   * is made beside it.
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
 * Tells whether a Condition has a code of this need: its SNOMED CT finding, or an ICD-10-CM code
 * that names this need and no other. One matching code is enough. A category on the Condition has
 * to match, too.
 */
function isSameNeed(condition: fhir4.Condition, { supports }: NeedSupports): boolean {
  return supports.some(
    ({ finding, raw }) =>
      finding.need !== undefined && standsFor(condition, finding.need, [raw.authored]),
  );
}

/**
 * Tells whether a Condition cannot be read. An odd status alone does not count: the status is
 * judged by its words.
 */
const isDoubtful = (condition: fhir4.Condition): boolean => {
  const isKept = (path: string) =>
    /^(clinical|verification)Status$/.test(path) && path in condition;
  return isUnclear(condition) && flawsOf(condition).some((one) => one.voids && !isKept(one.path));
};

/**
 * Tells whether an unreadable Condition may stand for a need. One with an unreadable code may be
 * any need of its category.
 */
function mayStandFor(condition: fhir4.Condition, need: NeedSupports): boolean {
  if (isSameNeed(condition, need)) return true;
  const isCodeUnread = flawsOf(condition).some(
    (flaw) => flaw.kind !== 'mended' && /^code\b/.test(flaw.path),
  );
  const categories = categoriesOn(condition);
  const isOfNeed = ({ finding }: Support) => categories.includes(finding.need?.category ?? '');
  return isCodeUnread && need.supports.some(isOfNeed);
}

/** Tells whether a Condition may be this need without being readable enough to decide. */
function mayBe(condition: fhir4.Condition, need: NeedSupports, record: PersonRecord): boolean {
  if (isDoubtful(condition)) return mayStandFor(condition, need);
  if (!isIncomparable(condition) || !isOfCategory(condition, need)) return false;
  if (mayStand(condition)) return true;
  // A Condition that has ended does not bear on later answers.
  const originsOf = createOriginLookup(record);
  return need.supports.some((support) => judgmentOf(condition, support, originsOf) !== 'unjudged');
}

/** Tells whether a Condition has no SNOMED CT and no ICD-10-CM code to compare by. */
const isIncomparable = (condition: fhir4.Condition): boolean =>
  codesOnFile(condition, systems.snomed).length === 0 &&
  codesOnFile(condition, systems.icd10cm).length === 0;

const mayStand = (condition: fhir4.Condition) =>
  !isRefuted(condition) && !isInError(condition) && !isEnded(condition);

/**
 * Tells whether a Condition matches a need by category or words. A social need without category and
 * words may be any of them.
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

/** The semantic tag that SNOMED CT puts behind a name: `Food insecurity (finding)`. */
const semanticTag = /\s*\((finding|situation|disorder)\)\s*$/i;

const isAbated = (one: fhir4.Condition) => !isInError(one) && abatedOn(one) !== undefined;

type OriginLookup = (source: string) => readonly string[];

/**
 * Tells whether a clinician has judged this answer with the Condition. Yes where the Condition
 * names it as evidence or was recorded after it. No where the answer is newer than the last change.
 * Between the two it is `unsure`, and a person decides.
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
  // It has ended at an unknown time, or was a mistake: an answer from after its recording may be
  // newer than its end.
  if (!isRefuted(condition)) return 'unjudged';
  // A date without a time of day does not tell what came first on that day.
  if (isPartial(condition.recordedDate) && localDateOf(raw.authored) === condition.recordedDate)
    return 'unsure';
  const changed = endOf(condition.meta?.lastUpdated) ?? endOf(condition.recordedDate);
  return changed !== undefined && raw.instant > changed ? 'unjudged' : 'unsure';
}

/**
 * Tells whether a Condition names the answer as evidence: its Observation, or the items or form
 * that it was made of.
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

/** Creates the look-up of the `Type/id` that an Observation derives from. */
const createOriginLookup =
  (record: PersonRecord): OriginLookup =>
  (source) => {
    const observation = objectsOf(record.observations).find(
      (one) => `Observation/${one.id}` === source,
    );
    return keysIn(objectsOf(observation?.derivedFrom));
  };

const lastTwoParts = (reference: string) => reference.split('/').slice(-2).join('/');

/** Returns the `Type/id` of each reference. */
const keysIn = (references: readonly fhir4.Reference[]): string[] =>
  references
    .map(({ reference }) => reference)
    .filter((reference) => typeof reference === 'string')
    .map(lastTwoParts);

/** Returns the `Type/id` of all resources that a Condition names as evidence. */
export function evidenceNamedBy(condition: fhir4.Condition): Set<string> {
  const details = objectsOf(condition.evidence).flatMap(({ detail }) => objectsOf(detail));
  return new Set(keysIn(details));
}

/** Adds security labels to a Condition. None is ever taken away. */
export function withLabels(condition: fhir4.Condition, labels: Labels): fhir4.Condition {
  const meta = labeled(condition.meta, labels);
  if (meta === condition.meta || !meta) return condition;
  return { ...condition, meta };
}

/** Adds evidence that a Condition does not have yet. Its status and other members never change. */
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
