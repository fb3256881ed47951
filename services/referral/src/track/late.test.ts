import type { TaskRow } from '@loopwell/store';
import { describe, expect, it } from 'vitest';
import { isLookedAtAfterward, nextLook } from './late.ts';

const minute = 60_000;
const ended = new Date('2026-11-20T12:00:00Z');
const task = (more: Partial<TaskRow> = {}) =>
  ({
    live: false,
    remote_id: 'r',
    recalled_from: null,
    reason: 'helped',
    ended_at: ended,
    changed_at: ended,
    ...more,
  }) as TaskRow;

describe('a Task that has ended', () => {
  it.each<[string, Partial<TaskRow>, boolean]>([
    ['its partner completed', {}, true],
    ['its partner declined', { status: 'rejected', reason: null }, true],
    ['is still open', { live: true }, false],
    ['we took back', { recalled_from: 'accepted' }, false],
    [
      'we took back before its outputs could be read',
      { recalled_from: 'accepted', answer_hash: 'h:partial' },
      true,
    ],
    ['we ended for its silence', { reason: 'not-accepted-in-time' }, false],
    ['never arrived', { remote_id: null }, false],
  ])('that %s is looked at afterward, or not', (_name, more, is) =>
    expect(isLookedAtAfterward(task(more))).toBe(is),
  );

  it('is looked at ever more rarely, for a day', () => {
    const at = (minutes: number) =>
      nextLook(task(), new Date(ended.getTime() + minutes * minute), 15 * minute);
    expect([0, 15, 30, 60, 480].map((minutes) => at(minutes))).toMatchObject(
      [15, 15, 30, 60, 480].map((delay) => ({ kind: 'wait', delayMs: delay * minute })),
    );
    expect(at(12 * 60 + 1)).toEqual({ kind: 'done', outcome: 'ended' });
  });
});
