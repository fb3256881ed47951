import type { SearchPage } from '@loopwell/fhir/client';
import { AppError } from '@loopwell/kit';
import type { SearchForm } from '@loopwell/sdoh';
import { describe, expect, it } from 'vitest';
import { askInForms, type Parameters, usualForm } from './form.ts';
import { ehrs, pullWindow, shortOf } from './index.ts';
import { newestAfter } from './newest-after.ts';

const [plain] = ehrs;
if (!plain) throw new Error('the shelf is empty');
const quirks = plain;
const page: SearchPage = { resources: [], invalid: [], outcomes: [] };
const from = new Date('2026-11-01T00:00:00Z');
const to = new Date('2026-11-02T00:00:00Z');

const refused = (status: number, interaction = 'search') =>
  new AppError('REMOTE_REFUSED', 'The other server refused a request', {
    facts: { status, interaction },
  });

/** A server that refuses some searches, and remembers what it was asked. */
function serverOf(refuses: (parameters: Record<string, string[]>) => number | undefined) {
  const asked: Record<string, string[]>[] = [];
  const search = async (
    _type: string,
    parameters: Readonly<Record<string, string | readonly string[]>>,
  ) => {
    const all = Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, [value].flat()]),
    );
    asked.push(all);
    const status = refuses(all);
    if (status !== undefined) throw refused(status);
    return page;
  };
  const client = { search, page: async () => page };
  return { client, asked };
}

/** Reads one window of Observations and says which form was learned, if one was. */
async function learn(
  refuses: Refuses,
  patient?: string,
): Promise<{ form: SearchForm | undefined; asked: number }> {
  const { client, asked } = serverOf(refuses);
  let learned: SearchForm | undefined;
  const forms = {
    formOf: () => undefined,
    learn: async (_t: string, _p: boolean, form: SearchForm) => void (learned = form),
  };
  const window = { type: 'Observation', from, to, ...(patient === undefined ? {} : { patient }) };
  for await (const _one of pullWindow(client, quirks, window, forms));
  return { form: learned, asked: asked.length };
}

async function allOf<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of pages) all.push(one);
  return all;
}

type Refuses = (parameters: Record<string, string[]>) => number | undefined;

const has =
  (...names: string[]): Refuses =>
  (all) =>
    names.some((name) => name in all) ? 400 : undefined;
const prefix =
  (...ok: string[]): Refuses =>
  (all) =>
    (all._lastUpdated ?? []).every((one) => ok.includes(one.slice(0, 2))) ? undefined : 422;
const both =
  (...some: Refuses[]): Refuses =>
  (all) =>
    some.map((one) => one(all)).find((status) => status !== undefined);

describe('the form of a search', () => {
  it.each<[string, Refuses, Partial<SearchForm> | undefined]>([
    ['nothing', () => undefined, undefined],
    ['_sort', has('_sort'), { sort: false }],
    ['lt', prefix('ge', 'le'), { time: 'ge-le' }],
    ['lt and le', prefix('ge'), { time: 'ge' }],
    [
      'two bounds',
      (all) => ((all._lastUpdated ?? []).length > 1 ? 400 : undefined),
      { time: 'ge' },
    ],
    ['_lastUpdated', has('_lastUpdated'), { time: 'none' }],
    ['_lastUpdated and _sort', has('_lastUpdated', '_sort'), { sort: false, time: 'none' }],
    ['_count', has('_count'), { count: false }],
    ['category', has('category'), { category: false }],
    ['_sort and lt', both(has('_sort'), prefix('ge', 'le')), { sort: false, time: 'ge-le' }],
    [
      '_sort with _lastUpdated',
      (all) => ('_sort' in all && '_lastUpdated' in all ? 400 : undefined),
      { sort: false },
    ],
    [
      'everything',
      has('_sort', '_lastUpdated', '_count', 'category'),
      { sort: false, time: 'none', count: false, category: false },
    ],
    ['_sort, by 501', (all) => ('_sort' in all ? 501 : undefined), { sort: false }],
  ])('loses as little as it can where a server refuses %s', async (_what, refuses, lost) => {
    const { form, asked } = await learn(refuses);
    expect(form).toEqual(lost === undefined ? undefined : { ...usualForm, ...lost });
    expect(asked).toBeLessThan(12);
  });

  it.each(['not-supported', 'invalid'])(
    'is looked for where a server says so in place of entries, with 200 (%s)',
    async (issueCode) => {
      const client = {
        search: async (_type: string, parameters: object) => {
          if (!('_sort' in parameters)) return page;
          throw new AppError(
            'REMOTE_UNAVAILABLE',
            'The search answered with an error instead of results',
            { facts: { issueCode } },
          );
        },
        page: async () => page,
      };
      expect(await allOf(pullWindow(client, plain, { type: 'Goal', from, to }))).toHaveLength(1);
    },
  );

  it.each([401, 403, 404, 405])(
    'is not looked for where the type itself is refused (%s)',
    async (status) => {
      const { client, asked } = serverOf(() => status);
      await expect(
        allOf(pullWindow(client, plain, { type: 'Goal', from, to })),
      ).rejects.toMatchObject({ facts: { status } });
      expect(asked).toHaveLength(1);
    },
  );

  it('gives the first refusal where none is taken, after few requests', async () => {
    let n = 0;
    const { client, asked } = serverOf(() => ((n += 1) === 1 ? 422 : 400));
    await expect(
      allOf(pullWindow(client, plain, { type: 'Goal', from, to })),
    ).rejects.toMatchObject({ facts: { status: 422 } });
    expect(asked.length).toBeLessThan(8);
  });

  it('asks each of its forms once', async () => {
    const keys: string[] = [];
    const ask = async (parameters: Parameters) => {
      keys.push(JSON.stringify(parameters));
      throw refused(400);
    };
    await expect(askInForms(ask, () => ({ patient: 'p' }), usualForm)).rejects.toThrow();
    expect(keys).toHaveLength(1);
  });

  it('has no end for one patient, so that a server without lt is read at once', async () => {
    const { form, asked } = await learn(prefix('ge'), 'p1');
    expect([form, asked]).toEqual([undefined, 1]);
  });
});

describe('a Patient that may not be searched', () => {
  const window = { type: 'Patient', from: undefined, to, patient: 'p1' };
  const client = (search: number, read: number | undefined) => ({
    search: async () => Promise.reject(refused(search)),
    page: async () => page,
    read: async () => {
      if (read !== undefined) throw refused(read, 'read');
      return { resource: { resourceType: 'Patient', id: 'p1' } as never };
    },
  });

  it.each<[number, number | undefined, number | 'refused']>([
    [403, undefined, 1],
    [400, undefined, 1],
    [404, undefined, 1],
    [400, 404, 0],
    [403, 404, 'refused'],
    [403, 403, 'refused'],
    [401, undefined, 'refused'],
  ])('after %s is read by its id, answered with %s', async (search, read, found) => {
    const pages = allOf(pullWindow(client(search, read), plain, window));
    if (found === 'refused')
      await expect(pages).rejects.toMatchObject({
        code: 'REMOTE_REFUSED',
        facts: { interaction: 'search' },
      });
    else expect((await pages).flatMap((one) => one.resources)).toHaveLength(found);
  });
});

describe('the newest row after an instant', () => {
  const forms = { formOf: () => undefined };
  const row = (time: string) => ({ resourceType: 'Goal', meta: { lastUpdated: time } });
  const client = (answer: Partial<SearchPage> | AppError) => ({
    search: async () =>
      answer instanceof AppError ? Promise.reject(answer) : { ...page, ...answer },
    page: async () => page,
  });
  const ask = (answer: Partial<SearchPage> | AppError) =>
    newestAfter(client(answer), plain, 'Goal', to, forms);

  it('is none where nothing is newer, whatever else comes', async () => {
    expect(await ask({})).toBeUndefined();
    expect(
      await ask({ resources: [row('2026-11-01T00:00:00Z'), row('nonsense')] }),
    ).toBeUndefined();
    expect(await ask(refused(400))).toBeUndefined();
  });

  it('is known to be the newest where it comes first or nothing follows', async () => {
    const [early, late] = [row('2026-11-03T00:00:00Z'), row('2026-11-04T00:00:00Z')];
    const newest = new Date('2026-11-04T00:00:00Z');
    expect(await ask({ resources: [early, late] })).toEqual({ newest, all: true });
    expect(await ask({ resources: [late, early], nextUrl: 'x' })).toEqual({ newest, all: true });
    expect(await ask({ resources: [early, late], nextUrl: 'x' })).toEqual({ newest, all: false });
  });
});

it('tells no totals of another error', () => {
  expect(shortOf(refused(400))).toBeUndefined();
});
