import { withoutWords } from '@loopwell/sdoh';
import { nowOnce } from '../../database/clock-sql.ts';
import type { Tx } from '../../database/database.ts';
import { rewordTask } from '../move-task.ts';
import type { InboxRow } from '../partner-answers.ts';
import { loadTasks, lockWithReferrals, type TaskRow } from '../tasks.ts';

/**
 * Removes the words of an answer wherever they are. Of a button they are in its row alone. A
 * partner that writes a Task says everything again in each version, so all answers about that Task
 * lose their words, and so do the Task and its versions; what the partner posted besides is for the
 * caller. Codes stay, and that there was an answer. What a button does stays, too: its days, and
 * the partner to whom it hands over. The caller holds the Task's row of `track`.
 *
 * @returns how many answers lost their words
 */
export async function removeWords(
  tx: Tx,
  { id, task, button }: Pick<InboxRow, 'id' | 'task' | 'button'>,
  by: string,
): Promise<number> {
  const rows = button === null ? 'task = $1 and button is null' : 'task = $1 and id = $3';
  const { rowCount } = await tx.query(
    `update partner_answer set note = null,
        fields = (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(fields::jsonb)
          where key in ('pauseUntil', 'nextTry', 'partner'))::text,
        reason = case when button is null then null else reason end,
        business_status = case when button is null then null else business_status end,
        status = coalesce(known_status, 'unreadable'),
        outputs = case when button is null then '[]' else outputs end,
        read_outputs = case when button is null then '[]' else read_outputs end,
        body = case when button is null then null else body end,
        with_words = false, words_removed_at = ${nowOnce}, words_removed_by = $2
      where tenant = $tenant and ${rows} and $3::bigint > 0`,
    [task, by, id],
  );
  if (button === null) await removeFromTask(tx, task);
  return rowCount ?? 0;
}

/** Removes the words from a Task and its versions. */
async function removeFromTask(tx: Tx, id: string): Promise<void> {
  await lockWithReferrals(tx, [id]);
  const task = (await loadTasks(tx, [id])).get(id);
  if (task === undefined) return;
  const keepsReason = isEndedByUs(task);
  await rewordTask(tx, id, {
    present: (body) => withoutWords(body, { keepsReason }),
    earlier: (body) => withoutWords(body),
  });
}

/** Tells whether the reason of a Task's status is ours. */
const isEndedByUs = ({ recalled_from, reason }: TaskRow): boolean =>
  recalled_from !== null || reason === 'not-accepted-in-time';
