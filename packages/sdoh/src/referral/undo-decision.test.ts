import { describe, expect, it } from 'vitest';
import {
  isUndoable,
  type ReopenFacts,
  type UndoFacts,
  undoOutcome,
  waitsForUndo,
  whyNotReopened,
} from './undo-decision.ts';

const decided: UndoFacts = {
  isSamePerson: true,
  isUndone: false,
  isDecidedSince: false,
  state: 'waiting',
  sentSince: 'none',
};

/** What happened after the decision, and what an undo does then. */
const undos: readonly [string, Partial<UndoFacts>, string][] = [
  ['nothing happened', {}, 'undo'],
  ['a Task was with a partner all the time', { state: 'partner' }, 'undo'],
  ['the send was claimed', { sentSince: 'live' }, 'recall'],
  ['the partner has it', { state: 'partner', sentSince: 'live' }, 'recall'],
  ['the partner said no and the next is looked for', { sentSince: 'ended' }, 'answered'],
  ['the partner has helped', { state: 'closed', sentSince: 'ended' }, 'answered'],
  [
    'the partner has helped, and the Task stands',
    { state: 'closed', sentSince: 'live' },
    'answered',
  ],
  ['the person was merged, died or said no', { state: 'withdrawn' }, 'ended'],
  ['nobody could help', { state: 'failed' }, 'ended'],
  ['somebody decided since', { isDecidedSince: true }, 'decided-since'],
  [
    'somebody decided since, and it went out',
    { isDecidedSince: true, sentSince: 'live' },
    'decided-since',
  ],
  ['it was undone', { isUndone: true, isDecidedSince: true }, 'same'],
  ['the finding is in the chart by now', { isInChart: true }, 'in-chart'],
  ['another person decided', { isSamePerson: false }, 'not-yours'],
  ['another person decided and undid it', { isSamePerson: false, isUndone: true }, 'not-yours'],
];

describe('an undo', () => {
  it.each(undos)('after this: %s', (_what, since, outcome) => {
    const result = undoOutcome({ ...decided, ...since });
    expect(result.kind === 'refused' ? result.rule : result.kind).toBe(outcome);
  });

  it.each([
    ['approve', true, true],
    ['askNext', true, true],
    ['agree', true, true],
    ['recordConsent', true, true],
    ['chooseService', true, true],
    ['postpone', true, false],
    ['refuse', false, false],
    ['withdrawAgreement', false, false],
    ['withdrawConsent', false, false],
    ['closeWithoutHelp', false, false],
    ['chooseCode', true, false],
    ['sendNow', false, false],
    ['openAgain', false, false],
  ])('of %s is possible: %s; it waits for one: %s', (decision, undoable, waits) => {
    expect([isUndoable(decision), waitsForUndo(decision)]).toEqual([undoable, waits]);
  });
});

const refusedByStaff: ReopenFacts = {
  state: 'withdrawn',
  endedBy: 'staff',
  isBroughtUp: false,
  hasOpen: false,
};

describe('opening again', () => {
  it.each<[string, Partial<ReopenFacts>, string | undefined]>([
    ['what staff refused', {}, undefined],
    ['what staff closed without help', { state: 'failed' }, undefined],
    ["a person's no", { endedBy: 'person' }, 'brought-up'],
    [
      "a person's no that the person brought up",
      { endedBy: 'person', isBroughtUp: true },
      undefined,
    ],
    ['a need that is open anew', { hasOpen: true }, 'another-is-open'],
    ['what waits', { state: 'waiting' }, 'open'],
    ['what a partner has', { state: 'partner' }, 'open'],
    ['the end of a merged chart', { endedBy: 'other' }, 'not-staff'],
  ])('of %s', (_what, facts, rule) => {
    expect(whyNotReopened({ ...refusedByStaff, ...facts })).toBe(rule);
  });
});
