import { instruments } from '@loopwell/instruments';
import { deriveId } from '@loopwell/kit';
import { addToQuality, codePerson, emptyQuality, neverSeen, type Quality, sayGap, sdohccCategories } from '@loopwell/sdoh';
import { gaps } from '@loopwell/store';
import { everybody, type Reader } from '../recode/everybody.ts';

/** `unread`: types of this EHR that are not read, or not all of them, one sentence each. */
export type EhrQuality = Quality & { ehr: string; neverSeen: string[]; unread: string[] };

/**
 * What arrives from each EHR and what can be made of it: read from the records as they are now, coded as the pipeline codes
 * them. Counts and codes; nothing of a person.
 *
 * @param options.most people that are looked at, at most; all of them where it is left out
 */
export async function readQuality(
  db: Reader,
  organisation: string,
  options: { most?: number; progress?: (people: number) => void } = {},
): Promise<EhrQuality[]> {
  const byEhr = new Map<string, Quality>();
  let people = 0;
  for await (const page of everybody(db, organisation, options.most)) {
    for (const { record } of page) {
      const quality = byEhr.get(record.connection) ?? emptyQuality();
      byEhr.set(record.connection, quality);
      addToQuality(quality, record, codePerson(record, instruments, { deriveId }), instruments);
    }
    people += page.length;
    options.progress?.(people);
  }
  const unread = await db.tx((tx) => gaps.readGaps(tx, organisation));
  for (const { connection } of unread) if (!byEhr.has(connection)) byEhr.set(connection, emptyQuality());
  return [...byEhr]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([ehr, quality]) => ({
      ehr,
      ...quality,
      neverSeen: neverSeen(quality, sdohccCategories),
      unread: unread.filter((one) => one.connection === ehr).map(sayGap),
    }));
}
