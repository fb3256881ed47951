import { newId } from '@loopwell/kit';
import type { Nudge } from '@loopwell/pipeline';
import { isUntaken } from '@loopwell/sdoh';
import { ledger, type TaskRow, type Tx, tasks } from '@loopwell/store';
import { endRefused } from './end-refused.ts';
import { type MoveContext, moveOn } from './move-on.ts';

/** A way that turned out to lead nowhere after Tasks went out by it, and why, as a code. */
export type LateFailure = { tasks: readonly string[]; channel: string; code: string };

/**
 * Moves Tasks on whose way failed after they went out: a mail bounced, a carrier refused a text, or
 * a partner wants none any more. Tasks that their partner has taken, that ended, or that have gone
 * on by another way stay as they are. One without another way ends. The same
 * failure twice changes nothing.
 *
 * @returns the nudges of what is to be sent, after the transaction
 */
export async function wayFailed(
  tx: Tx,
  { tasks: ids, channel, code }: LateFailure,
  context: MoveContext,
): Promise<Nudge[]> {
  const isOpen = (task: TaskRow | undefined): task is TaskRow =>
    task?.live === true && task.channel === channel && isUntaken(task.status);
  const rows = await tasks.loadTasks(tx, ids);
  const open = [...rows.values()].filter(isOpen);
  if (open.length === 0) return [];
  const batch = newId();
  // The ledger's rows are locked before referrals and Tasks.
  await ledger.due(
    tx,
    open.map(({ tenant, referral: subject, person, trace }) => ({
      tenant,
      stage: 'refer',
      subject,
      batch,
      trace: trace ?? newId(),
      person,
    })),
  );
  const locked = open.map(({ id }) => id);
  await tasks.lockWithReferrals(tx, locked);
  const now = await tasks.loadTasks(tx, locked);
  const failed = locked.filter((id) => isOpen(now.get(id)));
  const gone = await moveOn(
    tx,
    failed.map((task) => ({ task, code })),
    context,
  );
  for (const id of failed) {
    const task = now.get(id);
    if (task && !gone.has(id)) await endRefused(tx, task, code);
  }
  return [{ stage: 'refer', batch }];
}
