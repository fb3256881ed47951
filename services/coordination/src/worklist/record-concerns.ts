import type { ListedNeed, PeopleList, Tx } from '@loopwell/store';
import { type RecordConcern, readRecords, recordConcern } from '../read/record.ts';
import type { ReviewDeps } from '../reviewer.ts';

/** Lists on which people are decided about. */
const decided: readonly PeopleList[] = ['decide', 'ask', 'signature', 'service', 'withoutHelp'];

/**
 * Reads what somebody has to know of the records of people before they decide, by Patient. Of what
 * was sent, it counts only that nobody can read whether the person may be helped.
 */
export async function readConcerns(
  tx: Tx,
  deps: ReviewDeps,
  list: PeopleList,
  needs: readonly ListedNeed[],
): Promise<Map<string, RecordConcern>> {
  const isDecided = decided.includes(list);
  if (!isDecided && list !== 'waiting') return new Map();
  const records = await readRecords(tx, deps, needs);
  const concerns = new Map<string, RecordConcern>();
  for (const [person, record] of records) {
    const concern = recordConcern(record);
    const counts = isDecided || concern === 'unclear';
    if (concern && counts) concerns.set(person, concern);
  }
  return concerns;
}
