import { withoutUndefined } from '@loopwell/fhir';
import { AppError, errorRecord, type Facts } from '@loopwell/kit';
import type { Noticed } from '@loopwell/sdoh';
import type { Forms } from './form.ts';
import type { PullWindow, Reader, Stretch, WindowClient, WindowPage } from './ports.ts';
import type { EhrQuirks } from './quirks.ts';
import { createSeenVersions, type SeenVersions } from './seen-versions.ts';
import { type WalkResult, walkOnce } from './walk.ts';

export { givesAny, newestAfter } from './newest-after.ts';
export type { PullWindow, WindowClient, WindowPage } from './ports.ts';

const [maxRounds, largestPage] = [10, 1_000];

/** Forgets the forms that it learns, so that each window finds its form again. DECISIONS D98. */
const forgetful: Forms = { formOf: () => undefined, learn: async () => {} };

/**
 * Reads a closed window (`_lastUpdated` ge from, lt to), page after page, so that no row is lost
 * although rows move. If the EHR refuses a parameter, the window is asked for in the form that it
 * takes (`askInForms`). A window of one patient has no end.
 *
 * A row that is changed during the read leaves the window. On servers that page by offset all later
 * rows then shift by one, and the row at the border of two pages would be skipped. So a next link
 * is followed only while the server's `total` shows that nothing has left. Otherwise the next page
 * is asked for by time, `ge` the newest row seen. If time does not help (a page full of one and the
 * same `_lastUpdated`, a server that does not sort or tell), the pages are read again until two
 * rounds are alike. Every row may come twice; the store knows the versions that it has.
 *
 * A page that ends before its total and names no next one is asked for as a larger one, by
 * `_offset`, and then by time. There the totals must fit together; otherwise the whole window is
 * read again once.
 *
 * A window that goes on after a kill has to find as many rows as were left. If it does not, rows
 * moved or were missing before, and the window is read again from its beginning.
 *
 * @throws AppError REMOTE_UNAVAILABLE with the fact `short`, `total` and `given`, if rows are
 *   promised that never come
 */
export async function* pullWindow(
  client: WindowClient,
  quirks: EhrQuirks,
  window: PullWindow,
  forms: Forms = forgetful,
): AsyncIterable<WindowPage> {
  const reader = { client, quirks, forms };
  try {
    yield* readWhole(reader, window, window.resumed?.left);
  } catch (error) {
    if (errorRecord(error).facts.surprised !== true) throw error;
    if (!window.resumed) return yield* readWhole(reader, window);
    // This place is saved at once: work that is stopped again goes on from here.
    yield { resources: [], invalid: [], ...withoutUndefined({ newest: window.from || undefined }) };
    for await (const { left: _left, ...page } of readWhole(reader, {
      ...window,
      from: window.resumed.start,
    }))
      yield page;
  }
}

/** Gives the totals of an error that says that rows are missing; undefined for other errors. */
export function shortOf(error: unknown): { total: number; received: number } | undefined {
  const { facts } = errorRecord(error);
  return facts.short === true
    ? { total: Number(facts.total), received: Number(facts.given) }
    : undefined;
}

const short = (type: string, facts: Facts) =>
  new AppError('REMOTE_UNAVAILABLE', 'The server says that there are more rows than it gives', {
    facts: { type, short: true, ...facts },
  });

/** How far the reading of a window has come, and what the last walk showed. */
type Standing = {
  stretch: Stretch;
  rounds: number;
  last: WalkResult | undefined;
  total: number | undefined;
};

/** Reads a window with as many walks as it takes. */
async function* readWhole(
  reader: Reader,
  window: PullWindow,
  expected?: number,
): AsyncGenerator<WindowPage, void> {
  const [seen, all] = [createSeenVersions(), createSeenVersions()];
  const at: Standing = {
    stretch: { ...window, count: reader.quirks.pageSize, expected },
    rounds: 0,
    last: undefined,
    total: undefined,
  };
  const wentOn = new Map<string, Noticed>();
  all.nextRound();
  while (true) {
    at.rounds += 1;
    const walk: WalkResult = yield* walkOnce(reader, at.stretch, seen, all);
    at.total ??= walk.firstTotal;
    if (walk.wentOn) wentOn.set(walk.wentOn.code, walk.wentOn);
    if (goOn(at, walk, seen, all)) continue;
    // Reported only for a window that was read to its end. A window that fails reports its error.
    if (wentOn.size > 0) yield { resources: [], invalid: [], noticed: [...wentOn.values()] };
    return;
  }
}

/** Decides after a walk whether to read on: true to go on as `at` now says, false at the end. */
function goOn(at: Standing, walk: WalkResult, seen: SeenVersions, all: SeenVersions): boolean {
  const { stretch } = at;
  const missing = (facts: Facts = {}) =>
    short(stretch.type, { total: at.total ?? walk.firstTotal ?? 0, given: all.size(), ...facts });
  if (walk.surprised) throw missing({ surprised: true });
  if (walk.larger) {
    if (stretch.count >= largestPage) throw gone(stretch.type);
    restart(at, { ...stretch, count: Math.min(largestPage, 4 * stretch.count) });
    return true;
  }
  if (walk.isComplete || isConfirmed(walk, at.last, at.rounds)) {
    if (walk.hasShortfall && walk.truncatedPage && stretch.count < largestPage) {
      restart(at, {
        ...stretch,
        count: Math.min(largestPage, Math.max(walk.truncatedPage.total, 2 * stretch.count)),
      });
      return true;
    }
    if (walk.hasShortfall && walk.truncatedPage && !stretch.byOffset) {
      restart(at, { ...stretch, byOffset: true });
      return true;
    }
    if (walk.hasShortfall && !walk.truncatedPage?.stepTo) throw missing();
    const stepTo = walk.stepTo ?? walk.truncatedPage?.stepTo;
    if (stepTo === undefined) return false;
    seen.forget();
    restart(at, { ...stretch, from: stepTo, expected: walk.truncatedPage?.left });
    return true;
  }
  at.last = walk;
  if (at.rounds < maxRounds) return true;
  // Rows that are promised in every round and never come are missing. Other rows move.
  if (walk.hasShortfall && walk.newRows === 0) throw missing();
  throw new AppError('REMOTE_UNAVAILABLE', 'The rows of a search keep moving while they are read', {
    facts: { type: stretch.type },
  });
}

function restart(at: Standing, stretch: Stretch): void {
  at.stretch = stretch;
  at.rounds = 0;
  at.last = undefined;
}

const gone = (type: string) =>
  new AppError('REMOTE_UNAVAILABLE', 'A page of a search is no longer there', {
    facts: { type, pageGone: true },
  });

/**
 * Tells whether two rounds agree: the same rows in the same order, so nothing moved in the second
 * and no row was skipped. If rows move faster than they can be read, two rounds without anything
 * new are enough.
 */
function isConfirmed(walk: WalkResult, last: WalkResult | undefined, rounds: number): boolean {
  if (!last) return false;
  return walk.digest === last.digest || (rounds >= 4 && walk.newRows === 0 && last.newRows === 0);
}
