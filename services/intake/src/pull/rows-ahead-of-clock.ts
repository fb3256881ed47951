import type { PullPlan } from './pull.ts';

/** The newest row after an instant; `all` says that none is newer. DECISIONS D99. */
export type Newest = { newest: Date; all: boolean };

/** Checks from time to time whether an EHR's rows have later dates than its told clock. */
export type Ahead = {
  reach: (
    key: string,
    newestAfter: (after: Date) => Promise<Newest | undefined>,
    to: Date,
  ) => Promise<{ end: Date; newest?: Date | undefined }>;
};

const lookAgainMs = 600_000;
const endless = new Date('9999-12-31T00:00:00Z');

/**
 * A second later than the newest row, which belongs to the window; endless where rows are newer.
 */
const endAfter = ({ newest, all }: Newest): Date =>
  all ? new Date(newest.getTime() + 1_000) : endless;

/**
 * Creates the check that finds the end of a window by the rows of an EHR. Rows after the time of
 * its Date header are read, up to the newest. The position still follows the Date header, so that
 * one row with a wrong date hides no others.
 */
export function createAhead({
  plan,
  clock,
}: {
  plan: PullPlan;
  clock: { now: () => Date };
}): Ahead {
  const lookedAt = new Map<string, { at: number; aheadMs: number }>();
  return {
    async reach(key, newestAfter, to) {
      const before = lookedAt.get(key);
      const now = clock.now().getTime();
      if (before && now - before.at < lookAgainMs)
        return { end: new Date(to.getTime() + before.aheadMs) };
      const present = to.getTime() + (plan.finalTo ? 0 : plan.marginMs) + 1_000;
      const newest = await newestAfter(new Date(present));
      const end = newest === undefined ? to : endAfter(newest);
      lookedAt.set(key, { at: now, aheadMs: end === endless ? 0 : end.getTime() - to.getTime() });
      if (end === endless) lookedAt.delete(key);
      return { end, newest: newest?.newest };
    },
  };
}
