import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { access, type Database, migrate, openDatabase } from '@loopwell/store';
import { queueUrl, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../services/cli/src/lifecycle/free-port.ts';
import { until } from './harness.ts';
import { type Running, startService } from './processes.ts';

/** The proxy configuration that we ship, in a real nginx, in front of real processes. */

const names = ['intake', 'enrichment', 'referral', 'coordination', 'console'] as const;
const shipped = fileURLToPath(new URL('../../infra/nginx/loopwell.conf', import.meta.url));
const hasNginx =
  spawnSync('nginx', ['-v']).error === undefined &&
  spawnSync('openssl', ['version']).error === undefined;
const folder = mkdtempSync(join(tmpdir(), 'loopwell-proxy-'));
const tenant = 'default';

it('has an nginx to be tested with, wherever CI runs', () => {
  if (!hasNginx)
    process.stderr.write(
      'The proxy configuration is not tested: there is no nginx here (apt-get install nginx-light openssl).\n',
    );
  expect(hasNginx || !process.env.CI).toBe(true);
});

describe.skipIf(!hasNginx)('behind nginx', () => {
  const running = new Map<string, Running>();
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let db: Database;
  let nginx: ChildProcess;
  let port = 0;

  beforeAll(async () => {
    database = await testDatabase();
    await migrate(database.url);
    db = openDatabase({ url: database.url, tenant });
    port = await freePort();
    const env = {
      DATABASE_URL: database.url,
      QUEUE_URL: process.env.QUEUE_URL ?? queueUrl(database.url),
      LOOPWELL_SECRET_KEY: randomBytes(32).toString('base64'),
      PUBLIC_URL: `https://127.0.0.1:${port}`,
      TRUSTED_PROXIES: '127.0.0.1',
      ...Object.fromEntries(names.map((name) => [`${name.toUpperCase()}_PORT`, '0'])),
    };
    await Promise.all(names.map(async (name) => running.set(name, await startService(name, env))));
    nginx = startNginx();
    await until(async () => (await ask('GET', '/sign-in')).status === 200, 'nginx answers');
  });

  afterAll(async () => {
    nginx?.kill('SIGTERM');
    if (nginx) await once(nginx, 'exit');
    for (const one of running.values()) one.child.kill('SIGKILL');
    await db?.close();
    await database?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /**
   * The shipped file as it is, but for where it listens, its certificate, its logs, and the ports
   * of the services.
   */
  function startNginx(): ChildProcess {
    const [key, certificate] = [join(folder, 'privkey.pem'), join(folder, 'fullchain.pem')];
    const subject = [
      '-subj',
      '/CN=loopwell.example',
      '-days',
      '2',
      '-nodes',
      '-keyout',
      key,
      '-out',
      certificate,
    ];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', ...subject],
      { stdio: 'ignore' },
    );
    let text = readFileSync(shipped, 'utf8')
      .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
      .replace('/etc/loopwell/tls/fullchain.pem', certificate)
      .replace('/etc/loopwell/tls/privkey.pem', key)
      .replaceAll('/var/log/nginx', folder);
    for (const name of names) {
      const { host } = new URL(running.get(name)?.address ?? '');
      const upstream = new RegExp(`(upstream loopwell_${name} \\{ server )[\\d.:]+`);
      text = text.replace(upstream, `$1${host}`);
    }
    writeFileSync(join(folder, 'loopwell.conf'), text);
    for (const kind of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(folder, kind));
    const temporary = [
      'client_body_temp_path body',
      'proxy_temp_path proxy',
      'fastcgi_temp_path fastcgi',
      'uwsgi_temp_path uwsgi',
    ];
    const http = `${[...temporary, 'scgi_temp_path scgi', 'include loopwell.conf'].join('; ')};`;
    writeFileSync(
      join(folder, 'nginx.conf'),
      `daemon off; pid nginx.pid; error_log stderr crit; events {} http { ${http} }`,
    );
    const args = ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')];
    execFileSync('nginx', [...args, '-t'], { stdio: 'pipe' });
    return spawn('nginx', args, { stdio: 'ignore' });
  }

  type Asked = { status: number; headers: NodeJS.Dict<string | string[]>; text: string };

  /** With the path as it stands, by a caller that takes our certificate. */
  function ask(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body = '',
  ): Promise<Asked> {
    const options = { hostname: '127.0.0.1', port, method, path, rejectUnauthorized: false };
    const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    return new Promise((resolve, reject) => {
      const asked = request({ ...options, headers: { ...length, ...headers } }, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += String(chunk)));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }

  const linkFor = (...roles: string[]) =>
    db.tx((tx) =>
      access.grantAccess(
        tx,
        { tenant, kind: 'sign-in', principal: 'person:rea', roles, routes: [] },
        { ttlMs: 600_000 },
      ),
    );

  const postLink = (token: string, more: Record<string, string> = {}) => {
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      origin: `https://127.0.0.1:${port}`,
      ...more,
    };
    return ask('POST', '/sign-in', headers, `token=${token}`);
  };

  /** Signs in as a browser does that sends no Fetch Metadata, and follows to the first page. */
  async function start(...roles: string[]): Promise<{ cookie: string; path: string; page: Asked }> {
    const token = await linkFor(...roles);
    expect((await ask('GET', `/sign-in?token=${token}`)).text).toContain(token);
    const opened = await postLink(token);
    const set = String(opened.headers['set-cookie']);
    expect([opened.status, opened.headers.location, set]).toEqual([
      303,
      '/',
      expect.stringMatching(/HttpOnly; Secure; SameSite=Lax/),
    ]);
    const cookie = set.split(';')[0] ?? '';
    const path = String((await ask('GET', '/', { cookie })).headers.location);
    return { cookie, path, page: await ask('GET', path, { cookie }) };
  }

  it('leads everybody to a page of theirs after the sign-in, and shows all pages of their roles', async () => {
    const reviewer = await start('reviewer');
    expect([reviewer.path, reviewer.page.status]).toEqual(['/decide', 200]);
    expect(reviewer.page.text).not.toContain('href="/console"');
    expect((await ask('GET', '/console', { cookie: reviewer.cookie })).status).toBe(403);
    const operator = await start('operator');
    expect([operator.path, operator.page.status]).toEqual(['/console', 200]);
    const { cookie, page } = await start('admin');
    const hrefs = [...page.text.matchAll(/<li><a href="([^"]+)"/g)].map(([, href = '']) => href);
    expect(hrefs).toEqual(
      expect.arrayContaining(['/console', '/console/holds', '/quality', '/decide']),
    );
    for (const href of [...hrefs, '/docs/console'])
      expect([href, (await ask('GET', href, { cookie })).status]).toEqual([href, 200]);
  });

  it('finds each API at its own service', async () => {
    const paths = [
      'connections',
      'directory',
      'reviews',
      'screenings',
      'quality',
      'recode',
      'status',
      'totals',
      'holds',
    ];
    const routes = [
      ...paths.map((path) => `GET /api/v1/${path}`),
      'POST /api/v1/code',
      'POST /fhir/QuestionnaireResponse/$extract',
    ];
    const secret = await db.tx((tx) =>
      access.grantAccess(tx, {
        tenant,
        kind: 'service',
        principal: 'service:test',
        roles: [],
        routes,
      }),
    );
    const token = { authorization: `Bearer ${secret}` };
    for (const path of paths) {
      expect([path, (await ask('GET', `/api/v1/${path}`, token)).status]).toEqual([path, 200]);
      expect([path, (await ask('GET', `/api/v1/${path}`)).status]).toEqual([path, 401]);
    }
    const form = { resourceType: 'QuestionnaireResponse', status: 'completed', item: [] };
    const typed = { ...token, 'content-type': 'application/fhir+json' };
    expect(
      (await ask('POST', '/fhir/QuestionnaireResponse/$extract', typed, JSON.stringify(form)))
        .status,
    ).toBe(200);
    const bundle = JSON.stringify({
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ resource: form }],
    });
    expect((await ask('POST', '/api/v1/code', typed, bundle)).status).toBe(200);
    expect(JSON.parse((await ask('GET', '/fhir/metadata')).text)).toMatchObject({
      resourceType: 'CapabilityStatement',
    });
  });

  it('opens nothing by another way of writing, and no door that is for the inside', async () => {
    const { cookie } = await start('admin');
    const inside = [
      '/metrics',
      '/live',
      '/ready',
      '/metrics/',
      '/review/../metrics',
      '/review/..%2fmetrics',
      '/%6detrics',
      '//metrics',
    ];
    const odd = [
      '/API/v1/status',
      '//api/v1/status',
      '/api/v1/status/',
      '/api/v1//status',
      '/Review',
      '/review/',
      '/review/..%2f..%2fconsole',
    ];
    for (const path of [...inside, ...odd]) {
      const { status } = await ask('GET', path, { cookie });
      expect([path, [400, 404].includes(status) || status]).toEqual([path, true]);
    }
  });

  it('counts failed links by who asks, whatever they say of themselves, and locks nobody out', async () => {
    let last = 0;
    for (let index = 0; index < 61; index += 1)
      last = (
        await postLink(`bad-${'x'.repeat(16)}-${index}`, {
          'x-forwarded-for': `198.51.100.${index}`,
        })
      ).status;
    expect(last).toBe(429);
    expect((await postLink(await linkFor('reviewer'))).status).toBe(303);
  });

  it('writes no sign-in link into a log, also when the console is away', async () => {
    const token = await linkFor('reviewer');
    await ask('GET', `/sign-in?token=${token}`, {
      referer: `https://127.0.0.1:${port}/sign-in?token=${token}`,
    });
    const console = running.get('console');
    console?.child.kill('SIGKILL');
    await console?.ended;
    expect((await ask('GET', `/sign-in?token=${token}`)).status).toBe(502);
    const log = () => readFileSync(join(folder, 'loopwell.log'), 'utf8');
    await until(async () => log().includes(' /sign-in 502 '), 'nginx has written its log');
    const errors = join(folder, 'loopwell-error.log');
    expect(`${log()}${existsSync(errors) ? readFileSync(errors, 'utf8') : ''}`).not.toContain(
      token,
    );
  });
});
