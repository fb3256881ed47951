import { type Evidence, type Need, startOf } from '@loopwell/sdoh';
import type { ReferralRow } from '@loopwell/store';
import { codingPrincipal, type Loaded } from './records.ts';
import { dangerIn } from './safety-rules.ts';

/**
 * Which of a person's referrals for one category a need belongs to, and what of the need is its
 * own.
 */
export type Episode = {
  episode: number;
  conditions: readonly string[];
  /** What somebody is in who answered so. */
  danger: string | undefined;
  /** A person has said no to this need before: no policy says yes to it. */
  refusedBefore: boolean;
};

/**
 * At most one open referral per person and category; an answer given after one ended opens the next
 * episode. Whoever refused knew the answers that were there: those are judged, whoever carries
 * them. One that came since asks anew, whenever it was given, and alone: what was refused is not
 * suggested with it.
 */
export function episodeOf(
  need: Need,
  evidence: readonly Evidence[],
  { referrals, earlierAnswers }: Pick<Loaded, 'referrals' | 'earlierAnswers'>,
): Episode {
  const needEvidence = evidence.filter((one) => need.conditions.includes(one.condition));
  const all = referrals
    .filter((one) => one.category === need.category)
    .sort((a, b) => b.episode - a.episode);
  const [latest] = all;
  const refusal = all.find(isRefusedByPerson);
  const whole = { conditions: need.conditions, danger: dangerIn(needEvidence) };
  if (!latest) return { episode: 1, ...whole, refusedBefore: false };
  if (!refusal) return { episode: nextOf(latest, need), ...whole, refusedBefore: false };
  const judgedBy = refusal.approved_at ?? refusal.changed_at;
  const judged = new Set(earlierAnswers.filter((one) => one.added_at <= judgedBy).map(answerKey));
  const newEvidence = needEvidence.filter((one) => !judged.has(answerKey(one)));
  if (latest === refusal && (newEvidence.length === 0 || latest.state === 'partner'))
    return { episode: latest.episode, ...whole, refusedBefore: false };
  if (newEvidence.length === 0)
    return { episode: nextOf(latest, need), ...whole, refusedBefore: true };
  const conditions = need.conditions.filter((id) =>
    newEvidence.some((one) => one.condition === id),
  );
  const episode = latest === refusal ? latest.episode + 1 : nextOf(latest, need);
  return { episode, conditions, danger: dangerIn(newEvidence), refusedBefore: true };
}

const isRefusedByPerson = (referralRow: ReferralRow) =>
  referralRow.approval === 'refused' && referralRow.approved_by !== codingPrincipal;

function nextOf(latest: ReferralRow, need: Need): number {
  // What coding took back and finds supported again was never decided by anybody: it opens the next
  // episode.
  if (latest.approval === 'refused' && latest.approved_by === codingPrincipal)
    return latest.episode + 1;
  const ended = latest.state !== 'waiting' && latest.state !== 'partner';
  return ended && new Date(need.since) > latest.changed_at ? latest.episode + 1 : latest.episode;
}

/**
 * One answer, by its question, what was said and when: a form and an Observation of it say the
 * same.
 */
function answerKey({
  rule,
  source,
  authored,
}: {
  rule: string;
  source: string;
  authored: string | null;
}): string {
  const statement = rule.slice(rule.indexOf('/') + 1);
  return authored === null
    ? `${statement} ${source}`
    : `${statement} ${startOf(authored) ?? authored}`;
}
