import type { fhir4 } from '@loopwell/fhir';
import type { PulledType } from './pulled-types.ts';

type Categorized = { category?: fhir4.CodeableConcept[]; code?: fhir4.CodeableConcept };

/**
 * Returns whether a resource concerns social needs. Observations and Conditions that do not are not
 * stored at all (minimum necessary).
 * @param resource as `readShape` gives it
 */
export function concernsSocialNeeds(resource: object, type: PulledType): boolean {
  const { category = [], code } = resource as Categorized;
  const categories = category.flatMap((concept) => concept.coding ?? []);
  if (type === 'Observation') return categories.some(isScreeningCategory);
  if (type !== 'Condition') return true;
  const codes = code?.coding ?? [];
  return categories.some(isSdohCategory) || codes.some((coding) => mayBeSocialNeed(coding));
}

const screeningCategories: ReadonlySet<string> = new Set(['survey', 'social-history', 'sdoh']);

const isOfGuide = ({ system }: fhir4.Coding) => String(system).includes('sdoh-clinicalcare');

/** Returns whether a category says screening, in any letter case, or is a category of the guide. */
const isScreeningCategory = (coding: fhir4.Coding): boolean =>
  screeningCategories.has(String(coding.code).trim().toLowerCase()) || isOfGuide(coding);

const isSdohCategory = (coding: fhir4.Coding): boolean =>
  coding.code === 'sdoh' || isOfGuide(coding);

/**
 * Returns whether a code may be a social need: a code of SNOMED CT, or one of ICD-10-CM's Z55 to
 * Z65.
 */
const mayBeSocialNeed = (coding: fhir4.Coding): boolean =>
  mayBeSnomed(coding) || /^\s*Z(5[5-9]|6[0-5])/i.test(String(coding.code));

/**
 * Returns whether a code may be of SNOMED CT, by the system's name or OID in any writing. A code
 * without a system may be one.
 */
const mayBeSnomed = ({ system, code }: fhir4.Coding): boolean =>
  system === undefined
    ? /^\s*\d{8,18}\s*$/.test(String(code))
    : /snomed|2\.16\.840\.1\.113883\.6\.96$/i.test(String(system));
