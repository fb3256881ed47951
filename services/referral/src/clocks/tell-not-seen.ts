import {
  type HistoryLine,
  ledger,
  partnerAlerts,
  type TaskRow,
  type Tx,
  tasks,
} from '@loopwell/store';
import type { Clocked } from './tell-clocks.ts';

/**
 * Tells whoever is on duty that a partner waits for people who have not come. Their Tasks stand on
 * the list of quiet partners until the partner has news.
 *
 * @returns the Tasks with what was noted, by id
 */
export async function tellNotSeen(
  tx: Tx,
  clocked: readonly Clocked[],
  now: Date,
): Promise<Map<string, TaskRow>> {
  const noted = new Map<string, TaskRow>();
  if (clocked.length === 0) return noted;
  const patch = { late_told_at: now };
  for (const { task } of clocked) noted.set(task.id, { ...task, ...patch });
  const patches = clocked.map(({ task }) => ({ id: task.id, patch }));
  await tasks.patchTasks(tx, patches);
  await partnerAlerts.raisePartnerAlert(tx, 'partner-late');
  await ledger.appendHistory(tx, clocked.map(lineOf));
  return noted;
}

const lineOf = ({ task, trace }: Clocked): HistoryLine => ({
  tenant: task.tenant,
  stage: 'track',
  subject: task.id,
  person: task.person,
  outcome: 'told-of-not-seen',
  trace: trace ?? '',
  principal: 'system:referral',
});
