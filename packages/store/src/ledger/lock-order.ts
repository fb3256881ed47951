/**
 * The one order of stages in which a transaction locks several rows of the ledger, so that no two
 * wait in a circle. Work that makes other work due holds its own row while it locks the next: so
 * stages come in the order in which they make each other due. `track` and `close` come before
 * `refer`, which they make due again; where `refer` needs a row of `track`, it locks that first.
 * DECISIONS D114.
 */
export const lockOrder = [
  'pull',
  'screen',
  'code',
  'track',
  'close',
  'refer',
  'write-back',
] as const;

type Key = { stage: string; subject: string };

const places = new Map<string, number>(lockOrder.map((stage, place) => [stage, place]));
const placeOf = (stage: string): number => places.get(stage) ?? lockOrder.length;
const compare = (a: string, b: string): number => Number(a > b) - Number(a < b);

/** Compares two rows of the ledger: which of them is locked first. */
export function inLockOrder(a: Key, b: Key): number {
  return (
    placeOf(a.stage) - placeOf(b.stage) ||
    compare(a.stage, b.stage) ||
    compare(a.subject, b.subject)
  );
}

/**
 * Writes the same order as the `order by` of a statement that locks.
 *
 * @param alias of the ledger in that statement
 */
export function byLockOrder(alias: string): string {
  const list = lockOrder.map((stage) => `'${stage}'`).join(', ');
  return (
    `array_position(array[${list}], ${alias}.stage), ${alias}.stage collate "C", ` +
    `${alias}.subject collate "C"`
  );
}
