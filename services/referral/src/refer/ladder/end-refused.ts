import { moveTasks, type TaskRow, type Tx } from '@loopwell/store';
import { endUndelivered } from '../../end-grants.ts';

/**
 * Ends a Task that its partner does not have and that has no other way. The partner has had its
 * turn, so that the next one is asked.
 */
export async function endRefused(
  tx: Tx,
  { id, status }: Pick<TaskRow, 'id' | 'status'>,
  code: string,
): Promise<void> {
  const reason = `refused:${code}`;
  const move = { task: id, from: { status }, to: 'rejected', by: 'target', reason } as const;
  await moveTasks(tx, [move]);
  await endUndelivered(tx, id, 'refused', code);
}
