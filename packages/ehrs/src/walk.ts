import { noticeCodes, rowsOn, type SearchPage, wasApplied } from '@loopwell/fhir/client';
import { AppError, errorRecord } from '@loopwell/kit';
import type { Noticed, SearchForm } from '@loopwell/sdoh';
import { byOffset, firstPage } from './ask.ts';
import type { PullWindow, Reader, Stretch, WindowClient, WindowPage } from './ports.ts';
import { isInside, otherPatientOf, timeOf } from './rows.ts';
import type { SeenVersions } from './seen-versions.ts';

const [maxPages, maxIdlePages] = [100_000, 200];

/**
 * The end of one walk: complete if all rows up to `stepTo` (or to the end) were seen for sure;
 * otherwise they are read again.
 */
export type WalkResult = {
  isComplete: boolean;
  stepTo?: Date | undefined;
  hasShortfall?: boolean;
  /**
   * The only page, if it is short of its total: the time to go on from, if it is in order, and how
   * many rows are left then.
   */
  truncatedPage?: { stepTo: Date | undefined; left: number; total: number } | undefined;
  /** A page is gone and time does not help. Larger pages may. */
  larger?: boolean;
  /**
   * How the walk goes on although its next page could not be read. It is reported only after the
   * window has been read to its end.
   */
  wentOn?: Noticed;
  /** The first total differs from the number of rows that the walk before had left. */
  surprised?: boolean;
  firstTotal?: number | undefined;
  newRows: number;
  digest: number;
};

/** The state of a walk while it lasts. */
type PageWalkState = {
  pages: number;
  /** The number of different rows. A row that comes twice counts once. */
  rows: number;
  /** The number of rows as they came. */
  entries: number;
  newRows: number;
  idle: number;
  digest: number;
  /** True while rows come in order of `_lastUpdated` and the server says that it sorts. */
  sorted: boolean;
  /** True while rows come in order, whatever the server says. */
  inOrder: boolean;
  firstTotal: number | undefined;
  /** The number of rows that are as new as the newest. */
  newestRows: number;
  /** True while every page has the same total and no row is outside the window. */
  steady: boolean;
  total: number | undefined;
  newest: Date | undefined;
  firstRows: number;
  /** Fewer rows than expected were seen, so no place to go on from is trusted any more. */
  suspect: boolean;
};

const begin = (sorted: boolean, newest: Date | undefined): PageWalkState => ({
  pages: 0,
  rows: 0,
  entries: 0,
  newRows: 0,
  idle: 0,
  digest: 0,
  sorted,
  inOrder: true,
  firstTotal: undefined,
  newestRows: 0,
  steady: true,
  total: undefined,
  newest,
  firstRows: 0,
  suspect: false,
});

/** Reads one window once, page by page, and tells how it ended. */
export async function* walkOnce(
  reader: Reader,
  window: Stretch,
  seen: SeenVersions,
  all: SeenVersions,
): AsyncGenerator<WindowPage, WalkResult> {
  const visited = new Set<string>();
  seen.nextRound();
  const first = await firstPage(reader, window);
  const { form } = first;
  // A search without bounds or for one patient has no end by time: all rows are read.
  const bounded =
    form.time === 'none' || (window.patient !== undefined && !window.bounded)
      ? { ...window, to: endless }
      : window;
  const going = begin(
    !reader.quirks.unsorted && form.sort,
    form.time === 'none' ? undefined : window.from,
  );
  let page: SearchPage | undefined = first.page;
  while (page) {
    const before = going.newest;
    const wasSteady = going.steady;
    const noticed = observePage(page, bounded, form, going, seen, all);
    const isLast = page.nextUrl === undefined;
    if (isLast && going.total !== undefined && going.rows < going.total) going.suspect = true;
    const reliable = going.sorted && !going.suspect && (going.pages === 1 || going.steady);
    yield {
      ...apart(
        page.resources.filter((one) => isInside(one, bounded)),
        window,
      ),
      invalid: page.invalid,
      ...(page.nextUrl ? { nextUrl: page.nextUrl } : {}),
      ...(reliable && going.newest ? { newest: going.newest, left: leftAt(going) } : {}),
      ...(noticed.length > 0 ? { noticed } : {}),
    };
    if (isLast) {
      page = await byOffset(reader, window, form, going, page);
      if (page) continue;
      return { ...endOf(going, window), surprised: isSurprised(going, window) };
    }
    const step = going.sorted ? stepOf(going, window, before, wasSteady) : undefined;
    if (step) return step;
    const next = await follow(reader.client, page.nextUrl ?? '', visited, window, going);
    if ('isComplete' in next) return next;
    page = next;
  }
  return endOf(going, window);
}

/**
 * Counts the rows that a walk from the newest row on has to find; undefined if no total is known,
 * or the rows have moved.
 */
const leftAt = ({ total, rows, newestRows, steady }: PageWalkState) =>
  total !== undefined && steady ? total - rows + newestRows : undefined;

/** Separates the rows that were asked for from rows of other patients. */
function apart(
  resources: SearchPage['resources'],
  window: Stretch,
): Pick<WindowPage, 'resources' | 'ofOthers'> {
  const ofOthers = resources.flatMap((resource) => {
    const patient = otherPatientOf(resource, window);
    return patient === undefined ? [] : [{ patient, resource }];
  });
  if (ofOthers.length === 0) return { resources };
  return {
    resources: resources.filter((one) => otherPatientOf(one, window) === undefined),
    ofOthers,
  };
}

const endless = new Date(8_640_000_000_000_000);

const isSurprised = ({ firstTotal }: PageWalkState, { expected }: Stretch) =>
  expected !== undefined && firstTotal !== expected;

/**
 * Tells where a sorted walk goes on by time instead of by its next link; undefined if it follows
 * the link.
 */
function stepOf(
  going: PageWalkState,
  { from }: PullWindow,
  before: Date | undefined,
  wasSteady: boolean,
): WalkResult | undefined {
  const isLater = (time: Date | undefined) =>
    time !== undefined && (from === undefined || time > from);
  // No row had left until the page before, so its newest row is the place to go on.
  const { newRows, digest } = going;
  if (!going.steady && wasSteady && going.pages > 1 && isLater(before))
    return { isComplete: true, stepTo: before, newRows, digest };
  if (going.steady && going.total !== undefined) return undefined;
  if (!isLater(going.newest)) return undefined;
  return { isComplete: going.pages === 1, stepTo: going.newest, newRows, digest };
}

/**
 * Tells how a walk ended that reached its last page. It is complete with one page, or with a total
 * that fits.
 */
function endOf(
  {
    total,
    firstTotal,
    rows,
    pages,
    steady,
    newRows,
    digest,
    inOrder,
    newest,
    newestRows,
  }: PageWalkState,
  { from }: PullWindow,
): WalkResult {
  const isComplete = pages === 1 || (steady && total === rows);
  if (total === undefined || rows >= total) return { isComplete, newRows, digest, firstTotal };
  const isLater = newest !== undefined && (from === undefined || newest > from);
  const left = total - rows + newestRows;
  const cut =
    pages === 1 && rows > 0
      ? { stepTo: inOrder && isLater ? newest : undefined, left, total }
      : undefined;
  return {
    isComplete,
    newRows,
    digest,
    firstTotal,
    hasShortfall: true,
    truncatedPage: cut,
  };
}

/**
 * Counts the rows of a page into the state of the walk, and returns the deviations that it noticed.
 */
function observePage(
  page: SearchPage,
  window: Stretch,
  form: SearchForm,
  going: PageWalkState,
  seen: SeenVersions,
  all: SeenVersions,
): Noticed[] {
  const rows = rowsOn(page);
  const noticed = new Set(noticeCodes(page.outcomes));
  going.pages += 1;
  if (going.pages === 1) {
    // A server that does not show that it sorts is not trusted to: rows older than the newest might
    // still come.
    going.sorted &&= wasApplied(page, '_sort');
    going.total = page.total;
    going.firstTotal = page.total;
    going.firstRows = rows;
    going.suspect = isSurprised(going, window);
  }
  // A page in the middle that is shorter than the first one may lack rows.
  if (page.nextUrl !== undefined && rows < going.firstRows && page.total !== undefined)
    going.suspect = true;
  going.steady &&= page.total !== undefined && page.total === going.total;
  // The last page's total is the one that the walk has to reach.
  if (page.total !== undefined) going.total = page.total;
  let isIdle = true;
  for (const resource of page.resources) {
    const time = timeOf(resource);
    const note = seen.note(resource);
    all.note(resource);
    const isOld = time !== undefined && window.from !== undefined && time < window.from;
    const inside = isInside(resource, window) && (form.time === 'none' || !isOld);
    if (isOld && form.time !== 'none') noticed.add('ignores-lastUpdated');
    if (otherPatientOf(resource, window) !== undefined) noticed.add('ignores-patient');
    if (note.isFresh && inside) going.newRows += 1;
    if (note.isNewInRound) {
      isIdle = false;
      going.rows += 1;
    }
    if (!inside) going.steady = false;
    going.digest = (going.digest * 31 + note.key) % Number.MAX_SAFE_INTEGER;
    inOrder(time, going);
  }
  going.rows += rows - page.resources.length;
  going.entries += rows;
  going.idle = isIdle ? going.idle + 1 : 0;
  if (going.idle > maxIdlePages || going.pages > maxPages) {
    throw new AppError('REMOTE_INVALID', 'The pages of a search do not end', {
      facts: { type: window.type, pages: going.pages },
    });
  }
  return [...noticed].map((code) => ({ code }));
}

/** Notes in the state of the walk whether rows still come in order, and which is the newest. */
function inOrder(time: Date | undefined, going: PageWalkState): void {
  if (time === undefined || (going.newest !== undefined && time < going.newest)) {
    going.sorted = false;
    going.inOrder = false;
  } else {
    going.newestRows = time.getTime() === going.newest?.getTime() ? going.newestRows + 1 : 1;
    going.newest = time;
  }
}

/**
 * Follows a next link. If the page is gone or elsewhere, it tells how the walk goes on by time from
 * the last row that was surely seen.
 */
async function follow(
  client: WindowClient,
  url: string,
  visited: Set<string>,
  { type, from }: Stretch,
  { sorted, suspect, pages, steady, newest, newRows, digest }: PageWalkState,
): Promise<SearchPage | WalkResult> {
  if (visited.has(url))
    throw new AppError('REMOTE_INVALID', 'A next link repeats', { facts: { type } });
  visited.add(url);
  try {
    return await client.page(url);
  } catch (error) {
    const { pageGone, elsewhere, led } = errorRecord(error).facts;
    const isKnown = sorted && !suspect && (pages === 1 || steady) && newest !== undefined;
    const isLater = isKnown && (from === undefined || newest > from);
    if (pageGone !== true && !(elsewhere === true && isLater)) throw error;
    if (!isLater) {
      const larger = { code: 'page-gone-larger' };
      return { isComplete: false, larger: true, newRows, digest, wentOn: larger };
    }
    const wentOn =
      pageGone === true
        ? { code: 'page-gone' }
        : { code: 'next-elsewhere', ...(typeof led === 'string' ? { led } : {}) };
    return { isComplete: true, stepTo: newest, newRows, digest, wentOn };
  }
}
