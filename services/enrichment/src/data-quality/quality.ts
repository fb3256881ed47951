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

/** `unread`: types of this EHR that are not read, or not all of them, one sentence each. */
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
 * What arrives from each EHR and what can be made of it: read from the records as they are now,
 * coded as the pipeline codes them. Counts and codes; nothing of a person.
 *
 * @param options.most people that are looked at, at most; all of them where it is left out
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
