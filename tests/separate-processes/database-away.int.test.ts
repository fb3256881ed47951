import { randomBytes } from 'node:crypto';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { newSecret } from '@loopwell/kit';
import { access, migrate, openDatabase } from '@loopwell/store';
import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Running, startService } from './processes.ts';

/**
 * What lies between a service and its PostgreSQL: it can be cut off, and comes back at the same
 * place.
 */
async function startWire(target: URL) {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port || 5432), target.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const url = new URL(target);
  [url.hostname, url.port] = ['127.0.0.1', String(port)];
  const cut = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return {
    url: url.href,
    cut,
    join: () => listen(port),
    close: () => (server.listening ? cut() : Promise.resolve()),
  };
}

let wire: Awaited<ReturnType<typeof startWire>>;
let scratch: { url: string; close: () => Promise<void> };
const running: Running[] = [];
const secrets = { service: '', session: '', partner: newSecret() };

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  const db = openDatabase({ url: scratch.url, tenant: 'default', max: 1 });
  const grant = (one: object, secret?: string) =>
    db.tx((tx) =>
      access.grantAccess(
        tx,
        { tenant: 'default', kind: 'service', principal: 'x', roles: [], routes: [], ...one },
        secret ? { secret } : undefined,
      ),
    );
  secrets.service = await grant({
    routes: ['GET /api/v1/status', 'GET /metrics', 'PUT /api/v1/directory/tokens'],
  });
  secrets.session = await grant({ kind: 'session', principal: 'person:op', roles: ['operator'] });
  await grant(
    { kind: 'partner', principal: 'partner:p', partner: 'https://p.example/fhir' },
    secrets.partner,
  );
  await db.close();
  wire = await startWire(new URL(scratch.url));
  // The queue has a way of its own: with its database away nudges are lost, and that is no concern
  // of an answer.
  const env = {
    DATABASE_URL: wire.url,
    QUEUE_URL: process.env.QUEUE_URL ?? scratch.url,
    LOOPWELL_SECRET_KEY: randomBytes(32).toString('hex'),
    PUBLIC_URL: 'http://127.0.0.1:1',
    LOOPWELL_LOG: 'info',
    CONSOLE_PORT: '0',
    REFERRAL_PORT: '0',
  };
  running.push(
    ...(await Promise.all(['console', 'referral'].map((name) => startService(name, env)))),
  );
}, 60_000);
afterAll(async () => {
  for (const { child } of running) child.kill('SIGTERM');
  await Promise.all(running.map((one) => one.ended));
  await wire?.close();
  await scratch?.close();
});

/** Every kind of door, and in what form it answers. */
const doors = () => {
  const [desk = '', hub = ''] = running.map((one) => one.address);
  const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
  const cookie = { cookie: `loopwell_session=${secrets.session}`, 'sec-fetch-site': 'same-origin' };
  const form = { ...cookie, 'content-type': 'application/x-www-form-urlencoded' };
  return [
    {
      name: 'API',
      url: `${desk}/api/v1/status`,
      init: { headers: bearer(secrets.service) },
      type: /problem\+json/,
    },
    {
      name: 'metrics',
      url: `${desk}/metrics`,
      init: { headers: bearer(secrets.service) },
      type: /problem\+json|text\/plain/,
    },
    { name: 'page', url: `${desk}/console`, init: { headers: cookie }, type: /html/ },
    {
      name: 'start page',
      url: `${desk}/`,
      init: { headers: cookie, redirect: 'manual' as const },
      type: /html|plain/,
    },
    {
      name: 'sign-in',
      url: `${desk}/sign-in`,
      init: { method: 'POST', headers: form, body: `token=${'a'.repeat(43)}` },
      type: /html/,
    },
    {
      name: 'form',
      url: `${desk}/console/holds`,
      init: { method: 'POST', headers: form, body: 'scope=partner:nobody' },
      type: /html/,
    },
    {
      name: 'FHIR',
      url: `${hub}/fhir/Task/x`,
      init: { headers: bearer(secrets.partner) },
      type: /fhir\+json/,
    },
    { name: 'ready', url: `${desk}/ready`, init: {}, type: /json/ },
    { name: 'ready of the hub', url: `${hub}/ready`, init: {}, type: /json/ },
  ];
};
const knock = async () =>
  Promise.all(
    doors().map(async ({ name, url, init, type }) => {
      const response = await fetch(url, init);
      await response.text();
      return {
        name,
        status: response.status,
        retryAfter: response.headers.get('retry-after'),
        isInForm: type.test(response.headers.get('content-type') ?? 'text/plain'),
      };
    }),
  );

it('a database that is away is 503 with Retry-After at every door, in its format, and is back by itself', {
  timeout: 90_000,
}, async () => {
  const names = doors().map((one) => one.name);
  const well = () =>
    knock().then((all) => all.filter((one) => one.status === 503).map((one) => one.name));
  await expect.poll(well, { timeout: 30_000 }).toEqual([]);
  await wire.cut();
  const away = names.map((name) => ({ name, status: 503, retryAfter: '5', isInForm: true }));
  expect(await knock()).toEqual(away);
  // Not only what was open broke: nothing new can be opened either.
  expect(await knock()).toEqual(away);
  await wire.join();
  await expect.poll(well, { timeout: 30_000 }).toEqual([]);
});
