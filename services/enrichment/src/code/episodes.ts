import { type Danger, type Evidence, type Need, startOf } from '@loopwell/sdoh';
import { codingPrincipal, type Loaded } from '@loopwell/service';
import type { ReferralRow } from '@loopwell/store';
import { dangerIn } from './safety-rules.ts';

/**
 * The place of a need among a person's referrals for one category, and the parts of the need that
 * belong to it.
 */
export type Episode = {
  episode: number;
  conditions: readonly string[];
  /** The danger that the answers tell of, if any. */
  danger: Danger | undefined;
  /** A person has refused this need before, so no policy approves it. */
  refusedBefore: boolean;
};

/**
 * Finds the episode that a need belongs to. A person has at most one open referral per category,
 * and an answer given after one ended opens the next episode. A refusal covers the answers that
 * were known then, in whatever resource they come again. A newer answer opens a new episode alone,
 * whenever it was given, without the refused ones.
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
  // A suggestion that coding took back was not decided by a person. If it is supported again, it
  // opens the next episode.
  if (latest.approval === 'refused' && latest.approved_by === codingPrincipal)
    return latest.episode + 1;
  const ended = latest.state !== 'waiting' && latest.state !== 'partner';
  return ended && new Date(need.since) > latest.changed_at ? latest.episode + 1 : latest.episode;
}

/**
 * Makes the key of an answer from its question, its content and its time. A form and an Observation
 * of the same answer have the same key.
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
