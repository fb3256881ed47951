import { gzipSync } from 'node:zlib';
import { menu } from '@loopwell/http';
import { queueUrl, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Ask, type Doors, describedRoutes, openDoors } from './every-door.ts';

/**
 * Every route of every service, and what stands beside it: nothing goes around the contract, and
 * nothing fails on our side.
 */

let doors: Doors;
let admin: Record<string, string>;
let partner: Record<string, string>;
let prometheus: Record<string, string>;

beforeAll(async () => {
  const scratch = await testDatabase();
  doors = await openDoors(scratch, queueUrl(scratch.url));
  admin = await doors.cookie('admin');
  partner = await doors.bearer('partner');
  prometheus = await doors.bearer('service', ['GET /metrics']);
});
afterAll(() => doors?.close());
beforeEach(() => void doors.failures.splice(0));

const id = '6b0a8f5e-0000-4000-8000-000000000001';
const declared = () => [...doors.routes].map((name) => name.split(' ') as [string, string]);
const concrete = (path: string) => path.replace(':type', 'Patient').replaceAll(/:\w+/g, id);
const pathsOf = () => [...new Set(declared().map(([, path]) => path))];
const isApi = (path: string) => /^\/+(api\/|metrics)/.test(path);
const isOfPartners = (path: string) => /^\/fhir\/(:type|Task|Procedure$)/.test(path);
const isFhir = (path: string) => path.startsWith('/fhir/');

/** Refusals are in the form that the door has. */
function formOf(path: string): string {
  if (isApi(path)) return 'application/problem+json';
  return isFhir(path) ? 'application/fhir+json' : 'text/html';
}

/** Somebody who may do what this route does. */
function mayUse(path: string): Record<string, string> {
  if (isOfPartners(path)) return partner;
  return path === '/metrics' ? prometheus : admin;
}

it('has a route for all that the contracts describe, and describes every route of the API', () => {
  const routes = [...doors.routes].filter((name) => name.includes(' /api/'));
  expect(routes.length).toBeGreaterThan(20);
  expect(describedRoutes().sort()).toEqual(routes.sort());
});

describe('the menu', () => {
  it('has pages that open to its role and to no other, and leads there after the sign-in', async () => {
    for (const { href, role } of menu) {
      const other = role === 'reviewer' ? 'operator' : 'reviewer';
      expect([
        href,
        (await doors.send('GET', href, { headers: await doors.cookie(role) })).status,
      ]).toEqual([href, 200]);
      expect([
        href,
        (await doors.send('GET', href, { headers: await doors.cookie(other) })).status,
      ]).toEqual([href, 403]);
    }
    const start = async (...roles: string[]) =>
      (await doors.send('GET', '/', { headers: await doors.cookie(...roles) })).headers.location;
    expect([await start('reviewer'), await start('operator'), await start('admin')]).toEqual([
      '/decide',
      '/console',
      '/console',
    ]);
  });

  it('leads nowhere else, whatever the address or the host says', async () => {
    const token = await doors.signInLink(['reviewer']);
    const headers = {
      host: 'evil.example',
      'sec-fetch-site': 'same-origin',
      'x-forwarded-host': 'evil.example',
      'content-type': 'application/x-www-form-urlencoded',
    };
    const shown = await doors.send('GET', `/sign-in?token=${token}&next=https://evil.example`, {
      headers,
    });
    expect([shown.status, shown.text.includes('evil'), shown.headers['cache-control']]).toEqual([
      200,
      false,
      'no-store',
    ]);
    const body = `token=${token}&next=//evil.example&back=//evil.example`;
    const elsewhere = await doors.send('POST', '/sign-in', {
      headers: { ...headers, 'sec-fetch-site': 'cross-site' },
      body,
    });
    expect([elsewhere.status, elsewhere.headers['set-cookie']]).toEqual([403, undefined]);
    const inside = await doors.send('POST', '/sign-in', { headers, body });
    expect([inside.status, inside.headers.location, inside.text.includes('evil')]).toEqual([
      303,
      '/',
      false,
    ]);
  });
});

const siblings: readonly (readonly [string, (path: string) => string])[] = [
  ['upper case', (path) => path.toUpperCase()],
  ['one upper-case letter', (path) => path.replace(/[a-z]/, (letter) => letter.toUpperCase())],
  ['a trailing slash', (path) => `${path}/`],
  ['two leading slashes', (path) => `/${path}`],
  ['two slashes inside', (path) => path.replace(/(.)\//, '$1//')],
  ['an encoded slash', (path) => path.replace(/(.)\//, '$1%2F')],
  ['an encoded first slash', (path) => `/%2f${path.slice(1)}`],
  [
    'an encoded letter',
    (path) => path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  ],
  ['a parameter of the segment', (path) => `${path};v=1`],
  ['a parameter of the first segment', (path) => path.replace(/^\/([^/]+)/, '/$1;v=1')],
  ['a dot', (path) => `/.${path}`],
  ['two dots', (path) => `/live/..${path}`],
  ['encoded dots', (path) => `/live/%2e%2E${path}`],
  ['dots behind an encoded slash', (path) => `/live/..%2f${path.slice(1)}`],
  ['a backslash', (path) => path.replace(/(.)\//, '$1\\')],
  ['an encoded backslash', (path) => path.replace(/(.)\//, '$1%5c')],
  ['NUL', (path) => `${path}%00`],
  ['a line break', (path) => `${path}%0d%0aX-A:%20b`],
  ['a space', (path) => `${path}%20`],
  ['an ending', (path) => `${path}.json`],
  ['half a percent', (path) => `${path}%`],
  ['bytes that are no UTF-8', (path) => `${path}%ff`],
  ['half a surrogate pair', (path) => `${path}%ed%a0%80`],
  ['a fragment', (path) => `${path}#x`],
  ['a whole URL', (path) => `${doors.address}${path}`],
  ["somebody else's URL", (path) => `http://other.example${path}`],
];

describe('an address that is written otherwise', () => {
  it.each(siblings)('is none of ours: %s', async (_title, write) => {
    for (const [method, path] of declared()) {
      const other = write(concrete(path));
      if (path === '/' || other === concrete(path)) continue;
      const { status, type, text } = await doors.send(method, other, { headers: mayUse(path) });
      expect([
        method,
        other,
        [400, 401, 404, 405, 415].includes(status) || `${status} ${text.slice(0, 300)}`,
      ]).toEqual([method, other, true]);
      expect(['application/problem+json', 'application/fhir+json', 'text/html']).toContain(type);
    }
    expect(doors.failures).toEqual([]);
  });

  it.each([
    ['/API/v1/status', 'application/problem+json'],
    ['/Api/V1/holds', 'application/problem+json'],
    ['//api/v1/status', 'application/problem+json'],
    ['/%61pi/v1/status', 'application/problem+json'],
    ['/api', 'application/problem+json'],
    ['/FHIR/metadata', 'application/fhir+json'],
    ['/fhir', 'application/fhir+json'],
    ['/Review', 'text/html'],
  ])('is refused in the form of the door that was meant: %s', async (path, form) => {
    const { status, type } = await doors.send('GET', path, { headers: admin });
    expect([[401, 404].includes(status), type]).toEqual([true, form]);
  });

  it('is refused as JSON where somebody accepts nothing else', async () => {
    const ask = async (accept: string) =>
      (await doors.send('GET', '/nowhere', { headers: { accept } })).type;
    expect([
      await ask('application/json'),
      await ask('application/fhir+json'),
      await ask('text/html,application/json'),
    ]).toEqual(['application/problem+json', 'application/fhir+json', 'text/html']);
  });

  it('tells somebody unknown nothing about what there is below the API and FHIR', async () => {
    for (const path of [
      '/api/v1/status',
      '/api/v1/nothing',
      '/API/v1/status',
      '/fhir/Task',
      '/fhir/Task/1/2',
      '/FHIR/Task',
    ])
      for (const method of ['GET', 'PATCH', 'OPTIONS'])
        expect([path, method, (await doors.send(method, path)).status]).toEqual([
          path,
          method,
          401,
        ]);
  });
});

describe('a method that an address does not have', () => {
  const methods = [
    'GET',
    'HEAD',
    'POST',
    'PUT',
    'DELETE',
    'PATCH',
    'OPTIONS',
    'TRACE',
    'PROPFIND',
    'QUERY',
  ];

  const readAsReferral = [
    '/review/decisions',
    '/partners/calls/texts',
    ...['/partners/calls/told-partner', '/partners/calls/told-person'],
    '/review/undo',
    '/review/find',
    '/review/answers',
    '/review/words',
    '/review/help',
    '/api/v1/reviews/decisions',
    '/api/v1/reviews/undo',
    // GET reads it as a search.
    '/fhir/Procedure',
    // GET reads what is done with a request as the name of a form, and there is none.
    ...['name', 'answers', 'undo'].map((act) => `/p/:token/requests/:task/${act}`),
  ];

  it.each(methods)('is refused with those that it has: %s', async (method) => {
    for (const path of pathsOf()) {
      const own = declared().flatMap(([one, of]) => (of === path ? [one] : []));
      const isHead = method === 'HEAD' && own.includes('GET') && !isApi(path);
      // `/review/decisions` is read as a referral by GET, which finds none.
      const isAnother = ['GET', 'HEAD'].includes(method) && readAsReferral.includes(path);
      // POST reads `calls` as the id of a partner, and finds none.
      const isPartner = method === 'POST' && path === '/partners/calls';
      const isExtract = path.endsWith('/$extract');
      if ([own.includes(method), isHead, isAnother, isPartner, isExtract].includes(true)) continue;
      const { status, headers, type } = await doors.send(method, concrete(path), {
        headers: mayUse(path),
      });
      const wanted = method === 'HEAD' ? [405, ''] : [405, formOf(path)];
      expect([path, status, method === 'HEAD' ? '' : type]).toEqual([path, ...wanted]);
      for (const one of own) expect(String(headers.allow).split(', ')).toContain(one);
    }
    expect(doors.failures).toEqual([]);
  });

  it('is not put on by a header', async () => {
    const headers = {
      ...admin,
      'x-http-method-override': 'DELETE',
      'x-method-override': 'DELETE',
      'x-http-method': 'DELETE',
    };
    expect((await doors.send('POST', '/api/v1/holds/all', { headers })).status).toBe(405);
    expect(
      (await doors.send('POST', '/api/v1/holds/all?_method=DELETE', { headers: admin })).status,
    ).toBe(405);
    expect((await doors.send('GET', '/api/v1/holds', { headers })).status).toBe(200);
  });

  it('finds nothing by GET where only POST is described', async () => {
    expect((await doors.send('GET', '/api/v1/reviews/decisions', { headers: admin })).status).toBe(
      404,
    );
  });
});

/** Routes that take something; the text gateway signs its bodies, so they are read first. */
const writing = () =>
  declared().filter(
    ([method, path]) =>
      ['POST', 'PUT'].includes(method) && path !== '/sign-in' && !/^\/(p|messages)\//.test(path),
  );

/** Forms that every signed-in person may send, whatever the role. */
const forAll = ['/sign-out', '/kept-form'];

describe('whoever may not do it', () => {
  const bodies: readonly Ask[] = [
    { headers: { 'content-type': 'application/json' }, body: '{"name": "Ada' },
    {
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: 'no gzip',
    },
    { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=%FF' },
    { headers: { 'content-type': 'text/plain; charset=nothing' }, body: 'x' },
  ];

  it('is told so by the forms of partners, too, and signing in as staff opens none', async () => {
    const signIns = ['/p/:token/sign-in', '/p/:token/second-code'];
    const forms = declared().filter(
      ([method, path]) => method === 'POST' && path.startsWith('/p/') && !signIns.includes(path),
    );
    expect(forms.length).toBeGreaterThan(0);
    for (const [method, path] of forms)
      for (const { headers, body } of bodies) {
        const sent = { headers: { ...headers, ...admin }, body };
        const { status, text } = await doors.send(method, concrete(path), sent);
        expect([path, status, text.includes('This link does not work')]).toEqual([path, 404, true]);
      }
    expect(doors.failures).toEqual([]);
  });

  it('is told so before anybody looks at the body', async () => {
    const stranger = { 'sec-fetch-site': 'same-origin' };
    const nobody = await doors.cookie('nothing');
    const elsewhere = { ...admin, 'sec-fetch-site': 'cross-site' };
    const token = await doors.bearer('service', ['GET /api/v1/totals']);
    for (const [method, path] of writing()) {
      for (const { headers, body } of bodies) {
        const send = async (who: Record<string, string>) =>
          (await doors.send(method, concrete(path), { headers: { ...headers, ...who }, body }))
            .status;
        // A partner's route knows nobody but partners.
        const refused = isOfPartners(path) ? 401 : 403;
        expect([path, await send(stranger)]).toEqual([path, 401]);
        if (!forAll.includes(path)) expect([path, await send(nobody)]).toEqual([path, refused]);
        expect([path, await send(elsewhere)]).toEqual([path, refused]);
        // Two named people release what a demand asks for, and no token.
        const isForPeople = path === '/api/v1/legal-demands/:demandId/steps';
        const takesTokens = (isApi(path) || isFhir(path)) && !isForPeople;
        expect([path, await send(token)]).toEqual([path, takesTokens ? refused : 401]);
      }
    }
    expect(doors.failures).toEqual([]);
  });

  it('is not asked to go on sending, and whoever may is', async () => {
    const continues = async (headers: Record<string, string>) => {
      const { answered, wasAsked } = await sendAfterAsking(doors.address, {
        'content-type': 'application/json',
        ...headers,
      });
      return [answered, wasAsked];
    };
    expect(await continues({})).toEqual([401, false]);
    expect(await continues(await doors.cookie('reviewer'))).toEqual([403, false]);
    expect(await continues({ ...admin, 'content-type': 'text/plain' })).toEqual([415, false]);
    expect(await continues(admin)).toEqual([400, true]);
  });
});

/** Announces a body for `POST /api/v1/holds` and sends it only when asked to. */
async function sendAfterAsking(
  address: string,
  headers: Record<string, string>,
): Promise<{ answered: number; wasAsked: boolean }> {
  const { request } = await import('node:http');
  return new Promise((resolve, reject) => {
    let wasAsked = false;
    const options = {
      method: 'POST',
      headers: { ...headers, expect: '100-continue', 'content-length': '2' },
    };
    const asked = request(`${address}/api/v1/holds`, options, (response) => {
      resolve({ answered: response.statusCode ?? 0, wasAsked });
      asked.destroy();
    });
    asked.on('continue', () => {
      wasAsked = true;
      asked.end('{}');
    });
    asked.on('error', reject);
    asked.flushHeaders();
  });
}

const json = (body: string | Buffer, more: Record<string, string> = {}): Ask => ({
  headers: { 'content-type': 'application/json', ...more },
  body,
});
const form = (body: string | Buffer, more: Record<string, string> = {}): Ask => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded', ...more },
  body,
});

/** What no API takes, with the place that its refusal names. */
const oddJson: readonly (readonly [string, Ask, RegExp])[] = [
  ['no type', { body: '{}' }, /content-type/],
  ['a type that is none', { headers: { 'content-type': '///' }, body: '{}' }, /content-type/],
  ['text', { headers: { 'content-type': 'text/plain' }, body: '{}' }, /content-type/],
  ['a form', form('scope=all'), /content-type/],
  [
    'several parts',
    { headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: '--x--' },
    /content-type/,
  ],
  ['latin 1', json('{}', { 'content-type': 'application/json; charset=latin1' }), /content-type/],
  [
    'UTF-16',
    json(Buffer.from('{}', 'utf16le'), { 'content-type': 'application/json; charset=utf-16' }),
    /content-type/,
  ],
  [
    'a charset that is none',
    json('{}', { 'content-type': 'application/json;charset="\\""' }),
    /content-type/,
  ],
  [
    'two charsets',
    json('{}', { 'content-type': 'application/json; charset=utf-8; charset=utf-7' }),
    /content-type/,
  ],
  ['a packing that is none', json('{}', { 'content-encoding': 'compress' }), /content-encoding/],
  ['two packings', json(gzipSync('{}'), { 'content-encoding': 'gzip, gzip' }), /content-encoding/],
  ['no gzip', json('{}', { 'content-encoding': 'gzip' }), /\/body/],
  [
    'half a gzip',
    json(gzipSync('{"a":1}').subarray(0, 12), { 'content-encoding': 'gzip' }),
    /\/body/,
  ],
  [
    'much in a little gzip',
    json(gzipSync(`{"a":"${' '.repeat(3_000_000)}"}`), { 'content-encoding': 'gzip' }),
    /\/body/,
  ],
  ['too much', json(`{"a":"${' '.repeat(1_100_000)}"}`), /\/body/],
  ['nothing', json(''), /\/body/],
  ['a blank', json('  '), /\/body/],
  ['null', json('null'), /\/body/],
  ['a number', json('1'), /\/body/],
  ['a text', json('"x"'), /\/body/],
  ['half of it', json('{"a":'), /\/body/],
  [
    'bytes that are no UTF-8',
    json(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
    /\/body/,
  ],
  ['NUL itself', json('{"reason":"a\0"}'), /\/body/],
  ['an escaped NUL', json('{"reason":"a\\u0000b"}'), /\/body\/reason/],
  ['NUL in a name', json('{"a\\u0000":1}'), /\/body/],
  ['NUL in a list', json('{"rows":[{"subject":"\\u0000"}]}'), /\/body\/rows\/0\/subject/],
  ['half a surrogate pair', json('{"reason":"\\ud800"}'), /\/body\/reason/],
  ['too deep', json(`${'['.repeat(100_000)}${']'.repeat(100_000)}`), /\/body/],
  ['deep objects', json(`${'{"a":'.repeat(60_000)}1${'}'.repeat(60_000)}`), /\/body/],
  ['a member twice', json('{"reason":"a","scope":"all","reason":"b"}'), /\/body/],
  ['a member twice, once escaped', json('{"scope":"all","\\u0073cope":"stage:pull"}'), /\/body/],
  [
    'a member of every object',
    json('{"__proto__":{"isAdmin":true},"constructor":{"prototype":{}}}'),
    /\/body/,
  ],
];

/**
 * `$extract` and `code` tell of repeated and unknown members themselves, `Procedure` of unknown
 * ones, and a Task that is missing is missing whatever is put.
 */
const readsAnything = (path: string) => /(\/code|\$extract|\/Procedure|\/Task\/:id)$/.test(path);

describe('a body that no API takes', () => {
  it.each(oddJson)('is refused with its place and the rule: %s', async (title, ask, place) => {
    for (const [method, path] of writing()) {
      if (!isApi(path) && !isFhir(path)) continue;
      if (title === 'nothing' && /\/(pause|resume|taken|done|send-anyway)$/.test(path)) continue;
      const isTold = readsAnything(path) && /twice|every object/.test(title);
      // What is described without a body takes none, of whatever kind.
      const places = [place, /^\/body: none/];
      const answer = await doors.send(method, concrete(path), {
        ...ask,
        headers: { ...mayUse(path), ...ask.headers },
      });
      expect([path, answer.status >= 400 && answer.status < 500, answer.type]).toEqual([
        path,
        true,
        formOf(path),
      ]);
      if (!isTold) expect([path, namesPlace(answer, places)]).toEqual([path, true]);
    }
    expect(doors.failures).toEqual([]);
  });
});

function namesPlace({ text }: Answer, expected: readonly RegExp[]): true | string {
  const { problems = [], issue = [] } = JSON.parse(text) as {
    problems?: { path: string; rule: string }[];
    issue?: { diagnostics?: string }[];
  };
  const places = [
    ...problems.map((one) => `${one.path}: ${one.rule}`),
    ...issue.map((one) => one.diagnostics ?? ''),
  ];
  return (
    places.some((one) => expected.some((place) => place.test(one)) && /: \S/.test(one)) || text
  );
}

const oddForms: readonly (readonly [string, Ask])[] = [
  ['nothing at all', {}],
  ['an empty form', form('')],
  ['no type', { body: 'scope=all' }],
  ['JSON', json('{"scope":"all"}')],
  [
    'several parts',
    { headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: '--x--' },
  ],
  [
    'latin 1',
    form('scope=all', { 'content-type': 'application/x-www-form-urlencoded; charset=iso-8859-1' }),
  ],
  ['no gzip', form('scope=all', { 'content-encoding': 'gzip' })],
  [
    'NUL',
    form(
      'scope=a%00&reason=a%00&id=a%00&patient=a%00&row=a%00&connection=a%00&screening=%00&referral=%00&decision=approve',
    ),
  ],
  ['half a surrogate pair', form('scope=%ed%a0%80&id=%ed%a0%80&patient=%ed%a0%80')],
  ['bytes that are no UTF-8', form('scope=%ff&id=%ff&patient=%ff')],
  ['half a percent', form('scope=%&id=%')],
  ['too many fields', form('a=1&'.repeat(1_001))],
  ['too much', form(`id=${'a'.repeat(300_000)}`)],
  [
    'every field twice',
    form(
      [
        'scope',
        'reason',
        'id',
        'patient',
        'row',
        'connection',
        'type',
        'screening',
        'referral',
        'decision',
        'action',
        'back',
        'all',
      ]
        .map((name) => `${name}=x&${name}=y`)
        .join('&'),
    ),
  ],
  [
    'members of every object',
    form(
      '__proto__=1&constructor=1&toString=1&scope=toString&decision=constructor&referral=x&action=__proto__',
    ),
  ],
  ['lists and objects by name', form('scope[]=all&scope[a]=1&referral[0]=x&id[$ne]=')],
];

describe('a form that no page takes', () => {
  it.each(oddForms)('fails nothing on our side: %s', async (_title, ask) => {
    for (const [method, path] of declared()) {
      if (method !== 'POST' || isApi(path) || isFhir(path) || path === '/sign-out') continue;
      const answer = await doors.send(method, path, {
        ...ask,
        headers: { ...admin, ...ask.headers },
      });
      expect([path, answer.status < 500, answer.type]).toEqual([path, true, 'text/html']);
      if (path !== '/review/screenings/seen' && path !== '/review/decisions')
        expect([path, answer.status >= 400]).toEqual([path, true]);
    }
    expect(doors.failures).toEqual([]);
  });
});

/** Names of parameters that pages and the API have, with values that none of them takes. */
const names = [
  'limit',
  'cursor',
  'after',
  'gate',
  'sort',
  'category',
  'person',
  'postponed',
  'code',
  'id',
  'every',
  'done',
  'n',
  'token',
];
const readable = () =>
  declared().filter(
    ([method, path]) => method === 'GET' && !/\.(js|css|svg|yaml)$|^\/metrics/.test(path),
  );

describe('a query that nothing takes', () => {
  it.each([
    ['NUL', (name: string) => `${name}=%00`],
    ['NUL in the name', (name: string) => `${name}%00=1`],
    ['half a surrogate pair', (name: string) => `${name}=%ed%a0%80`],
    ['bytes that are no UTF-8', (name: string) => `${name}=%ff`],
    ['half a percent', (name: string) => `${name}=%`],
    ['a list', (name: string) => `${name}=1&${name}=2`],
    ['a list by brackets', (name: string) => `${name}[]=1`],
    ['an object by brackets', (name: string) => `${name}[a]=1`],
  ])('is refused with its place and the rule: %s', async (_title, write) => {
    for (const [, path] of readable()) {
      const answer = await doors.send('GET', `${concrete(path)}?${write('limit')}`, {
        headers: mayUse(path),
      });
      expect([path, answer.status, /\/query(\/limit)?/.test(answer.text)]).toEqual([
        path,
        400,
        true,
      ]);
    }
    expect(doors.failures).toEqual([]);
  });

  it.each([
    ['much', '9'.repeat(600)],
    ['a number that is none', '-1e400'],
    ['a member of every object', '__proto__'],
    ['a cursor that is none', '2026-01-01T00:00:00.000Z~code~%F0%9F%92%A5'],
    ['a day that is none', '+275760-09-14T00:00:00Z~pull~x'],
  ])('is refused by the API, and passed over by a page: %s', async (_title, value) => {
    const all = names.map((name) => `${name}=${value}`).join('&');
    for (const [, path] of readable()) {
      const answer = await doors.send('GET', `${concrete(path)}?${all}`, { headers: mayUse(path) });
      expect([path, answer.status < 500, isApi(path) ? answer.status : 400]).toEqual([
        path,
        true,
        400,
      ]);
    }
    for (const state of ['all', 'partner', 'withoutHelp', value]) {
      const answer = await doors.send(
        'GET',
        `/review?state=${state}&cursor=${value}&person=${value}`,
        { headers: admin },
      );
      expect([state, answer.status < 500]).toEqual([state, true]);
    }
    expect(doors.failures).toEqual([]);
  });
});
