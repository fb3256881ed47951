import { type Clock, timeZoneOf, todayAt } from '@loopwell/kit';
import type { NudgeFunction } from '@loopwell/pipeline';
import type { ConsentPolicy } from '@loopwell/sdoh';
import type { Database } from '@loopwell/store';

/** What reviewing needs from the edges, and who reviews. */
export type ReviewDeps = {
  tx: Database['tx'];
  nudge: NudgeFunction;
  clock: Clock;
  /**
   * A consent that a reviewer records counts for at most this many days from its signature
   * (Minnesota: one year).
   */
  longestConsentDays: number | undefined;
  /**
   * The policy that the site's consent forms fall under; a recorded consent names it, or HIPAA's
   * authorization.
   */
  consentPolicy?: ConsentPolicy | undefined;
  /** Below this age no policy approves, and the page says so; 18 where it is not said. */
  minorAge?: number;
  /**
   * The site's form asks which number may be used, so that a partner reads the contact that the
   * chart puts first.
   */
  contactFromChart?: boolean | undefined;
};

/** Today (YYYY-MM-DD) at the site. */
export const todayOf = (deps: Pick<ReviewDeps, 'clock'>): string => todayAt(deps.clock);

/** Now, today (YYYY-MM-DD) at the site, and the zone in which the site writes its days. */
export type Moment = { now: Date; today: string; timeZone: string };

export const momentOf = (deps: Pick<ReviewDeps, 'clock'>): Moment => ({
  now: deps.clock.now(),
  today: todayOf(deps),
  timeZone: timeZoneOf(deps.clock),
});

/** Who decides, as http tells it. */
export type Reviewer = {
  id: string;
  kind: 'person' | 'policy' | 'partner' | 'system';
  tenant: string;
};
