import { newId } from '@loopwell/kit';
import type { Nudge, NudgeFunction } from '@loopwell/pipeline';
import { type DueRow, ehrResources, ledger, type RecodeProgress, recodes } from '@loopwell/store';
import type { Reader } from '../code/all-records.ts';

export type Who = { id: string; tenant: string };

/** The number of people whose rows share a batch, and so a nudge. DECISIONS D28. */
const batchSize = 500;

/**
 * Makes all people due at `code` in one transaction, with a line of history that says who asked;
 * the workers do the coding. Decisions of people are kept: their Conditions get evidence only, and
 * referrals that were sent stay where they are. If it is asked again while it runs, people who are
 * done become due once more, and none twice.
 *
 * @returns how many people
 */
export async function recodeEverybody(
  db: Reader,
  who: Who,
  nudge: NudgeFunction,
  progress?: (people: number) => void,
): Promise<number> {
  const nudges: Nudge[] = [];
  const people = await db.tx(async (tx) => {
    let done = 0;
    for (let after = ''; ; ) {
      const page = await ehrResources.nextPeople(tx, who.tenant, after, batchSize);
      if (page.length === 0) break;
      const batch = newId();
      const row = (subject: string): DueRow => ({
        tenant: who.tenant,
        stage: 'code',
        subject,
        person: subject,
        batch,
        trace: newId(),
      });
      await ledger.due(tx, page.map(row));
      nudges.push({ stage: 'code', batch });
      done += page.length;
      progress?.(done);
      after = page.at(-1) ?? '';
    }
    await recodes.saveAsked(tx, {
      tenant: who.tenant,
      principal: who.id,
      people: done,
      trace: newId(),
    });
    return done;
  });
  await nudge(nudges);
  return people;
}

/**
 * Reads the progress: how many people still wait to be coded again, how many failed, and who asked
 * last.
 */
export const readProgress = (db: Reader, tenant: string): Promise<RecodeProgress> =>
  db.tx((tx) => recodes.readProgress(tx, tenant));
