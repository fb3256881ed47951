import type { Settlement, TaskRow } from '@loopwell/store';
import { isPartly } from '../answers/keep-answers.ts';
import type { Result } from './polled-task.ts';

const dayMs = 86_400_000;

/**
 * A Task that its partner has ended is looked at for a day more: some add what they did, or a word,
 * afterward. What we ended ourselves is not, unless the outputs that it showed then could not be
 * read yet.
 * DECISIONS D86.
 */
export function isLookedAtAfterwards(task: TaskRow): boolean {
  if (task.live || task.remote_id === null) return false;
  const isEndedByUs = task.recalled_from !== null || task.reason === 'not-accepted-in-time';
  return !isEndedByUs || isPartly(task.answer_hash);
}

/** Ever more rarely: each look comes as long after the one before as that came after the end. */
export function nextLook(task: TaskRow, now: Date, pollMs: number): Settlement {
  const passed = Math.max(0, now.getTime() - (task.ended_at ?? task.changed_at).getTime());
  const delayMs = Math.max(pollMs, passed);
  if (passed + delayMs > dayMs) return { kind: 'done', outcome: 'ended' };
  return {
    kind: 'wait',
    outcome: 'looked-at-afterward',
    waitsFor: 'partner',
    delayMs,
    quiet: true,
  };
}

/** The first look after an end. */
export const firstLook = (outcome: string, pollMs: number): Settlement => ({
  kind: 'wait',
  outcome,
  waitsFor: 'partner',
  delayMs: pollMs,
});

/**
 * What a partner shows in a status that its Task has left is told to a person, and nothing is
 * undone.
 */
export function changedRows({ task, answer, report }: Result) {
  const isChanged =
    !task.live && answer !== undefined && report.kind === 'there' && report.status !== task.status;
  if (!isChanged) return [];
  const { tenant, partner, person, id } = task;
  return [
    {
      tenant,
      connection: `partner:${partner}`,
      type: 'Task',
      sourceId: id,
      person,
      code: 'changed-after-end',
      body: null,
    },
  ];
}
