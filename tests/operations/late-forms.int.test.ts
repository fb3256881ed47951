import { sessionCookie } from '@loopwell/http';
import { access, signIns } from '@loopwell/store';
import { queueUrl, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Doors, openDoors, tenant } from './every-door.ts';

/** A form that arrives after the page has locked, over real HTTP. */
let doors: Doors;
beforeAll(async () => {
  const scratch = await testDatabase();
  doors = await openDoors(scratch, queueUrl(scratch.url));
});
afterAll(() => doors.close());
beforeEach(() => doors.db.query('delete from sealed_form where tenant = $tenant'));

const minute = 60_000;
const note = 'Talked alone, =she+ wants <b>help</b>';

/** Opens a session of a person that locks in so many milliseconds, or has locked before. */
async function session(principal: string, ttlMs: number): Promise<Record<string, string>> {
  const granted = { tenant, kind: 'session' as const, principal, roles: ['reviewer'], routes: [] };
  const secret = await doors.db.tx((tx) => access.grantAccess(tx, granted, { ttlMs }));
  return {
    cookie: `${sessionCookie}=${secret}`,
    'sec-fetch-site': 'same-origin',
    accept: 'text/html',
  };
}

function post(path: string, headers: Record<string, string>, fields: readonly [string, string][]) {
  const body = new URLSearchParams(fields.map(([name, text]) => [name, text])).toString();
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  return doors.send('POST', path, { headers: { ...headers, ...type }, body });
}

const sendLate = async (headers: Record<string, string>) =>
  post('/review/screenings/seen', headers, [
    ['screening', 'x'],
    ['note', note],
    ['note', 'second'],
  ]);

const get = (path: string, headers: Record<string, string>) => doors.send('GET', path, { headers });
const idIn = (text: string) => /name="id" value="([^"]+)"/.exec(text)?.[1] ?? '';

describe('a form that arrives after the lock', () => {
  it('is kept, is said to be, and is offered to the same person after the next sign-in', async () => {
    const late = await sendLate(await session('person:ada', -minute));
    expect([late.status, late.text]).toEqual([401, expect.stringContaining('15 minutes')]);
    expect(late.text).not.toContain('Talked');
    const again = await session('person:ada', minute);
    const start = await get('/', again);
    expect([start.status, start.headers.location]).toEqual([303, '/kept-form']);
    const offer = await get('/kept-form', again);
    expect(offer.text).not.toContain('Talked');
    const shown = await post('/kept-form', again, [
      ['id', idIn(offer.text)],
      ['act', 'open'],
    ]);
    expect(shown.text).toContain('<form method="post" action="/review/screenings/seen">');
    expect(shown.text).toContain('value="Talked alone, =she+ wants &lt;b&gt;help&lt;/b&gt;"');
    expect(shown.text.match(/name="note"/g)).toHaveLength(2);
    // It is shown once, and it is not offered again.
    expect((await get('/', again)).headers.location).not.toBe('/kept-form');
  });

  it('lies sealed in the database', async () => {
    await sendLate(await session('person:ada', -minute));
    const { rows } = await doors.db.query<{ sealed: string }>(
      'select sealed from sealed_form where tenant = $tenant',
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toMatch(/Talked|screenings/);
  });

  it('is not offered to anybody else, nor opened by them', async () => {
    await sendLate(await session('person:ada', -minute));
    const ada = await session('person:ada', minute);
    const id = idIn((await get('/kept-form', ada)).text);
    const lee = await session('person:lee', minute);
    expect((await get('/', lee)).headers.location).not.toBe('/kept-form');
    expect((await get('/kept-form', lee)).text).toContain('Nothing is kept for you.');
    const opened = await post('/kept-form', lee, [['id', id]]);
    expect([opened.status, opened.text.includes('Talked')]).toEqual([404, false]);
    expect(idIn((await get('/kept-form', ada)).text)).toBe(id);
  });

  it('is gone after 15 minutes, and when it is thrown away', async () => {
    await sendLate(await session('person:ada', -minute));
    await sendLate(await session('person:ada', -minute));
    const ada = await session('person:ada', minute);
    const id = idIn((await get('/kept-form', ada)).text);
    const discarded = await post('/kept-form', ada, [
      ['id', id],
      ['act', 'discard'],
    ]);
    expect([discarded.status, discarded.headers.location]).toEqual([303, '/']);
    await doors.db.query(
      `update sealed_form set expires_at = loopwell_now() - interval '1 second'
        where tenant = $tenant`,
    );
    expect((await get('/kept-form', ada)).text).toContain('Nothing is kept for you.');
  });

  it.each<[string, () => Promise<Record<string, string>>]>([
    [
      'of nobody',
      async () => ({
        cookie: `${sessionCookie}=${'x'.repeat(43)}`,
        'sec-fetch-site': 'same-origin',
      }),
    ],
    [
      'of a page elsewhere',
      async () => ({ ...(await session('person:ada', -minute)), 'sec-fetch-site': 'cross-site' }),
    ],
    ['of a session that locked long ago', () => session('person:ada', -24 * 60 * minute)],
    [
      'of a session that somebody ended',
      async () => {
        const headers = await session('person:eve', minute);
        const ends = { principal: 'person:eve', by: 'person:boss' };
        await doors.db.tx((tx) => signIns.endSignIns(tx, ends));
        return headers;
      },
    ],
  ])('is not kept where it is %s', async (_what, headers) => {
    const answer = await sendLate(await headers());
    expect([answer.status, answer.text.includes('is kept')]).toEqual([401, false]);
    const { rows } = await doors.db.query('select 1 from sealed_form where tenant = $tenant');
    expect(rows).toEqual([]);
  });

  it('is kept ten times for one person, and not more often', async () => {
    const ada = await session('person:ada', -minute);
    for (let sent = 0; sent < 10; sent += 1)
      expect((await sendLate(ada)).text).toContain('is kept');
    expect((await sendLate(ada)).text).not.toContain('is kept');
  });
});

it('each page says when it locks', async () => {
  const { text } = await get('/decide', await session('person:ada', 90 * minute));
  expect(text).toMatch(/ada <small>locks [A-Z][a-z]{2} \d+, \d+:\d\d [ap]m<\/small>/);
});
