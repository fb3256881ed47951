import { addContract, addSignIn, createApp, finish } from '@loopwell/http';
import { type Clock, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import {
  access,
  type Database,
  directory,
  migrate,
  openDatabase,
  restrictedCharts,
} from '@loopwell/store';
import {
  idOfText,
  insertListedPeople,
  insertTask,
  type ListedPerson,
  supertest,
  testDatabase,
} from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReviewRoutes } from '../review.route.ts';

const tenant = 'o';
const clock: Clock = { now: () => new Date('2026-11-24T15:00:00Z') };
let db: Database;
let app: ReturnType<typeof createApp>;
let scratch: { url: string; close: () => Promise<void> };
let ask: ReturnType<typeof supertest>;
let session = '';

const sessionOf = (principal: string, roles = ['reviewer']) =>
  db.tx((tx) => access.grantAccess(tx, { tenant, principal, roles, routes: [], kind: 'session' }));

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant });
  app = createApp({
    log: silentLog,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
    clock,
  });
  addContract(app, contracts.coordination);
  addSignIn(app, access.signInDoors(db), { secure: false });
  addReviewRoutes(app, { tx: db.tx, nudge: async () => {}, clock, longestConsentDays: 365 });
  finish(app, silentLog);
  ask = supertest(app.express);
  session = await sessionOf('person:rea');
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});
beforeEach(async () => {
  await db.query(
    `truncate connection, ledger, history, referral, decision, evidence, screening, task, person,
       patient_link, person_profile, person_term, person_search, person_view, restricted_chart,
       person_no, help_answer cascade`,
  );
  await db.query(
    "insert into connection (id, tenant, base) values ('clinic', 'o', 'https://ehr.example')",
  );
});

const insert = (...people: ListedPerson[]) => insertListedPeople(db, tenant, people);
const get = (path: string, cookie = session) =>
  ask.get(path).set('cookie', `loopwell_session=${cookie}`);
const post = (path: string, body: string, cookie = session) =>
  ask
    .post(path)
    .set('cookie', `loopwell_session=${cookie}`)
    .set('origin', 'http://127.0.0.1')
    .set('host', '127.0.0.1')
    .type('form')
    .send(body);
const page = async (path: string) => {
  const { status, text } = await get(path);
  expect(status, text).toBe(200);
  return text;
};
const wordsOf = (markup: string) =>
  markup
    .replace(/<(head|style)[\s\S]*?<\/\1>/g, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
const namesOn = (markup: string) =>
  [...markup.matchAll(/<th scope="row">[\s\S]*?<a [^>]*>([^<]*)<\/a>/g)].map(([, name]) => name);

const kia: ListedPerson = {
  key: 'kia',
  name: 'Kia Moua',
  birthDate: '1985-09-21',
  language: { code: 'hmn', text: 'Hmong' },
  needsInterpreter: true,
  needs: [
    { since: '2026-11-09' },
    { category: 'stress', since: '2026-11-12', rule: 'x/93038-8/y' },
  ],
};
const joan: ListedPerson = { key: 'joan', name: 'Joan Lindqvist', birthDate: '1950-01-30' };
const abdi: ListedPerson = {
  key: 'abdi',
  name: 'Abdi Olson',
  needs: [{ since: '2026-06-21', rule: 'ahc-hrsn/71802-3/LA31994-9', category: 'homelessness' }],
};

describe('a list by work', () => {
  it('has one row for a person, with who it is, the needs, the reason and the days', async () => {
    await insert(kia);
    const text = await page('/decide');
    expect(text.match(/data-person="/g)).toHaveLength(1);
    expect([...text.matchAll(/data-need="([^"]+)"/g)].map(([, need]) => need)).toEqual([
      'food-insecurity',
      'stress',
    ]);
    const words = wordsOf(text);
    expect(words).toContain('Kia Moua 41 · Hmong interpreter');
    expect(words).toContain('Food ran out often (Nov 9) · Under stress (Nov 12) 15 days');
    expect(text).toContain('data-action="approve"');
  });

  it.each([
    ['/decide', 'review'],
    ['/ask', 'agreement'],
    ['/signature', 'consent'],
    ['/service', 'noServiceCode'],
    ['/without-help', 'noPartner'],
    ['/waiting', 'hold'],
  ])('is at %s for the gate %s, and the menu counts it', async (path, gate) => {
    await insert({ ...joan, needs: [{ gate }] });
    const text = await page(path);
    expect(namesOn(text)).toEqual(['Joan Lindqvist']);
    const count = new RegExp(`href="${path}"[^>]*><span>[^<]*</span> <span class="count">1<`);
    expect(text).toMatch(count);
    expect(namesOn(await page(path === '/ask' ? '/decide' : '/ask'))).toEqual([]);
  });

  it('counts in the menu what any process has changed, on every page, as the reader may see it', async () => {
    const [human = '', other = ''] = await insert(kia, joan);
    const counted = async (path: string, cookie = session) => {
      const { text } = await get(path, cookie);
      const count = (list: string) =>
        new RegExp(`href="${list}"[^>]*><span>[^<]*</span> <span class="count">([^<]*)<`).exec(
          text,
        )?.[1];
      return ['/decide', '/ask', '/people'].map(count);
    };
    expect(await counted(`/people/${human}`)).toEqual(['2', '0', '2']);
    await db.query("update referral set gate = 'agreement' where person = $1", [human]);
    expect(await counted('/partners')).toEqual(['1', '1', '2']);
    await db.query(
      `insert into restricted_chart (tenant, person, number, owner, restricted_by)
       values ('o', $1, 1, 'person:lead', 'person:lead')`,
      [other],
    );
    expect(await counted('/decide')).toEqual(['0', '1', '1']);
    expect(await counted('/decide', await sessionOf('person:lead'))).toEqual(['1', '1', '2']);
  });

  it('has nobody to choose who is to be seen first, contradicts themselves or answered long ago', async () => {
    await insert(
      { ...kia, needs: [{ danger: 'utilities are shut off' }] },
      { ...joan, needs: [{ isClear: false }] },
      abdi,
      { key: 'elena', name: 'Elena Garcia' },
    );
    const text = await page('/decide');
    expect(namesOn(text)).toEqual(['Kia Moua', 'Abdi Olson', 'Joan Lindqvist', 'Elena Garcia']);
    expect(text.match(/name="person" value/g)).toHaveLength(1);
    expect(text.match(/data-see-first/g)).toHaveLength(1);
    expect(text).toContain('Jun 21: ask again first');
    expect(text).toContain('Answers disagree');
    expect(text).not.toContain('shut off');
  });

  it('tells no answer about safety, and a dated need bears the same mark', async () => {
    await insert(
      {
        ...kia,
        needs: [{ category: 'intimate-partner-violence', rule: 'prapare/76501-6/LA33-6' }],
      },
      { ...joan, needs: [{ mustBy: '2026-12-02' }] },
    );
    await db.query(
      `insert into screening (id, tenant, connection, person, instrument, authored, outcome, sources,
         issues, safety) values (gen_random_uuid(), 'o', 'clinic', $1, 'ahc-hrsn', '2026-11-02',
         'coded', '[]', '[]', true)`,
      [idOfText('kia')],
    );
    const text = await page('/decide');
    const marks = [...text.matchAll(/<strong class="first"[^>]*>([^<]*)</g)].map(
      ([, word]) => word,
    );
    expect(marks).toEqual(['See first', 'See first']);
    expect(text.toLowerCase()).not.toMatch(/violence|partner-|afraid|danger|dec 2/);
    expect(await page('/decide?need=intimate-partner-violence')).toContain('Joan Lindqvist');
    expect(namesOn(await page('/see-first'))).toEqual(['Kia Moua']);
    expect(wordsOf(await page('/call-today'))).toContain('By Dec 2');
  });

  it('says under Later since when they have said no, and nothing of their words', async () => {
    const [human = ''] = await insert({ ...kia, needs: [{ gate: 'saidNo' }] });
    const says = (saidOn: string) =>
      db.query(
        `insert into person_no (tenant, id, person, kind, category, said_on, said_by, said_to, note,
           recorded_by) values ('o', gen_random_uuid(), $1, 'not-this-help', 'food-insecurity', $2,
           'person', 'Ada', 'My brother would know', 'person:ada')`,
        [human, saidOn],
      );
    await says('2026-11-08');
    const text = await page('/later');
    expect(namesOn(text)).toEqual(['Kia Moua']);
    expect(wordsOf(text)).toContain('Food insecurity · said no on Nov 8');
    expect(text).not.toContain('brother');
    for (const path of ['/waiting', '/decide', '/ask'])
      expect(namesOn(await page(path))).toEqual([]);
  });

  it('says under Waiting what the partner has done, from rows', async () => {
    const [at, needs] = ['2026-11-20T16:00:00Z', [{ state: 'partner', gate: 'partner' }]];
    await insert({ ...kia, needs });
    const { rows } = await db.query<{ id: string; person: string }>(
      'select id, person from referral where tenant = $tenant',
    );
    const [{ id, person } = { id: '', person: '' }] = rows;
    const task = { id, status: 'requested', partner: 'hill', tenant, referral: id, person };
    await insertTask(db, {
      ...{ ...task, attempt: 1, requested_at: at, channel: 'hub', address: 'https://x.example' },
      ...{ receipt_key: id, remote_id: id, accept_by: '2026-11-25T16:00:00Z' },
    });
    const words = async () => wordsOf(await page('/waiting'));
    expect(await words()).toContain('Food insecurity · sent Nov 20 ');
    await db.query(
      `insert into partner_read (tenant, at, partner, task, referral, person, type, resource)
       values ($tenant, '2026-11-21T16:00:00Z', 'hill', $1::uuid, $1::uuid, $2, 'Task', $1::text)`,
      [id, person],
    );
    expect(await words()).toContain('· seen Nov 21 ');
    await db.query("update task set accept_by = '2026-11-23T16:00:00Z' where tenant = $tenant");
    expect(await words()).toContain('· seen Nov 21 · late, answer due Nov 23 ');
    await db.query(
      `update task set status = 'accepted', accepted_at = '2026-11-23T18:00:00Z'
        where tenant = $tenant`,
    );
    expect(await words()).toContain('· said yes Nov 23 ');
    await db.query(
      `insert into contact_try (tenant, id, person, day, channel, outcome, partner, referral,
         reserved_by)
       values ($tenant, $1, $2, '2026-11-24', 'call', 'no-answer', 'hill', $1, 'partner:hill')`,
      [id, person],
    );
    expect(await words()).toContain('· they tried to reach them Nov 24 ');
  });

  it('says under Helped what partners say, and what people say where they were asked', async () => {
    const helped = [{ state: 'closed', gate: 'partner' }];
    await insert({ ...kia, needs: helped }, { ...joan, needs: helped }, { ...abdi, needs: helped });
    expect(wordsOf(await page('/helped'))).toContain(
      'Partner says helped 3 · Person says: nobody was asked yet',
    );
    const record = (key: string, helps: string, more = '') =>
      post(
        '/review/help',
        `referral=${idOfText(`${key}/0`)}&helped=${helps}&saidOn=2026-11-20&askedBy=Ada${more}`,
      );
    expect((await record('kia', 'yes')).status).toBe(303);
    expect((await record('joan', 'yes')).status).toBe(303);
    expect((await record('joan', 'no')).status).toBe(303);
    const words = wordsOf(await page('/helped'));
    expect(words).toContain('Partner says helped 3 · Person says helped 1 of 2 who answered');
    expect(words).toContain('they say it did not help');
    expect(words).toContain('not asked yet');
    const referral = await page(`/review/${idOfText('kia/0')}?help=recorded`);
    expect(wordsOf(referral)).toContain('On Nov 20 they told Ada: it helped.');
    const { rows } = await db.query(
      "select outcome from history where outcome like 'person-says%'",
    );
    expect(rows).toHaveLength(3);
  });

  it.each([
    ['helped=&saidOn=2026-11-20&askedBy=Ada', 400, 'id="helped"'],
    ['helped=yes&saidOn=2026-11-25&askedBy=Ada', 400, 'id="said-on"'],
    ['helped=yes&saidOn=2026-02-30&askedBy=Ada', 400, 'id="said-on"'],
    ['helped=yes&saidOn=2026-11-20&askedBy=', 400, 'id="help-asked-by"'],
  ])(
    'refuses what a person says without a field, at the field: %s',
    async (body, status, field) => {
      await insert({ ...kia, needs: [{ state: 'closed', gate: 'partner' }] });
      const answer = await post('/review/help', `referral=${idOfText('kia/0')}&${body}`);
      expect(answer.status).toBe(status);
      expect(answer.text).toMatch(new RegExp(`${field}[^>]*aria-invalid="true"`));
      expect((await db.query('select 1 from help_answer')).rows).toEqual([]);
    },
  );

  it('takes nothing that a person says about help that no partner has reported', async () => {
    await insert(kia);
    const body = `referral=${idOfText('kia/0')}&helped=yes&saidOn=2026-11-20&askedBy=Ada`;
    expect((await post('/review/help', body)).status).toBe(409);
    const unknown = body.replace(idOfText('kia/0'), idOfText('nobody'));
    expect((await post('/review/help', unknown)).status).toBe(404);
  });

  it('goes on to the next page, keeps the filter, and takes no place that is none', async () => {
    await insert(...Array.from({ length: 51 }, (_, n) => ({ key: `n${n}`, name: `Person ${n}` })));
    const first = await page('/decide?need=food-insecurity');
    const next = /href="(\/decide\?need=food-insecurity&amp;after=[^"]+)"/.exec(first)?.[1];
    expect(namesOn(first)).toHaveLength(50);
    expect(namesOn(await page(String(next).replaceAll('&amp;', '&')))).toHaveLength(1);
    for (const after of ['x', 'MQoyMDI2LTk5LTk5IDk5CngK', `${'a'.repeat(3_000)}`])
      expect(namesOn(await page(`/decide?after=${after}`))).toHaveLength(50);
  });

  it('shows a person beside it, and leads back to the same place', async () => {
    const [human = ''] = await insert(kia, joan);
    const text = await page(`/decide?need=food-insecurity&person=${human}`);
    expect(text).toContain('<section class="person"');
    expect(text).toContain('<p class="back"><a href="/decide?need=food-insecurity">');
    expect(text).toContain(`href="/people/${human}"`);
    expect(await page(`/decide?person=${idOfText('nobody')}`)).not.toContain('class="person"');
  });

  it('records each view, and leaves restricted charts out', async () => {
    const [human = ''] = await insert(kia);
    await page('/decide');
    const { rows } = await db.query('select person, principal, page, what from person_view');
    expect(rows).toEqual([
      { person: human, principal: 'person:rea', page: '/decide', what: 'list' },
    ]);
    const lead = { id: 'person:lead', roles: ['lead'] };
    const restriction = { person: human, owner: 'person:lead', reason: 'Works here' };
    await db.tx((tx) => restrictedCharts.restrictChart(tx, lead, restriction));
    expect(namesOn(await page('/decide'))).toEqual([]);
    expect(await page(`/decide?person=${human}`)).not.toContain('class="person"');
  });

  it('opens for reviewers only', async () => {
    const operator = await sessionOf('person:ops', ['operator']);
    for (const path of ['/decide', '/see-first', '/people', '/partners'])
      expect((await get(path, operator)).status).toBe(403);
    expect((await get('/decide', 'x'.repeat(40))).status).not.toBe(200);
  });
});

describe('the lists of people to see first and to call', () => {
  const screened = (key: string, at: string) =>
    db.query(
      `insert into screening (id, tenant, connection, person, instrument, authored, outcome, sources,
         issues, safety, asks_since) values (gen_random_uuid(), 'o', 'clinic', $1, 'ahc-hrsn',
         '2026-11-02', 'coded', '[]', '[]', true, $2)`,
      [idOfText(key), at],
    );

  it('have the rows of the other lists, and those to see first say nothing else', async () => {
    const needs = [{ category: 'stress', rule: 'x/93038-8/y' }, { category: 'homelessness' }];
    const [human = ''] = await insert({ ...kia, needs });
    await screened('kia', '2026-11-20T10:00:00Z');
    for (const path of ['/see-first', '/appointments']) {
      const text = await page(path);
      expect(text).toContain(`<tr id="p-${human}" data-person="${human}">`);
      expect(namesOn(text)).toEqual(['Kia Moua']);
      expect(text).toContain(`href="/people/${human}/see-first" data-action="see"`);
      expect(text.match(/data-see-first/g)).toHaveLength(1);
      const words = wordsOf(text);
      expect(words).toContain('Kia Moua 41 · Hmong interpreter');
      expect(words).toContain('4 days');
      expect(text).not.toContain('data-need');
      expect(words.toLowerCase()).not.toMatch(/stress|homeless|ahc|food/);
    }
  });

  it('have those to call by their date, with the needs that have one', async () => {
    const dated = (key: string, mustBy: string) => ({
      ...{ ...joan, key, name: key },
      needs: [{ mustBy }, { category: 'stress', rule: 'x/93038-8/y' }],
    });
    const [human = ''] = await insert(dated('Later', '2026-12-09'), dated('Sooner', '2026-12-02'));
    const text = await page('/call-today');
    expect(namesOn(text)).toEqual(['Sooner', 'Later']);
    expect(wordsOf(text)).toContain('Food insecurity · By Dec 2 Food ran out often (Nov 2)');
    expect([...text.matchAll(/data-need="([^"]+)"/g)].map(([, need]) => need)).toEqual([
      'food-insecurity',
      'food-insecurity',
    ]);
    expect(text).toContain(`href="/people/${human}" data-action="open"`);
  });

  it.each(['/see-first', '/call-today', '/appointments'])(
    'go on to the next page, and show a person beside the list: %s',
    async (path) => {
      const people = Array.from({ length: 52 }, (_, n) => ({
        ...{ key: `n${n}`, name: `Person ${n}` },
        needs: path === '/call-today' ? [{ mustBy: '2026-12-02' }] : [],
      }));
      const humans = await insert(...people);
      if (path !== '/call-today')
        for (const { key } of people) await screened(key, '2026-11-20T10:00:00.123456Z');
      const first = await page(path);
      const next = new RegExp(`href="(${path}\\?after=[^"]+)"`).exec(first)?.[1] ?? '';
      const second = await page(next);
      const names = [...namesOn(first), ...namesOn(second)];
      expect([namesOn(first).length, new Set(names).size]).toEqual([50, 52]);
      expect(second).not.toContain('More people');
      const beside = await page(`${next}&person=${humans[0]}`);
      expect(beside).toContain('<section class="person"');
      expect(beside).toContain(`<p class="back"><a href="${next}">`);
      for (const after of ['x', 'MQoyMDI2LTk5LTk5CngK', 'a'.repeat(3_000)])
        expect(namesOn(await page(`${path}?after=${after}`))).toHaveLength(50);
    },
  );

  it('record each view, of rows and of the person beside them', async () => {
    const [human = ''] = await insert(kia);
    await screened('kia', '2026-11-20T10:00:00Z');
    await page(`/see-first?person=${human}`);
    const { rows } = await db.query('select page, what from person_view order by what');
    expect(rows).toEqual([
      { page: '/see-first', what: 'list' },
      { page: '/see-first', what: 'person' },
    ]);
  });
});

describe('choosing people', () => {
  const choose = (action: string, ...humans: string[]) =>
    post(
      '/decide/choose',
      `list=decide&back=/decide&action=${action}${humans.map((id) => `&person=${id}`).join('')}`,
    );

  it('names the people and their needs before anything is recorded', async () => {
    const humans = await insert(kia, joan, abdi);
    const { status, text } = await choose('approve', ...humans);
    expect(status).toBe(200);
    const words = wordsOf(text);
    expect(words).toContain('2 people, 3 needs. Nothing is recorded yet.');
    expect(words).toContain('Kia Moua');
    expect(words).toContain('Not among them, open each one alone: Abdi Olson');
    expect(text.match(/name="referral"/g)).toHaveLength(3);
    expect((await db.query('select 1 from decision')).rows).toEqual([]);
  });

  it('records what was chosen for all needs of each, and says so on the list', async () => {
    const humans = await insert(kia, joan, { key: 'elena', name: 'Elena Garcia' });
    const { text } = await choose('approve', ...humans.slice(0, 2));
    const fields = [...text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)]
      .map(([, name = '', value = '']) => `${name}=${encodeURIComponent(value)}`)
      .filter((field) => !field.startsWith('find='));
    const answer = await post('/review/decisions', [...fields, 'decision=approve'].join('&'));
    expect(answer.status, answer.text).toBe(303);
    expect(answer.headers.location).toMatch(/^\/decide\?done=approved&n=3/);
    const after = await page(String(answer.headers.location));
    expect(namesOn(after)).toEqual(['Elena Garcia']);
    expect(after).toContain('role="status"');
  });

  const hidden = (markup: string) =>
    [...markup.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)]
      .map(([, name = '', value = '']) => `${name}=${encodeURIComponent(value)}`)
      .join('&');
  const decided = async () => {
    const { rows } = await db.query<{ decision: string; n: number }>(
      'select decision, count(*)::int as n from decision group by decision order by decision',
    );
    return rows.map(({ decision, n }) => `${n} ${decision}`);
  };

  it('records need, yes and signature of several people at once, as far as they are done', async () => {
    const humans = await insert(kia, joan, { key: 'elena', name: 'Elena Garcia' });
    const { text } = await choose('approve', ...humans.slice(0, 2));
    const yes = `${hidden(text)}&decision=together&agree.agreedOn=2026-11-24&askedBy=Ada`;
    const consent = '&recordConsent.dateTime=2026-11-23&recordConsent.scope=Food+and+stress';
    expect((await post('/review/decisions', yes + consent)).status).toBe(303);
    expect(await decided()).toEqual(['3 agree', '3 approve', '3 recordConsent']);
    const elena = await choose('approve', humans[2] ?? '');
    const more = hidden(elena.text);
    const without = `${more}&decision=together&agree.agreedOn=2026-11-24&recordConsent.dateTime=`;
    const refused = await post('/review/decisions', `${without}&askedBy=`);
    expect(refused.status).toBe(400);
    expect(refused.text).toMatch(/id="asked-by"[^>]*aria-invalid="true"/);
    expect((await post('/review/decisions', `${without}&askedBy=Ada`)).status).toBe(303);
    expect(await decided()).toEqual(['4 agree', '4 approve', '3 recordConsent']);
  });

  it('records the signatures of several people, and asks for the words on the form', async () => {
    const needs = [{ gate: 'consent' }];
    const humans = await insert({ ...kia, needs }, { ...joan, needs });
    const body = `list=signature&back=/signature&action=recordConsent`;
    const page = await post(
      '/decide/choose',
      `${body}&${humans.map((id) => `person=${id}`).join('&')}`,
    );
    const fields = `${hidden(page.text)}&decision=recordConsent&recordConsent.dateTime=2026-11-23&askedBy=Ada`;
    const refused = await post('/review/decisions', fields);
    expect(refused.status).toBe(400);
    expect(refused.text).toMatch(/id="scope"[^>]*aria-invalid="true"/);
    const words = `${fields}&recordConsent.scope=Food`;
    expect((await post('/review/decisions', words)).status).toBe(303);
    expect(await decided()).toEqual(['2 recordConsent']);
  });

  it('records who may know what for several people, each by their own name and need', async () => {
    const partner = {
      ...{ id: 'all', name: 'All', address: 'https://all.example', references: [] },
      categories: ['food-insecurity', 'stress'],
    };
    const row = { id: 'all', tenant, position: 0, name: 'All', address: partner.address };
    const listed = [{ ...row, body: JSON.stringify(partner) }];
    await db.tx((tx) => directory.saveDirectory(tx, tenant, listed));
    const humans = await insert(kia, joan);
    const { text } = await choose('approve', ...humans);
    expect(text).not.toContain('value="spoken"');
    const signed =
      `${hidden(text)}&decision=together&agree.agreedOn=2026-11-24&askedBy=Ada` +
      '&recordConsent.dateTime=2026-11-23&recordConsent.authority=self&recordConsent.method=paper' +
      '&recordConsent.kind=each-need&recordConsent.elements=name&recordConsent.elements=contact';
    const refused = await post('/review/decisions', signed);
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('id="whole-document-error"');
    expect(await decided()).toEqual([]);
    const all = `${signed}&recordConsent.document=binder+4&chooseService.serviceCode=308440001`;
    expect((await post('/review/decisions', all)).status).toBe(303);
    expect(await decided()).toEqual(['3 agree', '3 approve', '3 chooseService', '3 recordConsent']);
    const { rows } = await db.query<{ signer: string; kind: string }>(
      `select consent_recorded::json->>'signer' as signer,
         consent_recorded::json->'permits'->>'kind' as kind from referral order by 1, 2`,
    );
    expect(rows.map(({ signer, kind }) => `${signer}: ${kind}`)).toEqual([
      'Joan Lindqvist: food-insecurity',
      'Kia Moua: food-insecurity',
      'Kia Moua: stress',
    ]);
  });

  it('leaves out who has a need that goes to one named partner only', async () => {
    const [human = ''] = await insert(kia, joan);
    await db.query("update referral set restriction = 'named-consent' where person = $1", [human]);
    const text = await page('/decide');
    expect(text.match(/name="person" value/g)).toHaveLength(1);
    expect(text).toContain('Open to decide');
  });

  it('keeps what was typed where it cannot be recorded, at the form', async () => {
    const [human = ''] = await insert({ ...joan, needs: [{ gate: 'agreement' }] });
    const body = `list=ask&back=/ask&action=agree&person=${human}`;
    const { text } = await post('/decide/choose', body);
    const version = /name="version\.[^"]+" value="([^"]+)"/.exec(text)?.[1] ?? '';
    const referral = idOfText('joan/0');
    const answer = await post(
      '/review/decisions',
      `${body}&decision=agree&referral=${referral}&version.${referral}=${version}` +
        '&agree.agreedOn=2031-01-01&agree.askedBy=Ada',
    );
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('value="2031-01-01"');
    expect(answer.text).toContain('value="Ada"');
    expect(answer.text).toContain('role="alert"');
  });

  it.each([
    ['nobody', 'list=decide&action=approve&back=/decide', 400],
    ['nobody who is there', `list=decide&action=approve&person=${idOfText('x')}`, 409],
    ['an action that the list has not', 'list=decide&action=agree', 400],
    ['a list that is none', 'list=x&action=approve', 400],
    ['ids that are none', 'list=decide&action=approve&person=1&person=%27', 400],
  ])('says so for %s', async (_title, body, status) => {
    await insert(joan);
    expect((await post('/decide/choose', body)).status).toBe(status);
  });
});

describe('the search for a person', () => {
  const search = (typed: string, cookie = session) =>
    post('/people/search', `find=${encodeURIComponent(typed)}`, cookie);

  it('answers with an address that holds nothing of what was typed', async () => {
    const [human = ''] = await insert(kia, joan);
    const { status, headers } = await search('moua');
    expect(status).toBe(303);
    expect(headers.location).toMatch(/^\/people\?search=[0-9a-f-]{36}$/);
    const text = await page(String(headers.location));
    expect(text).toContain(`href="/people/${human}"`);
    expect(wordsOf(text)).not.toContain('Joan');
    const other = await sessionOf('person:bo');
    const elsewhere = await get(String(headers.location), other);
    expect(elsewhere.text).toContain('This search has ended');
    expect(elsewhere.text).not.toContain('moua');
  });

  it.each([
    ['nobody here', 'Nobody fits'],
    ['<script>alert(1)</script>', 'Nobody fits'],
    ['a'.repeat(5_000), 'Nobody fits'],
  ])('says what to do for “%.20s”', async (typed, words) => {
    await insert(joan);
    const { headers } = await search(typed);
    const text = await page(String(headers.location));
    expect(text).toContain(words);
    expect(text).not.toContain('<script');
  });
});

it.each(['', 'k', '&find=x'])('looks for nothing that is too short: “%s”', async (typed) => {
  const answer = await post('/people/search', `find=${typed}`);
  expect(answer.status).toBe(400);
  expect(answer.text).toContain('Type at least two letters');
  expect((await db.query('select 1 from person_search')).rows).toEqual([]);
});

it.each([
  ['9/21/2031', 'This birth date is in the future'],
  ['2/30/1985', 'There is no such day'],
  ['(612)', 'four digits'],
])('names what is wrong with “%s” at the field', async (typed, words) => {
  const answer = await post('/people/search', `find=${encodeURIComponent(typed)}`);
  expect(answer.status).toBe(400);
  expect(answer.text).toMatch(/id="find"[^>]*aria-invalid="true"/);
  expect(wordsOf(answer.text)).toContain(words);
  expect((await db.query('select 1 from person_search')).rows).toEqual([]);
});

describe('the words of the pages', () => {
  it('are a nurse’s: no Condition, Encounter, service code, UTC, bare id or code', async () => {
    const [human = ''] = await insert(kia, joan, { ...abdi, needs: [{ state: 'partner' }] });
    const paths = [
      ...['/decide', '/ask', '/signature', '/service', '/later', '/waiting', '/without-help'],
      ...['/helped', '/see-first', '/call-today', '/people', '/partners'],
      `/decide?person=${human}`,
    ];
    for (const path of paths) {
      const words = wordsOf(await page(path)).replace(/Times are in [^.]+\./, '');
      expect(words, path).not.toMatch(/\bCondition\b|Encounter\/|service code|\bUTC\b/);
      expect(words, path).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
      expect(words, path).not.toMatch(/\b(LA\d+-\d|Z\d\d\.\d+|\d{5,}-\d|\d{7,})\b/);
      expect(words, path).not.toMatch(/\d{4}-\d\d-\d\dT/);
    }
  });
});
