import { localDateOf } from '../fhir-json/dates.ts';
import type { InstrumentTable, RowOrigin } from './table-schema.ts';

/** One row of a table with its whole origin. A question stands for itself; `answer` is missing then. */
export type ListedRow = Required<Pick<RowOrigin, 'source' | 'version' | 'validFrom'>> & {
  instrument: string;
  question: string;
  answer?: string;
  display: string;
  validTo?: string;
  /** Some source says what it means. One that none does makes no Condition. */
  verified: boolean;
  need?: { category: string; snomed?: string; icd10cm?: string };
};

/** All rows of a table, questions and answers, each with its source, version and validity. */
export function rowsOf(table: InstrumentTable): ListedRow[] {
  return table.questions.flatMap((question): ListedRow[] => {
    const own = { instrument: table.id, question: question.code };
    const origin = originOf(question, originOf(table, table));
    const answers = (question.answers ?? []).map(
      (row): ListedRow => ({
        ...own,
        answer: row.code,
        display: row.display,
        ...originOf(row, origin),
        verified: row.unverified !== true && row.unjudged !== true,
        ...(row.need ? { need: needOf(row.need) } : {}),
      }),
    );
    return [{ ...own, display: question.label, ...origin, verified: true }, ...answers];
  });
}

type Origin = Pick<ListedRow, 'source' | 'version' | 'validFrom' | 'validTo'>;

function originOf(row: RowOrigin, above: Origin): Origin {
  const validTo = row.validTo ?? above.validTo;
  return {
    source: row.source ?? above.source,
    version: row.version ?? above.version,
    validFrom: row.validFrom ?? above.validFrom,
    ...(validTo === undefined ? {} : { validTo }),
  };
}

const needOf = ({
  category,
  snomed,
  icd10cm,
}: {
  category: string;
  snomed?: string;
  icd10cm?: string;
}): NonNullable<ListedRow['need']> => ({
  category,
  ...(snomed === undefined ? {} : { snomed }),
  ...(icd10cm === undefined ? {} : { icd10cm }),
});

/** Whether a row with dates of its own counts for an answer of that day; one without counts always. */
export function isInForce({ validFrom, validTo }: RowOrigin, authored: string): boolean {
  if (validFrom === undefined && validTo === undefined) return true;
  const day = localDateOf(authored);
  return (validFrom === undefined || day >= validFrom) && (validTo === undefined || day <= validTo);
}
