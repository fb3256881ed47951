import { instruments } from '@loopwell/instruments';
import { deriveId } from '@loopwell/kit';
import {
  addToQuality,
  codePerson,
  emptyQuality,
  neverSeen,
  type Quality,
  sayGap,
  sdohccCategories,
  verdictOf,
} from '@loopwell/sdoh';
import { gaps, loadConnections } from '@loopwell/store';
import { everybody, type Reader } from '../code/all-records.ts';

/**
 * The data-quality report of one EHR. `unread`: one sentence for each type of this EHR that is not
 * read, or not all of it.
 */
export type EhrQuality = Quality & {
  ehr: string;
  /** Address of the EHR. */
  address: string;
  /** One sentence for each instrument. */
  verdicts: string[];
  neverSeen: string[];
  unread: string[];
};

/**
 * Reports what arrives from each EHR and what can be coded. It reads the records as they are now
 * and codes them as the pipeline does. It has counts and codes and no personal data.
 *
 * @param options.most the most people that are looked at; all of them if left out
 */
export async function readQuality(
  db: Reader,
  tenant: string,
  options: { most?: number; progress?: (people: number) => void } = {},
): Promise<EhrQuality[]> {
  const byEhr = new Map<string, Quality>();
  const addresses = new Map<string, string>();
  let people = 0;
  for await (const page of everybody(db, tenant, options.most)) {
    for (const { record } of page) {
      const quality = byEhr.get(record.connection) ?? emptyQuality();
      byEhr.set(record.connection, quality);
      addresses.set(record.connection, record.base);
      addToQuality(quality, record, codePerson(record, instruments, { deriveId }), instruments);
    }
    people += page.length;
    options.progress?.(people);
  }
  const unread = await db.tx((tx) => gaps.readGaps(tx, tenant));
  const silent = [...new Set(unread.map((one) => one.connection))].filter(
    (one) => !addresses.has(one),
  );
  for (const [id, { base }] of await db.tx((tx) => loadConnections(tx, silent)))
    addresses.set(id, base);
  for (const { connection } of unread)
    if (!byEhr.has(connection)) byEhr.set(connection, emptyQuality());
  return [...byEhr]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([ehr, quality]) => ({
      ehr,
      address: addresses.get(ehr) ?? ehr,
      ...quality,
      verdicts: Object.values(quality.instruments).map(verdictOf),
      neverSeen: neverSeen(quality, sdohccCategories),
      unread: unread.filter((one) => one.connection === ehr).map(sayGap),
    }));
}
