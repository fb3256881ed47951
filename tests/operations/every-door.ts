import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request as ask } from 'node:http';
import { descriptions } from '@loopwell/console';
import { createOutbound } from '@loopwell/fhir/client';
import { createApp, finish, listen, sessionCookie } from '@loopwell/http';
import { clockIn, type Log, silentLog } from '@loopwell/kit';
import { addFhirRoutes } from '@loopwell/referral';
import { access, migrate, openDatabase, secretsWith } from '@loopwell/store';
import { addWeb } from '../../services/cli/src/run/web.ts';

/** Every door that Loopwell has, over real HTTP, with somebody of each kind who may come in. */
export type Doors = Awaited<ReturnType<typeof openDoors>>;

export type Answer = {
  status: number;
  type: string;
  headers: NodeJS.Dict<string | string[]>;
  text: string;
};

export type Ask = { headers?: Record<string, string>; body?: string | Buffer | undefined };

const tenant = 'default';

export async function openDoors(scratch: { url: string; close: () => Promise<void> }) {
  await migrate(scratch.url);
  const db = openDatabase({ url: scratch.url });
  const failures: unknown[] = [];
  const log: Log = { ...silentLog, error: (_message, error) => void failures.push(error) };
  const app = createApp({
    log,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
  });
  const outbound = createOutbound({ allowedPrivateOrigins: [], requestTimeoutMs: 1_000 });
  const settings = { tenant, publicBase: 'http://127.0.0.1/fhir', readAfterEndMs: 1_000 };
  addFhirRoutes(app, { db, settings: settings as Parameters<typeof addFhirRoutes>[1]['settings'] });
  addWeb(app, {
    db,
    nudge: async () => {},
    outbound,
    secrets: secretsWith(randomBytes(32).toString('base64')),
    longestConsentDays: 365,
    consentPolicy: undefined,
    minorAge: 18,
    contactFromChart: false,
    publicUrl: undefined,
    clock: clockIn(undefined),
  });
  finish(app, log);
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  const grant = (kind: 'session' | 'service' | 'partner', roles: string[], routes: string[] = []) =>
    db.tx((tx) =>
      access.grantAccess(tx, {
        tenant,
        kind,
        principal: `${kind}:test`,
        roles,
        routes,
        ...(kind === 'partner' ? { partner: 'https://partner.example/fhir' } : {}),
      }),
    );
  const cookie = async (...roles: string[]) => ({
    cookie: `${sessionCookie}=${await grant('session', roles)}`,
    'sec-fetch-site': 'same-origin',
  });
  const bearer = async (kind: 'service' | 'partner', routes: string[] = []) => ({
    authorization: `Bearer ${await grant(kind, [], routes)}`,
  });
  return {
    app,
    failures,
    address: server.address,
    cookie,
    bearer,
    signInLink: (roles: string[]) =>
      db.tx((tx) =>
        access.grantAccess(
          tx,
          { tenant, kind: 'sign-in', principal: 'person:ada', roles, routes: [] },
          { ttlMs: 600_000 },
        ),
      ),
    send: sender(server.address),
    async close() {
      await server.close();
      await outbound.close();
      await db.close();
      await scratch.close();
    },
  };
}

/** Sends a request with its target as it stands: nothing is tidied up on the way, as `fetch` would. */
function sender(address: string) {
  const { hostname, port } = new URL(address);
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  return (method: string, path: string, { headers = {}, body }: Ask = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const length =
        body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const asked = ask(
        { agent, hostname, port, method, path, headers: { ...length, ...headers } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const type = String(response.headers['content-type'] ?? '').split(';')[0] ?? '';
            resolve({
              status: response.statusCode ?? 0,
              type,
              headers: response.headers,
              text: Buffer.concat(chunks).toString(),
            });
          });
        },
      );
      asked.on('error', reject);
      asked.end(body);
    });
}

/** What the four descriptions promise, as `METHOD /path/:parameter`. */
export function describedRoutes(): string[] {
  return Object.values(descriptions).flatMap((file) => {
    let path = '';
    return readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) => {
        path = /^ {2}(\/\S+):/.exec(line)?.[1] ?? path;
        const method = /^ {4}(get|put|post|delete|patch|head|options):/.exec(line)?.[1];
        return method ? [`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`] : [];
      });
  });
}
