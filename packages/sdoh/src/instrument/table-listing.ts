import { localDateOf } from '../fhir-json/dates.ts';
import { omitUndefined } from '../fhir-json/omit-undefined.ts';
import type { InstrumentTable, RowOrigin } from './table-schema.ts';

/**
 * One row of a table with its whole origin. The row of a question has no `answer`.
 */
export type ListedRow = Required<Pick<RowOrigin, 'source' | 'version' | 'validFrom'>> & {
  instrument: string;
  question: string;
  answer?: string;
  display: string;
  validTo?: string;
  /** True where a source states the meaning of the row. Other rows make no Condition. */
  verified: boolean;
  need?: ListedNeed;
};

type ListedNeed = { category: string; snomed?: string; icd10cm?: string };

/** Lists the rows of a table, questions and answers, each with its source, version and validity. */
export function listRows(table: InstrumentTable): ListedRow[] {
  return table.questions.flatMap((question): ListedRow[] => {
    const place = { instrument: table.id, question: question.code };
    const origin = originOf(question, originOf(table, table));
    const answers = (question.answers ?? []).map((row) =>
      omitUndefined<ListedRow>({
        ...place,
        answer: row.code,
        display: row.display,
        ...originOf(row, origin),
        verified: row.unverified !== true && row.unjudged !== true,
        need: row.need && listNeed(row.need),
      }),
    );
    return [{ ...place, display: question.label, ...origin, verified: true }, ...answers];
  });
}

type Origin = Pick<ListedRow, 'source' | 'version' | 'validFrom' | 'validTo'>;

/** Returns the origin of a row: its own, else that of the row above it. */
const originOf = (row: RowOrigin, above: Origin): Origin =>
  omitUndefined<Origin>({
    source: row.source ?? above.source,
    version: row.version ?? above.version,
    validFrom: row.validFrom ?? above.validFrom,
    validTo: row.validTo ?? above.validTo,
  });

const listNeed = ({ category, snomed, icd10cm }: ListedNeed): ListedNeed =>
  omitUndefined<ListedNeed>({ category, snomed, icd10cm });

/**
 * Tells whether a row is in force on the day of an answer. A row without dates of its own always
 * is.
 */
export function isInForce({ validFrom, validTo }: RowOrigin, authored: string): boolean {
  if (validFrom === undefined && validTo === undefined) return true;
  const day = localDateOf(authored);
  return (validFrom === undefined || day >= validFrom) && (validTo === undefined || day <= validTo);
}
