import { runningClock } from '../clocks/task-clocks.ts';
import { answerButtons, type ButtonRow } from './answer-buttons.ts';

/** What a partner has done with a referral so far, as rows say it. */
export type PartnerMoves = {
  status: string;
  sentAt: Date;
  /** The delivery has arrived; null while nobody knows. */
  hasArrived: boolean;
  /** When the partner read it first, where it reads at our hub. */
  seenAt: Date | null;
  acceptedAt: Date | null;
  /** The last day (YYYY-MM-DD) on which the partner tried to reach the person. */
  triedOn: string | null;
  /** By when the partner had to answer. */
  answerBy: Date | null;
  /** By when it has to give its first news after a yes, and to say what came of it. */
  contactBy: Date | null;
  serveBy: Date | null;
  /** Until when an answer that ends it can be undone; null where there is none. */
  heldUntil: Date | null;
  /** The button of that answer. */
  heldButton: string | null;
};

/** How a referral stands at its partner: the furthest step, and since when. */
export type PartnerStanding = {
  step: 'answered' | 'unsure' | 'sent' | 'seen' | 'yes' | 'helping' | 'paused' | 'tried' | 'helped';
  at: Date | string | null;
  /** What the partner answered by a button, in its words, while it can be undone. */
  says: string | null;
  /** What is due of the partner next: its answer, or news after its yes. */
  due: 'answer' | 'news';
  /** By when it is due; null where it is late, or nothing is due. */
  dueBy: Date | null;
  /** Since when it is late; null while it is not. */
  lateSince: Date | null;
};

const isUnanswered = (status: string): boolean => status === 'requested' || status === 'received';

/** Says how a referral stands at its partner. What is not known is not made up. */
export function partnerStanding(moves: PartnerMoves, now: Date): PartnerStanding {
  const { status, answerBy: acceptBy, contactBy, serveBy } = moves;
  const clock = runningClock({ status, acceptBy, contactBy, serveBy });
  const isAnswered = moves.heldUntil !== null;
  const isLate = clock !== null && clock < now && !isAnswered;
  return {
    ...stepOf(moves),
    says: isAnswered ? saidBy(moves.heldButton) : null,
    due: isUnanswered(status) ? 'answer' : 'news',
    dueBy: isLate || isAnswered ? null : clock,
    lateSince: isLate ? clock : null,
  };
}

/** Gives the words of a button; null for none. */
function saidBy(button: string | null): string | null {
  const rows: Readonly<Record<string, ButtonRow>> = answerButtons;
  return rows[button ?? '']?.says ?? null;
}

function stepOf(moves: PartnerMoves): Pick<PartnerStanding, 'step' | 'at'> {
  const { status, sentAt, seenAt, acceptedAt, triedOn, heldUntil } = moves;
  if (heldUntil !== null) return { step: 'answered', at: null };
  if (status === 'completed') return { step: 'helped', at: null };
  if (triedOn !== null) return { step: 'tried', at: triedOn };
  if (status === 'on-hold') return { step: 'paused', at: acceptedAt };
  if (status === 'in-progress') return { step: 'helping', at: acceptedAt };
  if (!isUnanswered(status)) return { step: 'yes', at: acceptedAt };
  if (seenAt !== null) return { step: 'seen', at: seenAt };
  if (status === 'received') return { step: 'seen', at: null };
  return { step: moves.hasArrived ? 'sent' : 'unsure', at: sentAt };
}
