import { setImmediate } from 'node:timers/promises';
import { instruments } from '@loopwell/instruments';
import type { Clock } from '@loopwell/kit';
import { type Loaded, loadRecords } from '@loopwell/service';
import { ehrResources, type Tx } from '@loopwell/store';

/** Reads the database. `place` has the site's time zone, if it is set. DECISIONS D30. */
export type Reader = {
  tx: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  place?: Pick<Clock, 'timeZone'>;
};

/** The number of people in a page, whose records are in memory at once. */
const pageSize = 200;
/** The number of people that are coded before other work of the process gets its turn. */
const stepSize = 10;
const nobody = '00000000-0000-0000-0000-000000000000';

/**
 * Reads the records of all people of a tenant, a page at a time, for background work. Each page is
 * a transaction of its own, so a change is seen if it comes before its page is read.
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
      const reading = { instruments, timeZone: db.place?.timeZone };
      return { people, loaded: await loadRecords(tx, rows, reading) };
    });
    // A few people are given at a time, so that other requests to this process do not wait for a
    // whole page.
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
