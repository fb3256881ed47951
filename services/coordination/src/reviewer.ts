import { type Clock, timeZoneOf, todayAt } from '@loopwell/kit';
import type { NudgeFunction } from '@loopwell/pipeline';
import type { ConsentPolicy, Deadline } from '@loopwell/sdoh';
import type { Database } from '@loopwell/store';

/** The resources and settings that reviewing needs from the service. */
export type ReviewDeps = {
  tx: Database['tx'];
  nudge: NudgeFunction;
  clock: Clock;
  /** The most days that a recorded consent counts from its signature (Minnesota: one year). */
  longestConsentDays: number | undefined;
  /**
   * The policy that the site's consent forms fall under. A recorded consent names it, or HIPAA's
   * authorization.
   */
  consentPolicy?: ConsentPolicy | undefined;
  /** The age below which no policy approves, which the page says; 18 if it is not set. */
  minorAge?: number;
  /** The state whose law says to what minors agree alone; to nothing where it is not set. */
  state?: string | undefined;
  /** The words of addresses that keep the true one secret; those of Safe at Home if left out. */
  protectedAddress?: string;
  /**
   * The site's form asks which number may be used, so a partner reads the contact that the chart
   * puts first.
   */
  contactFromChart?: boolean | undefined;
  /** How long the site gives a partner to take a Task. */
  acceptBy?: Deadline;
  /** How long a decision of a signed-in person waits before it sends anything; 0 if not set. */
  undoForMs?: number;
  /** After which time without help somebody on duty is told. */
  tellWithoutHelpMs?: number;
  /** The site's written policy by which a spoken yes counts as a consent, and who wrote it. */
  spokenConsent?: { policy: string; author: string } | undefined;
};

/** Gives today (YYYY-MM-DD) at the site. */
export const todayOf = (deps: Pick<ReviewDeps, 'clock'>): string => todayAt(deps.clock);

/** Now, today (YYYY-MM-DD) at the site, and the time zone in which the site writes its days. */
export type Moment = { now: Date; today: string; timeZone: string };

/** Gives the current moment at the site. */
export const momentOf = (deps: Pick<ReviewDeps, 'clock'>): Moment => ({
  now: deps.clock.now(),
  today: todayOf(deps),
  timeZone: timeZoneOf(deps.clock),
});

/** The principal that decides, as HTTP authenticated it. */
export type Reviewer = {
  id: string;
  kind: 'person' | 'policy' | 'partner' | 'system';
  tenant: string;
  roles?: readonly string[];
};

/** Gives the day after a day (YYYY-MM-DD). */
export const dayAfter = (day: string): string =>
  new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
