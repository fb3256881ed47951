import { isAnswerButton } from '@loopwell/sdoh';
import { pageAnswers, type Tx, tasks } from '@loopwell/store';
import { pendingAnswer } from '../../../page-answers/page-task.ts';
import type { LastAnswer } from '../views/page-model.ts';
import { saidAnswer } from './load-answers.ts';
import type { Look } from './look.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Loads what a partner said last of a request of its own, whether it may still see that or not;
 * undefined where it said nothing on its page. Nothing of the person is in it.
 */
export async function loadLatest(tx: Tx, id: string, look: Look): Promise<LastAnswer | undefined> {
  const task = uuid.test(id) ? (await tasks.loadTasks(tx, [id])).get(id) : undefined;
  if (task?.partner !== look.partner || task.door !== 'here') return undefined;
  const earlier = await pageAnswers.answersAbout(tx, id);
  const pending = pendingAnswer(earlier, look.now);
  const latest = pending ?? earlier.findLast(({ button }) => isAnswerButton(button));
  return latest && saidAnswer(latest, look);
}
