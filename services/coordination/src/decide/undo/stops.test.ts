import { isUndoable, waitsForUndo } from '@loopwell/sdoh';
import { environmentOf } from '@loopwell/service';
import { describe, expect, it } from 'vitest';
import { coordination } from '../../module.ts';
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

describe('UNDO_FOR', () => {
  const read = (text: string) =>
    environmentOf(coordination).safeParse({
      ...{ DATABASE_URL: 'postgres://x', QUEUE_URL: 'postgres://x', UNDO_FOR: text },
    });

  it.each(['10m', '0s', '24h'])('is %s', (text) => expect(read(text).data?.UNDO_FOR).toBe(text));

  it.each(['soon', '-1m', '10', '2d'])('is not %s, in a sentence that names the rule', (text) =>
    expect(read(text).error?.issues[0]).toMatchObject({
      path: ['UNDO_FOR'],
      message: 'must be a duration such as 10m, up to one day; 0s for no wait',
    }),
  );
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
