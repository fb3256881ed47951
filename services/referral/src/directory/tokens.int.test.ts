import { randomBytes } from 'node:crypto';
import { addContract, createApp, finish } from '@loopwell/http';
import { newSecret, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import { createOutbound } from '@loopwell/outbound';
import { channels } from '@loopwell/partners';
import {
  access,
  type Database,
  directory,
  migrate,
  openDatabase,
  partnerAccess,
  partnerBearers,
  secretsWith,
} from '@loopwell/store';
import { supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { addDirectoryRoutes } from './directory.route.ts';

const tenant = 'o';
const [pantry, shelter] = ['https://pantry.example/fhir', 'https://shelter.example/fhir'];
const outbound = createOutbound({ allowedPrivateOrigins: [], requestTimeoutMs: 1_000 });
let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let put: (tokens: object, query?: string) => Promise<{ status: number; body: { facts?: object } }>;

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant, max: 4 });
  const app = createApp({
    log: silentLog,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
  });
  addContract(app, contracts.referral);
  addDirectoryRoutes(app, {
    db,
    nudge: async () => {},
    shelf: channels,
    outbound,
    secrets: secretsWith(randomBytes(32).toString('hex')),
  });
  finish(app, silentLog);
  const routes = ['PUT /api/v1/directory/tokens'];
  const bearer = await db.tx((tx) =>
    access.grantAccess(tx, {
      tenant,
      kind: 'service',
      principal: 'service:it',
      roles: [],
      routes,
    }),
  );
  put = (tokens, query = '') =>
    supertest(app.express)
      .put(`/api/v1/directory/tokens${query}`)
      .set('authorization', `Bearer ${bearer}`)
      .send(tokens);
});
beforeEach(async () => {
  const row = (id: string, address: string, position: number) => ({
    id,
    tenant,
    position,
    name: id,
    address,
    body: '{"categories":[]}',
  });
  await db.tx((tx) =>
    directory.saveDirectory(tx, tenant, [row('pantry', pantry, 0), row('shelter', shelter, 1)]),
  );
  expect(
    (
      await put({
        [pantry]: { send: newSecret(), read: newSecret() },
        [shelter]: { send: newSecret() },
      })
    ).status,
  ).toBe(200);
});
afterAll(async () => {
  await outbound.close();
  await db?.close();
  await scratch?.close();
});

const left = async () => [
  (await partnerBearers.loadPartnerBearers(db, tenant)).length,
  (await partnerAccess.addressesWithAccess(db, tenant)).size,
];

it.each([
  ['all of them', () => ({}), 'send and read', [0, 0]],
  ['all that we send', () => ({ [pantry]: { read: newSecret() } }), 'send', [0, 1]],
  ['all that partners send', () => ({ [shelter]: { send: newSecret() } }), 'read', [1, 0]],
] as const)('taking away %s is asked for by name', async (_what, tokens, gone, after) => {
  const refused = await put(tokens());
  expect([refused.status, refused.body.facts]).toEqual([409, { gone, sends: 2, reads: 1 }]);
  expect((await put(tokens(), '?empty=false')).status).toBe(409);
  expect((await put(tokens(), '?empty=perhaps')).status).toBe(400);
  expect(await left()).toEqual([2, 1]);
  expect((await put(tokens(), '?empty=true')).status).toBe(200);
  expect(await left()).toEqual(after);
});

it('where there are none, none is no question, and neither is another set', async () => {
  expect((await put({}, '?empty=true')).status).toBe(200);
  expect((await put({})).status).toBe(200);
  expect((await put({ [pantry]: { send: newSecret(), read: newSecret() } })).status).toBe(200);
  expect((await put({ [pantry]: { send: newSecret(), read: newSecret() } })).status).toBe(200);
});
