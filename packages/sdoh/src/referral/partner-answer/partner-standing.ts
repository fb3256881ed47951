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
};

/** How a referral stands at its partner: the furthest step, and since when. */
export type PartnerStanding = {
  step: 'unsure' | 'sent' | 'seen' | 'yes' | 'helping' | 'paused' | 'tried' | 'helped';
  at: Date | string | null;
  /** Since when an answer is due; null while none is. */
  lateSince: Date | null;
};

const isUnanswered = (status: string): boolean => status === 'requested' || status === 'received';

/** Says how a referral stands at its partner. What is not known is not made up. */
export function partnerStanding(moves: PartnerMoves, now: Date): PartnerStanding {
  const { status, answerBy } = moves;
  const isLate = isUnanswered(status) && answerBy !== null && answerBy < now;
  return { ...stepOf(moves), lateSince: isLate ? answerBy : null };
}

function stepOf(moves: PartnerMoves): Pick<PartnerStanding, 'step' | 'at'> {
  const { status, sentAt, seenAt, acceptedAt, triedOn } = moves;
  if (status === 'completed') return { step: 'helped', at: null };
  if (triedOn !== null) return { step: 'tried', at: triedOn };
  if (status === 'on-hold') return { step: 'paused', at: acceptedAt };
  if (status === 'in-progress') return { step: 'helping', at: acceptedAt };
  if (!isUnanswered(status)) return { step: 'yes', at: acceptedAt };
  if (seenAt !== null) return { step: 'seen', at: seenAt };
  if (status === 'received') return { step: 'seen', at: null };
  return { step: moves.hasArrived ? 'sent' : 'unsure', at: sentAt };
}
