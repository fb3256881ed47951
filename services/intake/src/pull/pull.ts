import { AppError } from '@loopwell/kit';
import type { Lane } from '@loopwell/store';
import type { PulledType } from './pulled-types.ts';
import type { Page } from './save-page.ts';

/** One page of a window, with the address of the next and the newest `_lastUpdated` seen in it. */
export type WindowPage = Page & { nextUrl?: string; newest?: Date };

export type Window = { type: PulledType; from: Date | undefined; to: Date; patient?: string };

export type PullDeps = {
  /** The EHR's own clock. */
  serverNow: () => Promise<Date>;
  /** Pages of a closed window, in order of `_lastUpdated`. */
  pages: (window: Window) => AsyncIterable<WindowPage>;
  /** Saves a page and the lane's new position in one transaction, if this work is still ours. */
  save: (page: WindowPage, lane: Lane) => Promise<void>;
  /** Right before each request: does the lease still hold, is nobody stopping us? */
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
 * Pulls one lane up to the end of its window, a page at a time.
 *
 * The window is closed (`ge from`, `lt to`; `to` by the server's clock): what changes during the pull falls into the
 * next one. After each page the lane remembers the newest `_lastUpdated` seen, so that a killed pull goes on from there.
 *
 * The next window begins a little before the end of this one, since servers commit out of order, and never before what
 * was asked for. A clock that was set back moves no cursor forward: the window begins before its own end in any case.
 *
 * @returns the lane as it stands; `done` is set when a final window has been read to its end
 */
export async function pullLane(deps: PullDeps, lane: Lane, plan: PullPlan): Promise<Lane> {
  const to = lane.window_to ?? plan.finalTo ?? new Date((await deps.serverNow()).getTime() - plan.marginMs);
  const from = lane.window_from ?? startOf(lane, to, plan);
  const done = plan.finalTo !== undefined;
  let current: Lane = { ...lane, window_to: to, window_from: from ?? null };
  if (from && from >= to) return { ...lane, window_from: null, window_to: null, done };
  const type = lane.type as PulledType;
  const window: Window = { type, from, to, ...(lane.scope ? { patient: lane.scope } : {}) };
  for await (const page of deps.pages(window)) {
    if (!deps.goOn()) throw new AppError('CONFLICT', 'The pull was interrupted and goes on later', { retryable: true });
    current = advance(current, page);
    await deps.save(page, current);
  }
  const upto = lane.upto && lane.upto > to ? lane.upto : to;
  return { ...current, upto, window_from: null, window_to: null, next_url: null, done };
}

function startOf(lane: Lane, to: Date, plan: PullPlan): Date | undefined {
  if (!lane.upto) return lane.since ?? undefined;
  const start = new Date(Math.min(lane.upto.getTime(), to.getTime()) - plan.overlapMs);
  return lane.since && lane.since > start ? lane.since : start;
}

function advance(lane: Lane, page: WindowPage): Lane {
  const newest = page.newest && (!lane.window_from || page.newest > lane.window_from) ? page.newest : lane.window_from;
  return {
    ...lane,
    window_from: newest,
    next_url: page.nextUrl ?? null,
    pages: lane.pages + 1,
    resources: lane.resources + page.resources.length,
  };
}
