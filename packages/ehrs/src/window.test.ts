import type { fhir4 } from '@loopwell/fhir';
import type { SearchPage } from '@loopwell/fhir/client';
import { AppError } from '@loopwell/kit';
import { describe, expect, it } from 'vitest';
import { ehrs } from './index.ts';
import { type PullWindow, pullWindow, type WindowClient } from './window.ts';

const [plain] = ehrs;
if (!plain) throw new Error('the shelf is empty');
const quirks = { ...plain, pageSize: 5 };
const base = 'https://ehr.test/fhir';
const start = Date.parse('2026-11-01T00:00:00Z');
const to = new Date(start + 1_000_000);

type Row = { id: string; time: number | undefined; version: number };
type Manner = {
  total?: boolean;
  ignoresSort?: boolean;
  ignoresTime?: boolean;
  noSelf?: boolean;
  lies?: number;
  between?: (request: number) => void;
  noNext?: boolean;
  mostRows?: number;
  ignoresOffset?: boolean;
  /** Rows that are counted and never shown. */
  hides?: (id: string) => boolean;
  /** Shows another row in the place of one. */
  swaps?: (id: string) => string;
};

/** A server that pages by offset over what it holds at that moment, as many real ones do. */
function serverOf(rows: Row[], manner: Manner = {}) {
  let requests = 0;
  const shown = (some: Row[]) =>
    some
      .filter((row) => !manner.hides?.(row.id))
      .map((row) => rows.find((one) => one.id === manner.swaps?.(row.id)) ?? row);
  const answer = (query: URLSearchParams): SearchPage => {
    if (requests > 0) manner.between?.(requests);
    requests += 1;
    if (requests > 2_000) throw new Error('endless');
    const bounds = manner.ignoresTime
      ? []
      : query
          .getAll('_lastUpdated')
          .map((one) => [one.slice(0, 2), Date.parse(one.slice(2))] as const);
    const found = rows.filter((row) =>
      bounds.every(([kind, at]) => (kind === 'ge' ? (row.time ?? 0) >= at : (row.time ?? 0) < at)),
    );
    if (!manner.ignoresSort)
      found.sort((a, b) => (a.time ?? 0) - (b.time ?? 0) || (a.id < b.id ? -1 : 1));
    const [offset, count] = [
      manner.ignoresOffset ? 0 : Number(query.get('_offset') ?? 0),
      Math.min(manner.mostRows ?? 10_000, Number(query.get('_count'))),
    ];
    const next = new URLSearchParams(query);
    next.set('_offset', String(offset + count));
    const self = new URLSearchParams(query);
    if (manner.ignoresSort) self.delete('_sort');
    return {
      resources: shown(found.slice(offset, offset + count)).map(({ id, time, version }) => ({
        resourceType: 'Patient',
        id,
        meta: {
          versionId: String(version),
          ...(time === undefined ? {} : { lastUpdated: new Date(time).toISOString() }),
        },
      })),
      invalid: [],
      outcomes: [],
      ...(offset + count < found.length && !manner.noNext
        ? { nextUrl: `${base}/Patient?${next}` }
        : {}),
      ...(manner.noSelf ? {} : { selfUrl: `${base}/Patient?${self}` }),
      ...(manner.total ? { total: found.length + (manner.lies ?? 0) } : {}),
    };
  };
  const client: WindowClient = {
    search: async (_type, parameters) =>
      answer(
        new URLSearchParams(
          Object.entries(parameters).flatMap(([name, value]) =>
            [value].flat().map((one): [string, string] => [name, String(one)]),
          ),
        ),
      ),
    page: async (url) => answer(new URL(url).searchParams),
  };
  return { client, requests: () => requests };
}

const rowsAt = (...times: (number | undefined)[]): Row[] =>
  times.map((time, index) => ({
    id: `r${String(index).padStart(4, '0')}`,
    time: time === undefined ? undefined : start + time,
    version: 1,
  }));

async function readAll(
  client: WindowClient,
  window: Partial<PullWindow> = {},
  use = quirks,
  noticed: string[] = [],
) {
  const ids = new Set<string>();
  const cursors: Date[] = [];
  let most = 0;
  for await (const page of pullWindow(client, use, {
    type: 'Patient',
    from: undefined,
    to,
    ...window,
  })) {
    for (const one of page.resources as (fhir4.Resource & { id: string })[]) ids.add(one.id);
    if (page.newest) cursors.push(page.newest);
    noticed.push(...(page.noticed ?? []).map((one) => one.code));
    most = Math.max(most, page.resources.length);
  }
  return { ids: [...ids].sort(), cursors };
}

const idsOf = (rows: readonly Row[]) => rows.map((row) => row.id).sort();

describe('a window of pulling', () => {
  it('reads every page once where the total shows that nothing moved', async () => {
    const rows = rowsAt(...Array.from({ length: 23 }, (_, index) => index * 1_000));
    const { client, requests } = serverOf(rows, { total: true });
    expect((await readAll(client)).ids).toEqual(idsOf(rows));
    expect(requests()).toBe(5);
  });

  it('goes on by time where no total is told', async () => {
    const rows = rowsAt(...Array.from({ length: 23 }, (_, index) => index * 1_000));
    const { client, requests } = serverOf(rows);
    const { ids, cursors } = await readAll(client);
    expect(ids).toEqual(idsOf(rows));
    expect(requests()).toBeLessThan(8);
    expect(cursors.at(-1)).toEqual(new Date(start + 22_000));
  });

  it.each([
    ['with a total', { total: true }],
    ['without a total', {}],
    ['that does not sort', { ignoresSort: true }],
    ['that ignores _lastUpdated', { ignoresTime: true, total: true }],
    ['without self links', { noSelf: true }],
  ] satisfies [string, Manner][])(
    'reads several hundred rows of one and the same time from a server %s',
    async (_what, manner) => {
      const rows = rowsAt(
        ...Array.from({ length: 10 }, () => 1),
        ...Array.from({ length: 437 }, () => 2_000),
        ...Array.from({ length: 7 }, (_, index) => 3_000 + index),
      );
      expect((await readAll(serverOf(rows, manner).client)).ids).toEqual(idsOf(rows));
    },
  );

  it('reads rows that have no time at all', async () => {
    const rows = rowsAt(undefined, 5, undefined, 3, 9, undefined, 1, 2, 3, 4, undefined, 7);
    const { ids, cursors } = await readAll(serverOf(rows, { ignoresTime: true }).client);
    expect(ids).toEqual(idsOf(rows));
    expect(cursors.every((one) => one.getTime() <= start + 5)).toBe(true);
  });

  it('asks again where one row left a page that was read already, so that the row behind the border is not skipped', async () => {
    const rows = rowsAt(...Array.from({ length: 12 }, (_, index) => index * 1_000));
    const between = (request: number) => {
      if (request === 1 && rows[0]) rows[0].time = to.getTime() + 1;
    };
    for (const total of [true, false]) {
      const { ids } = await readAll(serverOf(rows, { total, between }).client);
      expect(ids).toContain('r0005');
      expect(ids).toHaveLength(total ? 12 : 11);
    }
  });

  it.each([
    ['larger pages', 437, {}, {}],
    ['larger pages, all of one time', 437, { step: 0 }, {}],
    ['larger pages and then by time', 2_600, {}, {}],
    ['by time, a few of each', 300, { step: 0.25 }, { mostRows: 20, ignoresOffset: true }],
    ['by _offset, all of one time', 300, { step: 0 }, { mostRows: 20 }],
    ['by _offset, unsorted', 300, {}, { mostRows: 20, ignoresSort: true }],
  ])(
    'reads all from a server that names no next page: %s',
    async (_what, count, { step = 1 }: { step?: number }, manner) => {
      const rows = rowsAt(...Array.from({ length: count }, (_, index) => Math.floor(index * step)));
      const { client } = serverOf(rows, { total: true, noNext: true, noSelf: true, ...manner });
      expect((await readAll(client)).ids).toEqual(idsOf(rows));
    },
  );

  it.each([
    ['does not sort', 3_000, { ignoresSort: true, ignoresOffset: true }],
    ['has more rows of one time than it shows', 300, { mostRows: 20, ignoresOffset: true }],
  ])('says so when a server names no next page and %s', async (_what, count, manner) => {
    const rows = rowsAt(
      ...Array.from({ length: count }, (_, index) =>
        count === 300 ? 7 : (index * 7_919) % 10_007,
      ),
    );
    await expect(
      readAll(serverOf(rows, { total: true, noNext: true, noSelf: true, ...manner }).client),
    ).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
    });
  });

  it('leaves what changed after its end to the next window', async () => {
    const rows = rowsAt(1_000, 2_000, 1_000_000, 1_000_001);
    expect((await readAll(serverOf(rows).client)).ids).toEqual(['r0000', 'r0001']);
    expect((await readAll(serverOf(rows, { ignoresTime: true }).client)).ids).toEqual([
      'r0000',
      'r0001',
    ]);
  });

  it('tells no place to go on from where a server sorts by something else', async () => {
    const rows = rowsAt(...Array.from({ length: 20 }, (_, index) => index * 1_000)).reverse();
    const { ids, cursors } = await readAll(serverOf(rows, { ignoresSort: true }).client);
    expect(ids).toEqual(idsOf(rows));
    expect(cursors).toEqual([]);
  });

  it('takes fewer rows than the total for an error', async () => {
    const rows = rowsAt(...Array.from({ length: 8 }, (_, index) => index * 1_000));
    await expect(readAll(serverOf(rows, { total: true, lies: 3 }).client)).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
      facts: { total: 11 },
    });
    await expect(readAll(serverOf([], { total: true, lies: 3 }).client)).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
    });
  });

  /** Rows that a server hides in the middle: its total tells of them, and no way leads there. */
  it.each<[string, number, Manner]>([
    ['in one page without a next link', 30, { noNext: true, ignoresOffset: true }],
    ['in one page that names itself sorted', 30, {}],
    ['on several pages', 5, {}],
    ['on several pages, unsorted', 5, { ignoresSort: true }],
    ['on several pages, without self links', 5, { noSelf: true }],
  ])('does not begin behind rows that were missing %s', async (_what, pageSize, manner) => {
    const rows = rowsAt(...Array.from({ length: 30 }, (_, index) => index * 1_000));
    const { client } = serverOf(rows, {
      ...manner,
      total: true,
      hides: (id) => ['r0010', 'r0011', 'r0012'].includes(id),
    });
    const cursors: Date[] = [];
    const read = async () => {
      for await (const page of pullWindow(
        client,
        { ...plain, pageSize },
        { type: 'Patient', from: undefined, to },
      ))
        if (page.newest) cursors.push(page.newest);
    };
    await expect(read()).rejects.toMatchObject({ facts: { short: true, total: 30, given: 27 } });
    expect(cursors.filter((one) => one.getTime() >= start + 10_000)).toEqual([]);
  });

  it.each([
    ['in one page', 30, {}],
    ['at the border of two pages', 5, {}],
    ['at the border of two pages, unsorted', 5, { ignoresSort: true }],
  ])(
    'counts a row that comes twice once, so that the one that it stands for is missed: %s',
    async (_what, pageSize, manner) => {
      const rows = rowsAt(...Array.from({ length: 30 }, (_, index) => index * 1_000));
      const { client } = serverOf(rows, {
        ...manner,
        total: true,
        swaps: (id) => (id === 'r0010' ? 'r0009' : id),
      });
      const reading = readAll(client, {}, { ...plain, pageSize });
      await expect(reading).rejects.toMatchObject({ facts: { short: true, total: 30, given: 29 } });
    },
  );

  it('reads a window again whole once where its rest is not what was left', async () => {
    const rows = rowsAt(...Array.from({ length: 1_500 }, (_, index) => index * 100));
    let moved = false;
    const between = (request: number) => {
      if (request < 4 || moved) return;
      moved = true;
      Object.assign(rows[1_400] ?? {}, { time: to.getTime() + 1 });
    };
    const { client } = serverOf(rows, {
      total: true,
      noNext: true,
      noSelf: true,
      ignoresOffset: true,
      between,
    });
    // The one that moved belongs to the next window.
    expect((await readAll(client)).ids).toHaveLength(1_499);
  });

  it.each([
    ['gone (410)', { pageGone: true }, 'page-gone'],
    ['elsewhere', { elsewhere: true, led: 'https://inner.test/r4' }, 'next-elsewhere'],
  ])('goes on by time where a next page is %s, and says so once', async (_what, facts, code) => {
    const rows = rowsAt(...Array.from({ length: 23 }, (_, index) => index * 1_000));
    const { client, requests } = serverOf(rows, { total: true });
    const page = async () => Promise.reject(new AppError('REMOTE_UNAVAILABLE', 'no', { facts }));
    const noticed: string[] = [];
    expect((await readAll({ ...client, page }, {}, quirks, noticed)).ids).toEqual(idsOf(rows));
    expect([requests(), noticed]).toEqual([6, [code]]);
  });

  it.each<[string, Manner]>([
    ['all rows are of one time', {}],
    ['the server does not sort', { ignoresSort: true }],
  ])('asks for larger pages where a next page is gone and %s', async (_what, manner) => {
    const rows = rowsAt(...Array.from({ length: 23 }, () => 1_000));
    const { client } = serverOf(rows, { total: true, ...manner });
    const page = async () =>
      Promise.reject(new AppError('REMOTE_UNAVAILABLE', 'no', { facts: { pageGone: true } }));
    const noticed: string[] = [];
    expect((await readAll({ ...client, page }, {}, quirks, noticed)).ids).toEqual(idsOf(rows));
    expect(noticed).toContain('page-gone-larger');
  });

  it.each([
    ['gone', { pageGone: true }, { ignoresSort: true, mostRows: 5 }],
    ['elsewhere', { elsewhere: true }, { ignoresTime: true }],
    ['elsewhere, unsorted', { elsewhere: true }, { ignoresSort: true }],
    ['elsewhere, of one time from the second page on', { elsewhere: true }, { stands: 6 }],
  ])(
    'says so and not that it went on where a next page is %s and time does not help',
    async (_what, facts, manner) => {
      const { stands = 23, ...more }: Manner & { stands?: number } = manner;
      const rows = rowsAt(
        ...Array.from({ length: 23 }, (_, index) => Math.min(index, stands) * 1_000),
      );
      const page = async () => Promise.reject(new AppError('REMOTE_UNAVAILABLE', 'no', { facts }));
      const noticed: string[] = [];
      const reading = readAll(
        { ...serverOf(rows, { total: true, ...more }).client, page },
        {},
        quirks,
        noticed,
      );
      await expect(reading).rejects.toMatchObject({ facts });
      expect(noticed.filter((one) => one !== 'ignores-lastUpdated')).toEqual([]);
    },
  );

  const half = new Date(start + 10_000);
  it.each([
    ['as many rows as were left are found', 13, idsOf(rowsAt(...Array(23).keys())).slice(10), 1],
    ['fewer rows than were left are found', 15, idsOf(rowsAt(...Array(23).keys())), 2],
  ])('goes on after a kill where %s', async (_what, left, ids, firsts) => {
    const rows = rowsAt(...Array.from({ length: 23 }, (_, index) => index * 1_000));
    const { client } = serverOf(rows, { total: true });
    let begun = 0;
    const search: WindowClient['search'] = async (type, parameters) => {
      begun += 1;
      return client.search(type, parameters);
    };
    const resumed = { left, start: undefined };
    expect((await readAll({ ...client, search }, { from: half, resumed })).ids).toEqual(ids);
    expect(begun).toBe(firsts);
  });

  it('says how many rows are left from each place where it could go on', async () => {
    const rows = rowsAt(...Array.from({ length: 12 }, (_, index) => index * 1_000));
    const lefts: (number | undefined)[] = [];
    for await (const page of pullWindow(serverOf(rows, { total: true }).client, quirks, {
      type: 'Patient',
      from: undefined,
      to,
    }))
      lefts.push(page.left);
    expect(lefts).toEqual([8, 3, 1]);
  });

  it('keeps nothing of others where a server ignores which patient was meant', async () => {
    const { client } = serverOf(rowsAt(1, 2, 3));
    expect((await readAll(client, { patient: 'r0001' })).ids).toEqual(['r0001']);
  });

  it.each([
    ['that repeats', (_n: number) => `${base}/Patient?again`],
    ['that goes round', (n: number) => `${base}/Patient?${n % 3}`],
  ])('takes a next link %s for an error', async (_what, url) => {
    let n = 0;
    const page = (): SearchPage => ({
      resources: [],
      invalid: [],
      outcomes: [],
      nextUrl: url((n += 1)),
    });
    await expect(
      readAll({ search: async () => page(), page: async () => page() }),
    ).rejects.toMatchObject({
      code: 'REMOTE_INVALID',
      message: 'A next link repeats',
    });
  });

  it('does not read for ever from a server whose pages never end', async () => {
    let n = 0;
    const row = {
      resourceType: 'Patient',
      id: 'a',
      meta: { lastUpdated: new Date(start).toISOString() },
    };
    const page = (): SearchPage => ({
      resources: [row],
      invalid: [],
      outcomes: [],
      nextUrl: `${base}/Patient?page=${(n += 1)}`,
    });
    await expect(
      readAll({ search: async () => page(), page: async () => page() }),
    ).rejects.toMatchObject({
      code: 'REMOTE_INVALID',
      message: 'The pages of a search do not end',
    });
    expect(n).toBeLessThan(1_000);
  });

  it('gives up, to begin again later, where rows never stop moving', async () => {
    const rows = rowsAt(...Array.from({ length: 30 }, () => 1_000));
    const between = (request: number) => {
      rows.push({ id: `new${request}`, time: start + 1_000, version: 1 });
    };
    await expect(
      readAll(serverOf(rows, { between, ignoresSort: true }).client),
    ).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
      retryable: true,
    });
  });

  /**
   * Rows move at random moments under servers of every manner: what did not move must have been
   * seen.
   */
  it('loses no row that stayed, whatever moves under it', async () => {
    for (let seed = 1; seed <= 400; seed += 1) {
      const random = randomOf(seed);
      const rows = rowsAt(
        ...Array.from(
          { length: 5 + Math.floor(random() * 40) },
          () => Math.floor(random() * 12) * 1_000,
        ),
      );
      const stayed = new Set(rows.map((row) => row.id));
      const between = () => {
        if (random() > 0.35) return;
        const index = Math.floor(random() * rows.length);
        const row = rows[index];
        if (!row) return;
        stayed.delete(row.id);
        if (random() < 0.3) rows.splice(index, 1);
        else
          Object.assign(row, {
            time: to.getTime() + Math.floor(random() * 1_000),
            version: row.version + 1,
          });
      };
      const manner: Manner = {
        total: random() < 0.5,
        ignoresSort: random() < 0.25,
        ignoresTime: random() < 0.2,
        noSelf: random() < 0.2,
        between,
      };
      const { client } = serverOf(rows, manner);
      const { ids } = await readAll(client).catch((error) =>
        error.retryable ? { ids: undefined } : Promise.reject(error),
      );
      if (ids)
        expect(ids, `seed ${seed} ${JSON.stringify(manner)}`).toEqual(
          expect.arrayContaining([...stayed]),
        );
    }
  });
});

/** mulberry32 */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
