import { type fhir4, systems } from '@loopwell/fhir';
import { endOf, isPartial, localDateOf, startOf } from '../../fhir-json/dates.ts';
import { flawsOf, isUnclear } from '../../fhir-json/flaws.ts';
import { isOurs } from '../../fhir-json/our-identifiers.ts';
import { statusesNamed, textsIn } from '../../fhir-json/status-words.ts';
import { plain } from '../../fhir-json/text-matching.ts';
import { isObject, objectsOf, textOf } from '../../fhir-json/tolerant-readers.ts';
import type { NeedCodes, PersonRecord } from '../../model.ts';
import { icd10cmOn, icd10cmSince, namesNeed, standsOnFile } from '../../terminology/icd10cm.ts';
import type { NeedSupports, Support } from '../need-evidence.ts';

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
      (one) =>
        one.id !== undefined &&
        !isOurs(one, record.identity) &&
        !isDoubtful(one) &&
        isSameNeed(one, need),
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

export const codesOf = (concept: fhir4.CodeableConcept | undefined, system: string) =>
  codingsOf(concept).flatMap(({ system: said, code }) =>
    isSystem(said, system) && code !== undefined ? [written(code, system)] : [],
  );

/** Codes of a Condition on file by one system; one that came without a system counts where it can be of no other. */
export function codesOnFile({ code }: fhir4.Condition, system: string): string[] {
  const nameless = codingsOf(code).flatMap((one) =>
    one.system === undefined && one.code !== undefined ? [one.code] : [],
  );
  const all = [
    ...codesOf(code, system),
    ...nameless
      .map((one) => written(one, system))
      .filter((one) => forms[system]?.test(withoutTerm(one, system))),
  ];
  return all.map((one) => withoutTerm(one, system));
}

/**
 * The code alone where its term or a refinement stands behind it: `733423003 |Food insecurity|`, `Z59.41 Food insecurity`. A
 * refined finding is a kind of the finding before the colon (SNOMED CT compositional grammar).
 */
function withoutTerm(code: string, system: string): string {
  const pattern =
    system === systems.snomed
      ? /^(\d{8,18})\s*[|:]/
      : /^([A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?)[\s|:-]/;
  return pattern.exec(code)?.[1] ?? code;
}

const forms: Readonly<Record<string, RegExp>> = {
  [systems.snomed]: /^\d{8,18}$/,
  [systems.icd10cm]: /^[A-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}$/,
};

type Code = { system: unknown; code: string | undefined };

/** A number stands for its digits, and one coding for a list of one: neither can mean anything else. */
const codingsOf = (concept: fhir4.CodeableConcept | undefined): Code[] =>
  [concept as unknown]
    .flat()
    .filter(isObject)
    .flatMap(({ coding }) => [coding].flat().filter(isObject))
    .map(({ system, code }) => ({
      system: system === '' ? undefined : system,
      code: textOf(typeof code === 'number' ? String(code) : code)?.trim(),
    }));

/** ICD-10-CM codes of billing systems come without their dot, or in small letters. */
function written(code: string, system: string): string {
  const text = code.trim();
  if (system !== systems.icd10cm) return text;
  const upper = text.toUpperCase();
  return /^[A-Z]\d[0-9A-Z][0-9A-Z]{1,4}$/.test(upper)
    ? `${upper.slice(0, 3)}.${upper.slice(3)}`
    : upper;
}

const oids: Readonly<Record<string, string>> = {
  [systems.snomed]: '2.16.840.1.113883.6.96',
  [systems.icd10cm]: '2.16.840.1.113883.6.90',
};

/** A code system by its address, however it is written and whatever edition it names, or by its OID: none means anything else. */
function isSystem(said: unknown, system: string): boolean {
  if (said === system) return true;
  if (typeof said !== 'string') return false;
  const plain =
    said
      .trim()
      .toLowerCase()
      .split('|')[0]
      ?.replace(/\/+$/, '')
      .replace(/^https:/, 'http:') ?? '';
  const isEdition = system === systems.snomed && plain.startsWith(`${systems.snomed}/`);
  return (
    plain === system.toLowerCase() ||
    isEdition ||
    (oids[system] !== undefined && plain.replace(/^urn:oid:/, '') === oids[system])
  );
}

/** SDOHCC categories of a Condition on file. */
export const categoriesOn = (condition: fhir4.Condition): string[] =>
  objectsOf(condition.category).flatMap((one) => codesOf(one, systems.sdohcc));

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

/** Of US Core's category for social needs, or of one of the guide's. */
export const isSocial = (condition: fhir4.Condition): boolean =>
  categoriesOn(condition).length > 0 ||
  objectsOf(condition.category).some((one) =>
    codesOf(one, systems.usCoreCategory).includes('sdoh'),
  );

/** A concept without a code, a display and a text. */
export const saysNothing = (concept: unknown): boolean => textsIn(concept).length === 0;

/** @param days dates on which the need was asked about: the ICD-10-CM leaf may have been another one then */
export function standsFor(
  condition: fhir4.Condition,
  need: NeedCodes,
  days: readonly string[],
): boolean {
  const categories = categoriesOn(condition).filter(
    (one) => one !== unspecified || need.category === unspecified,
  );
  if (categories.length > 0 && !categories.includes(need.category)) return false;
  const snomed = codesOnFile(condition, systems.snomed);
  if (
    [need.snomed, ...(need.alsoSnomed ?? [])].some(
      (one) => one !== undefined && snomed.includes(one),
    )
  )
    return true;
  // A need that no finding names is told by its category and code together.
  const isOnlyCoded = need.snomed === undefined && categories.includes(need.category);
  const possible = new Set(
    leavesOf(need, isOnlyCoded ? [...days, ...daysOf(condition)] : undefined),
  );
  const isKind = (code: string) =>
    standsOnFile(code, need.snomed, categories.includes(need.category));
  return codesOnFile(condition, systems.icd10cm).some((one) => possible.has(one) || isKind(one));
}

/** It says nothing about what the need is. */
const unspecified = 'sdoh-category-unspecified';

/** When it was written down: the leaf may have been another one then. */
const daysOf = ({ recordedDate, onsetDateTime }: fhir4.Condition) =>
  [recordedDate, onsetDateTime].filter((one) => startOf(one) !== undefined);

/** @param days of a need that only its code names; any edition's code will do where the code names the need by itself */
function leavesOf(
  { icd10cm, snomed }: NeedCodes,
  days: readonly (string | undefined)[] | undefined,
): string[] {
  if (icd10cm === undefined) return [];
  if (!days) return icd10cmSince(icd10cm).filter((one) => namesNeed(one, snomed));
  return [
    icd10cm,
    ...days.flatMap((day) => (day === undefined ? [] : (icd10cmOn(icd10cm, day) ?? []))),
  ];
}

const verifications = [
  'refuted',
  'entered-in-error',
  'unconfirmed',
  'provisional',
  'differential',
  'confirmed',
] as const;
const verified = (one: fhir4.Condition) => statusesNamed(one.verificationStatus, verifications);
export const isRefuted = (one: fhir4.Condition) => verified(one).has('refuted');
export const isInError = (one: fhir4.Condition) =>
  verified(one).has('entered-in-error') ||
  statusesNamed(one.clinicalStatus, ['entered-in-error']).size > 0;
export const isUnconfirmed = (one: fhir4.Condition) => verified(one).has('unconfirmed');
const isConfirmed = (one: fhir4.Condition) =>
  verified(one).size === 1 && verified(one).has('confirmed');

/** @param name as a need names its Conditions: `Condition/<id>` of the EHR, or an id of ours */
export function isConfirmedOnFile(record: PersonRecord, name: string): boolean {
  const id = name.startsWith('Condition/') ? name.slice('Condition/'.length) : undefined;
  const known =
    id === undefined ? undefined : objectsOf(record.conditions).find((one) => one.id === id);
  return known !== undefined && isConfirmed(known) && isActive(known);
}

const present = ['active', 'recurrence', 'relapse'] as const;
const over = ['inactive', 'remission', 'resolved'] as const;

const isPresent = (one: fhir4.Condition) => statusesNamed(one.clinicalStatus, present).size > 0;
const isOver = (one: fhir4.Condition) => statusesNamed(one.clinicalStatus, over).size > 0;

/** Codings of other systems beside the status say nothing; without a status at all it stands, unless it has an end. */
export const isActive = (one: fhir4.Condition): boolean =>
  !isInError(one) && !isEnded(one) && !isUnread(one);

/** By its status; where it has none, by its end (`abatement[x]`). */
const isEnded = (one: fhir4.Condition): boolean =>
  !isInError(one) &&
  !isPresent(one) &&
  (isOver(one) || (saysNothing(one.clinicalStatus) && hasEnd(one)));

/**
 * Nobody can tell whether it stands: a status in no writing that is known, two that say the opposite, or active with an end
 * (R4, con-4). Nothing is added to it, and nothing made beside it.
 */
function isUnread(one: fhir4.Condition): boolean {
  const isOdd = isPresent(one)
    ? isOver(one) || hasEnd(one)
    : !saysNothing(one.clinicalStatus) && !isOver(one);
  const isUnverified = !saysNothing(one.verificationStatus) && verified(one).size === 0;
  const isDenied = isRefuted(one) || isInError(one);
  return (
    (isDenied && verified(one).has('confirmed')) || (!isInError(one) && (isOdd || isUnverified))
  );
}

const hasEnd = (one: fhir4.Condition): boolean =>
  Object.entries(one).some(
    ([key, value]) =>
      /^abatement[A-Z]/.test(key) && value !== undefined && value !== null && value !== false,
  );

const isAbated = (one: fhir4.Condition) => !isInError(one) && abatedOn(one) !== undefined;
const abatedOn = (one: fhir4.Condition) =>
  startOf(one.abatementDateTime ?? one.abatementPeriod?.end);

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
  const references = objectsOf(condition.evidence).flatMap((one) =>
    objectsOf(one.detail).map((detail) => detail.reference),
  );
  return new Set(references.flatMap((one) => (typeof one === 'string' ? [tailOf(one)] : [])));
}
