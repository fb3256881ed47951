import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import {
  answerRequest,
  type FhirAnswer,
  type FhirServer,
  type Incoming,
  outcomeAnswer,
  ResourceStore,
  storeResources,
  written,
} from '@loopwell/fhir/server';

/**
 * An EHR made of files: a FHIR server on this machine that keeps the loaded resources and the
 * written ones.
 * DECISIONS D124.
 */
export type FileEhr = {
  /** The FHIR base. */
  base: string;
  port: number;
  /** Stores resources. A resource with the same content keeps its version. */
  load: (resources: AsyncIterable<Incoming>) => Promise<{ read: number; changed: number }>;
  close: () => Promise<void>;
};

const host = '127.0.0.1';
const basePath = '/ehr/files/fhir';
const bodyBytesAtMost = 64 * 1024 * 1024;

/**
 * Opens the EHR of a folder. Its resources are in `ehr-files.ndjson` there, so that a later run
 * serves them again.
 *
 * @param port 0 for any that is free
 * @throws Error with the code EADDRINUSE where something else uses the port
 */
export async function serveFiles(folder: string, port: number): Promise<FileEhr> {
  const store = new ResourceStore(join(folder, 'ehr-files.ndjson'));
  let base = '';
  const fhirServer: FhirServer = { store, base: () => base };
  const server = createServer((request, response) => {
    answerOver(request, fhirServer)
      .catch(() => outcomeAnswer(500, 'exception'))
      .then((answer) => send(response, answer))
      .catch(() => response.destroy());
  });
  const boundPort = await listen(server, port).catch((error: unknown) => {
    store.close();
    throw error;
  });
  base = `http://${host}:${boundPort}${basePath}`;
  return {
    base,
    port: boundPort,
    load: (resources) => storeResources(store, resources),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      store.close();
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const bound = server.address();
      resolve(typeof bound === 'object' && bound ? bound.port : port);
    });
  });
}

async function answerOver(request: IncomingMessage, server: FhirServer): Promise<FhirAnswer> {
  const { pathname, searchParams } = new URL(request.url ?? '/', `http://${host}`);
  if (!`${pathname}/`.startsWith(`${basePath}/`)) return outcomeAnswer(404, 'not-found');
  const text = await bodyOf(request);
  if (text === undefined) return outcomeAnswer(413, 'too-long');
  const body = parsed(text);
  if (body === 'not-json') return outcomeAnswer(400, 'structure');
  return answerRequest(
    {
      method: request.method ?? 'GET',
      path: pathname.slice(basePath.length),
      parameters: searchParams,
      header: (name) => request.headers[name]?.toString(),
      body,
    },
    server,
  );
}

/** Returns the body as text; undefined for one that is too long, which is read to its end. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= bodyBytesAtMost) chunks.push(chunk);
  }
  return length > bodyBytesAtMost ? undefined : Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return 'not-json';
  }
}

function send(response: ServerResponse, { status, headers, body }: FhirAnswer): void {
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/fhir+json; charset=utf-8',
  });
  response.end(written(body ?? {}));
}
