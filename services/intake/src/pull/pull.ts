import { withoutUndefined } from '@loopwell/fhir';
import { AppError } from '@loopwell/kit';
import type { Noticed } from '@loopwell/sdoh';
import type { PullCursor } from '@loopwell/store';
import type { Page } from './check/check-page.ts';
import type { PulledType } from './check/pulled-types.ts';

/** One page of a window, with the address of the next and the newest `_lastUpdated` seen in it. */
export type WindowPage = Page & {
  nextUrl?: string;
  newest?: Date;
  left?: number | undefined;
  noticed?: readonly Noticed[];
};

/**
 * The window of a pull. `suspect` says that it has failed before, with a server error that may be
 * about a record.
 */
export type Window = {
  type: PulledType;
  from: Date | undefined;
  to: Date;
  patient?: string;
  suspect?: boolean;
  /**
   * Progress of earlier work that read the beginning: the rows that were left then, and the
   * window's original start.
   */
  resumed?: { left: number; start: Date | undefined };
};

export type PullDeps = {
  /** Returns the time that the EHR tells. */
  serverNow: () => Promise<Date>;
  /**
   * Returns the end of a window by the EHR's rows. It is later than the told time when the told
   * clock is behind.
   */
  reach: (type: PulledType, to: Date) => Promise<{ end: Date; newest?: Date | undefined }>;
  /** Yields the pages of a closed window, in order of `_lastUpdated`. */
  pages: (window: Window) => AsyncIterable<WindowPage>;
  /** Saves a page and the cursor's new position in one transaction, if this work is still ours. */
  save: (page: WindowPage, lane: PullCursor) => Promise<void>;
  /**
   * Whether to go on, checked right before each request: the lease still holds and no stop was
   * requested.
   */
  goOn: () => boolean;
};

export type PullPlan = {
  /** Windows overlap by this much, since servers commit out of order. */
  overlapMs: number;
  /** When running on, a window ends this long before the server's now. */
  marginMs: number;
  /** Set under `--once`: the end of the pull window, fixed at the start. */
  finalTo?: Date | undefined;
};

/**
 * The largest difference between an EHR's clock and the one that its gateway tells: a day, plus
 * time zones.
 */
const longestSkewMs = 26 * 3_600_000;
/** The difference that commits and rounding make. It does not count as a clock that is ahead. */
const toleratedMs = 60_000;

/**
 * Pulls one cursor up to the end of its window, a page at a time. The window is closed (`ge from`,
 * `lt to`), so changes during the pull fall into the next one. After each page the cursor remembers
 * the newest `_lastUpdated` seen, so that a killed pull goes on from there.
 *
 * The EHR's rows carry its own clock, and the one in a Date header may be a gateway's. So the next
 * window begins no later than the newest row seen, within a day of the end of this one. It also
 * begins a little before that end, since servers commit out of order, but never before the
 * requested start. Rows after the end by the told clock are read, too (`reach`).
 * @returns the cursor after the pull; `done` is set when a final window has been read to its end
 */
export async function pullLane(
  deps: PullDeps,
  lane: PullCursor,
  plan: PullPlan,
): Promise<PullCursor> {
  const type = lane.type as PulledType;
  const to =
    lane.window_to ?? plan.finalTo ?? new Date((await deps.serverNow()).getTime() - plan.marginMs);
  const { end, newest: ahead } = lane.scope === '' ? await deps.reach(type, to) : { end: to };
  const from = lane.window_from ?? startOf(lane, to, plan);
  const done = plan.finalTo !== undefined;
  let current: PullCursor = { ...lane, window_to: to, window_from: from ?? null, noticed: null };
  if (from && from >= end)
    return { ...current, upto: lane.upto ?? to, window_from: null, window_to: null, done };
  current = notice(current, await aheadNotice(deps, ahead));
  const left = lane.window_from === null ? undefined : (lane.window_left ?? undefined);
  const resumed = left === undefined ? {} : { resumed: { left, start: startOf(lane, to, plan) } };
  const window: Window = {
    type,
    from,
    to: end,
    ...withoutUndefined({ patient: lane.scope || undefined }),
    ...resumed,
  };
  let newest = lane.newest;
  for await (const page of deps.pages(window)) {
    if (!deps.goOn())
      throw new AppError('CONFLICT', 'The pull was interrupted and goes on later', {
        retryable: true,
      });
    newest = newestOf(page, newest);
    current = advance(notice(current, page.noticed ?? []), page);
    await deps.save(page, current);
  }
  const upto = lane.upto && lane.upto > to ? lane.upto : to;
  return { ...current, upto, newest, window_from: null, window_to: null, next_url: null, done };
}

/** Returns a notice when a row is newer than the time that the EHR tells at this moment. */
async function aheadNotice(deps: PullDeps, newest: Date | undefined): Promise<Noticed[]> {
  const ms = newest ? newest.getTime() - (await deps.serverNow()).getTime() : 0;
  return ms > toleratedMs ? [{ code: 'clock-ahead', ms }] : [];
}

function startOf(lane: PullCursor, to: Date, plan: PullPlan): Date | undefined {
  if (!lane.upto) return lane.since ?? undefined;
  const usual = Math.min(lane.upto.getTime(), to.getTime()) - plan.overlapMs;
  // A cursor that read rows before the newest one was remembered goes on as before.
  const seen = lane.newest?.getTime() ?? (lane.resources > 0 ? usual : 0);
  const start = new Date(Math.min(usual, Math.max(seen, usual - longestSkewMs)));
  return lane.since && lane.since > start ? lane.since : start;
}

function newestOf(page: WindowPage, before: Date | null): Date | null {
  return page.resources.reduce<Date | null>((newest, resource) => {
    const lastUpdated: unknown = (resource as { meta?: { lastUpdated?: unknown } } | null)?.meta
      ?.lastUpdated;
    const time = typeof lastUpdated === 'string' ? new Date(lastUpdated) : undefined;
    return time && !Number.isNaN(time.getTime()) && (newest === null || time > newest)
      ? time
      : newest;
  }, before);
}

/** Adds notices to a cursor, each code once. */
function notice(lane: PullCursor, noticed: readonly Noticed[]): PullCursor {
  if (noticed.length === 0) return lane;
  const before = lane.noticed === null ? [] : (JSON.parse(lane.noticed) as Noticed[]);
  const added = noticed.filter((one) => !before.some((other) => other.code === one.code));
  return added.length > 0 ? { ...lane, noticed: JSON.stringify([...before, ...added]) } : lane;
}

function advance(lane: PullCursor, page: WindowPage): PullCursor {
  const moves = page.newest !== undefined && (!lane.window_from || page.newest >= lane.window_from);
  return {
    ...lane,
    ...withoutUndefined({
      window_from: moves ? (page.newest ?? null) : undefined,
      window_left: moves ? (page.left ?? null) : undefined,
    }),
    next_url: page.nextUrl ?? null,
    pages: lane.pages + 1,
    resources: lane.resources + page.resources.length,
  };
}
