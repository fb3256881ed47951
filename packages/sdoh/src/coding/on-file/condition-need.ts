import { type fhir4, systems } from '@loopwell/fhir';
import { startOf } from '../../fhir-json/dates.ts';
import type { NeedCodes } from '../../model.ts';
import { icd10cmOn, icd10cmSince, namesNeed, standsOnFile } from '../../terminology/icd10cm.ts';
import { categoriesOn, codesOnFile } from './codes-on-file.ts';

/**
 * Tells whether a Condition on file stands for a need, by its codes and category. DECISIONS D93.
 *
 * @param days dates on which the need was asked about: the ICD-10-CM leaf may have been another one
 * then
 */
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
  // A need without a SNOMED CT finding is known by its category and ICD-10-CM code together.
  const isOnlyCoded = need.snomed === undefined && categories.includes(need.category);
  const possible = new Set(
    leavesOf(need, isOnlyCoded ? [...days, ...daysOf(condition)] : undefined),
  );
  const isKind = (code: string) =>
    standsOnFile(code, need.snomed, categories.includes(need.category));
  return codesOnFile(condition, systems.icd10cm).some((one) => possible.has(one) || isKind(one));
}

/** The category that does not name a need. */
const unspecified = 'sdoh-category-unspecified';

/** Returns the days of a Condition: the ICD-10-CM leaf may have been another one then. */
const daysOf = ({ recordedDate, onsetDateTime }: fhir4.Condition) =>
  [recordedDate, onsetDateTime].filter((one) => startOf(one) !== undefined);

/**
 * Lists the ICD-10-CM codes that may stand for a need.
 *
 * @param days of a need that only category and code name together; undefined for the codes of any
 * edition that name the need by themselves
 */
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
