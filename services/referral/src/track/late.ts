import type { Settlement, TaskRow } from '@loopwell/store';
import { isPartly } from '../answers/keep-answers.ts';
import type { Look } from './track.ts';

const dayMs = 86_400_000;

/**
 * Tells whether an ended Task is asked for a day more. Some partners add their outcome or a note
 * afterward. A Task that we ended is not, unless its outputs could not be read yet. DECISIONS D86.
 */
export function isLookedAtAfterward(task: TaskRow): boolean {
  if (task.live || task.remote_id === null) return false;
  const isEndedByUs = task.recalled_from !== null || task.reason === 'not-accepted-in-time';
  return !isEndedByUs || isPartly(task.answer_hash);
}

/**
 * Schedules the next look at an ended Task, ever more rarely: each pause is as long as the time
 * since the end. After a day it is done.
 */
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

/** Schedules the first look after an end. The end itself stands in the history already. */
export const firstLook = (outcome: string, pollMs: number): Settlement => ({
  kind: 'wait',
  outcome,
  waitsFor: 'partner',
  delayMs: pollMs,
  quiet: true,
});

/**
 * Lists a change that a partner shows after its Task has ended, so that a person looks. Nothing is
 * undone.
 */
export function changedRows({ task, row, step }: Look) {
  if (step.kind !== 'late' || row.status === task.status) return [];
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
