import type { Tx } from '../database/database.ts';
import { appendHistory } from '../database/history.ts';

/**
 * The progress of coding all people anew. Its rows in the ledger are those of stage `code`, which
 * has no others.
 */
export type RecodeProgress = {
  /** People that a worker has yet to code. */
  waiting: number;
  /** People whose coding failed: tried again, or for an operator. */
  failed: number;
  /** The last request: when, by whom, and for how many people. */
  last: { at: Date; by: string; people: number } | null;
};

const subject = 'recode';

/** Saves in the history that coding anew was asked for, and for how many people. */
export async function saveAsked(
  tx: Tx,
  asked: { tenant: string; principal: string; people: number; trace: string },
): Promise<void> {
  const { people, ...line } = asked;
  await appendHistory(tx, [
    { ...line, stage: 'code', subject, outcome: 'recode-asked', facts: { people } },
  ]);
}

/** Reads how many people wait to be coded, how many failed, and who asked last. */
export async function readProgress(tx: Tx, tenant: string): Promise<RecodeProgress> {
  const { rows: counts } = await tx.query<{ waiting: number; failed: number }>(
    `select count(*) filter (where error_code is null) as waiting,
      count(*) filter (where error_code is not null) as failed
       from ledger where tenant = $1 and stage = 'code'`,
    [tenant],
  );
  const { rows: asked } = await tx.query<{ at: Date; principal: string; facts: string }>(
    'select at, principal, facts from history where subject = $1 and tenant = $2 order ' +
      'by at desc, id desc limit 1',
    [subject, tenant],
  );
  const [last] = asked;
  return {
    waiting: counts[0]?.waiting ?? 0,
    failed: counts[0]?.failed ?? 0,
    last: last
      ? {
          at: last.at,
          by: last.principal,
          people: (JSON.parse(last.facts) as { people: number }).people,
        }
      : null,
  };
}
