import { isUndoable, waitsForUndo } from '@loopwell/sdoh';
import { describe, expect, it } from 'vitest';
import type { ReviewDeps } from '../../reviewer.ts';
import type { ReviewDecision } from '../decisions.ts';
import { outcomes } from '../review.ts';
import { undoEndOf } from './keep-undos.ts';

type Kind = ReviewDecision['decision'];

/**
 * What each decision does: it lets something go, it keeps everything here, or it stops something.
 * A new decision without a line does not compile.
 */
const kinds: Readonly<Record<Kind, 'lets go' | 'keeps' | 'stops' | 'starts'>> = {
  approve: 'lets go',
  agree: 'lets go',
  recordConsent: 'lets go',
  chooseService: 'lets go',
  askNext: 'lets go',
  postpone: 'keeps',
  chooseCode: 'keeps',
  refuse: 'stops',
  withdrawAgreement: 'stops',
  withdrawConsent: 'stops',
  closeWithoutHelp: 'stops',
  // These two begin something anew, which other decisions let go.
  sendNow: 'starts',
  openAgain: 'starts',
};
const all = Object.keys(outcomes) as Kind[];
const reviewer = { id: 'person:rea', kind: 'person', tenant: 'o' } as const;
const deps = { undoForMs: 600_000, clock: { now: () => new Date(0) } } as ReviewDeps;
const endOf = (...steps: Kind[]) =>
  undoEndOf(deps, {
    reviewer,
    request: 'r',
    steps: steps.map((decision) => ({ decision }) as ReviewDecision),
  });

describe('a stop', () => {
  it.each(all)('alone is neither delayed nor undone: %s', (decision) => {
    const does = kinds[decision];
    expect(waitsForUndo(decision)).toBe(does === 'lets go');
    expect(isUndoable(decision)).toBe(does === 'lets go' || does === 'keeps');
    expect(endOf(decision) !== undefined).toBe(does === 'lets go');
  });

  it('waits for nothing that a token or a site without a wait decides', () => {
    const step = { decision: 'approve' } as ReviewDecision;
    const token = { id: 'service:x', kind: 'system', tenant: 'o' } as const;
    const made = { request: 'r', steps: [step] };
    expect(undoEndOf(deps, { ...made, reviewer: token })).toBeUndefined();
    expect(undoEndOf({ ...deps, undoForMs: 0 }, { ...made, reviewer })).toBeUndefined();
  });
});
