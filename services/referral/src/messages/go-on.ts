import { newId } from '@loopwell/kit';
import type { ChannelShelf } from '@loopwell/partners';
import type { Nudge } from '@loopwell/pipeline';
import { type DueRow, ledger, type Tx, tasks as taskRows } from '@loopwell/store';
import { type Followed, loadFollowed } from '../answers/followed-tasks.ts';
import { moveOn } from '../refer/ladder/move-on.ts';

/** What going on by the next way needs. */
export type GoOn = { shelf: ChannelShelf };

/** Tasks that did not arrive by their latest way, and why, as a code. */
type Lost = { tasks: readonly string[]; code: string };

/**
 * Goes on by the next way with Tasks whose message did not arrive after all. `refer` becomes due for
 * them; its rows are locked before the Tasks.
 */
export async function goOn(tx: Tx, { shelf }: GoOn, { tasks, code }: Lost): Promise<Nudge[]> {
  if (tasks.length === 0) return [];
  const batch = newId();
  const followed = await loadFollowed(tx, tasks);
  await ledger.due(
    tx,
    [...followed.values()].map((each) => referDue(each, batch)),
  );
  await taskRows.lockWithReferrals(tx, tasks);
  await moveOn(
    tx,
    tasks.map((task) => ({ task, code })),
    shelf,
  );
  return [{ stage: 'refer', batch }];
}

const referDue = ({ task, referral }: Followed, batch: string): DueRow => ({
  tenant: task.tenant,
  stage: 'refer',
  subject: referral.id,
  person: task.person,
  trace: referral.trace,
  batch,
});
