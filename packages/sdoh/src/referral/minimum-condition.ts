import { type fhir4, labelsOf, profiles, systems } from '@loopwell/fhir';
import { codesOf } from '../coding/on-file/codes-on-file.ts';
import { isInError, isRefuted } from '../coding/on-file/condition-status.ts';
import { concept } from '../fhir-json/codings.ts';
import { omitUndefined } from '../fhir-json/omit-undefined.ts';
import { statusWords } from '../fhir-json/status-words.ts';
import { objectsOf } from '../fhir-json/tolerant-readers.ts';
import table from '../terminology/condition-codes.json' with { type: 'json' };
import { isIcd10cmKnown } from '../terminology/icd10cm.ts';
import { restrictionOf } from '../terminology/label-restriction.ts';
import { sdohccCategories } from '../terminology/sdohcc-categories.ts';

/** SNOMED CT findings of social needs with the names that SNOMED CT gives them, by code. */
const findings: ReadonlyMap<string, string> = new Map(
  Object.values(table.byCategory).flatMap((members) =>
    members.map(({ code, display }) => [code, display] as const),
  ),
);

/** Codes of HL7's ConditionClinicalStatusCodes (R4) that are taken over. */
const clinicalStatuses: readonly string[] = [
  'active',
  'recurrence',
  'relapse',
  'inactive',
  'remission',
  'resolved',
];
/** Codes of HL7's ConditionVerificationStatus (R4) that are taken over. */
const verificationStatuses: readonly string[] = [
  'unconfirmed',
  'provisional',
  'differential',
  'confirmed',
];

/**
 * Category codes of a Condition that are taken over, by system: each tells what kind of record it
 * is.
 */
const recordKinds: Readonly<Record<string, readonly string[]>> = {
  [systems.conditionCategory]: ['problem-list-item', 'encounter-diagnosis'],
  [systems.usCoreConditionCategory]: ['health-concern'],
  [systems.usCoreCategory]: ['sdoh'],
  [systems.sdohcc]: sdohccCategories,
};

/**
 * Tells whether a Condition may be named to a partner or shown. One that carries a restricting
 * label, is refuted or entered in error may not. A person who picks a restricted referral for one
 * partner lets the need out by its service, not by its finding.
 */
export function mayLeave(condition: fhir4.Condition): boolean {
  return (
    restrictionOf(labelsOf(condition)) === undefined &&
    !isRefuted(condition) &&
    !isInError(condition)
  );
}

/**
 * Returns the Condition as a partner may see it: what it is, not how it was found out. Only codes
 * of social needs are taken over, with the names that their system gives them: words in an EHR's
 * Condition, and codes beside the need, may say anything.
 */
export function minimumCondition(
  condition: fhir4.Condition,
  id: string,
  base: string,
  person: string,
): fhir4.Condition {
  const coding = codingOf(condition);
  const category = categoriesOf(condition);
  const clinical = statusOf(condition.clinicalStatus, clinicalStatuses);
  const verification = statusOf(condition.verificationStatus, verificationStatuses);
  const recordedDate = dateOf(condition.recordedDate);
  const isOfProfile =
    coding.length > 0 && condition.meta?.profile?.includes(profiles.condition) === true;
  return omitUndefined<fhir4.Condition>({
    resourceType: 'Condition',
    id,
    meta: isOfProfile ? { profile: [profiles.condition] } : undefined,
    clinicalStatus: clinical ? concept(systems.conditionClinical, clinical) : undefined,
    verificationStatus: verification
      ? concept(systems.conditionVerification, verification)
      : undefined,
    category: category.length > 0 ? category : undefined,
    code: coding.length > 0 ? { coding } : undefined,
    subject: { reference: `${base}/Patient/${person}` },
    recordedDate,
  });
}

function codingOf({ code }: fhir4.Condition): fhir4.Coding[] {
  const codings: fhir4.Coding[] = [];
  for (const snomed of codesOf(code, systems.snomed)) {
    const display = findings.get(snomed);
    if (display !== undefined)
      codings.push(...(concept(systems.snomed, snomed, display).coding ?? []));
  }
  for (const leaf of codesOf(code, systems.icd10cm))
    if (isIcd10cmKnown(leaf)) codings.push({ system: systems.icd10cm, code: leaf });
  return codings;
}

function categoriesOf({ category }: fhir4.Condition): fhir4.CodeableConcept[] {
  const categories: fhir4.CodeableConcept[] = [];
  for (const received of objectsOf(category))
    for (const [system, kinds] of Object.entries(recordKinds))
      for (const code of codesOf(received, system))
        if (kinds.includes(code)) categories.push(concept(system, code));
  return categories;
}

const statusOf = (status: unknown, statuses: readonly string[]): string | undefined =>
  statusWords(status).find((code) => statuses.includes(code));

/** Returns a date as R4 writes it; undefined for other writing, which may hold words. */
const dateOf = (text: unknown): string | undefined =>
  typeof text === 'string' && /^\d{4}(-\d{2}(-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?)?)?$/.test(text)
    ? text
    : undefined;
