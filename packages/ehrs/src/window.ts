import type { fhir4 } from '@loopwell/fhir';
import { type FhirClient, type SearchPage, wasApplied } from '@loopwell/fhir/client';
import { AppError } from '@loopwell/kit';
import type { EhrQuirks } from './quirks.ts';
import { createSeen, type Seen } from './seen.ts';

export type PullWindow = { type: string; from: Date | undefined; to: Date; patient?: string };

export type WindowPage = {
  resources: readonly fhir4.Resource[];
  invalid: SearchPage['invalid'];
  nextUrl?: string;
  /** `_lastUpdated` up to which all has been seen, for good: a pull that is killed may go on from here. */
  newest?: Date;
};

/** What a window needs of a client. */
export type WindowClient = Pick<FhirClient, 'search' | 'page'>;

const [maxRounds, maxPages, maxIdlePages, largestPage] = [10, 100_000, 200, 1_000];

/**
 * Reads a closed window (`_lastUpdated` ge from, lt to), page after page, so that no row is lost although rows move.
 *
 * A row that is changed while we read leaves the window, and on servers that page by offset all later rows shift by
 * one: the one at the border of two pages would be skipped. So a next link is followed only while the server's `total`
 * shows that nothing has left; else the next page is asked for by time, `ge` the newest row seen. Where time does not
 * help (a page full of one and the same `_lastUpdated`, a server that does not sort or tell), the pages are read again
 * until two rounds are alike. Every row may come twice; the store knows the versions that it has.
 *
 * A page that ends before its total and names no next one is asked for as a larger one, and then by time; there the
 * totals must fit together, or some rows were never shown.
 */
export async function* pullWindow(client: WindowClient, quirks: EhrQuirks, window: PullWindow): AsyncIterable<WindowPage> {
  const seen = createSeen();
  let { from } = window;
  let count = quirks.pageSize;
  let expected: number | undefined;
  let rounds = 0;
  let last: Walk | undefined;
  while (true) {
    rounds += 1;
    const walk: Walk = yield* walkOnce(client, quirks, { ...window, from, count }, seen);
    if (expected !== undefined && walk.firstTotal !== expected) throw short(window.type, { total: expected, rows: walk.firstTotal ?? 0 });
    expected = undefined;
    if (walk.sure || isConfirmed(walk, last, rounds)) {
      if (walk.short && walk.cut && count < largestPage) {
        count = Math.min(largestPage, Math.max(walk.short.total, 2 * count));
        rounds = 0;
        continue;
      }
      if (walk.short && !walk.cut?.stepTo) throw short(window.type, walk.short);
      if (walk.cut) expected = walk.cut.left;
      if (walk.stepTo === undefined && !walk.cut) return;
      from = walk.stepTo ?? walk.cut?.stepTo ?? from;
      seen.forget();
      last = undefined;
      rounds = 0;
      continue;
    }
    last = walk;
    if (rounds >= maxRounds) {
      throw new AppError('REMOTE_UNAVAILABLE', 'The rows of a search keep moving while they are read', { facts: { type: window.type } });
    }
  }
}

/** How one walk ended: with all rows up to `stepTo` (or to the end) seen for sure, or to be read again. */
type Walk = {
  sure: boolean;
  stepTo?: Date | undefined;
  short?: { total: number; rows: number } | undefined;
  /** The only page, short of its total: where to go on by time, if it is in order, and how many rows are left then. */
  cut?: { stepTo: Date | undefined; left: number } | undefined;
  firstTotal?: number | undefined;
  fresh: number;
  digest: number;
};

const short = (type: string, facts: { total: number; rows: number }) =>
  new AppError('REMOTE_UNAVAILABLE', 'The server says that there are more rows than it gives', { facts: { type, ...facts } });

/**
 * Two rounds with the same rows in the same order: nothing moved in the second, so that nothing was skipped. Where rows
 * move faster than they can be read, two rounds without anything new must do.
 */
function isConfirmed(walk: Walk, last: Walk | undefined, rounds: number): boolean {
  if (!last) return false;
  return walk.digest === last.digest || (rounds >= 4 && walk.fresh === 0 && last.fresh === 0);
}

/** What is known of a walk while it lasts. */
type Going = {
  pages: number;
  rows: number;
  fresh: number;
  idle: number;
  digest: number;
  /** In order of `_lastUpdated` so far, and said to be. */
  sorted: boolean;
  /** In order so far, whatever is said. */
  inOrder: boolean;
  firstTotal: number | undefined;
  /** Rows that are as new as the newest. */
  newestRows: number;
  /** Every page told the same total, and no row lay outside the window: nothing has left it. */
  steady: boolean;
  total: number | undefined;
  newest: Date | undefined;
};

async function* walkOnce(
  client: WindowClient,
  quirks: EhrQuirks,
  window: PullWindow & { count: number },
  seen: Seen,
): AsyncGenerator<WindowPage, Walk> {
  const visited = new Set<string>();
  const going: Going = {
    pages: 0,
    rows: 0,
    fresh: 0,
    idle: 0,
    digest: 0,
    sorted: !quirks.unsorted,
    inOrder: true,
    firstTotal: undefined,
    newestRows: 0,
    steady: true,
    total: undefined,
    newest: window.from,
  };
  seen.nextRound();
  let page = await client.search(window.type, parametersOf(quirks, window));
  while (true) {
    const before = going.newest;
    const wasSteady = going.steady;
    look(page, window, going, seen);
    const reliable = going.sorted && (going.pages === 1 || going.steady);
    const resources = page.resources.filter((one) => isInside(one, window));
    yield {
      resources,
      invalid: page.invalid,
      ...(page.nextUrl ? { nextUrl: page.nextUrl } : {}),
      ...(reliable && going.newest ? { newest: going.newest } : {}),
    };
    if (page.nextUrl === undefined) return endOf(going, window);
    if (going.sorted) {
      const step = stepOf(going, window, before, wasSteady);
      if (step) return step;
    }
    page = await follow(client, page.nextUrl, visited, window);
  }
}

/** Where a sorted walk goes on by time rather than by its next link, if it does. */
function stepOf(going: Going, { from }: PullWindow, before: Date | undefined, wasSteady: boolean): Walk | undefined {
  const isLater = (time: Date | undefined) => time !== undefined && (from === undefined || time > from);
  // Until the page before, nothing had left: what it ended with is where to go on.
  const { fresh, digest } = going;
  if (!going.steady && wasSteady && going.pages > 1 && isLater(before)) return { sure: true, stepTo: before, fresh, digest };
  if (going.steady && going.total !== undefined) return undefined;
  if (!isLater(going.newest)) return undefined;
  return { sure: going.pages === 1, stepTo: going.newest, fresh, digest };
}

/** The end was reached: for sure with one page, or with a total that fits. */
function endOf({ total, firstTotal, rows, pages, steady, fresh, digest, inOrder, newest, newestRows }: Going, { from }: PullWindow): Walk {
  const sure = pages === 1 || (steady && total === rows);
  if (total === undefined || rows >= total) return { sure, fresh, digest, firstTotal };
  const isLater = newest !== undefined && (from === undefined || newest > from);
  const cut = pages === 1 && rows > 0 ? { stepTo: inOrder && isLater ? newest : undefined, left: total - rows + newestRows } : undefined;
  return { sure, fresh, digest, firstTotal, short: { total, rows }, cut };
}

function look(page: SearchPage, window: PullWindow, going: Going, seen: Seen): void {
  going.pages += 1;
  if (going.pages === 1) {
    // Who does not show that it sorts is not believed to: rows older than the newest might still come.
    going.sorted &&= wasApplied(page, '_sort');
    going.total = page.total;
    going.firstTotal = page.total;
  }
  going.steady &&= page.total !== undefined && page.total === going.total;
  // The last page's total is the one to be reached.
  if (page.total !== undefined) going.total = page.total;
  let isIdle = true;
  for (const resource of page.resources) {
    const time = timeOf(resource);
    const note = seen.note(resource);
    const inside = isInside(resource, window) && (time === undefined || window.from === undefined || time >= window.from);
    if (note.isFresh && inside) going.fresh += 1;
    if (note.isNewInRound) isIdle = false;
    if (!inside) going.steady = false;
    going.digest = (going.digest * 31 + note.key) % Number.MAX_SAFE_INTEGER;
    if (time === undefined || (going.newest !== undefined && time < going.newest)) {
      going.sorted = false;
      going.inOrder = false;
    } else {
      going.newestRows = time.getTime() === going.newest?.getTime() ? going.newestRows + 1 : 1;
      going.newest = time;
    }
  }
  going.rows += page.resources.length + page.invalid.length;
  going.idle = isIdle ? going.idle + 1 : 0;
  if (going.idle > maxIdlePages || going.pages > maxPages) {
    throw new AppError('REMOTE_INVALID', 'The pages of a search do not end', { facts: { type: window.type, pages: going.pages } });
  }
}

async function follow(client: WindowClient, url: string, visited: Set<string>, { type }: PullWindow): Promise<SearchPage> {
  if (visited.has(url)) throw new AppError('REMOTE_INVALID', 'A next link repeats', { facts: { type } });
  visited.add(url);
  return client.page(url);
}

function parametersOf(
  quirks: EhrQuirks,
  { type, from, to, patient, count }: PullWindow & { count: number },
): Record<string, string | string[]> {
  const bounds = [...(from ? [`ge${from.toISOString()}`] : []), `lt${to.toISOString()}`];
  const whose = patient === undefined ? {} : type === 'Patient' ? { _id: patient } : { patient };
  return { ...quirks.search?.[type], ...whose, _lastUpdated: bounds, _sort: '_lastUpdated', _count: String(count) };
}

function timeOf(resource: fhir4.Resource): Date | undefined {
  const said: unknown = resource.meta?.lastUpdated;
  const time = typeof said === 'string' ? Date.parse(said) : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time);
}

/** What changed after the end of the window belongs to the next one, also where the server ignored the end. */
function isInside(resource: fhir4.Resource, window: PullWindow): boolean {
  const time = timeOf(resource);
  return time === undefined || time < window.to;
}
