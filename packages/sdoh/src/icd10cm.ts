import { localDateOf } from './dates.ts';
import table from './icd10cm.json' with { type: 'json' };

type Row = {
  /** First and last day on which it was a billable leaf. */
  from: string;
  until?: string;
  /** The leaf that covered the same before: the parent that was split, or the "other" that it was taken out of. */
  before?: string;
  /** `one`: names one need only, so that a Condition coded with it alone is that need. */
  names?: string;
};

const rows: Readonly<Record<string, Row>> = table.codes;

/**
 * The billable ICD-10-CM leaf for a need on the date of service, as the timestamp itself writes its day. Tables name the
 * leaf of today; for an older day the leaf that covered it then (Z59.41 was Z59.4 until 2021-09-30, Z59.861 was Z59.86
 * until 2025-09-30). Undefined where none of them was in force.
 *
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

/** The edition in force on a day: ICD-10-CM of fiscal year 2026 is in force from 2025-10-01. */
export function icd10cmEdition(authored: string): string {
  const day = localDateOf(authored);
  return String(Number(day.slice(0, 4)) + (day.slice(5, 7) >= '10' ? 1 : 0));
}

/** Does the code name one need only? Z59.19 (other inadequate housing) does not: pests and mould are two needs. */
export const namesOneNeed = (code: string): boolean => rows[code]?.names === 'one';

/** Codes that rules may emit, with the days on which each is a billable leaf. */
export const icd10cmRows = rows;
