import type { Coding } from './model.ts';
import table from './service-codes.json' with { type: 'json' };

const byCategory: Readonly<Record<string, readonly { code: string; display: string }[]>> = table.byCategory;

/** Service codes whose membership in the category's value set is known; the preferred one first. None is made up. */
export function serviceCodesOf(category: string): Coding[] {
  return (byCategory[category] ?? []).map((one) => ({ system: table.system, ...one }));
}

/** Codes that fit any category: a reviewer may choose one where the category has none of its own. */
export function generalServiceCodes(): Coding[] {
  return table.general.map((one) => ({ system: table.system, ...one }));
}
