import { type Clock, dayIn, instantIn, timeZoneOf } from '@loopwell/kit';
import {
  type AnswerFields,
  nextOpen,
  type OpenHours,
  type PartnerProfile,
  pausedUntil,
  usualHours,
} from '@loopwell/sdoh';
import { partnerProfiles, type Tx } from '@loopwell/store';
import type { Followed } from '../answers/followed-tasks.ts';
import type { Look } from './track.ts';

const dayMs = 86_400_000;
/** A partner that names no day is asked again after this time at the latest. */
const longestMs = 7 * dayMs;

/**
 * Stops what is new for partners that said by a button that they are full. They take requests again
 * on the day that they named, or else on their next open day, after seven days at the latest.
 */
export async function pauseFull(
  tx: Tx,
  looked: readonly (Followed & { look: Look })[],
  clock: Clock,
): Promise<void> {
  const full = looked.filter(
    ({ look: { row, step } }) => row.button === 'noFull' && step.kind === 'declined',
  );
  if (full.length === 0) return;
  const profiles = await partnerProfiles.loadProfiles(tx);
  for (const { task, referral, look } of full) {
    const profile = profiles.get(task.partner)?.profile(referral.category);
    if (profile === undefined) continue;
    const { pauseUntil } = JSON.parse(look.row.fields) as AnswerFields;
    await pauseAtLeast(tx, { partner: task.partner, profile, day: pauseUntil }, clock);
  }
}

/** A partner that says that it is full, and the day that it named. */
type FullPartner = {
  partner: string;
  profile: PartnerProfile | undefined;
  day?: string | undefined;
};

/**
 * Stops what is new for a partner that says that it is full. A pause that ends later stands: who
 * says that it is full does not say that it has room sooner.
 *
 * @returns when it takes requests again
 */
export async function pauseAtLeast(
  tx: Tx,
  { partner, profile, day }: FullPartner,
  clock: Clock,
): Promise<Date> {
  const until = pauseEnd(day, profile?.hours, clock);
  const earlier = profile && pausedUntil(profile, timeZoneOf(clock));
  if (earlier && earlier >= until) return earlier;
  const saidBy = `partner:${partner}`;
  await partnerProfiles.pausePartner(tx, { partner, until, saidBy, now: clock.now() });
  return until;
}

/** Gives when a partner takes requests again. A day that has passed meanwhile counts as none. */
export function pauseEnd(
  day: string | undefined,
  hours: OpenHours = usualHours,
  clock: Clock,
): Date {
  const zone = timeZoneOf(clock);
  const now = clock.now();
  const today = dayIn(zone, now);
  if (day !== undefined && day > today) return instantIn(zone, day, 0);
  const latest = new Date(now.getTime() + longestMs);
  const tomorrow = new Date(Date.parse(today) + dayMs).toISOString().slice(0, 10);
  const opens = nextOpen(instantIn(zone, tomorrow, 0), hours, zone);
  return opens && opens < latest ? opens : latest;
}
