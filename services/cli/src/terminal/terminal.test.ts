import type { StageStatus } from '@loopwell/store';
import { describe, expect, it } from 'vitest';
import { openScreen } from './progress-display.ts';
import { blockOf, colors, lineOf, type View } from './watch.ts';

const nobody = { worker: 0, reviewer: 0, partner: 0, ehr: 0, operator: 0 };
const stage = (name: string, more: Partial<StageStatus> = {}): StageStatus => ({
  stage: name,
  waiting: nobody,
  active: 0,
  failed: 0,
  oldestSince: null,
  done: 0,
  donePerMinute: 0,
  ...more,
});
const view: View = {
  stages: [
    stage('pull', { done: 46, donePerMinute: 46 }),
    stage('refer', {
      done: 12,
      active: 3,
      failed: 1,
      waiting: { ...nobody, reviewer: 4, operator: 1 },
    }),
  ],
  gates: [{ gate: 'consent', count: 3, overdue: 0, oldest: new Date(0) }],
  refusals: [{ receiver: 'partner:pantry', status: 422, issueCode: 'not-supported', count: 2 }],
  quarantined: [{ code: 'missing-subject', count: 5 }],
};

describe('the view of a journey', () => {
  it('tells per stage count, rate, for whom it waits, and what was refused and why', () => {
    const lines = blockOf(view, colors(false)).map((line) => line.trimEnd());
    expect(lines).toEqual([
      '',
      'stage           done  per min   now  waiting for',
      'pull              46       46',
      'refer             12        0     3  reviewer 4, operator 1  1 failed',
      'referrals   consent 3',
      'refused     partner:pantry 2× 422 not-supported',
      'quarantined missing-subject 5',
    ]);
    expect(lineOf(view)).toBe(
      'pull 46, refer 12 (1 failed) [waiting: reviewer 4, operator 1]; referrals wait: consent 3; refused: partner:pantry 2; quarantined: missing-subject 5',
    );
  });

  it('keeps sentences above the block that it draws anew, and cuts lines to the window', () => {
    let written = '';
    const screen = openScreen({
      isTTY: true,
      columns: 10,
      rows: 24,
      write: (text: string | Uint8Array) => Boolean((written += String(text))),
    });
    screen.draw(['one', '\u001b[32m0123456789abc\u001b[0m']);
    screen.say('A sentence that is longer than the window.');
    expect(written).toBe(
      'one\n\u001b[32m012345678\u001b[0m\n\u001b[2A\u001b[0JA sentence that is longer than the window.\none\n\u001b[32m012345678\u001b[0m\n',
    );
  });

  it('is plain lines where there is no terminal', () => {
    let written = '';
    const screen = openScreen({
      write: (text: string | Uint8Array) => Boolean((written += String(text))),
    });
    screen.draw(['one']);
    screen.say('A sentence.');
    expect(written).toBe('A sentence.\n');
  });
});
