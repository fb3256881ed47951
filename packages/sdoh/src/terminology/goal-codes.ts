import type { EditionCoding } from '../fhir-json/codings.ts';
import table from './goal-codes.json' with { type: 'json' };

const { system, edition: version } = table;
const byCategory: ReadonlyMap<string, EditionCoding> = new Map(
  Object.entries(table.byCategory).map(([category, goal]) => [
    category,
    { system, version, ...goal },
  ]),
);

/**
 * Returns the goal that is preferred for a category, where a source verifies one; none is made up.
 */
export const goalCodeOf = (category: string): EditionCoding | undefined => byCategory.get(category);
