import type { SearchPage } from '@loopwell/fhir/client';
import { AppError } from '@loopwell/kit';
import { describe, expect, it } from 'vitest';
import { readAround } from './around.ts';
import type { AroundDeps } from './divide-window.ts';
import type { Hole } from './holes.ts';
import { plainR4 } from './plain-r4/index.ts';
import { type PullWindow, pullWindow, type WindowClient } from './window.ts';

type Row = { id: string; patient: string; at: number };
type Kind = {
  /** What is an error: a page with the bad record, or every search whose results hold it. */
  fails: 'page' | 'search';
  /** Applies `_lastUpdated`, and lists of patients. */
  byTime: boolean;
  byList: boolean;
  /** Says which element is missing, or nothing at all. */
  named: boolean;
};
const usual: Kind = { fails: 'search', byTime: true, byList: true, named: true };

const start = Date.parse('2026-03-01T00:00:00Z');
const rowsOf = (count: number, gapMs = 60_000): Row[] =>
  Array.from({ length: count }, (_, n) => ({
    id: `e${n}`,
    patient: `p${n % 20}`,
    at: start + n * gapMs,
  }));

/** An EHR with some records that it cannot show. */
function ehr(rows: readonly Row[], bad: readonly string[], kind: Kind) {
  const asked: string[] = [];
  const state = { bad: new Set(bad) };
  const within = (row: Row, bounds: readonly string[]) =>
    bounds.every((one) =>
      one.startsWith('ge') ? row.at >= Date.parse(one.slice(2)) : row.at < Date.parse(one.slice(2)),
    );
  const pageOf = (
    found: readonly Row[],
    offset: number,
    count: number,
    query: string,
  ): SearchPage => {
    const page = found.slice(offset, offset + count);
    if ((kind.fails === 'search' ? found : page).some((one) => state.bad.has(one.id))) {
      const facts = kind.named
        ? { badRecord: true, element: 'Encounter.status', interaction: 'search', status: 500 }
        : { interaction: 'search', status: 500 };
      throw new AppError(kind.named ? 'REMOTE_INVALID' : 'REMOTE_UNAVAILABLE', 'cannot', {
        retryable: !kind.named,
        facts,
      });
    }
    const resources = page.map(({ id, patient, at }) => ({
      resourceType: 'Encounter',
      id,
      subject: { reference: `Patient/${patient}` },
      meta: { lastUpdated: new Date(at).toISOString() },
    }));
    const next = offset + count < found.length ? { nextUrl: `${query}|${offset + count}` } : {};
    return {
      resources,
      invalid: [],
      outcomes: [],
      total: found.length,
      selfUrl: `http://x/Encounter?_sort=_lastUpdated`,
      ...next,
    };
  };
  const search = (query: string, offset: number) => {
    asked.push(query);
    const { bounds, patients, count } = JSON.parse(query) as {
      bounds: string[];
      patients: string[];
      count: number;
    };
    const whose = kind.byList ? patients : patients.slice(0, 1).filter(() => patients.length === 1);
    const found = rows.filter(
      (one) =>
        (!kind.byTime || within(one, bounds)) &&
        (patients.length === 0 || whose.includes(one.patient)),
    );
    return pageOf(
      [...found].sort((a, b) => a.at - b.at),
      offset,
      count,
      query,
    );
  };
  const client: WindowClient = {
    search: async (_type, { _lastUpdated: bounds = [], patient, _count: count }) =>
      search(
        JSON.stringify({
          bounds: [bounds].flat(),
          patients: patient === undefined ? [] : String(patient).split(','),
          count: Number(count),
        }),
        0,
      ),
    page: async (url) => {
      const [query = '', offset] = url.split('|');
      return search(query, Number(offset));
    },
  };
  return { client, asked, state };
}

const nobody = async () => ({ ids: [], all: false });

const window: PullWindow = {
  type: 'Encounter',
  from: undefined,
  to: new Date('2026-11-01T00:00:00Z'),
};

async function read(
  server: ReturnType<typeof ehr>,
  more: Partial<AroundDeps> & { window?: PullWindow } = {},
) {
  const { window: asked = window, ...given } = more;
  const ids = new Set<string>();
  const holes: Hole[] = [];
  const filled: string[] = [];
  const deps: AroundDeps = {
    walk: (client, part) => pullWindow(client, plainR4, part),
    client: server.client,
    patients: async () => ({ ids: Array.from({ length: 20 }, (_, n) => `p${n}`), all: true }),
    holes: [],
    isDue: () => false,
    ...given,
  };
  for await (const page of readAround(deps, asked)) {
    for (const one of page.resources as readonly { id?: string }[])
      if (one.id !== undefined) ids.add(one.id);
    holes.push(...page.invalid.map((one) => one.entry as Hole));
    filled.push(...(page.filled ?? []));
  }
  return { ids, holes, filled, requests: server.asked.length };
}

describe('a record that makes its page an error', () => {
  const rows = rowsOf(400);
  it.each([
    ['among others, each search that would show it', rows, ['e137'], usual],
    ['among others, its page only', rows, ['e137'], { ...usual, fails: 'page' }],
    ['that is the first', rows, ['e0'], usual],
    ['that is the last', rows, ['e399'], { ...usual, fails: 'page' }],
    ['that came with all others at one moment', rowsOf(60, 0), ['e31'], usual],
    ['at one moment, its page only', rowsOf(60, 0), ['e31'], { ...usual, fails: 'page' }],
    ['of a server that names nothing', rows, ['e137'], { ...usual, named: false }],
  ] satisfies [string, Row[], string[], Kind][])(
    '%s: is found, and all the rest is read',
    async (_what, all, bad, kind) => {
      const server = ehr(all, bad, kind);
      const told = await read(server, { suspect: true });
      const patient = all.find((one) => bad.includes(one.id))?.patient;
      const at = all.find((one) => bad.includes(one.id))?.at ?? 0;
      expect(told.holes).toHaveLength(1);
      expect(told.holes[0]).toMatchObject({
        type: 'Encounter',
        patient,
        ...(kind.named ? { element: 'Encounter.status' } : {}),
      });
      // To the millisecond: nothing else of that patient is left out but what came at that very
      // moment.
      const lost = all
        .filter((one) => one.patient === patient && one.at === at)
        .map((one) => one.id);
      expect(all.filter((one) => !told.ids.has(one.id)).map((one) => one.id)).toEqual(lost);
      expect(told.requests).toBeLessThanOrEqual(150);
    },
  );

  it('beside another one is found too', async () => {
    const told = await read(ehr(rows, ['e137', 'e139'], { ...usual, fails: 'page' }));
    expect(told.holes.map((one) => one.patient).sort()).toEqual(['p17', 'p19']);
    expect(rows.filter((one) => !told.ids.has(one.id)).map((one) => one.id)).toEqual([
      'e137',
      'e139',
    ]);
  });

  it('of one among many patients is found by lists of patients', async () => {
    const many = Array.from({ length: 500 }, (_, n) => ({
      id: `e${n}`,
      patient: `q${n}`,
      at: start,
    }));
    const patients = async () => ({ ids: many.map((one) => one.patient), all: true });
    const told = await read(ehr(many, ['e77'], usual), { patients });
    expect(told.holes).toMatchObject([{ patient: 'q77' }]);
    expect(told.ids.size).toBe(499);
    expect(told.requests).toBeLessThanOrEqual(150);
  });

  it('leaves a hole without a patient where nobody can tell whose it is', async () => {
    const told = await read(ehr(rows, ['e137'], usual), { patients: nobody });
    expect(told.holes[0]?.patient).toBeUndefined();
    expect(told.ids.size).toBe(399);
  });

  it('is given to its patient as soon as that one is known', async () => {
    const server = ehr(rows, ['e137'], usual);
    const { holes } = await read(server, { patients: nobody });
    const unknown = await read(server, { patients: nobody, holes, isDue: () => true });
    expect([unknown.holes, unknown.filled]).toEqual([[], []]);
    const known = await read(server, { holes, isDue: () => true });
    expect(known.holes).toMatchObject([
      { patient: 'p17', element: 'Encounter.status', from: holes[0]?.from, to: holes[0]?.to },
    ]);
    expect(known.filled).toEqual([holes[0]?.id]);
  });

  it('leaves its moment open while Patients are still being read: others may have records in it', async () => {
    const moment = Array.from({ length: 60 }, (_, n) => ({
      id: `e${n}`,
      patient: `p${n % 20}`,
      at: start,
    }));
    const server = ehr(moment, ['e17'], usual);
    const some = async () => ({ ids: Array.from({ length: 18 }, (_, n) => `p${n}`), all: false });
    const first = await read(server, { patients: some });
    expect(first.holes.map((one) => one.patient)).toEqual(['p17', undefined]);
    expect(
      moment
        .filter((one) => !first.ids.has(one.id) && one.patient !== 'p17')
        .map((one) => one.patient),
    ).toEqual(Array.from({ length: 3 }, () => ['p18', 'p19']).flat());
    const open = first.holes.filter((one) => one.patient === undefined);
    const again = await read(server, {
      patients: some,
      holes: first.holes,
      isDue: (hole) => open.includes(hole),
    });
    expect(again.filled).toEqual([]);
    const last = await read(server, { holes: first.holes, isDue: (hole) => open.includes(hole) });
    expect(last.filled).toEqual(open.map((one) => one.id));
    expect(moment.filter((one) => !last.ids.has(one.id)).map((one) => one.patient)).toEqual([
      'p17',
      'p17',
      'p17',
    ]);
  });

  it('leaves its moment open where not all patients could be asked for', async () => {
    const many = Array.from({ length: 500 }, (_, n) => ({
      id: `e${n}`,
      patient: `q${n}`,
      at: start,
    }));
    const bad = Array.from({ length: 60 }, (_, n) => `e${n * 8}`);
    const told = await read(ehr(many, bad, usual), {
      patients: async () => ({ ids: many.map((one) => one.patient), all: true }),
    });
    expect(told.ids.size).toBeLessThan(440);
    expect(told.holes.at(-1)?.patient).toBeUndefined();
  });

  it('is asked for patient by patient where time does not divide', async () => {
    const server = ehr(rows, ['e137'], { ...usual, byTime: false });
    await expect(read(server)).rejects.toMatchObject({
      facts: { byPatient: true, element: 'Encounter.status' },
    });
    expect(server.asked.length).toBeLessThan(10);
  });

  it('leaves the whole type of its patient unread where time does not divide that either, until it is mended', async () => {
    const server = ehr(rows, ['e137'], { ...usual, byTime: false });
    const own = { ...window, patient: 'p17' };
    const told = await read(server, { window: own });
    expect(told.holes).toMatchObject([{ patient: 'p17', element: 'Encounter.status' }]);
    expect(told.holes[0]?.to).toBeUndefined();
    const requests = server.asked.length;
    expect(requests).toBeLessThan(10);
    await read(server, { window: own, holes: told.holes });
    expect(server.asked).toHaveLength(requests);
    server.state.bad.clear();
    const again = await read(server, { window: own, holes: told.holes, isDue: () => true });
    expect(again.filled).toEqual([told.holes[0]?.id]);
    expect(again.ids.size).toBe(20);
  });

  it('is left out of later windows, asked for now and then, and read when it was mended', async () => {
    const server = ehr(rows, ['e137'], usual);
    const { holes } = await read(server);
    const before = server.asked.length;
    const second = await read(server, { holes });
    expect([second.holes, second.ids.size]).toEqual([[], 399]);
    expect(server.asked.length - before).toBeLessThan(12);
    const third = await read(server, { holes, isDue: () => true });
    expect([third.filled, third.holes]).toEqual([[], []]);
    server.state.bad.clear();
    const fourth = await read(server, { holes, isDue: () => true });
    expect(fourth.filled).toEqual([holes[0]?.id]);
    expect(fourth.ids.size).toBe(400);
  });
});

describe('a server that fails', () => {
  it('is no bad record: its error is told, soon', async () => {
    const all = rowsOf(50);
    const server = ehr(
      all,
      all.map((one) => one.id),
      { ...usual, named: false, byTime: false },
    );
    await expect(read(server, { suspect: true })).rejects.toMatchObject({
      code: 'REMOTE_UNAVAILABLE',
    });
    expect(server.asked.length).toBeLessThan(10);
    await expect(read(server)).rejects.toMatchObject({ code: 'REMOTE_UNAVAILABLE' });
  });

  it('never costs more than the budget, however much is bad', async () => {
    const all = rowsOf(400);
    const server = ehr(all, ['e1', 'e90', 'e91', 'e200', 'e310', 'e390'], usual);
    const told = await read(server);
    expect(told.holes.length).toBeGreaterThan(0);
    expect(told.requests).toBeLessThan(170);
  });
});
