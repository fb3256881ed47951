/**
 * The position in a list sorted by age, as an address holds it: instant, stage and subject of the
 * last row.
 */
export type Cursor = { since: Date; stage: string; subject: string };

/** Returns a cursor as text for an address. */
export const cursorOf = ({ since, stage, subject }: Cursor): string =>
  [since.toISOString(), stage, subject].join('~');

/**
 * Parses a cursor from an address; returns undefined for none or an invalid one, so that the list
 * starts at its beginning.
 */
export function afterOf(text: unknown, stages: readonly string[]): Cursor | undefined {
  if (typeof text !== 'string' || text.length > 300) return undefined;
  const [instant = '', stage = '', ...rest] = text.split('~');
  const since = new Date(instant);
  if (Number.isNaN(since.getTime()) || !stages.includes(stage)) return undefined;
  return { since, stage, subject: rest.join('~') };
}
