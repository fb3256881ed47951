import { newId } from '@loopwell/kit';
import { startSandbox } from '@loopwell/sandbox';
import type { Host } from '@loopwell/service';
import {
  access,
  type Database,
  deleteConnection,
  directory,
  holds,
  ledger,
  migrate,
  openDatabase,
  operator,
  readRunTotals,
} from '@loopwell/store';
import { queueUrl, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compose } from '../../services/cli/src/run/compose.ts';
import { composeOptions, putInto } from '../durability/drip-setup.ts';
import { good } from '../durability/drip-watch.ts';
import { hungryPeople } from '../durability/population.ts';

/**
 * Two tenants in one database and one queue, with the same connection ids, Patient ids and partner
 * ids, each with its own EHR, partner and workers. DECISIONS D137.
 */
const [lakes, hills] = ['lakes', 'hills'];
const people = 3;
const patience = { timeout: 90_000, interval: 200 };
const closing: (() => Promise<unknown>)[] = [];

type Tenant = { name: string; host: Host; sandbox: Awaited<ReturnType<typeof startSandbox>> };
let scratch: Awaited<ReturnType<typeof testDatabase>>;
/** A pool of nobody's: its statements name no tenant, and see all rows. */
let all: Database;
let a: Tenant;
let b: Tenant;

async function openTenant(name: string, queue: { url: string; prefix: string }): Promise<Tenant> {
  const sandbox = await startSandbox({
    ...{ port: 0, host: '127.0.0.1', ehrs: [{ name: good }] },
    partners: [
      { name: good, behavior: 'finish', stepMs: 50, sendToken: 'send', readToken: 'read' },
    ],
  });
  closing.push(() => sandbox.close());
  await putInto(sandbox, hungryPeople(people));
  const servers = { tenant: name, queue, db: scratch.url, sandbox, partners: [], ehrs: [] };
  const host = await compose(composeOptions({ requestTimeoutMs: 5_000 }, servers));
  closing.push(() => host.close());
  return { name, host, sandbox };
}

beforeAll(async () => {
  scratch = await testDatabase();
  closing.push(scratch.close);
  await migrate(scratch.url);
  all = openDatabase({ url: scratch.url, tenant: 'nobody', max: 2 });
  closing.push(() => all.close());
  const queue = { url: queueUrl(scratch.url), prefix: `{${newId()}}` };
  a = await openTenant(lakes, queue);
  b = await openTenant(hills, queue);
}, 60_000);
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

/** Counts rows by tenant. */
async function countBy(from: string): Promise<Record<string, number>> {
  const { rows } = await all.query<{ tenant: string; n: number }>(
    `select tenant, count(*)::int as n from ${from} group by tenant order by tenant`,
  );
  return Object.fromEntries(rows.map(({ tenant, n }) => [tenant, n]));
}

/** Fingerprints all rows of a tenant, table by table; totals are compared as they are read. */
async function rowsOf(tenant: string): Promise<Record<string, string | null>> {
  const { rows: tables } = await all.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_attribute t on t.attrelid = c.oid
      where c.relnamespace = 'loopwell'::regnamespace and t.attname = 'tenant'
        and (c.relkind = 'r' and c.relname not like 'running_total%'
          or c.relname = 'running_totals') order by 1`,
  );
  const prints: Record<string, string | null> = {};
  for (const { name } of tables) {
    const { rows } = await all.query<{ print: string | null }>(
      `select md5(string_agg(t::text, '|' order by t::text)) as print from loopwell.${name} t
        where t.tenant = $1`,
      [tenant],
    );
    prints[name] = rows[0]?.print ?? null;
  }
  return prints;
}

const both = { [hills]: people, [lakes]: people };
/** A service token for some routes. */
const tokenFor = (of: Tenant, routes: string[]) =>
  of.host.db.tx((tx) =>
    access.grantAccess(tx, {
      ...{ tenant: of.name, kind: 'service', principal: 'service:test', roles: [], routes },
    }),
  );
const get = (at: Tenant, path: string, bearer: string) =>
  fetch(`${at.host.address}${path}`, { headers: { authorization: `Bearer ${bearer}` } });

describe('two tenants in one database and one queue', () => {
  it('both run the whole journey with the same ids', { timeout: 120_000 }, async () => {
    await expect.poll(() => countBy("referral where state = 'closed'"), patience).toEqual(both);
    await expect
      .poll(() => countBy("write_back where state <> 'done' and state <> 'left-out'"), patience)
      .toEqual({});
    expect(await countBy("connection where id = 'good'")).toEqual({ [hills]: 1, [lakes]: 1 });
    const patients = "ehr_resource where type = 'Patient' and source_id like 'hungry-%'";
    expect(await countBy(patients)).toEqual(both);
    expect(await countBy("task where partner = 'good' and status = 'completed'")).toEqual(both);
    const shared = await all.query(
      `select 1 from ehr_resource x join ehr_resource y using (connection, type, source_id)
        where x.tenant = $1 and y.tenant = $2 and x.type = 'Encounter'`,
      [lakes, hills],
    );
    expect(shared.rows).toHaveLength(people);
  });

  it('each counts and shows its own', { timeout: 120_000 }, async () => {
    for (const tenant of [a, b]) {
      const encounters = async () =>
        (await tenant.host.db.tx((tx) => readRunTotals(tx, tenant.name))).encounters;
      await expect
        .poll(encounters, patience)
        .toMatchObject({ pulled: people, coded: people, inProgress: 0 });
      const bearer = await tokenFor(tenant, ['GET /metrics', 'GET /api/v1/status']);
      const metrics = await get(tenant, '/metrics', bearer);
      expect(metrics.status).toBe(200);
      expect(await metrics.text()).toMatch(/loopwell_referrals\{[^}]*closed[^}]*\} 3\n/);
      expect((await fetch(`${tenant.host.address}/ready`)).status).toBe(200);
    }
  });

  it('neither lets in whoever may enter the other', async () => {
    const bearer = await tokenFor(a, ['GET /api/v1/status', 'GET /metrics']);
    for (const path of ['/api/v1/status', '/metrics']) {
      expect((await get(a, path, bearer)).status).toBe(200);
      expect((await get(b, path, bearer)).status).toBe(401);
    }
    const kinds = ['session', 'partner', 'sign-in'] as const;
    for (const kind of kinds) {
      const who = { tenant: lakes, kind, principal: 'person:ada', roles: ['admin'], routes: [] };
      const secret = await a.host.db.tx((tx) => access.grantAccess(tx, who, { ttlMs: 60_000 }));
      expect(await access.findAccess(b.host.db, kind, secret)).toBeUndefined();
      expect(await b.host.db.tx((tx) => access.useSignIn(tx, secret))).toBeUndefined();
      await b.host.db.tx((tx) => access.endAccess(tx, secret));
      expect(await access.findAccess(a.host.db, kind, secret)).toMatchObject({ tenant: lakes });
    }
  });

  it('nothing that one does changes a row of the other', { timeout: 120_000 }, async () => {
    const theirs = { tenant: hills, scope: 'partner:good', principal: 'person:bo' };
    await b.host.db.tx((tx) => holds.addHold(tx, theirs));
    await b.host.close();
    const before = await rowsOf(hills);
    expect(Object.values(before).filter(Boolean).length).toBeGreaterThan(15);
    const { db } = a.host;
    const by = { principal: 'person:ada' };
    for (const scope of ['all', 'partner:good', 'ehr:good', 'connection:good']) {
      await db.tx((tx) => holds.addHold(tx, { tenant: lakes, scope, ...by }));
      await db.tx((tx) => holds.letGo(tx, { tenant: lakes, scope, batch: newId(), ...by }));
    }
    await db.tx((tx) => directory.saveDirectory(tx, lakes, []));
    const row = { tenant: lakes, stage: 'screen', subject: newId(), trace: newId() };
    await db.tx((tx) => ledger.due(tx, [{ ...row, batch: newId(), waitsFor: 'operator' }]));
    const action = { tenant: lakes, rows: [row], reason: 'test', batch: newId(), ...by };
    await db.tx((tx) => operator.retryRows(tx, action));
    await db.tx((tx) => deleteConnection(tx, { tenant: lakes, trace: newId(), ...by }, good));
    await a.host.close();
    expect(await countBy("connection where deleted_at is null and id = 'good'")).toEqual({
      [hills]: 1,
    });
    expect(await rowsOf(hills)).toEqual(before);
  });

  it('refuses to write a row of another tenant', async () => {
    const row = { tenant: hills, stage: 'screen', subject: 'x', batch: newId(), trace: newId() };
    const theirs = openDatabase({ url: scratch.url, tenant: lakes, max: 1 });
    await expect(theirs.tx((tx) => ledger.due(tx, [row]))).rejects.toMatchObject({
      code: 'INTERNAL',
      message: 'A row of another tenant was to be written',
    });
    await theirs.close();
  });
});
