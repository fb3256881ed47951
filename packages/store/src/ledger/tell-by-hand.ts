import type { Tx } from '../database/database.ts';
import { due } from './ledger.ts';

/** The code of work that no machine can do: a partner has to be told that a Task has ended. */
export const tellByHandCode = 'TELL_BY_HAND';

/** A Task that has ended here, and whose partner only a person can tell. */
export type ToTell = {
  tenant: string;
  task: string;
  person: string;
  trace: string;
  batch: string;
};

/**
 * Lists Tasks for the care team until somebody says that the partner was told (DECISIONS D203).
 * Trying such a row again ends it.
 *
 * @param rule what has to be done, in words without personal data
 */
export async function tellByHand(tx: Tx, tasks: readonly ToTell[], rule: string): Promise<void> {
  if (tasks.length === 0) return;
  await due(
    tx,
    tasks.map(({ task, ...rest }) => ({
      ...rest,
      stage: 'track',
      subject: task,
      waitsFor: 'reviewer' as const,
    })),
  );
  await tx.query(
    `update ledger set error_code = $2, error_facts = $3, due = 'infinity', owed_since = 'infinity'
      where tenant = $tenant and stage = 'track' and subject = any($1::text[])`,
    [tasks.map(({ task }) => task), tellByHandCode, JSON.stringify({ rule })],
  );
}
