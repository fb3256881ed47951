import { type AnswerButton, isAnswerButton } from '@loopwell/sdoh';
import type { InboxRow } from '@loopwell/store';

/** The door of the partner page. */
export const pageDoor = 'page';

/** How long an end can be undone, and the site's time zone. */
export type PageSettings = { undoForMs: number; timeZone?: string | undefined };

/** Somebody at a partner who has signed in to its page. */
export type PageHelper = { id: string; name: string };

/** A button that a helper pressed, as the page posts it. Nothing of it is trusted. */
export type PressedForm = {
  /** The Task, as the form names it. */
  task: string;
  /** The partner that the session belongs to, and the kind of its service. */
  partner: string;
  kind?: string | undefined;
  /** The page shows a way to reach the person, or will after a yes. */
  canReach: boolean;
  helper: PageHelper;
  button: unknown;
  /** All that was typed; fields of other buttons are passed over. */
  typed: Readonly<Record<string, unknown>>;
  /** The key that the form was given when it was shown: a form posted twice is one answer. */
  formKey: string;
};

/** An answer about a Task, as a helper of the same partner sees it again. */
export type SaidAnswer = {
  /** The number by which it is undone. */
  id: number;
  /** Null where it came by another door. */
  button: AnswerButton | null;
  status: string;
  saidBy: string | null;
  at: Date;
  /** Until when it can be undone; null where it counts at once. */
  heldUntil: Date | null;
  isUndone: boolean;
};

/** Shows an answer of the inbox to a helper. No words are in it. */
export const saidAnswer = (row: InboxRow): SaidAnswer => ({
  id: row.id,
  button: isAnswerButton(row.button) ? row.button : null,
  status: row.status,
  saidBy: row.said_by,
  at: row.said_at ?? row.received_at,
  heldUntil: row.held_until,
  isUndone: row.undone_at !== null,
});

/**
 * What became of a button that was pressed. `repeated`: this form was posted before. `said`:
 * somebody else had answered by then, and nothing was recorded. `beside`: so it was, but this is
 * the person's no; it is kept, and counts once the earlier answer does or is undone. `after-end`: the Task had been
 * taken back; the answer is kept for the care team and moves nothing.
 */
export type KeptAnswer = {
  kind: 'kept' | 'repeated' | 'said' | 'beside' | 'after-end';
  answer: SaidAnswer;
};
