import { grants, type Tx, taskDeliveries } from '@loopwell/store';

/**
 * Ends what a partner may read because of a Task that was taken back or never arrived.
 *
 * @param hasTask the partner has the Task, so its status stays readable
 */
export async function endGrants(tx: Tx, task: string, hasTask: boolean): Promise<void> {
  const ends = { tasks: [task], by: 'system:referral', hasTask };
  await grants.endGrantsOfTasks(tx, ends);
}

/** Ends the delivery of a Task that its partner does not have, and all that it could read. */
export async function endUndelivered(
  tx: Tx,
  task: string,
  state: 'refused' | 'abandoned',
  code: string | null = null,
): Promise<void> {
  await taskDeliveries.settleTaskDeliveries(tx, [{ task, state, code }]);
  await endGrants(tx, task, false);
}
