import { looseHash, wordsHash } from '../fhir-json/text-matching.ts';
import type { Instrument } from '../model.ts';
import { groupPairs, onlyMember } from './answer-lookup.ts';
import type { QuestionRow } from './table-schema.ts';

/**
 * Creates the look-ups of a table's questions by words: by the table's own wordings, or by
 * variations of them that are in use.
 * DECISIONS D33. DECISIONS D109.
 */
export function createWordingLookup(
  rows: readonly QuestionRow[],
): Pick<Instrument, 'questionFor' | 'questionLike'> {
  const exact = groupRows(rows, (row) => row.wordings ?? []);
  const alike = groupRows(rows, (row) => [...(row.alike ?? []), ...(row.halves ?? [])]);
  return {
    questionFor: (words) => onlyMember(exact.get(wordsHash(words)))?.code,
    questionLike: (words) => {
      if (alike.size === 0) return undefined;
      const hash = looseHash(words);
      const row = onlyMember(alike.get(hash));
      if (!row) return undefined;
      return row.halves?.includes(hash)
        ? { question: row.code, half: hash }
        : { question: row.code };
    },
  };
}

const groupRows = (
  rows: readonly QuestionRow[],
  hashesOf: (row: QuestionRow) => readonly string[],
) => groupPairs(rows.flatMap((row) => hashesOf(row).map((hash) => [hash, row] as const)));
