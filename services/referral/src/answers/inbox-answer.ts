import type { fhir4 } from '@loopwell/fhir';
import type { Clock } from '@loopwell/kit';
import type { AnswerButton, AnswerFields, ReadOutput } from '@loopwell/sdoh';

/** An answer of a partner about one Task, as a door brings it. DECISIONS D132. */
export type InboxAnswer = {
  /** Our id of the Task. */
  task: string;
  /** `fhir-rest`, `hub`, `manual`, or another channel's id. */
  door: string;
  /** The sender's id of the message. The same one by the same door is taken once. */
  messageId: string;
  /** The principal that says it, such as `partner:pantry`. */
  who: string;
  /** The name of the person at the partner who said it. */
  saidBy?: string | undefined;
  /** The principal that brought it here; `who` if left out. */
  recordedBy?: string | undefined;
  /** When it was said, where that is known. */
  at?: Date | undefined;
  status: string;
  reason?: string | undefined;
  note?: string | undefined;
  /** Outputs with what their references led to. */
  outputs?: readonly ReadOutput[] | undefined;
  /** The Task as the partner shows it. Reason, note and codes are read from it. */
  body?: fhir4.Task | undefined;
  isPartial?: boolean | undefined;
  /** The button that said it, with what was typed beside it. */
  pressed?: PressedButton | undefined;
};

/** A button that somebody at a partner pressed. */
export type PressedButton = {
  button: AnswerButton;
  fields: AnswerFields;
  helper: string;
  /** Until when it can be undone, where it ends the Task. */
  heldUntil: Date | undefined;
};

/** The clock of the process that accepts an answer. */
export type InboxContext = { clock: Clock };

/**
 * What became of an answer. `same`: it was there already, by this door or in the same words by
 * another one. `after-end`: the Task had ended; the answer is kept and nothing is moved.
 */
export type InboxOutcome = 'accepted' | 'same' | 'after-end';
