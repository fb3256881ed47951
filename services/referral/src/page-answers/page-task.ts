import { AppError, dayIn, newId, timeZoneOf } from '@loopwell/kit';
import { type AnswerFields, type ButtonState, nextTryAfter, noAnswersAmong } from '@loopwell/sdoh';
import {
  type InboxRow,
  pageAnswers,
  type ReferralRow,
  type TaskRow,
  type Tx,
  tasks,
} from '@loopwell/store';
import { lockFollowed } from '../track/accept-answers.ts';

/** A Task with what was said of it, read under the lock that every door takes. */
export type PageTask = {
  task: TaskRow;
  referral: ReferralRow;
  /** The answers about it that were not undone, in order. */
  earlier: readonly InboxRow[];
};

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Locks a partner's Task that is answered here, and reads what was said of it. A Task of another
 * partner, or one that is answered on the partner's own server, looks like a missing one.
 *
 * @returns the Task, and the batch in which `track` is due for it
 * @throws AppError NOT_FOUND
 */
export async function lockPageTask(
  tx: Tx,
  id: string,
  partner: string,
): Promise<PageTask & { batch: string }> {
  const shown = uuid.test(id) ? (await tasks.loadTasks(tx, [id])).get(id) : undefined;
  if (shown?.partner !== partner || shown.door !== 'here')
    throw new AppError('NOT_FOUND', 'There is no such request');
  const batch = newId();
  const followed = (await lockFollowed(tx, [id], batch)).get(id);
  // Read again: another door may have moved it while this one waited for the lock.
  const task = (await tasks.loadTasks(tx, [id])).get(id);
  if (!followed || !task) throw new AppError('NOT_FOUND', 'There is no such request');
  const earlier = await pageAnswers.answersAbout(tx, id);
  return { task, referral: followed.referral, earlier, batch };
}

/** Gives what decides the buttons of a Task. */
export function buttonStateOf(
  { task, earlier }: Pick<PageTask, 'task' | 'earlier'>,
  place: { now: Date; timeZone: string | undefined; canReach: boolean },
): ButtonState {
  const zone = timeZoneOf({ timeZone: place.timeZone });
  const tries = earlier.filter(({ button }) => button !== null && noAnswersAmong([button]) > 0);
  const last = tries.at(-1);
  const lastTry = last && { day: dayIn(zone, last.received_at), next: nextTryIn(last) };
  return {
    status: task.status,
    noAnswers: tries.length,
    nextTry: lastTry && nextTryAfter(lastTry, dayIn(zone, place.now)),
    canReach: place.canReach,
  };
}

const nextTryIn = ({ fields }: InboxRow): string | undefined =>
  (JSON.parse(fields) as AnswerFields).nextTry;

/** Finds the answer about a Task that can still be undone. */
export const pendingAnswer = (rows: readonly InboxRow[], now: Date): InboxRow | undefined =>
  rows.find(
    ({ held_until, consumed_at }) =>
      consumed_at === null && held_until !== null && held_until > now,
  );
