import { dayIn, instantIn } from '@loopwell/kit';
import { hasRoom } from './capacity.ts';
import type { PartnerAgreement, PartnerProfile } from './partner-profile.ts';

/** What an agreement says against sending. */
type AgainstAgreement =
  | { kind: 'noAgreement' }
  | { kind: 'agreementNotYet'; from: string }
  | { kind: 'agreementEnded'; until: string };

/** Whether a partner may be sent something new now, and if not, why and until when. */
export type StandingForNew =
  | { kind: 'takes' }
  /** Nothing is ever sent: the person gets a number, or staff call together with them. */
  | { kind: 'confidential' }
  | AgainstAgreement
  | { kind: 'paused'; until: Date }
  | { kind: 'full'; code: string }
  | { kind: 'weekFull'; perWeek: number; until: Date };

/** How a partner is reached, as far as its agreement is concerned. */
export type WayForNew = {
  /** The channel. */
  kind: string;
  /** The bearers that are exchanged with the partner at this address are configured. */
  hasBearers: boolean;
};

/** What a new request is judged with. */
export type NewRequest = {
  now: Date;
  timeZone: string;
  /** How many Tasks the partner got since the week began (`weekStart`). */
  newThisWeek: number;
  way: WayForNew;
};

/** Decides whether a partner may be sent something new. Every sender and every page asks here. */
export function standingForNew(profile: PartnerProfile, request: NewRequest): StandingForNew {
  if (profile.isConfidential) return { kind: 'confidential' };
  const { now, timeZone, newThisWeek, way } = request;
  const against = againstAgreement(profile, way, dayIn(timeZone, now));
  if (against) return against;
  const { perWeek } = profile.intake;
  const until = pausedUntil(profile, timeZone);
  if (until && until > now) return { kind: 'paused', until };
  const { capacity } = profile;
  if (capacity && !hasRoom(capacity)) return { kind: 'full', code: capacity.code };
  if (perWeek !== undefined && newThisWeek >= perWeek)
    return { kind: 'weekFull', perWeek, until: weekStart(now, timeZone, 1) };
  return { kind: 'takes' };
}

/** Gives the moment at which a pause ends. One until a day ends when that day begins. */
export function pausedUntil(
  { intake }: Pick<PartnerProfile, 'intake'>,
  timeZone: string,
): Date | undefined {
  const until = intake.pausedUntil;
  if (until === undefined) return undefined;
  return until.length === 10 ? instantIn(timeZone, until) : new Date(until);
}

/** Ways by which nothing leaves us: the partner comes to read, or a person calls. */
const needNone: readonly string[] = ['hub', 'manual'];

/**
 * Gives what an agreement says against one way of reaching a partner. FHIR REST with bearers counts
 * as agreed. One that has run out stops every way.
 *
 * @param today a day in the site's time zone
 */
function againstAgreement(
  { agreement }: Pick<PartnerProfile, 'agreement'>,
  { kind, hasBearers }: WayForNew,
  today: string,
): AgainstAgreement | undefined {
  if (agreement && agreement.kind !== 'none') return outsideDates(agreement, today);
  if (needNone.includes(kind)) return undefined;
  if (kind === 'fhir-rest' && hasBearers && !agreement) return undefined;
  return { kind: 'noAgreement' };
}

/**
 * Tells whether what a partner has agreed to lets something go out by one way.
 *
 * @param today a day in the site's time zone
 */
export const isWayAgreed = (
  profile: Pick<PartnerProfile, 'agreement'>,
  way: WayForNew,
  today: string,
): boolean => againstAgreement(profile, way, today) === undefined;

function outsideDates(
  { from, until }: PartnerAgreement,
  today: string,
): AgainstAgreement | undefined {
  if (until !== undefined && until < today) return { kind: 'agreementEnded', until };
  return from > today ? { kind: 'agreementNotYet', from } : undefined;
}

const dayMs = 86_400_000;

/** Gives the moment at which the week of a moment began: Monday, in a time zone. */
export function weekStart(at: Date, timeZone: string, weeksLater = 0): Date {
  const today = Date.parse(dayIn(timeZone, at));
  const sinceMonday = (new Date(today).getUTCDay() + 6) % 7;
  const monday = new Date(today + (7 * weeksLater - sinceMonday) * dayMs);
  return instantIn(timeZone, monday.toISOString().slice(0, 10));
}
