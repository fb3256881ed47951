import { setImmediate } from 'node:timers/promises';
import { ehrResources, type Tx } from '@loopwell/store';
import { type Loaded, loadRecords } from './records.ts';

/** `timeZone`: the site's, where somebody has set it for this process. DECISIONS D30. */
export type Reader = {
  tx: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  timeZone?: string | undefined;
};

/** People in a page: their records are in memory at once. */
const pageSize = 200;
/** People that are coded before others have their turn. */
const stepSize = 10;
const nobody = '00000000-0000-0000-0000-000000000000';

/**
 * The records of everybody in a tenant, a page at a time, for work that nobody waits for. Each page
 * is a transaction of its own: what changes meanwhile is seen as it is when its page is read.
 *
 * @param most how many people at most; the pages end there
 */
export async function* everybody(
  db: Reader,
  tenant: string,
  most = Number.POSITIVE_INFINITY,
): AsyncIterable<Loaded[]> {
  for (let after = '', left = most; left > 0; ) {
    const size = Math.min(pageSize, left);
    const page = await db.tx(async (tx) => {
      const people = await ehrResources.nextPeople(tx, tenant, after, size);
      const rows = people.map((subject) => ({ subject, tenant, trace: nobody }));
      return { people, loaded: await loadRecords(tx, rows, db.timeZone) };
    });
    // A few at a time, and others in between: whoever asks this process meanwhile waits for a few
    // people, not for a page.
    const people = [...page.loaded.values()];
    for (let start = 0; start < people.length; start += stepSize) {
      yield people.slice(start, start + stepSize);
      await setImmediate();
    }
    if (page.people.length < size) return;
    after = page.people.at(-1) ?? '';
    left -= page.people.length;
  }
}
