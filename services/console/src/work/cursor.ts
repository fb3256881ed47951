/**
 * Where a list that is sorted by age goes on, as it stands in an address: instant, stage and
 * subject of the last row.
 */
export type Cursor = { since: Date; stage: string; subject: string };

/** A cursor as it stands in an address. */
export const cursorOf = ({ since, stage, subject }: Cursor): string =>
  [since.toISOString(), stage, subject].join('~');

/** Undefined for nothing, and for what is no cursor: then the list begins at its beginning. */
export function afterOf(text: unknown, stages: readonly string[]): Cursor | undefined {
  if (typeof text !== 'string' || text.length > 300) return undefined;
  const [instant = '', stage = '', ...rest] = text.split('~');
  const since = new Date(instant);
  if (Number.isNaN(since.getTime()) || !stages.includes(stage)) return undefined;
  return { since, stage, subject: rest.join('~') };
}
