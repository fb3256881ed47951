import { type Clock, instantIn, timeZoneOf } from '@loopwell/kit';

const dayMs = 86_400_000;

/** Gives the instant at which a day (at the site) or an instant begins. */
export const startOf = (text: string, clock: Clock): number =>
  text.length === 10 ? instantIn(timeZoneOf(clock), text).getTime() : Date.parse(text);

/** Gives the end of a day at the site, or the instant itself. */
export function endOf(text: string | undefined, clock: Clock): number | undefined {
  if (text === undefined || text.length > 10)
    return text === undefined ? undefined : Date.parse(text);
  const next = new Date(Date.parse(text) + dayMs).toISOString().slice(0, 10);
  return instantIn(timeZoneOf(clock), next).getTime() - 1;
}

/** Tells whether a day has not begun at the site, or an instant has not come. */
export const isFuture = (text: string, clock: Clock): boolean =>
  startOf(text, clock) > clock.now().getTime();

/**
 * Gives the time of a signature. A day that has begun at the site but not yet in UTC counts from
 * now, because consent is evaluated by the instant.
 */
export function signedBy(text: string, clock: Clock): string {
  const now = clock.now();
  return Date.parse(text) > now.getTime() ? now.toISOString() : text;
}
