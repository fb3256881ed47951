import { looseHash, wordsHash } from '../fhir-json/text-matching.ts';
import type { Instrument } from '../model.ts';
import { grouped, one } from './answer-lookup.ts';
import type { QuestionRow } from './table-schema.ts';

/** How a table's questions are known by their words: by its own wordings, or by wordings in use that vary them. */
export function wordingsOf(
  rows: readonly QuestionRow[],
): Pick<Instrument, 'questionFor' | 'questionLike'> {
  const exact = grouped(
    rows.flatMap((row) => (row.wordings ?? []).map((hash) => [hash, row] as const)),
  );
  const alike = grouped(
    rows.flatMap((row) =>
      [...(row.alike ?? []), ...(row.halves ?? [])].map((hash) => [hash, row] as const),
    ),
  );
  return {
    questionFor: (words) => one(exact.get(wordsHash(words)))?.code,
    questionLike: (words) => {
      if (alike.size === 0) return undefined;
      const hash = looseHash(words);
      const row = one(alike.get(hash));
      return row && { question: row.code, ...(row.halves?.includes(hash) ? { half: hash } : {}) };
    },
  };
}
