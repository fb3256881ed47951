import { createServer, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';

type Row = { resourceType: string; id: string; meta?: { lastUpdated?: string } } & Record<
  string,
  unknown
>;

/** One answer of the server. */
export type Answer = { status: number; body: unknown; headers?: Readonly<Record<string, string>> };

/**
 * Makes the EHR's answer to a search from the answer that it would give. A test may refuse, shorten
 * or change it.
 */
export type Bend = (
  query: URLSearchParams,
  answer: () => Answer,
  type: string,
  base: string,
) => Answer;

/** The server. `asked` lists the requested addresses in order. */
export type StrictEhr = {
  base: string;
  asked: string[];
  put: (...rows: readonly Row[]) => void;
  close: () => Promise<void>;
};

/** Makes an answer that refuses, with the code and the words of its OperationOutcome. */
export const refusal = (status: number, code: string, diagnostics = ''): Answer => ({
  status,
  body: { resourceType: 'OperationOutcome', issue: [issueOf(code, diagnostics)] },
});

function issueOf(code: string, diagnostics: string): object {
  const issue = { severity: 'error', code };
  return diagnostics ? { ...issue, diagnostics } : issue;
}

/**
 * Starts a FHIR server that a test can make as peculiar as real ones are. It keeps what is created,
 * searches its rows by `_id`, `patient` and `_lastUpdated`, and pages by `_offset`. Its Date header
 * is its own or a test's. `before` is awaited before each answer.
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
    if (options.date) response.setHeader('date', options.date().toUTCString());
    response.writeHead(status, { 'content-type': 'application/fhir+json', ...headers });
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
    if (type === 'metadata') return options.metadata ?? { status: 200, body: capabilities };
    const ofType = rows.filter((row) => row.resourceType === type);
    const search = () => searched(ofType, `${base}/${type}`, query);
    if (id === undefined) return bend(query, search, type, base);
    const row = ofType.find((candidate) => candidate.id === id);
    return row ? { status: 200, body: row } : refusal(404, 'not-found');
  }
  return {
    base,
    asked,
    put: (...added) => void rows.push(...added),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const capabilities = { resourceType: 'CapabilityStatement', status: 'active' };

/** Gives the page of rows that a search at `address` asks for. */
function searched(rows: readonly Row[], address: string, query: URLSearchParams): Answer {
  const hits = rows.filter((row) => isWanted(row, query));
  if (query.has('_sort')) hits.sort((a, b) => timeOf(a) - timeOf(b));
  if (query.get('_sort')?.startsWith('-')) hits.reverse();
  const [offset, count] = [Number(query.get('_offset') ?? 0), Number(query.get('_count') ?? 20)];
  const next = new URLSearchParams(query);
  next.set('_offset', String(offset + count));
  const link = [{ relation: 'self', url: `${address}?${query}` }];
  if (offset + count < hits.length) link.push({ relation: 'next', url: `${address}?${next}` });
  const page = hits.slice(offset, offset + count).map((resource) => ({ resource }));
  const total = hits.length;
  const bundle = { resourceType: 'Bundle', type: 'searchset', total, link, entry: page };
  return { status: 200, body: bundle };
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
