import type { fhir4 } from '@loopwell/fhir';
import { type FhirClient, type SearchPage, wasApplied } from '@loopwell/fhir/client';
import { AppError } from '@loopwell/kit';
import { createSeen, type Seen } from './seen.ts';
import type { EhrQuirks } from './quirks.ts';

export type PullWindow = { type: string; from: Date | undefined; to: Date; patient?: string };

export type WindowPage = {
  resources: readonly fhir4.Resource[];
  invalid: readonly { reason: string; entry: unknown }[];
  nextUrl?: string;
  /** `_lastUpdated` up to which all has been seen, for good: a pull that is killed may go on from here. */
  newest?: Date;
};

/** What a window needs of a client. */
export type WindowClient = Pick<FhirClient, 'search' | 'page'>;

const [maxRounds, maxPages, maxIdlePages] = [10, 100_000, 200];

/**
 * Reads a closed window (`_lastUpdated` ge from, lt to), page after page, so that no row is lost although rows move.
 *
 * A row that is changed while we read leaves the window, and on servers that page by offset all later rows shift by
 * one: the one at the border of two pages would be skipped. So a next link is followed only while the server's `total`
 * shows that nothing has left; else the next page is asked for by time, `ge` the newest row seen. Where time does not
 * help (a page full of one and the same `_lastUpdated`, a server that does not sort or tell), the pages are read again
 * until two rounds are alike. Every row may come twice; the store knows the versions that it has.
 */
export async function* pullWindow(client: WindowClient, quirks: EhrQuirks, window: PullWindow): AsyncIterable<WindowPage> {
  const seen = createSeen();
  let from = window.from;
  let rounds = 0;
  let last: Walk | undefined;
  for (;;) {
    rounds += 1;
    const walk: Walk = yield* walkOnce(client, quirks, { ...window, from }, seen);
    if (walk.sure || isConfirmed(walk, last, rounds)) {
      if (walk.short) throw new AppError('REMOTE_UNAVAILABLE', 'The server says that there are more rows than it gives', { facts: { type: window.type, ...walk.short } });
      if (walk.stepTo === undefined) return;
      from = walk.stepTo;
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
type Walk = { sure: boolean; stepTo?: Date | undefined; short?: { total: number; rows: number } | undefined; fresh: number; digest: number };

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
  /** Every page told the same total, and no row lay outside the window: nothing has left it. */
  steady: boolean;
  total: number | undefined;
  newest: Date | undefined;
};

async function* walkOnce(client: WindowClient, quirks: EhrQuirks, window: PullWindow, seen: Seen): AsyncGenerator<WindowPage, Walk> {
  const visited = new Set<string>();
  const going: Going = { pages: 0, rows: 0, fresh: 0, idle: 0, digest: 0, sorted: !quirks.unsorted, steady: true, total: undefined, newest: window.from };
  seen.nextRound();
  let page = await client.search(window.type, parametersOf(quirks, window));
  for (;;) {
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
    if (page.nextUrl === undefined) return endOf(going);
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
function endOf({ total, rows, pages, steady, fresh, digest }: Going): Walk {
  const short = total !== undefined && rows < total ? { total, rows } : undefined;
  return { sure: pages === 1 || (steady && total === rows), fresh, digest, short };
}

function look(page: SearchPage, window: PullWindow, going: Going, seen: Seen): void {
  going.pages += 1;
  if (going.pages === 1) {
    // Who does not show that it sorts is not believed to: rows older than the newest might still come.
    going.sorted &&= wasApplied(page, '_sort');
    going.total = page.total;
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
    if (time === undefined || (going.newest !== undefined && time < going.newest)) going.sorted = false;
    else going.newest = time;
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

function parametersOf(quirks: EhrQuirks, { type, from, to, patient }: PullWindow): Record<string, string | string[]> {
  const bounds = [...(from ? [`ge${from.toISOString()}`] : []), `lt${to.toISOString()}`];
  const whose = patient === undefined ? {} : type === 'Patient' ? { _id: patient } : { patient };
  return { ...quirks.search?.[type], ...whose, _lastUpdated: bounds, _sort: '_lastUpdated', _count: String(quirks.pageSize) };
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
