import { type fhir4, systems } from '@loopwell/fhir';
import { startOf } from '../fhir-json/dates.ts';
import { isUnclear } from '../fhir-json/flaws.ts';
import { objectsOf } from '../fhir-json/tolerant-readers.ts';
import { warnAbout } from '../instrument/answer-issue.ts';
import { needKey } from '../instrument/need-key.ts';
import type { AskedNeed, CodingIssue, PersonRecord } from '../model.ts';
import { listFlawIssues } from '../screening/flawed-answers.ts';
import { isOurs, isUnderOurName } from '../terminology/our-identifiers.ts';
import type { CodedNeed } from './conditions.ts';
import { denies } from './denials.ts';
import { evidenceNamedBy } from './existing-conditions.ts';
import type { ReadScreening, Support, Verdict } from './need-evidence.ts';
import { categoriesOn, codesOf } from './on-file/codes-on-file.ts';
import { standsFor } from './on-file/condition-need.ts';
import { isActive, isRefuted } from './on-file/condition-status.ts';

/** The need that each strength on file contradicts (the guide's protective-factor example). */
const strengths: Readonly<Record<string, string>> = { '1137434003': 'transportation-insecurity' };
const exclusive: Readonly<Record<string, string>> = {
  homelessness: 'housing-instability',
  'housing-instability': 'homelessness',
};

const reviewOf = (condition: string, text: string): CodingIssue =>
  warnAbout('condition-review', { source: condition }, text);

/** Tells whether a Condition is active, readable and not ours. */
const standsInChart = (condition: fhir4.Condition, record: PersonRecord) =>
  isActive(condition) &&
  !isRefuted(condition) &&
  !isOurs(condition, record.identity) &&
  !isUnclear(condition);

/**
 * Reports the Conditions on file that answers put in doubt: a later answer denies them, their
 * evidence was corrected, a new need excludes them, or a need contradicts a strength. It changes no
 * Condition; a person decides.
 */
export function reviewConditions(
  record: PersonRecord,
  read: readonly ReadScreening[],
  coded: readonly CodedNeed[],
  askedNeeds: readonly AskedNeed[],
): CodingIssue[] {
  const coveredNeeds = coded.filter((need) => need.target !== undefined);
  const standing = new Set(coveredNeeds.map((need) => need.category));
  const byId = new Map(objectsOf(record.conditions).map((one) => [one.id, one]));
  const active = [...byId.values()].filter(
    (condition) => condition.id !== undefined && standsInChart(condition, record),
  );
  active.sort((a, b) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1));
  const issues: CodingIssue[] = [];
  for (const condition of active) {
    const needs = findNeedsOf(condition, read, askedNeeds);
    const doubt =
      findLaterDenial(condition, needs, read) ??
      findExclusion(condition, needs, standing) ??
      findCorrection(condition, record, coded);
    if (!doubt) continue;
    const text =
      `Condition ${condition.id} on file is in doubt: ${doubt}. Nothing is changed; a person ` +
      'decides.';
    issues.push(reviewOf(`Condition/${condition.id}`, text));
  }
  const chosen = [...findChosen(record).values()];
  return [
    ...issues,
    ...chosen.map((condition) => reviewOf(`Condition/${condition.id}`, describeChosen(condition))),
    ...coded.flatMap(listUnsure),
    ...coded.flatMap(listUnclear),
    ...listUnread(record),
  ];
}

/**
 * Reports an unreadable Condition on file that may stand for the need. A person looks before a
 * second one is made.
 */
function listUnclear({ unclear }: CodedNeed): CodingIssue[] {
  if (unclear === undefined) return [];
  const text =
    `Condition ${unclear.replace('Condition/', '')} on file may be a need that was answered, ` +
    'and cannot be read: nothing is added to it, and none is made beside it.';
  return [reviewOf(unclear, text)];
}

/**
 * Lists parts of the Patient, Encounters and Conditions on file that cannot be read or understood.
 */
function listUnread({ patient, encounters, conditions }: PersonRecord): CodingIssue[] {
  const resources = [...objectsOf(encounters), ...objectsOf(conditions)];
  const issues = (patient ? [patient, ...resources] : resources).flatMap(listFlawIssues);
  return issues.filter((issue) => issue.severity !== 'information');
}

/**
 * Reports resources with an identifier of our system that we never gave. They count as not ours.
 */
export function findUnderOurName({
  observations,
  conditions,
  identity,
}: PersonRecord): CodingIssue[] {
  const text =
    'It carries an identifier of our own system that was not given here: it is read as ' +
    "somebody else's. Look who uses that system.";
  const resources = [...objectsOf(observations), ...objectsOf(conditions)];
  return resources
    .filter((resource) => isUnderOurName(resource, identity))
    .map(({ resourceType, id }) => {
      const place = { source: `${resourceType}/${id}`, place: 'identifier' };
      return warnAbout('invalid-value', place, text);
    });
}

/**
 * Reports a Condition that was refuted or has ended, where an answer may be older or newer than
 * that.
 */
function listUnsure({ judged }: CodedNeed): CodingIssue[] {
  if (!judged || judged.unsure.length === 0) return [];
  const text =
    `Condition ${judged.id.replace('Condition/', '')} was refuted or has ended, and nothing ` +
    'tells whether a new answer was known then.';
  return [reviewOf(judged.id, text)];
}

/**
 * Finds Conditions of the EHR with the code that a person chose for a suggestion. Approving that
 * suggestion would make a second one, or one that a clinician has refuted.
 *
 * @returns the Condition of the EHR by the id of the suggestion
 */
export function findChosen({
  recoded,
  conditions,
  made,
  identity,
}: PersonRecord): Map<string, fhir4.Condition> {
  const decided = objectsOf(conditions).filter(
    (condition) => !isOurs(condition, identity) && (isActive(condition) || isRefuted(condition)),
  );
  const chosen = new Map<string, fhir4.Condition>();
  for (const [id, concept] of recoded ?? []) {
    const isThere = made.some((one) => one.id === id && isActive(one) && !isRefuted(one));
    const codes = codesOf(concept, systems.snomed);
    const other = decided.find(({ code }) =>
      codesOf(code, systems.snomed).some((snomed) => codes.includes(snomed)),
    );
    if (isThere && other) chosen.set(id, other);
  }
  return chosen;
}

const describeChosen = (condition: fhir4.Condition) =>
  isRefuted(condition)
    ? `Condition ${condition.id} on file was refuted, and says what a person chose for a ` +
      'suggestion.'
    : `Condition ${condition.id} on file says what a person chose for a suggestion: ` +
      'approving that would make a second one.';

/**
 * Tells whether a later Condition on file excludes the need of an answer: homelessness and housing
 * instability exclude each other.
 */
export function isExcludedOnFile(record: PersonRecord, { finding, raw }: Support): boolean {
  const other = exclusive[finding.need?.category ?? ''];
  if (other === undefined) return false;
  return objectsOf(record.conditions).some((condition) => {
    const recorded = startOf(condition.recordedDate);
    const isLater = recorded !== undefined && recorded > raw.instant;
    return isLater && categoriesOn(condition).includes(other) && standsInChart(condition, record);
  });
}

/** Finds the needs that a Condition on file stands for, of all that questions can establish. */
function findNeedsOf(
  condition: fhir4.Condition,
  read: readonly ReadScreening[],
  askedNeeds: readonly AskedNeed[],
): AskedNeed[] {
  const days = read.map((screening) => screening.raw.authored);
  return askedNeeds.filter((need) => standsFor(condition, need, days));
}

/** Returns a doubt where an answer later than the Condition and all support denies the need. */
function findLaterDenial(
  condition: fhir4.Condition,
  needs: readonly AskedNeed[],
  read: readonly ReadScreening[],
): string | undefined {
  const recorded =
    startOf(condition.recordedDate) ?? startOf(condition.onsetDateTime) ?? Number.NEGATIVE_INFINITY;
  const keys = new Set(needs.map((need) => need.key));
  const supports = read
    .flatMap((screening) => screening.supports)
    .filter(({ finding }) => keys.has(needKey(finding.need, finding.rule)));
  const questions = new Set(
    supports.map(({ raw, finding }) => `${raw.instrumentId}/${finding.question}`),
  );
  const latest = Math.max(recorded, ...supports.map(({ raw }) => raw.instant));
  const categories = categoriesOn(condition);
  const isDenial = (verdict: Verdict) =>
    needs.length > 0
      ? needs.some(({ key }) => denies(verdict, key, questions))
      : deniesAll(verdict, categories);
  const verdicts = read.flatMap((screening) => screening.verdicts);
  const isDenied = verdicts.some((verdict) => verdict.raw.instant > latest && isDenial(verdict));
  return isDenied ? 'the latest answer says otherwise' : undefined;
}

/**
 * Tells whether a verdict denies a whole category, for a finding that no question asks for by
 * itself. "No" to the category denies it; "none of these" does not.
 */
const deniesAll = (verdict: Verdict, categories: readonly string[]) =>
  verdict.says === 'no-need' &&
  verdict.need === undefined &&
  verdict.ofList !== true &&
  categories.includes(verdict.category);

/**
 * Returns a doubt where a new need excludes the Condition, or contradicts the strength it names.
 */
function findExclusion(
  condition: fhir4.Condition,
  needs: readonly AskedNeed[],
  standing: ReadonlySet<string>,
): string | undefined {
  const named = categoriesOn(condition);
  const categories = named.length > 0 ? named : needs.map((need) => need.category);
  const isExcluded = (category: string) =>
    standing.has(exclusive[category] ?? '') && !standing.has(category);
  if (categories.some(isExcluded)) return 'a new answer excludes it';
  const isStrength = named.length === 0 || named.includes('protective-factor');
  const codes = codesOf(condition.code, systems.snomed);
  return isStrength && codes.some((code) => standing.has(strengths[code] ?? ''))
    ? 'a new need speaks against it'
    : undefined;
}

const retracted: ReadonlySet<unknown> = new Set(['entered-in-error', 'cancelled', 'stopped']);
const amended: ReadonlySet<unknown> = new Set(['amended', 'corrected']);

/** Returns a doubt where evidence of the Condition was retracted, or no longer tells the need. */
function findCorrection(
  condition: fhir4.Condition,
  record: PersonRecord,
  coded: readonly CodedNeed[],
): string | undefined {
  const named = evidenceNamedBy(condition);
  const resources = [...objectsOf(record.observations), ...objectsOf(record.responses)];
  const evidence = resources.filter((resource) => named.has(keyOf(resource)));
  if (evidence.some((resource) => retracted.has(resource.status)))
    return 'what it rests on was entered in error';
  const supports = coded
    .filter((need) => need.target === `Condition/${condition.id}`)
    .flatMap((need) => need.supports);
  const answers = supports.flatMap((support) => support.finding.answers);
  const telling = new Set(answers.map((answer) => answer.source));
  const isCleared = (resource: fhir4.Observation | fhir4.QuestionnaireResponse) =>
    amended.has(resource.status) && !telling.has(keyOf(resource));
  return evidence.some(isCleared) ? 'what it rests on was corrected' : undefined;
}

const keyOf = (resource: fhir4.Resource) => `${resource.resourceType}/${resource.id}`;
