import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request as ask } from 'node:http';
import { sessionCookie } from '@loopwell/http';
import { type Log, newSecret, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import { access, type Database, partnerAccess } from '@loopwell/store';
import { type ComposeOptions, compose } from '../../services/cli/src/run/compose.ts';

/** Every door that Loopwell has, over real HTTP, with somebody of each kind who may come in. */
export type Doors = Awaited<ReturnType<typeof openDoors>>;

export type Answer = {
  status: number;
  type: string;
  headers: NodeJS.Dict<string | string[]>;
  text: string;
};

export type Ask = { headers?: Record<string, string>; body?: string | Buffer | undefined };

type DoorSettings =
  | 'stages'
  | 'partners'
  | 'partnerTokens'
  | 'privateOrigins'
  | 'referral'
  | 'site';

export const tenant = 'default';

export const referralSettings = {
  send: false,
  approve: undefined,
  agreedByConsent: false,
  pollMs: 60_000,
  askAgainMs: 60_000,
};

/** Opens the doors. `more` replaces settings, for work to do or partners to send to. */
export async function openDoors(
  scratch: { url: string; close: () => Promise<void> },
  queueUrl: string,
  more: Pick<Partial<ComposeOptions>, DoorSettings> = {},
) {
  const failures: unknown[] = [];
  const log: Log = { ...silentLog, error: (_message, error) => void failures.push(error) };
  const host = await compose({
    tenant,
    databaseUrl: scratch.url,
    queue: { url: queueUrl },
    listen: { host: '127.0.0.1', port: 0 },
    // Nothing is worked: what the doors do is all that happens.
    stages: [],
    ehr: {
      connection: { id: 'none', tenant, base: 'https://ehr.example/fhir', quirks: 'plain-r4' },
      patients: [],
      since: undefined,
    },
    credentials: () => undefined,
    referral: referralSettings,
    partners: [],
    partnerTokens: {},
    privateOrigins: [],
    secretKey: randomBytes(32).toString('base64'),
    writeBack: false,
    once: false,
    timing: {
      reconcileMs: more.stages ? 100 : 60_000,
      requestTimeoutMs: 1_000,
      coalesceMs: 1_000,
      pullIntervalMs: 60_000,
    },
    log,
    tell: () => {},
    ...more,
  });
  const { db, address } = host;
  const grant = (kind: 'session' | 'service', roles: string[], routes: string[] = []) =>
    db.tx((tx) =>
      access.grantAccess(tx, { tenant, kind, principal: `${kind}:test`, roles, routes }),
    );
  const cookie = async (...roles: string[]) => ({
    cookie: `${sessionCookie}=${await grant('session', roles)}`,
    'sec-fetch-site': 'same-origin',
  });
  const bearer = async (kind: 'service' | 'partner', routes: string[] = []) => {
    const secret = kind === 'partner' ? await partnerSecret(db) : await grant(kind, [], routes);
    return { authorization: `Bearer ${secret}` };
  };
  return {
    db,
    routes: host.routes,
    failures,
    address,
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
    send: sender(address),
    async close() {
      await host.close();
      await scratch.close();
    },
  };
}

/** Makes a bearer of a partner, and returns its secret. */
async function partnerSecret(db: Database): Promise<string> {
  const secret = newSecret();
  const belongsTo = [{ address: 'https://partner.example/fhir', partner: 'partner' }];
  const bearer = { tenant, secret, principal: 'partner:partner', belongsTo };
  await db.tx((tx) => partnerAccess.grantPartnerAccess(tx, bearer));
  return secret;
}

/**
 * Sends a request with its target as it stands: nothing is tidied up on the way, as `fetch` would.
 */
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
  return Object.values(contracts).flatMap((file) => {
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
