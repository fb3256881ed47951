import { systems } from '@loopwell/fhir';
import { isFinal, judgeReported } from '../task-state-machine.ts';
import { type AnswerContent, answerContent } from './answer-content.ts';
import { readAnswer } from './read-answer.ts';
import type { PersonReason } from './reason-codes.ts';

/** What a partner said to a person here, who writes it down. DECISIONS D143. */
export type PhoneAnswer = {
  status: string;
  reason?: string | undefined;
  /** What they said of the person, as a code of ours. */
  reasonCode?: PersonReason | undefined;
  note?: string | undefined;
  saidBy: string;
  at: Date;
};

/** The statuses that a partner may give by word of mouth, in the order of the work. */
export const phoneStatuses = [
  'received',
  'accepted',
  'in-progress',
  'on-hold',
  'completed',
  'rejected',
  'failed',
  'cancelled',
] as const;
export type PhoneStatus = (typeof phoneStatuses)[number];

/** The rule that an answer breaks, and the field that breaks it. */
export type BrokenRule =
  | { field: 'at'; rule: 'future' | 'before-sent' }
  | { field: 'reason'; rule: 'required' }
  | { field: 'note'; rule: 'nothing-new' }
  | { field: 'status'; rule: 'move-not-allowed' };

/** Tells whether an end needs a reason: whoever goes on with the referral has to know it. */
export const needsReason = (status: string): boolean =>
  ['rejected', 'failed', 'cancelled'].includes(status);

/**
 * Leaves out why legal help ended without help, and all words beside it: nothing is learned from
 * the no of a partner that gives it.
 */
export function withoutLegalReason(answer: PhoneAnswer): PhoneAnswer {
  if (!needsReason(answer.status)) return answer;
  const { status, saidBy, at } = answer;
  return { status, saidBy, at };
}

const minuteMs = 60_000;

/**
 * Finds the rule that an answer breaks, by the Task as it is; undefined if it breaks none. A time
 * of day is written in minutes, so the minute of the send counts as after it. Legal help needs no
 * reason.
 */
export function brokenPhoneRule(
  answer: PhoneAnswer,
  task: { status: string; sentAt: Date; isLegal?: boolean },
  now: Date,
): BrokenRule | undefined {
  const { status, reason, reasonCode, note, at } = answer;
  const hasReason = reason !== undefined || reasonCode !== undefined;
  const sentMinute = Math.floor(task.sentAt.getTime() / minuteMs) * minuteMs;
  if (at > now) return { field: 'at', rule: 'future' };
  if (at.getTime() < sentMinute) return { field: 'at', rule: 'before-sent' };
  if (needsReason(status) && !hasReason && !task.isLegal)
    return { field: 'reason', rule: 'required' };
  const judged = judgeReported(task.status, status);
  if (judged.kind === 'believed') return undefined;
  if (judged.kind !== 'same') return { field: 'status', rule: 'move-not-allowed' };
  const isBare = !hasReason && note === undefined;
  return isBare ? { field: 'note', rule: 'nothing-new' } : undefined;
}

/** Lists the statuses that a partner may give for a Task, the present one included. */
export function phoneStatusesFrom(status: string): PhoneStatus[] {
  if (isFinal(status)) return [];
  const isPossible = (to: PhoneStatus) =>
    ['same', 'believed'].includes(judgeReported(status, to).kind);
  return phoneStatuses.filter(isPossible);
}

/**
 * Gives the status of a Task once the answers are taken that wait for it. Those that move nothing
 * are passed over.
 */
export function statusAfter(status: string, waiting: readonly { status: string }[]): string {
  let current = status;
  for (const answer of waiting) {
    if (judgeReported(current, answer.status).kind === 'believed') current = answer.status;
  }
  return current;
}

/** Reads spoken words as the answer of a partner, with the text that tells it from others. */
export function spokenAnswer({ status, reason, reasonCode, note }: PhoneAnswer): {
  words: ReturnType<typeof readAnswer>;
  content: string;
} {
  const coding = reasonCode && [{ system: systems.declineReason, code: reasonCode }];
  const statusReason = coding ? { coding } : undefined;
  const words = { ...readAnswer({ status, statusReason, note }), reason: reason ?? null };
  const content: AnswerContent = { ...words, outputs: [], oddities: [] };
  return { words, content: answerContent(content) };
}
