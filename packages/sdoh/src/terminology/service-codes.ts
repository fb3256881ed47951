import type { Coding, EditionCoding } from '../fhir-json/codings.ts';
import table from './service-codes.json' with { type: 'json' };

/**
 * A service code of a category. `unverified`: the code is one of the guide's, and that it belongs
 * to this category is our reading alone.
 * DECISIONS D67.
 */
type Row = { code: string; display: string; unverified?: boolean };

const { system, edition: version } = table;
const rows: readonly (readonly [string, readonly Row[]])[] = Object.entries(table.byCategory);
const byCategory = new Map(
  rows.map(([category, services]) => [
    category,
    services.map(({ code, display }) => ({ system, code, display })),
  ]),
);
const preferred = new Map<string, EditionCoding>();
for (const [category, services] of rows) {
  const first = services.find((service) => !service.unverified);
  if (first) preferred.set(category, { system, version, code: first.code, display: first.display });
}

/** Lists the service codes that fit the category; the preferred one first. None is made up. */
export function serviceCodesOf(category: string): Coding[] {
  return [...(byCategory.get(category) ?? [])];
}

/**
 * Returns the service to suggest, or to order, before a person has looked: the category's first one
 * that a source pairs with it. A reviewer may choose any.
 */
export const serviceToSuggest = (category: string): EditionCoding | undefined =>
  preferred.get(category);

/**
 * Lists the codes that fit any category: a reviewer may choose one where the category has none of
 * its own.
 */
export function generalServiceCodes(): Coding[] {
  return table.general.map((one) => ({ system, ...one }));
}
