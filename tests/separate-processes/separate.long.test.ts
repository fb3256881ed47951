import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId, newSecret, sleep } from '@loopwell/kit';
import { partnersBundle, sandboxPartners } from '@loopwell/sandbox';
import { ledger, openDatabase, type RunTotals, saveConnection } from '@loopwell/store';
import { queueUrl, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../services/cli/src/lifecycle/free-port.ts';
import { differences } from '../../services/cli/src/run/expected-totals.ts';
import { type SandboxWithPeople, startSandboxWithPeople, until } from './harness.ts';
import { loopwell, type Running, runService, startRedis, startService } from './processes.ts';

/**
 * The four services as four processes, as in production: one PostgreSQL, one Redis, and nothing
 * between them but these two. Configured through `/api/v1` with tokens that open single routes.
 */

let database: Awaited<ReturnType<typeof testDatabase>>;
let redis: Awaited<ReturnType<typeof startRedis>>;
let queue = '';
const folder = mkdtempSync(join(tmpdir(), 'loopwell-separate-'));
const secretKey = randomBytes(32).toString('base64');

beforeAll(async () => {
  database = await testDatabase();
  redis = await startRedis('noeviction');
  queue = process.env.QUEUE_URL ?? redis?.url ?? queueUrl(database.url);
  process.stderr.write(
    `Separate processes share a queue on ${queue.startsWith('redis') ? 'Redis' : 'PostgreSQL (there is no redis-server here)'}.\n`,
  );
});

afterAll(async () => {
  await redis?.close();
  await database?.close();
  rmSync(folder, { recursive: true, force: true });
});

const common = () => ({
  DATABASE_URL: database.url,
  QUEUE_URL: queue,
  LOOPWELL_SECRET_KEY: secretKey,
  PUBLIC_URL: 'http://127.0.0.1:1',
});
const names = ['intake', 'enrichment', 'referral', 'coordination', 'console'] as const;

describe('a process that cannot start', () => {
  it.each(names)(
    'lists every bad variable of %s at once, with its rule and no value',
    async (name) => {
      const { status, output } = await runService(name, {
        DATABASE_URL: 'mysql://user:hunter2@host/db',
        QUEUE_URL_FILE: '/nowhere/at/all',
        [`${name.toUpperCase()}_PORT`]: '70000',
        LOOPWELL_SECRET_KEY: 'hunter2',
      });
      expect(status).toBe(1);
      expect(output.split('\n')).toHaveLength(1);
      expect(output).toContain('DATABASE_URL: must be a postgres:// address');
      expect(output).toContain('QUEUE_URL: the file that QUEUE_URL_FILE names cannot be read');
      expect(output).toContain(`${name.toUpperCase()}_PORT: `);
      if (name === 'intake' || name === 'referral')
        expect(output).toContain('LOOPWELL_SECRET_KEY: must be 32 bytes');
      expect(output).not.toContain('hunter2');
    },
  );

  it('says in one sentence that PostgreSQL or the queue cannot be reached', async () => {
    const nowhere = await freePort();
    const noDatabase = await runService('enrichment', {
      ...common(),
      DATABASE_URL: `postgres://u:hunter2@127.0.0.1:${nowhere}/x`,
    });
    expect([noDatabase.status, noDatabase.output]).toEqual([
      1,
      expect.stringMatching(/^PostgreSQL at DATABASE_URL cannot be reached[^\n]*ECONNREFUSED\)$/),
    ]);
    const noQueue = await runService('enrichment', {
      ...common(),
      QUEUE_URL: `redis://:hunter2@127.0.0.1:${nowhere}`,
    });
    expect([noQueue.status, noQueue.output]).toEqual([
      1,
      expect.stringMatching(/^Redis at QUEUE_URL cannot be reached/),
    ]);
    expect(noDatabase.output + noQueue.output).not.toContain('hunter2');
  });

  it('refuses a Redis that may evict keys', async (context) => {
    const evicting = await startRedis('allkeys-lru');
    if (!evicting) return context.skip('there is no redis-server here');
    try {
      for (const name of names) {
        const { status, output } = await runService(name, { ...common(), QUEUE_URL: evicting.url });
        expect([name, status, output]).toEqual([
          name,
          1,
          'Redis must run with maxmemory-policy noeviction, or jobs may vanish (policy: allkeys-lru)',
        ]);
      }
    } finally {
      await evicting.close();
    }
  });
});

describe('before the migrations', () => {
  it('a process lives, says on /ready what is missing, and goes on when somebody has migrated', async () => {
    const enrichment = await startService('enrichment', { ...common(), ENRICHMENT_PORT: '0' });
    try {
      expect((await fetch(`${enrichment.address}/live`)).status).toBe(200);
      const waiting = await fetch(`${enrichment.address}/ready`);
      expect([waiting.status, await waiting.json()]).toMatchObject([
        503,
        { status: 'not-ready', reasons: { migrations: expect.stringContaining('0001-baseline') } },
      ]);
      await loopwell(['migrate'], { DATABASE_URL: database.url });
      await until(
        async () => (await fetch(`${enrichment.address}/ready`)).status === 200,
        'ready after the migration',
      );
    } finally {
      enrichment.child.kill('SIGTERM');
    }
    expect(await enrichment.ended).toBe(0);
  });
});

describe('four processes', () => {
  const running = new Map<string, Running>();
  let sandbox: SandboxWithPeople;

  beforeAll(async () => {
    await loopwell(['migrate'], { DATABASE_URL: database.url });
    sandbox = await startSandboxWithPeople(folder);
    const origin = new URL(sandbox.address).origin;
    const referralPort = await freePort();
    const env = {
      ...common(),
      PRIVATE_ORIGINS: origin,
      RECONCILE_MS: '500',
      PULL_INTERVAL_MS: '1000',
      PULL_OVERLAP_MS: '0',
      PULL_MARGIN_MS: '0',
      WRITE_BACK: 'true',
      SEND: 'true',
      APPROVE: 'unambiguous',
      ACCEPT_BY: '3s',
      POLL: '1s',
      ASK_AGAIN: '1s',
      PUBLIC_URL: `http://127.0.0.1:${referralPort}`,
      INTAKE_PORT: '0',
      ENRICHMENT_PORT: '0',
      CONSOLE_PORT: '0',
      REFERRAL_PORT: String(referralPort),
    };
    await Promise.all(names.map(async (name) => running.set(name, await startService(name, env))));
  });

  afterAll(async () => {
    for (const one of running.values()) one.child.kill('SIGKILL');
    sandbox?.child.kill('SIGTERM');
  });

  const at = (name: string) => running.get(name)?.address ?? '';
  const tokenFor = (...routes: string[]) =>
    loopwell(['token', '--name', 'test', ...routes.flatMap((route) => ['--route', route])], {
      DATABASE_URL: database.url,
    });
  const call = (method: string, url: string, token?: string, body?: unknown) =>
    fetch(url, {
      method,
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  it('answer /live and /ready', async () => {
    for (const name of names) {
      expect((await fetch(`${at(name)}/live`)).status).toBe(200);
      const ready = await fetch(`${at(name)}/ready`);
      expect([name, ready.status, await ready.json()]).toEqual([
        name,
        200,
        { status: 'ready', reasons: {} },
      ]);
    }
  });

  it('open each route to tokens that list it: 401 for none, 403 for another, and neither changes anything', async () => {
    const other = await tokenFor('GET /api/v1/status');
    const routes = [
      [
        'PUT',
        `${at('intake')}/api/v1/connections/clinic`,
        { base: 'https://ehr.example/fhir', credentials: { kind: 'none' } },
      ],
      ['GET', `${at('intake')}/api/v1/connections`],
      ['PUT', `${at('intake')}/api/v1/connections/clinic/concept-map`, {}],
      ['DELETE', `${at('intake')}/api/v1/connections/clinic/choices`],
      [
        'PUT',
        `${at('referral')}/api/v1/directory`,
        partnersBundle(() => 'https://partner.example/fhir'),
      ],
      ['PUT', `${at('referral')}/api/v1/directory/tokens`, {}],
      ['GET', `${at('coordination')}/api/v1/reviews`],
      ['POST', `${at('enrichment')}/api/v1/recode`, { dryRun: false }],
      ['GET', `${at('console')}/api/v1/totals`],
      ...names.map((name) => ['GET', `${at(name)}/metrics`] as const),
    ] as const;
    for (const [method, url, body] of routes) {
      expect([url, (await call(method, url, undefined, body)).status]).toEqual([url, 401]);
      expect([url, (await call(method, url, newSecret(), body)).status]).toEqual([url, 401]);
      expect([url, (await call(method, url, other, body)).status]).toEqual([url, 403]);
    }
    const reader = await tokenFor('GET /api/v1/connections', 'GET /api/v1/directory');
    expect(await (await call('GET', `${at('intake')}/api/v1/connections`, reader)).json()).toEqual({
      connections: [],
    });
    expect(await (await call('GET', `${at('referral')}/api/v1/directory`, reader)).json()).toEqual({
      partners: [],
      problems: [],
    });
  });

  it('name each field that is wrong and the rule it breaks, and keep nothing of it', async () => {
    const token = await tokenFor(
      'PUT /api/v1/connections/{id}',
      'PUT /api/v1/directory',
      'PUT /api/v1/directory/tokens',
      'GET /api/v1/connections',
    );
    const connection = async (body: unknown) => {
      const answer = await call('PUT', `${at('intake')}/api/v1/connections/other`, token, body);
      return [answer.status, ((await answer.json()) as { problems?: unknown }).problems];
    };
    const good = { base: sandbox.address, credentials: { kind: 'none' } };
    expect(await connection({ ...good, base: 'ftp://x' })).toEqual([
      400,
      [{ path: '/body/base', rule: 'pattern' }],
    ]);
    expect(await connection({ ...good, color: 'red' })).toEqual([
      400,
      [{ path: '/body/color', rule: 'additionalProperties' }],
    ]);
    expect(
      await connection({
        ...good,
        base: 'http://10.1.2.3/fhir',
        quirks: 'mumps',
        patients: ['a', 'a'],
      }),
    ).toEqual([
      400,
      [
        { path: '/body/base', rule: 'address-refused' },
        { path: '/body/quirks', rule: 'unknown-quirks' },
        { path: '/body/patients', rule: 'duplicate' },
      ],
    ]);
    expect(await connection({ ...good, base: 'http://169.254.169.254/latest' })).toEqual([
      400,
      [{ path: '/body/base', rule: 'address-refused' }],
    ]);
    expect(
      await connection({
        ...good,
        credentials: { kind: 'smart-backend', clientId: 'c', privateKey: 'no key' },
      }),
    ).toEqual([400, [{ path: '/body/credentials/privateKey', rule: 'private-key' }]]);
    expect(await connection({ base: sandbox.address })).toEqual([
      400,
      [{ path: '/body/credentials', rule: 'required' }],
    ]);
    expect(await (await call('GET', `${at('intake')}/api/v1/connections`, token)).json()).toEqual({
      connections: [],
    });
    const bundle = partnersBundle((name) => `${sandbox.address}/partners/${name}/fhir`);
    const broken = structuredClone(bundle);
    for (const { resource } of broken.entry ?? [])
      if (resource?.id === 'northside-food-service') Object.assign(resource, { category: [] });
    const directory = await call('PUT', `${at('referral')}/api/v1/directory`, token, broken);
    expect([directory.status, await directory.json()]).toMatchObject([
      400,
      {
        problems: [
          {
            path: '/body/entry/HealthcareService/northside-food-service',
            rule: 'it has no SDOHCC category.',
          },
        ],
      },
    ]);
    const unknown = await call('PUT', `${at('referral')}/api/v1/directory/tokens`, token, {
      'https://nobody.example/fhir': { send: newSecret() },
    });
    expect([unknown.status, await unknown.json()]).toMatchObject([
      400,
      { problems: [{ path: '/body/https://nobody.example/fhir' }] },
    ]);
  });

  it('carry people from their answers to closed loops and back into the chart', {
    timeout: 240_000,
  }, async () => {
    const token = await tokenFor(
      'PUT /api/v1/connections/{id}',
      'GET /api/v1/connections/{id}',
      'PUT /api/v1/directory',
      'PUT /api/v1/directory/tokens',
      'GET /api/v1/totals',
      'GET /api/v1/status',
    );
    const partner = (name: string) => `${sandbox.address}/partners/${name}/fhir`;
    const directory = await call(
      'PUT',
      `${at('referral')}/api/v1/directory`,
      token,
      partnersBundle(partner),
    );
    expect([
      directory.status,
      ((await directory.json()) as { partners: unknown[] }).partners.length,
    ]).toEqual([200, 8]);
    const inDirectory = sandboxPartners.filter((one) => one.active !== false);
    const tokens = await call(
      'PUT',
      `${at('referral')}/api/v1/directory/tokens`,
      token,
      Object.fromEntries(inDirectory.map(({ name }) => [partner(name), sandbox.bearers[name]])),
    );
    expect([tokens.status, await tokens.json()]).toMatchObject([
      200,
      { partners: [{ hasSendToken: true, hasReadToken: true }, {}, {}, {}, {}, {}, {}, {}] },
    ]);
    const settings = {
      base: `${sandbox.address}/ehr/clinic/fhir`,
      credentials: { kind: 'smart-backend', clientId: 'loopwell', privateKey: sandbox.keyText },
    };
    const connection = await call(
      'PUT',
      `${at('intake')}/api/v1/connections/clinic`,
      token,
      settings,
    );
    expect(connection.status).toBe(201);
    const shown = await (
      await call('GET', `${at('intake')}/api/v1/connections/clinic`, token)
    ).text();
    expect(JSON.parse(shown)).toMatchObject({
      base: settings.base,
      credentials: { kind: 'smart-backend', hasSecret: true },
    });
    expect(shown).not.toContain((JSON.parse(sandbox.keyText) as { d: string }).d);
    const totals = async () =>
      (await (await call('GET', `${at('console')}/api/v1/totals`, token)).json()) as RunTotals;
    let left: string[] = [];
    await until(
      async () => (left = differences(sandbox.script, await totals())).length === 0,
      () => left.join('; '),
      200_000,
    );
    const status = (await (await call('GET', `${at('console')}/api/v1/status`, token)).json()) as {
      stages: { stage: string; done: number }[];
    };
    expect(status.stages.filter((one) => one.done === 0)).toEqual([]);
    expect(sandbox.script.referrals.closed).toBeGreaterThan(3);
    const again = await call('PUT', `${at('intake')}/api/v1/connections/clinic`, token, {
      base: 'https://elsewhere.example/fhir',
    });
    expect([again.status, await again.json()]).toMatchObject([409, { facts: { field: 'base' } }]);
  });

  it("read a site's own codes by the ConceptMap of its connection, follow its choices, and forget both when told so", async () => {
    const path = '/api/v1/connections/{id}';
    const routes = ['concept-map', 'choices'].flatMap((one) =>
      ['PUT', 'GET', 'DELETE'].map((method) => `${method} ${path}/${one}`),
    );
    const token = await tokenFor(...routes, 'POST /api/v1/code');
    const ask = async (method: string, of: string, body?: unknown) => {
      const answer = await call(method, `${at('intake')}/api/v1/connections/${of}`, token, body);
      return [
        answer.status,
        (await answer.json()) as { problems?: unknown; recode?: string },
      ] as const;
    };
    const element = [{ code: 'RIDE', target: [{ code: '93030-5', equivalence: 'equal' }] }];
    const map = {
      resourceType: 'ConceptMap',
      status: 'active',
      group: [{ source: 'urn:site', target: 'http://loinc.org', element }],
    };
    expect(await ask('GET', 'clinic/concept-map')).toMatchObject([404, { code: 'NOT_FOUND' }]);
    const [made, { recode }] = await ask('PUT', 'clinic/concept-map', map);
    expect([made, recode]).toEqual([200, expect.stringContaining('/api/v1/recode')]);
    const wrong = [
      ...element,
      { code: 'BUS', target: [{ code: '93030-5', equivalence: 'wider' }] },
    ];
    expect(
      await ask('PUT', 'clinic/concept-map', {
        ...map,
        group: [{ ...map.group[0], element: wrong }],
      }),
    ).toMatchObject([
      400,
      {
        problems: [
          {
            path: '/body/group/0/element/1',
            rule: '(BUS) has to have one target that is equal or equivalent.',
          },
        ],
      },
    ]);
    expect(await ask('GET', 'clinic/concept-map')).toEqual([200, map]);
    expect(await ask('PUT', 'clinic/choices', { color: true })).toMatchObject([
      400,
      { problems: [{ path: '/body/color' }] },
    ]);
    expect(await ask('PUT', 'clinic/choices', { interpretNegative: true })).toMatchObject([
      200,
      { changed: true, translations: 1 },
    ]);
    expect(await ask('PUT', 'clinic/choices', { interpretNegative: true })).toMatchObject([
      200,
      { changed: false },
    ]);
    expect(await ask('GET', 'clinic/choices')).toEqual([
      200,
      { interpretNegative: true, withoutIcd10cm: false },
    ]);
    const answer = {
      resourceType: 'Observation',
      id: 'o1',
      status: 'final',
      effectiveDateTime: '2026-01-05',
      category: [
        {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/observation-category',
              code: 'survey',
            },
          ],
        },
      ],
      code: { coding: [{ system: 'urn:site', code: 'RIDE' }] },
      valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: 'LA32-8' }] },
      subject: { reference: 'Patient/p1' },
    };
    const entry = [{ resource: { resourceType: 'Patient', id: 'p1' } }, { resource: answer }];
    const bundle = { resourceType: 'Bundle', type: 'collection', entry };
    const preview = async (query: string) => {
      const coded = await call('POST', `${at('enrichment')}/api/v1/code${query}`, token, bundle);
      return [coded.status, (await coded.text()).includes('"NEG"')];
    };
    expect([await preview(''), await preview('?connection=clinic')]).toEqual([
      [200, false],
      [200, true],
    ]);
    const db = openDatabase({ url: database.url, tenant: 'default' });
    try {
      const elsewhere = {
        id: 'elsewhere',
        tenant: 'another',
        base: 'https://ehr.example',
        quirks: 'plain-r4',
        concept_map: '{}',
      };
      await db.tx((tx) => saveConnection(tx, elsewhere));
      for (const of of ['elsewhere/concept-map', 'elsewhere/choices', 'nowhere/choices'])
        for (const method of ['GET', 'DELETE'])
          expect([of, (await ask(method, of))[0]]).toEqual([of, 404]);
      expect(await ask('PUT', 'elsewhere/concept-map', map)).toMatchObject([
        404,
        { code: 'NOT_FOUND' },
      ]);
      expect(await preview('?connection=elsewhere')).toEqual([404, false]);
      expect(await ask('DELETE', 'clinic/concept-map')).toMatchObject([
        200,
        { changed: true, translations: 0 },
      ]);
      expect(await ask('DELETE', 'clinic/choices')).toMatchObject([
        200,
        { changed: true, choices: { interpretNegative: false } },
      ]);
      expect(await ask('GET', 'clinic/concept-map')).toMatchObject([404, {}]);
      const { rows } = await db.query<{ outcome: string; principal: string }>(
        "select outcome, principal from history where subject = 'connection:clinic' and stage = 'code' order by id",
      );
      expect(rows.map((one) => one.outcome)).toEqual([
        'concept-map-set',
        'choices-set',
        'concept-map-removed',
        'choices-set',
      ]);
      expect(new Set(rows.map((one) => one.principal))).toEqual(new Set(['service:test']));
    } finally {
      await db.close();
    }
  });

  it('keep what is secret sealed in the database and out of what they say', async () => {
    const { d } = JSON.parse(sandbox.keyText) as { d: string };
    const secrets = [
      d,
      secretKey,
      ...Object.values(sandbox.bearers).flatMap((one) => [one.send, one.read]),
    ];
    const output = [...running.values()].flatMap((one) => one.lines).join('\n');
    expect(secrets.filter((one) => output.includes(one))).toEqual([]);
    const pg = (await import('pg')).default;
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      const { rows } = await client.query(
        'select c::text as row from loopwell.connection c union all select b::text from loopwell.partner_bearer b union all select a::text from loopwell.access_token a',
      );
      const kept = rows.map((one) => String((one as { row: string }).row)).join('\n');
      expect(kept).toContain('v1.');
      expect(secrets.filter((one) => kept.includes(one))).toEqual([]);
    } finally {
      await client.end();
    }
  });

  it('give Prometheus their numbers, and the console those of the ledger', async () => {
    const token = await tokenFor('GET /metrics');
    for (const name of names)
      expect(await (await call('GET', `${at(name)}/metrics`, token)).text()).toContain(
        'process_cpu_seconds_total',
      );
    expect(await (await call('GET', `${at('console')}/metrics`, token)).text()).toMatch(
      /loopwell_referrals\{state="closed",gate=""\} \d/,
    );
  });

  it('note a hold on /ready without being less ready for it', async () => {
    const token = await tokenFor('POST /api/v1/holds', 'DELETE /api/v1/holds/{scope}');
    expect(
      (
        await call('POST', `${at('console')}/api/v1/holds`, token, {
          scope: 'all',
          reason: 'drill',
        })
      ).status,
    ).toBe(201);
    expect(await (await fetch(`${at('referral')}/ready`)).json()).toMatchObject({
      status: 'ready',
      notes: { holds: '1 hold is active' },
    });
    expect((await call('DELETE', `${at('console')}/api/v1/holds/all`, token)).status).toBe(200);
  });

  it('note on /ready when Redis is away, go on working without it, and come back with it', async (context) => {
    if (!redis || queue !== redis.url) return context.skip('the queue is not a Redis of this test');
    const port = new URL(redis.url).port;
    await redis.close();
    const ready = async () => {
      const answer = await fetch(`${at('referral')}/ready`);
      return {
        ...((await answer.json()) as { reasons: object; notes?: { queue?: string } }),
        status: answer.status,
      };
    };
    await until(
      async () => (await ready()).notes?.queue !== undefined,
      'a note that Redis is away',
    );
    expect(await ready()).toMatchObject({
      status: 200,
      reasons: {},
      notes: { queue: expect.stringContaining('redis') },
    });
    // Nobody is nudged, and the reconciler finds it.
    const db = openDatabase({ url: database.url, tenant: 'default', max: 1 });
    const due = {
      tenant: 'default',
      stage: 'close',
      subject: newId(),
      batch: newId(),
      trace: newId(),
    };
    await db.tx((tx) => ledger.due(tx, [due]));
    const isDone = async () =>
      (await db.query("select 1 from ledger where stage = 'close' and subject = $1", [due.subject]))
        .rows.length === 0;
    await until(isDone, 'work done without Redis');
    await db.close();
    expect((await fetch(`${at('referral')}/live`)).status).toBe(200);
    redis = await startRedis('noeviction', Number(port));
    await until(async () => (await ready()).notes?.queue === undefined, 'Redis noted no more');
  });

  it.each(names)('stop: %s ends with 0 within seconds of SIGTERM', async (name) => {
    const one = running.get(name);
    one?.child.kill('SIGTERM');
    const late = sleep(60_000).then(() => 'still running');
    expect([await Promise.race([one?.ended, late]), one?.lines.at(-1)]).toEqual([
      0,
      expect.stringContaining('"Stopped"'),
    ]);
  });
});
