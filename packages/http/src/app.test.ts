import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, silentLog } from '@loopwell/kit';
import { supertest } from '@loopwell/testing';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type App,
  addContract,
  addMetrics,
  addSignIn,
  createApp,
  createPages,
  finish,
  html,
  listen,
  sessionCookie,
} from './index.ts';

const accesses: Record<
  string,
  { tenant: string; principal: string; roles: string[]; routes: string[]; partners?: string[] }
> = {
  'session:reviewer-session': {
    tenant: 'o',
    principal: 'person:rea',
    roles: ['reviewer'],
    routes: [],
  },
  'session:admin-session': {
    tenant: 'o',
    principal: 'person:ada',
    roles: ['admin'],
    routes: [],
  },
  'service:good-token': {
    tenant: 'o',
    principal: 'service:kiosk',
    roles: [],
    routes: ['GET /api/v1/things/:id', 'PUT /api/v1/things/:id'],
  },
  'service:metrics-token': {
    tenant: 'o',
    principal: 'service:prometheus',
    roles: [],
    routes: ['GET /metrics'],
  },
  'partner:partner-token': {
    tenant: 'o',
    principal: 'partner:pantry',
    roles: [],
    routes: [],
    partners: ['pantry'],
  },
};

const folder = mkdtempSync(join(tmpdir(), 'loopwell-contracts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function contractFile(name: string, paths: string, schemas = '{}'): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(
    file,
    `openapi: 3.1.0\ninfo: { title: ${name}, version: '1' }\npaths:\n${paths}\ncomponents: { schemas: ${schemas} }\n`,
  );
  return file;
}

const pathOf = (name: string, schema: string) => `  /api/v1/${name}/{id}:
    get:
      parameters: [{ name: id, in: path, required: true, schema: ${schema} }]
      responses: { '200': { description: ok, content: { application/json: { schema: { type: object } } } } }`;

function sampleApp(attempts?: number): App {
  const app = createApp({
    log: silentLog,
    findAccess: async (kind, secret) => accesses[`${kind}:${secret}`],
    readiness: { database: async () => (down ? 'The database does not answer' : undefined) },
  });
  addContract(app, contractFile('things', pathOf('things', '{ type: string }')));
  const links = new Set(['one-time-link-000000']);
  const doors = {
    open: async (secret: string) => (links.delete(secret) ? 'admin-session' : undefined),
    end: async () => {},
  };
  addSignIn(app, doors, { secure: true, ...(attempts ? { attempts } : {}) });
  app.route(
    'get',
    '/api/v1/things/:id',
    { kind: 'person-or-service', role: 'operator' },
    (request, response, principal) => {
      if (request.params.id === 'broken') throw new Error('Ada Lind, born 1979, broke it');
      if (request.params.id === 'away')
        throw Object.assign(new Error('terminating connection'), { code: '57P01' });
      if (request.params.id === 'undone')
        throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
      if (request.params.id === 'taken')
        throw new AppError('CONFLICT', 'Somebody was faster', { facts: { thing: 'taken' } });
      response.json({ by: principal.id, kind: principal.kind });
    },
  );
  app.route(
    'put',
    '/api/v1/things/:id',
    { kind: 'person-or-service', role: 'operator' },
    (_request, response) => void response.json({}),
  );
  app.route(
    'get',
    '/fhir/Task/:id',
    { kind: 'partner' },
    (_request, response, principal) => void response.json({ partners: principal.partners }),
  );
  app.route(
    'get',
    '/review',
    { kind: 'person', role: 'reviewer' },
    (_request, response) => void response.send('reviews'),
  );
  app.route(
    'post',
    '/review',
    { kind: 'person', role: 'reviewer' },
    (_request, response) => void response.send('done'),
  );
  addMetrics(app, async () => [
    { name: 'loopwell_waiting', help: 'Rows that wait', labels: { stage: 'pull' }, amount: 3 },
  ]);
  finish(app, silentLog);
  return app;
}

let down = false;
const app = sampleApp();
const ask = supertest(app.express);
const signedIn = (who: string) => `${sessionCookie}=${who}-session`;

it('a database that is away, or that undid a transaction for another one, is no fault of the caller: 503 with Retry-After', async () => {
  for (const id of ['away', 'undone']) {
    const away = await ask.get(`/api/v1/things/${id}`).set('authorization', 'Bearer good-token');
    expect([away.status, away.headers['retry-after'], away.body.code]).toEqual([
      503,
      '5',
      'UNAVAILABLE',
    ]);
  }
  const other = await ask.get('/api/v1/things/broken').set('authorization', 'Bearer good-token');
  expect([other.status, other.headers['retry-after']]).toEqual([500, undefined]);
});

describe('routes', () => {
  it('answers health without a principal, and says why it is not ready', async () => {
    expect((await ask.get('/live')).status).toBe(200);
    down = true;
    const answer = await ask.get('/ready');
    down = false;
    expect([answer.status, answer.body]).toEqual([
      503,
      { status: 'not-ready', reasons: { database: 'The database does not answer' } },
    ]);
  });

  it('refuses whoever presents nothing, something unknown, or the secret of another kind', async () => {
    for (const authorization of [
      undefined,
      'Bearer unknown',
      'Bearer partner-token',
      'Basic Z29vZA==',
    ]) {
      const request = ask.get('/api/v1/things/1');
      if (authorization) request.set('authorization', authorization);
      const answer = await request;
      expect([answer.status, answer.type]).toEqual([401, 'application/problem+json']);
    }
    expect((await ask.get('/fhir/Task/1').set('authorization', 'Bearer good-token')).status).toBe(
      401,
    );
    expect((await ask.get('/review').set('authorization', 'Bearer good-token')).status).toBe(303);
  });

  it('lets a service token call the routes that it lists, and no other', async () => {
    const token = { authorization: 'Bearer good-token' };
    expect((await ask.get('/api/v1/things/1').set(token)).body).toEqual({
      by: 'service:kiosk',
      kind: 'system',
    });
    expect((await ask.get('/metrics').set(token)).status).toBe(403);
  });

  it('asks for the role, which an admin always has', async () => {
    expect((await ask.get('/api/v1/things/1').set('cookie', signedIn('reviewer'))).status).toBe(
      403,
    );
    expect((await ask.get('/api/v1/things/1').set('cookie', signedIn('admin'))).status).toBe(200);
  });

  it('takes forms from its own pages only', async () => {
    const post = () => ask.post('/review').set('cookie', signedIn('reviewer'));
    expect((await post()).status).toBe(403);
    expect((await post().set('origin', 'https://elsewhere.example')).status).toBe(403);
    expect((await post().set('sec-fetch-site', 'cross-site')).status).toBe(403);
    expect((await post().set('sec-fetch-site', 'same-origin')).status).toBe(200);
  });

  it('does not start with a route that declares no guard', () => {
    const make = () =>
      createApp({ log: silentLog, findAccess: async () => undefined, readiness: {} });
    const bare = make();
    bare.express.get('/open-door', (_request, response) => void response.send('hello'));
    expect(() => finish(bare, silentLog)).toThrow(/no guard/);
    const guarded = make();
    guarded.route('get', '/door', { kind: 'service' }, () => {});
    expect(() => finish(guarded, silentLog)).not.toThrow();
  });
});

describe('errors', () => {
  const token = { authorization: 'Bearer good-token' };

  it('come as problem details below /api, with facts and without the message of an unknown error', async () => {
    const known = await ask.get('/api/v1/things/taken').set(token);
    expect([known.status, known.body]).toMatchObject([
      409,
      { title: 'Somebody was faster', code: 'CONFLICT', facts: { thing: 'taken' } },
    ]);
    const unknown = await ask.get('/api/v1/things/broken').set(token);
    expect(unknown.status).toBe(500);
    expect(unknown.text).not.toContain('Ada');
  });

  it('come as OperationOutcome below /fhir and as a page elsewhere', async () => {
    const fhir = await ask.get('/fhir/Task/1');
    expect([fhir.type, fhir.status]).toEqual(['application/fhir+json', 401]);
    expect(JSON.parse(fhir.text)).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ code: 'login' }],
    });
    const page = await ask.get('/nowhere');
    expect([page.status, page.type]).toEqual([404, 'text/html']);
  });

  it('say 400 to JSON that cannot be read, without quoting it', async () => {
    const post = (headers: Record<string, string>) =>
      ask
        .put('/api/v1/things/1')
        .set({ ...headers, 'content-type': 'application/json' })
        .send('{"name": "Ada Lind');
    const answer = await post(token);
    expect([answer.status, answer.text.includes('Ada')]).toEqual([400, false]);
    expect((await post({})).status).toBe(401);
  });
});

describe('sign-in', () => {
  const sameOrigin = { 'sec-fetch-site': 'same-origin' };

  it('uses the link up by the button only, and once', async () => {
    const shown = await ask.get('/sign-in?token=one-time-link-000000');
    expect(shown.text).toContain('value="one-time-link-000000"');
    await ask.get('/sign-in?token=one-time-link-000000');
    const post = () =>
      ask.post('/sign-in').type('form').set(sameOrigin).send({ token: 'one-time-link-000000' });
    const first = await post();
    expect([first.status, first.headers.location]).toEqual([303, '/']);
    expect(first.headers['set-cookie']?.[0]).toMatch(/HttpOnly; Secure; SameSite=Lax/);
    const second = await post();
    expect([second.status, second.headers['set-cookie']]).toEqual([403, undefined]);
  });

  it('does not sign in by a form of somebody else, nor by nonsense', async () => {
    expect(
      (await ask.post('/sign-in').type('form').send({ token: 'one-time-link-000000' })).status,
    ).toBe(403);
    expect(
      (await ask.post('/sign-in').type('form').set(sameOrigin).send({ 'token[]': '<script>' }))
        .status,
    ).toBe(403);
    expect((await ask.get('/sign-in?token=%3Cscript%3Ealert(1)%3C/script%3E')).text).not.toContain(
      '<script',
    );
  });

  it('leads to the first page of the role, and ends', async () => {
    expect((await ask.get('/').set('cookie', signedIn('reviewer'))).headers.location).toBe(
      '/decide',
    );
    const out = await ask.post('/sign-out').set('cookie', signedIn('reviewer')).set(sameOrigin);
    expect([out.status, out.headers['set-cookie']?.[0]?.includes('loopwell_session=;')]).toEqual([
      303,
      true,
    ]);
  });

  it('slows down whoever tries too often', async () => {
    const limited = supertest(sampleApp(2).express);
    const post = () =>
      limited
        .post('/sign-in')
        .type('form')
        .set(sameOrigin)
        .send({ token: 'x'.repeat(20) });
    await post();
    await post();
    const third = await post();
    expect([third.status, third.headers['retry-after']]).toEqual([429, '300']);
    expect(third.text).toContain('Too many attempts');
  });
});

describe('failed links', () => {
  const link = 'one-time-link-000000';
  const postTo =
    (sample: App) =>
    (token: string, headers: Record<string, string> = {}) =>
      supertest(sample.express)
        .post('/sign-in')
        .type('form')
        .set({ 'sec-fetch-site': 'same-origin', ...headers })
        .send({ token });

  it('keep nobody with a good link out, however many there were from the same address', async () => {
    const post = postTo(sampleApp());
    for (let index = 0; index < 70; index += 1) await post(`bad-link-${'x'.repeat(10)}${index}`);
    for (let index = 0; index < 70; index += 1) await post('nonsense');
    expect((await post(`another-${'y'.repeat(10)}`)).status).toBe(429);
    expect((await post(link)).status).toBe(303);
  });

  it('are counted for each link: one that failed often is looked up no more', async () => {
    const asked: string[] = [];
    const sample = createApp({ log: silentLog, findAccess: async () => undefined, readiness: {} });
    addSignIn(
      sample,
      { open: async (secret) => void asked.push(secret), end: async () => {} },
      { secure: true },
    );
    finish(sample, silentLog);
    const used = 'a'.repeat(20);
    const statuses: number[] = [];
    for (let index = 0; index < 7; index += 1) statuses.push((await postTo(sample)(used)).status);
    expect([statuses, asked.length]).toEqual([[403, 403, 403, 403, 403, 429, 429], 5]);
    expect((await postTo(sample)('b'.repeat(20))).status).toBe(403);
  });

  it('are counted for the address that a named proxy tells, and for nothing that anybody else says', async () => {
    const make = (trustedProxies: string[]) => {
      const sample = createApp({
        log: silentLog,
        findAccess: async () => undefined,
        readiness: {},
        trustedProxies,
      });
      addSignIn(
        sample,
        { open: async () => undefined, end: async () => {} },
        { secure: true, attempts: 2 },
      );
      finish(sample, silentLog);
      return async (address: string, n: number) =>
        (await postTo(sample)(`link-${n}-${'x'.repeat(20)}`, { 'x-forwarded-for': address }))
          .status;
    };
    const [behind, open] = [make(['loopback']), make([])];
    const ask = async (post: typeof open) => [
      await post('198.51.100.1', 1),
      await post('198.51.100.1', 2),
      await post('198.51.100.1', 3),
      await post('198.51.100.2', 4),
      await post('203.0.113.9, 198.51.100.1', 5),
    ];
    expect(await ask(behind)).toEqual([403, 403, 429, 403, 429]);
    expect(await ask(open)).toEqual([403, 403, 429, 429, 429]);
  });
});

describe('pages and metrics', () => {
  it('send strict headers: nothing from elsewhere, no scripts, nothing kept', async () => {
    const { headers } = await ask.get('/sign-in');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).not.toContain('script-src');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect((await ask.get('/style.css')).type).toBe('text/css');
  });

  it('escape what they print', async () => {
    const own = createApp({ log: silentLog, findAccess: async () => undefined, readiness: {} });
    const pages = createPages(own, { en: () => ({ language: 'en' }) });
    own.open('get', '/x', (_request, response) =>
      pages.show(response, () => ({ title: '<b>Ada</b>', body: html`<p>${'"><script>'}</p>` })),
    );
    const { text } = await supertest(own.express).get('/x');
    expect(text).not.toMatch(/<b>Ada|"><script/);
  });

  it('give numbers to a token that lists the route', async () => {
    const answer = await ask.get('/metrics').set('authorization', 'Bearer metrics-token');
    expect(answer.text).toContain('loopwell_waiting{stage="pull"} 3');
    expect(answer.text).toContain('process_resident_memory_bytes');
    expect((await ask.get('/metrics')).status).toBe(401);
  });
});

describe('listening', () => {
  it('says which port is in use, and closes', async () => {
    const first = await listen(sampleApp(), { host: '127.0.0.1', port: 0 });
    const port = Number(new URL(first.address).port);
    await expect(listen(sampleApp(), { host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(`Port ${port} is in use`),
    });
    expect((await fetch(`${first.address}/live`)).status).toBe(200);
    await first.close();
    await expect(fetch(`${first.address}/live`)).rejects.toThrow();
  });
});

describe('contracts of several services at one address', () => {
  it('are each held to by their own schemas, whatever the order', async () => {
    const app = createApp({
      log: silentLog,
      findAccess: async (kind, secret) => accesses[`${kind}:${secret}`],
      readiness: {},
    });
    const ids = "{ Id: { type: string, pattern: '^[a-z]+$' } }";
    addContract(
      app,
      contractFile('named', pathOf('things', "{ $ref: '#/components/schemas/Id' }"), ids),
    );
    addContract(
      app,
      contractFile(
        'others',
        pathOf('others', '{ type: string, maxLength: 2 }'),
        '{ Other: { type: object } }',
      ),
    );
    for (const name of ['things', 'others'])
      app.route(
        'get',
        `/api/v1/${name}/:id`,
        { kind: 'person', role: 'admin' },
        (_request, response) => void response.json({}),
      );
    finish(app, silentLog);
    const statuses = await Promise.all(
      ['things/ok', 'things/NO', 'others/NO', 'others/too-long'].map(
        async (path) =>
          (
            await supertest(app.express)
              .get(`/api/v1/${path}`)
              .set('cookie', `${sessionCookie}=admin-session`)
          ).status,
      ),
    );
    expect(statuses).toEqual([200, 400, 200, 400]);
  });
});
