import { localDateOf } from '../fhir-json/dates.ts';
import table from './icd10cm.json' with { type: 'json' };

type Row = {
  /** First and last day on which it was a billable leaf. */
  from: string;
  until?: string;
  /**
   * The leaf that covered the same before: the parent that was split, or the "other" that it was
   * taken out of.
   */
  before?: string;
  /**
   * The need that a Condition coded with it alone has: `one` where it names that need only, else
   * the SNOMED CT finding that it stands for (Z59.82 is transportation insecurity as such, not one
   * of its kinds).
   */
  names?: string;
  /**
   * The code is in no value set that the guide binds to a category: found on file, never suggested
   * beside a finding.
   */
  outside?: boolean;
};

const rows: Readonly<Record<string, Row>> = table.codes;

/**
 * Returns the billable ICD-10-CM leaf for a need on the date of service, as the timestamp itself
 * writes its day. Tables name the leaf of today; for an older day it is the leaf that covered it
 * then (Z59.41 was Z59.4 until 2021-09-30, Z59.861 was Z59.86 until 2025-09-30). Undefined where
 * none of them was in force.
 *
 * DECISIONS D18. DECISIONS D35.
 * @param code leaf of the present edition, as an instrument's row names it
 * @param authored FHIR date or dateTime
 */
export function icd10cmOn(code: string, authored: string): string | undefined {
  const day = localDateOf(authored);
  for (let name: string | undefined = code; name !== undefined; name = rows[name]?.before) {
    const row: Row | undefined = rows[name];
    if (!row) return undefined;
    if (row.from <= day) return row.until === undefined || day <= row.until ? name : undefined;
  }
  return undefined;
}

/**
 * Returns the code to suggest beside a SNOMED CT finding: the leaf of that day, where it is in the
 * value set that the guide binds. Z59.4 and Z59.0 were leaves until 2021-09-30 and are in none
 * (digest section 5, known non-members). A need that no finding names is coded by its leaf whatever
 * it is, or it would have no code at all.
 */
export function icd10cmToSuggest(
  need: { snomed?: string | undefined; icd10cm?: string | undefined },
  authored: string,
): string | undefined {
  const leaf = need.icd10cm === undefined ? undefined : icd10cmOn(need.icd10cm, authored);
  return leaf !== undefined && rows[leaf]?.outside === true && need.snomed !== undefined
    ? undefined
    : leaf;
}

/**
 * Returns the edition in force on a day: ICD-10-CM of fiscal year 2026 is in force from 2025-10-01.
 */
export function icd10cmEdition(authored: string): string {
  const day = localDateOf(authored);
  return String(Number(day.slice(0, 4)) + (day.slice(5, 7) >= '10' ? 1 : 0));
}

/**
 * Tells whether the code alone names this need. Z59.19 (other inadequate housing) does not: pests
 * and mold are two needs.
 */
export function namesNeed(code: string, snomed: string | undefined): boolean {
  const names = rows[code]?.names;
  return names === 'one' || (names !== undefined && names === snomed);
}

/** Lists a leaf and what covered the same before it, back to the first edition. */
export function icd10cmSince(code: string): string[] {
  const names: string[] = [];
  for (let name: string | undefined = code; name !== undefined; name = rows[name]?.before)
    names.push(name);
  return names;
}

const onFile: Readonly<Record<string, string>> = table.onFile;
const withinCategory: Readonly<Record<string, readonly string[]>> = table.onFileWithinCategory;

/**
 * Tells whether a code that a Condition on file carries stands for this finding. Kinds of it and
 * headers above it do: a person on file as sheltered homeless is not suggested as homeless once
 * more. A header of several needs says which by its category.
 *
 * @param isNamed the Condition names the category of the finding
 */
export const standsOnFile = (code: string, snomed: string | undefined, isNamed: boolean): boolean =>
  snomed !== undefined &&
  (onFile[code] === snomed || (isNamed && withinCategory[code]?.includes(snomed) === true));

/**
 * Tells whether these tables name a code of a social need: a leaf of any edition, or a header or
 * kind that stands for one on file.
 */
export const isIcd10cmKnown = (code: string): boolean =>
  Object.hasOwn(rows, code) || Object.hasOwn(onFile, code) || Object.hasOwn(withinCategory, code);

/** The codes that rules may emit, with the days on which each is a billable leaf. */
export const icd10cmRows = rows;
