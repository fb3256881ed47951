import { type fhir4, systems } from '@loopwell/fhir';
import { startOf } from '../../fhir-json/dates.ts';
import type { NeedCodes } from '../../model.ts';
import { icd10cmOn, icd10cmSince, namesNeed, standsOnFile } from '../../terminology/icd10cm.ts';
import { categoriesOn, codesOnFile } from './codes-on-file.ts';

/**
 * DECISIONS D93.
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

/**
 * @param days of a need that only its code names; any edition's code will do where the code names
 * the need by itself
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
