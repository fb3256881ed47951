import { type fhir4, systems } from '@loopwell/fhir';
import { startOf } from './dates.ts';
import { icd10cmOn, namesOneNeed } from './icd10cm.ts';
import type { PersonRecord } from './model.ts';
import { objectsOf } from './shapes.ts';
import type { NeedSupports, Support } from './supports.ts';

/** How the Conditions that the EHR has bear on a need. */
export type OnFile =
  /** It stands there: answers are added to it as evidence. */
  | { kind: 'active'; id: string }
  /** Answers that a clinician has judged already (refuted, or abated since) are left out; `unsure` ones may have been. */
  | { kind: 'judged'; id: string; fresh: Support[]; unsure: Support[] }
  | { kind: 'none' };

export function conditionOnFile(record: PersonRecord, need: NeedSupports): OnFile {
  const same = objectsOf(record.conditions)
    .filter((one) => one.id !== undefined && !isOurs(one) && isSameNeed(one, need))
    .sort((a, b) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1));
  const active = same.find((one) => !isRefuted(one) && isActive(one));
  if (active?.id) return { kind: 'active', id: active.id };
  const judged = same.filter((one) => isRefuted(one) || isAbated(one));
  const [first] = judged;
  if (!first?.id) return { kind: 'none' };
  const readings = need.supports.map((support) => ({ support, is: judged.map((one) => freshness(one, support)) }));
  return {
    kind: 'judged',
    id: first.id,
    fresh: readings.filter((one) => one.is.every((is) => is === 'fresh')).map((one) => one.support),
    unsure: readings.filter((one) => !one.is.includes('same') && one.is.includes('unsure')).map((one) => one.support),
  };
}

const codesOf = (concept: fhir4.CodeableConcept | undefined, system: string) =>
  objectsOf(concept?.coding).flatMap((one) => (one.system === system && one.code ? [one.code] : []));

/**
 * By its SNOMED CT finding; else, where it is coded by ICD-10-CM alone, by a code that names this need and no other.
 * Within the category where it names one.
 */
function isSameNeed(condition: fhir4.Condition, { category, supports }: NeedSupports): boolean {
  const wanted = supports[0]?.finding.need;
  const categories = objectsOf(condition.category).flatMap((one) => codesOf(one, systems.sdohcc));
  if (categories.length > 0 && !categories.includes(category)) return false;
  const snomed = codesOf(condition.code, systems.snomed);
  if (snomed.length > 0) return wanted?.snomed !== undefined && snomed.includes(wanted.snomed);
  const possible = new Set(supports.flatMap(({ finding, raw }) => leavesOf(finding.need?.icd10cm, raw.authored)));
  return codesOf(condition.code, systems.icd10cm).some((one) => possible.has(one));
}

function leavesOf(code: string | undefined, authored: string): string[] {
  if (code === undefined) return [];
  return [code, icd10cmOn(code, authored)].filter((one) => one !== undefined).filter(namesOneNeed);
}

/** What Loopwell wrote back is its own Condition, not one of the EHR's. */
export const isOurs = (one: fhir4.Condition) => objectsOf(one.identifier).some((identifier) => identifier.system === systems.loopwellId);

const statusOf = (one: fhir4.CodeableConcept | undefined) => objectsOf(one?.coding)[0]?.code;
export const isRefuted = (one: fhir4.Condition) => statusOf(one.verificationStatus) === 'refuted';
export const isInError = (one: fhir4.Condition) => statusOf(one.verificationStatus) === 'entered-in-error';
export const isUnconfirmed = (one: fhir4.Condition) => statusOf(one.verificationStatus) === 'unconfirmed';
const isActive = (one: fhir4.Condition) =>
  !isInError(one) && ['active', 'recurrence', 'relapse', undefined].includes(statusOf(one.clinicalStatus));
const isAbated = (one: fhir4.Condition) => !isInError(one) && abatedOn(one) !== undefined;
const abatedOn = (one: fhir4.Condition) => startOf(one.abatementDateTime ?? one.abatementPeriod?.end);

/**
 * Has a clinician judged this answer with the Condition? Surely when the Condition names it as evidence or was recorded
 * after it; surely not when the answer is newer than the last change; between the two a person has to say.
 */
function freshness(condition: fhir4.Condition, { observation, finding, raw }: Support): 'same' | 'fresh' | 'unsure' {
  const named = evidenceOf(condition);
  // A risk rests on its items: a Condition that names those was judged with it.
  if ([observation, ...finding.answers.map((one) => one.source)].some((one) => named.has(tailOf(one)))) return 'same';
  const abated = isRefuted(condition) ? undefined : abatedOn(condition);
  if (abated !== undefined) return raw.instant <= abated ? 'same' : 'fresh';
  const recorded = startOf(condition.recordedDate);
  const changed = startOf(condition.meta?.lastUpdated) ?? recorded;
  if (recorded !== undefined && raw.instant <= recorded) return 'same';
  return changed !== undefined && raw.instant > changed ? 'fresh' : 'unsure';
}

const tailOf = (reference: string) => reference.split('/').slice(-2).join('/');

/** `Type/id` of all that a Condition names as evidence. */
export function evidenceOf(condition: fhir4.Condition): Set<string> {
  const references = objectsOf(condition.evidence).flatMap((one) => objectsOf(one.detail).map((detail) => detail.reference));
  return new Set(references.flatMap((one) => (typeof one === 'string' ? [tailOf(one)] : [])));
}
