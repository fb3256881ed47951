import type { TryBudget } from '../../terminology/try-budget-text.ts';
import type { ReachWay } from '../reach/reach-choice.ts';

/** How a person is contacted: in one of the ways to reach them, `clinic` being at a visit. */
export type ContactChannel = ReachWay;

/** How a try ended. `not-made`: it was reserved, and nobody contacted the person. */
export const tryOutcomes = [
  'spoke',
  'no-answer',
  'left-message',
  'someone-else',
  'wrong-number',
  'not-made',
] as const;
export type TryOutcome = (typeof tryOutcomes)[number];

/** A try to reach a person, over all needs and partners. */
export type ContactTry = {
  /** The site's day (YYYY-MM-DD) on which it was made. */
  day: string;
  channel: ContactChannel;
  /** Null while it is reserved and its end is not recorded: it counts. */
  outcome: TryOutcome | null;
};

const dayMs = 86_400_000;

/** Gives the day that is so many days after another one. */
export const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10);

/**
 * Tells whether a try takes from the budget. One that was not made takes nothing, and neither does
 * a talk at a visit: the budget says when to wait for the visit.
 */
const doesCount = ({ channel, outcome }: ContactTry): boolean =>
  channel !== 'clinic' && outcome !== 'not-made';

/** Whether a person may be tried today, how many tries are left, and from which day on if none. */
export type TryStanding = { may: true; left: number } | { may: false; from: string };

/**
 * Judges whether one more try fits the budget on a day: in any row of `days` days there are at most
 * `tries`. Tries of a later day count, too, so that a clock that is set back gives nothing.
 */
export function tryStanding(
  tries: readonly ContactTry[],
  budget: TryBudget,
  today: string,
): TryStanding {
  const days = tries.filter(doesCount).map(({ day }) => day);
  const isInWindow = (day: string) => dayAfter(day, budget.days) > today;
  const inWindow = days.filter(isInWindow).toSorted();
  const thatDay = days.filter((day) => day >= today);
  const left = budget.tries - inWindow.length;
  if (left > 0 && thatDay.length < budget.perDay) return { may: true, left };
  const oldest = left > 0 ? undefined : inWindow.at(-budget.tries);
  const whenWindowOpens = oldest && dayAfter(oldest, budget.days);
  const lastDay = thatDay.toSorted().at(-1) ?? today;
  const tomorrow = dayAfter(lastDay, 1);
  const isTodayFull = thatDay.length >= budget.perDay;
  const froms = [whenWindowOpens, isTodayFull ? tomorrow : undefined].filter((day) => day);
  return { may: false, from: froms.toSorted().at(-1) ?? tomorrow };
}
