import { createServer, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';

type Row = { resourceType: string; id: string; meta?: { lastUpdated?: string } } & Record<
  string,
  unknown
>;

/** What one answer is: a status and a body. */
export type Answer = { status: number; body: unknown; headers?: Readonly<Record<string, string>> };

/**
 * How the EHR answers a search: with the answer it would give, for a test to refuse, shorten or
 * bend it.
 */
export type Bend = (
  query: URLSearchParams,
  answer: () => Answer,
  type: string,
  base: string,
) => Answer;

export type StrictEhr = {
  base: string;
  asked: string[];
  put: (...rows: readonly Row[]) => void;
  close: () => Promise<void>;
};

export const refusal = (status: number, code: string, diagnostics = ''): Answer => ({
  status,
  body: {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code, ...(diagnostics ? { diagnostics } : {}) }],
  },
});

/**
 * A FHIR server that keeps what is created, searches its rows by `_id`, `patient` and
 * `_lastUpdated` and pages by `_offset`, and that a test makes as peculiar as real ones are. It is
 * told by its own Date header or by one that a test gives it. `before` is waited for before each
 * answer.
 */
export async function startStrictEhr(
  bend: Bend,
  options: { date?: () => Date; metadata?: Answer; before?: (path: string) => Promise<void> } = {},
): Promise<StrictEhr> {
  const rows: Row[] = [];
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', base);
    asked.push(`${url.pathname}${url.search}`);
    await options.before?.(`${url.pathname}${url.search}`);
    const [, , type = '', id] = url.pathname.split('/');
    const { status, body, headers } =
      request.method === 'POST'
        ? await stored(request, type)
        : answerTo(type, id, url.searchParams);
    if (options.date) response.sendDate = false;
    response.writeHead(status, {
      'content-type': 'application/fhir+json',
      ...headers,
      ...(options.date ? { date: options.date().toUTCString() } : {}),
    });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as { port: number }).port}/fhir`;
  async function stored(request: IncomingMessage, type: string): Promise<Answer> {
    const sent = (await json(request)) as Row;
    const row = {
      ...sent,
      id: `written-${rows.length}`,
      meta: { versionId: '1', lastUpdated: new Date().toISOString() },
    };
    rows.push(row);
    return {
      status: 201,
      body: row,
      headers: { location: `${base}/${type}/${row.id}/_history/1`, etag: 'W/"1"' },
    };
  }
  function answerTo(type: string, id: string | undefined, query: URLSearchParams): Answer {
    if (type === 'metadata')
      return (
        options.metadata ?? {
          status: 200,
          body: { resourceType: 'CapabilityStatement', status: 'active' },
        }
      );
    const own = rows.filter((row) => row.resourceType === type);
    if (id === undefined) return bend(query, () => searched(own, type, query), type, base);
    const found = own.find((row) => row.id === id);
    return found ? { status: 200, body: found } : refusal(404, 'not-found');
  }
  function searched(own: readonly Row[], type: string, query: URLSearchParams): Answer {
    const found = own.filter((row) => isWanted(row, query));
    if (query.has('_sort')) found.sort((a, b) => timeOf(a) - timeOf(b));
    if (query.get('_sort')?.startsWith('-')) found.reverse();
    const [offset, count] = [Number(query.get('_offset') ?? 0), Number(query.get('_count') ?? 20)];
    const next = new URLSearchParams(query);
    next.set('_offset', String(offset + count));
    const link = [{ relation: 'self', url: `${base}/${type}?${query}` }];
    if (offset + count < found.length)
      link.push({ relation: 'next', url: `${base}/${type}?${next}` });
    const entry = found.slice(offset, offset + count).map((resource) => ({ resource }));
    return {
      status: 200,
      body: { resourceType: 'Bundle', type: 'searchset', total: found.length, link, entry },
    };
  }
  return {
    base,
    asked,
    put: (...some) => void rows.push(...some),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const timeOf = (row: Row) => Date.parse(row.meta?.lastUpdated ?? '1970-01-01T00:00:00Z');

function isWanted(row: Row, query: URLSearchParams): boolean {
  const [ids, patient] = [query.get('_id'), query.get('patient')];
  if (ids !== null && ids !== row.id) return false;
  const whose = ((row.subject ?? row.patient) as { reference?: string } | undefined)?.reference;
  if (patient !== null && whose !== `Patient/${patient}`) return false;
  return query.getAll('_lastUpdated').every((bound) => {
    const [time, at] = [timeOf(row), Date.parse(bound.slice(2))];
    return (
      { ge: time >= at, gt: time > at, le: time <= at, lt: time < at }[bound.slice(0, 2)] ?? false
    );
  });
}
