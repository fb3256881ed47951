import { type fhir4, systems } from '@loopwell/fhir';
import { startOf } from '../fhir-json/dates.ts';
import { isUnclear } from '../fhir-json/flaws.ts';
import { objectsOf } from '../fhir-json/tolerant-readers.ts';
import type { AskedNeed, CodingIssue, PersonRecord } from '../model.ts';
import { needKey } from '../model.ts';
import { listFlawIssues } from '../screening/flawed-answers.ts';
import { isOurs, isUnderOurName } from '../terminology/our-identifiers.ts';
import type { CodedNeed } from './conditions.ts';
import { denies } from './denials.ts';
import { evidenceOf } from './existing-conditions.ts';
import type { ReadScreening, Support, Verdict } from './need-evidence.ts';
import { categoriesOn, codesOf } from './on-file/codes-on-file.ts';
import { standsFor } from './on-file/condition-need.ts';
import { isActive, isRefuted } from './on-file/condition-status.ts';

/** Needs that a strength on file speaks against (the guide's protective-factor example). */
const strengths: Readonly<Record<string, string>> = { '1137434003': 'transportation-insecurity' };
const exclusive: Readonly<Record<string, string>> = {
  homelessness: 'housing-instability',
  'housing-instability': 'homelessness',
};

/**
 * Conditions on file that what was answered puts in doubt: the latest answer is better, what they rest on was corrected, a
 * new need excludes them, or a need speaks against a strength. Nothing is resolved by the machine; a person looks.
 */
export function reviewOnFile(
  record: PersonRecord,
  read: readonly ReadScreening[],
  coded: readonly CodedNeed[],
  known: readonly AskedNeed[],
): CodingIssue[] {
  const standing = new Set(
    coded.flatMap((one) => (one.target === undefined ? [] : [one.category])),
  );
  const byId = new Map(objectsOf(record.conditions).map((one) => [one.id, one]));
  const active = [...byId.values()].filter(
    (condition) =>
      condition.id !== undefined &&
      !isOurs(condition, record.identity) &&
      !isUnclear(condition) &&
      isActive(condition) &&
      !isRefuted(condition),
  );
  const inDoubt = active
    .sort((a, b) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1))
    .flatMap((condition) => {
      const needs = needsOn(condition, read, known);
      const why =
        betterSince(condition, needs, read) ??
        excludedBy(condition, needs, standing) ??
        correctedEvidence(condition, record, coded);
      const text = `Condition ${condition.id} on file is in doubt: ${why}. Nothing is changed; a person decides.`;
      return why
        ? [
            {
              severity: 'warning',
              code: 'condition-review',
              text,
              source: `Condition/${condition.id}`,
            } as const,
          ]
        : [];
    });
  const chosen = [...chosenOnFile(record).values()].map(
    (condition) =>
      ({
        severity: 'warning',
        code: 'condition-review',
        text: chosenText(condition),
        source: `Condition/${condition.id}`,
      }) as const,
  );
  return [
    ...inDoubt,
    ...chosen,
    ...coded.flatMap(unsureOf),
    ...coded.flatMap(unclearOf),
    ...unreadOf(record),
  ];
}

/** A Condition that may be the need, of which nobody can tell: a person looks before there are two. */
function unclearOf({ unclear }: CodedNeed): CodingIssue[] {
  if (unclear === undefined) return [];
  const text = `Condition ${unclear.replace('Condition/', '')} on file may be a need that was answered, and cannot be read: nothing is added to it, and none is made beside it.`;
  return [{ severity: 'warning', code: 'condition-review', text, source: unclear }];
}

/** What cannot be read or is not understood in the Patient, Encounters and Conditions on file. */
function unreadOf({ patient, encounters, conditions }: PersonRecord): CodingIssue[] {
  const all = [...(patient ? [patient] : []), ...objectsOf(encounters), ...objectsOf(conditions)];
  return all.flatMap(listFlawIssues).filter((one) => one.severity !== 'information');
}

/** Resources that carry an identifier of our system which we never gave: they count as somebody else's, and a person is told. */
export function underOurName({ observations, conditions, identity }: PersonRecord): CodingIssue[] {
  const text =
    "It carries an identifier of our own system that was not given here: it is read as somebody else's. Look who uses that system.";
  const named = [...objectsOf(observations), ...objectsOf(conditions)].filter((one) =>
    isUnderOurName(one, identity),
  );
  return named.map(({ resourceType, id }) => ({
    severity: 'warning',
    code: 'invalid-value',
    text,
    source: `${resourceType}/${id}`,
    place: 'identifier',
  }));
}

/** A Condition that was refuted or has ended, and an answer of which nothing tells whether it was known then. */
function unsureOf(need: CodedNeed): CodingIssue[] {
  if (!need.judged || need.judged.unsure.length === 0) return [];
  const text = `Condition ${need.judged.id.replace('Condition/', '')} was refuted or has ended, and nothing tells whether a new answer was known then.`;
  return [{ severity: 'warning', code: 'condition-review', text, source: need.judged.id }];
}

/**
 * Conditions of the EHR that say what a person chose for a suggestion: approving it would make a second one, or one that a
 * clinician has refuted. By the id of the suggestion, with the Condition of the EHR.
 */
export function chosenOnFile({
  recoded,
  conditions,
  made,
  identity,
}: PersonRecord): Map<string, fhir4.Condition> {
  const found = new Map<string, fhir4.Condition>();
  for (const [id, concept] of recoded ?? []) {
    const isThere = made.some((one) => one.id === id && isActive(one) && !isRefuted(one));
    const codes = new Set(codesOf(concept, systems.snomed));
    const other = objectsOf(conditions).find(
      (condition) =>
        !isOurs(condition, identity) &&
        (isActive(condition) || isRefuted(condition)) &&
        codesOf(condition.code, systems.snomed).some((code) => codes.has(code)),
    );
    if (isThere && other) found.set(id, other);
  }
  return found;
}

const chosenText = (condition: fhir4.Condition) =>
  isRefuted(condition)
    ? `Condition ${condition.id} on file was refuted, and says what a person chose for a suggestion.`
    : `Condition ${condition.id} on file says what a person chose for a suggestion: approving that would make a second one.`;

/** Homelessness and housing instability exclude each other: an answer from before the other was recorded counts no more. */
export function isExcludedOnFile(record: PersonRecord, { finding, raw }: Support): boolean {
  const other = exclusive[finding.need?.category ?? ''];
  if (other === undefined) return false;
  return objectsOf(record.conditions).some((condition) => {
    const recorded = startOf(condition.recordedDate);
    const isThere =
      categoriesOn(condition).includes(other) &&
      isActive(condition) &&
      !isRefuted(condition) &&
      !isOurs(condition, record.identity) &&
      !isUnclear(condition);
    return isThere && recorded !== undefined && recorded > raw.instant;
  });
}

type OnFile = PersonRecord['conditions'][number];

/** The needs that a Condition on file stands for, of all that questions can establish. */
function needsOn(
  condition: OnFile,
  read: readonly ReadScreening[],
  known: readonly AskedNeed[],
): AskedNeed[] {
  const days = read.map((one) => one.raw.authored);
  return known.filter((one) => standsFor(condition, one, days));
}

/** The latest answer about it, after it was recorded, says that there is no such need. */
function betterSince(
  condition: OnFile,
  needs: readonly AskedNeed[],
  read: readonly ReadScreening[],
): string | undefined {
  const recorded =
    startOf(condition.recordedDate) ?? startOf(condition.onsetDateTime) ?? Number.NEGATIVE_INFINITY;
  const keys = new Set(needs.map((one) => one.key));
  const supports = read
    .flatMap((one) => one.supports)
    .filter((one) => keys.has(needKey(one.finding.need, one.finding.rule)));
  const toldBy = new Set(supports.map((one) => `${one.raw.instrumentId}/${one.finding.question}`));
  const latest = Math.max(recorded, ...supports.map((one) => one.raw.instant));
  const verdicts = read.flatMap((one) => one.verdicts).filter((one) => one.raw.instant > latest);
  const isDenied = verdicts.some((verdict) =>
    needs.length > 0
      ? needs.some(({ key }) => denies(verdict, key, toldBy))
      : deniesAll(verdict, categoriesOn(condition)),
  );
  return isDenied ? 'the latest answer says otherwise' : undefined;
}

/** A finding that no question asks for by itself: "no" to its category as a whole speaks of it, "none of these" does not. */
const deniesAll = (verdict: Verdict, categories: readonly string[]) =>
  verdict.says === 'no-need' &&
  verdict.need === undefined &&
  verdict.ofList !== true &&
  categories.includes(verdict.category);

function excludedBy(
  condition: OnFile,
  needs: readonly AskedNeed[],
  standing: ReadonlySet<string>,
): string | undefined {
  const named = categoriesOn(condition);
  const categories = named.length > 0 ? named : needs.map((one) => one.category);
  if (categories.some((one) => standing.has(exclusive[one] ?? '') && !standing.has(one)))
    return 'a new answer excludes it';
  const strong = codesOf(condition.code, systems.snomed).flatMap((code) => strengths[code] ?? []);
  const isStrength = named.length === 0 || named.includes('protective-factor');
  return isStrength && strong.some((one) => standing.has(one))
    ? 'a new need speaks against it'
    : undefined;
}

const retracted: ReadonlySet<unknown> = new Set(['entered-in-error', 'cancelled', 'stopped']);
const amended: ReadonlySet<unknown> = new Set(['amended', 'corrected']);

/** What it names as evidence was taken back, or corrected so that it no longer tells the need. */
function correctedEvidence(
  condition: OnFile,
  record: PersonRecord,
  coded: readonly CodedNeed[],
): string | undefined {
  const named = evidenceOf(condition);
  const own = coded.filter((one) => one.target === `Condition/${condition.id}`);
  const telling = new Set(
    own.flatMap((one) =>
      one.supports.flatMap((two) => two.finding.answers.map((answer) => answer.source)),
    ),
  );
  const sources = [...objectsOf(record.observations), ...objectsOf(record.responses)].filter(
    (one) => named.has(`${one.resourceType}/${one.id}`),
  );
  if (sources.some((one) => retracted.has(one.status)))
    return 'what it rests on was entered in error';
  const isCleared = sources.some(
    (one) => amended.has(one.status) && !telling.has(`${one.resourceType}/${one.id}`),
  );
  return isCleared ? 'what it rests on was corrected' : undefined;
}
