/** How often a person may be tried: so many times in so many days, and so many in one day. */
export type TryBudget = { tries: number; days: number; perDay: number };

/** The budget where the site has set none. */
export const defaultTryBudget: TryBudget = { tries: 3, days: 14, perDay: 1 };

/**
 * Reads a budget as a site writes it, such as `3 in 14 days, 1 a day`; undefined for any other
 * text.
 */
export function parseTryBudget(text: string): TryBudget | undefined {
  const parts = /^(\d{1,2}) in (\d{1,3}) days?, (\d{1,2}) a day$/.exec(text.trim());
  if (!parts) return undefined;
  const [tries, days, perDay] = parts.slice(1).map(Number) as [number, number, number];
  const isUsable = days > 0 && perDay <= tries && (tries === 0 || perDay > 0);
  return isUsable ? { tries, days, perDay } : undefined;
}

/** Writes a budget as `parseTryBudget` reads it. */
export const tryBudgetText = ({ tries, days, perDay }: TryBudget): string =>
  `${tries} in ${days} ${days === 1 ? 'day' : 'days'}, ${perDay} a day`;
