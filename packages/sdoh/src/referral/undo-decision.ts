/** What a referral shows about a decision that a person wants to undo. */
export type UndoFacts = {
  /** The person who decided is the one who wants to undo it. */
  isSamePerson: boolean;
  isUndone: boolean;
  /** Somebody has decided about the referral since. */
  isDecidedSince: boolean;
  state: 'waiting' | 'partner' | 'closed' | 'failed' | 'withdrawn';
  /**
   * The Task that was made after the decision: none, one that may be out, or one that has ended.
   * A Task that was out before the decision is none of these.
   */
  sentSince: 'none' | 'live' | 'ended';
  /** The decision chose a finding, and the referral was approved since: the chart has it by now. */
  isInChart?: boolean;
};

/** Why a decision cannot be undone. */
export type UndoRefusal = 'not-yours' | 'decided-since' | 'answered' | 'ended' | 'in-chart';

/**
 * `undo`: nothing has gone out, and everything is as before. `recall`: the send was claimed, so the
 * Task is taken back. `same`: it was undone before, and nothing is left to do.
 */
export type UndoOutcome =
  | { kind: 'undo' | 'recall' | 'same' }
  | { kind: 'refused'; rule: UndoRefusal };

/**
 * Decides what an undo does. A decision can be undone until its send is claimed, however long that
 * takes. From then on the undo is a recall. What a partner has ended cannot be undone.
 * DECISIONS D157.
 */
export function undoOutcome(facts: UndoFacts): UndoOutcome {
  if (!facts.isSamePerson) return refused('not-yours');
  if (facts.isUndone) return { kind: 'same' };
  if (facts.isDecidedSince) return refused('decided-since');
  if (facts.sentSince === 'ended') return refused('answered');
  const isOpen = facts.state === 'waiting' || facts.state === 'partner';
  if (!isOpen) return refused(facts.sentSince === 'none' ? 'ended' : 'answered');
  if (facts.isInChart) return refused('in-chart');
  return { kind: facts.sentSince === 'live' ? 'recall' : 'undo' };
}

const refused = (rule: UndoRefusal): UndoOutcome => ({ kind: 'refused', rule });

/** The decisions that can let something go out. They wait, so that they can be undone. */
const lettingGo: readonly string[] = [
  'approve',
  'askNext',
  'agree',
  'recordConsent',
  'chooseService',
];

/** Decisions that can be undone although nothing goes out because of them. */
const keeping: readonly string[] = ['postpone', 'chooseCode'];

/**
 * Tells whether a decision can be undone. A stop never is: a refusal, a withdrawal and an end are
 * reversed by a new yes only.
 */
export const isUndoable = (decision: string): boolean =>
  keeping.includes(decision) || lettingGo.includes(decision);

/** Tells whether a decision waits before anything is sent. */
export const waitsForUndo = (decision: string): boolean => lettingGo.includes(decision);

/** Why a referral that has ended may not be opened again. */
export type ReopenRefusal = 'open' | 'not-staff' | 'brought-up' | 'another-is-open';

/** What a referral shows to whoever wants to open it again. */
export type ReopenFacts = {
  state: UndoFacts['state'];
  /** Who ended it: staff refused or closed it, the person said no, or anything else. */
  endedBy: 'staff' | 'person' | 'other';
  /** The person brought it up again on a day that is known. */
  isBroughtUp: boolean;
  /** The person has an open referral for this need already. */
  hasOpen: boolean;
};

/**
 * Decides whether an ended referral may be opened again; undefined if it may. Staff open what staff
 * refused, and what failed. Over a person's no, the person has to bring it up.
 */
export function whyNotReopened(facts: ReopenFacts): ReopenRefusal | undefined {
  if (facts.state === 'waiting' || facts.state === 'partner') return 'open';
  if (facts.endedBy === 'other') return 'not-staff';
  if (facts.endedBy === 'person' && !facts.isBroughtUp) return 'brought-up';
  return facts.hasOpen ? 'another-is-open' : undefined;
}
