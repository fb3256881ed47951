import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { newId } from '@loopwell/kit';

/**
 * A small FHIR server that keeps Tasks and has nothing to read, until its answers begin to drip.
 */
export type DrippingServer = {
  base: string;
  origin: string;
  /** From now on each answer is a byte now and then, and no end. */
  drip: (everyMs: number) => void;
  /** What was asked since then, by method and first part of the path. */
  asked: string[];
  close: () => Promise<void>;
};

export async function startDrippingServer(): Promise<DrippingServer> {
  const tasks = new Map<string, Record<string, unknown>>();
  const asked: string[] = [];
  let everyMs: number | undefined;
  const server = createServer(async (request, response) => {
    const body = await textOf(request);
    if (everyMs === undefined) return answer(tasks, request, body, response);
    asked.push(`${request.method} ${/\/fhir\/(\w+)/.exec(request.url ?? '')?.[1] ?? ''}`);
    response.writeHead(200, { 'content-type': 'application/fhir+json' }).write('{');
    const timer = setInterval(() => response.write(' '), everyMs);
    response.once('close', () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  return {
    ...{ base: `${origin}/fhir`, origin, asked },
    drip: (ms) => {
      everyMs = ms;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

type Answer = { status: number; resource: object; headers?: Record<string, string> };

function answer(
  tasks: Map<string, Record<string, unknown>>,
  request: IncomingMessage,
  body: string,
  response: ServerResponse,
): void {
  const { status, resource, headers } = answerOf(tasks, request, body);
  response
    .writeHead(status, { 'content-type': 'application/fhir+json', ...headers })
    .end(JSON.stringify(resource));
}

/** While it is well: Tasks are taken and shown, everything else is an empty page. */
function answerOf(
  tasks: Map<string, Record<string, unknown>>,
  request: IncomingMessage,
  body: string,
): Answer {
  const url = new URL(request.url ?? '/', 'http://host');
  const [, , type, id] = url.pathname.split('/');
  if (request.method === 'POST') {
    const task = { ...(JSON.parse(body) as object), id: newId(), meta: { versionId: '1' } };
    tasks.set(task.id, task);
    return { status: 201, resource: task, headers: { location: `${type}/${task.id}/_history/1` } };
  }
  const storedTask = id === undefined ? undefined : tasks.get(id);
  if (storedTask) return { status: 200, resource: storedTask, headers: { etag: 'W/"1"' } };
  if (id !== undefined)
    return {
      status: 404,
      resource: {
        resourceType: 'OperationOutcome',
        issue: [{ severity: 'error', code: 'not-found' }],
      },
    };
  const wanted = url.searchParams.get('_id')?.split(',');
  const tasksFound =
    type === 'Task' ? [...tasks.values()].filter((task) => wanted?.includes(String(task.id))) : [];
  const link = [{ relation: 'self', url: `http://${request.headers.host}${request.url}` }];
  const entries = tasksFound.map((resource) => ({ resource }));
  return {
    status: 200,
    resource: {
      resourceType: 'Bundle',
      type: 'searchset',
      total: tasksFound.length,
      link,
      entry: entries,
    },
  };
}
