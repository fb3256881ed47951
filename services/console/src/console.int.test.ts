import {
  addContract,
  addDocs,
  addMetrics,
  addSignIn,
  createApp,
  finish,
  listen,
} from '@loopwell/http';
import { deriveId, newId, silentLog, systemClock, todayAt } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import type { Nudge } from '@loopwell/pipeline';
import { siteSettingsOf } from '@loopwell/sdoh';
import {
  access,
  answers,
  type Database,
  directory,
  holds,
  intendReceipts,
  ledger,
  migrate,
  openDatabase,
  referrals,
  saveConnection,
  saveQuarantine,
  tasks,
} from '@loopwell/store';
import {
  accessibilityProblems,
  chromiumPath,
  fitsItsWindow,
  newTask,
  openBrowser,
  supertest,
  testDatabase,
} from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addConsoleRoutes, readMeasures } from './index.ts';

const tenant = 'o';
const idOf = (name: string) => deriveId('test', name);
const person = idOf('person');

let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let app: ReturnType<typeof createApp>;
let ask: ReturnType<typeof supertest>;
let session = '';
let token = '';
const nudges: Nudge[] = [];
const routes = [
  'GET /api/v1/status',
  'GET /api/v1/totals',
  'GET /api/v1/accounts',
  'GET /api/v1/trace/:id',
  'POST /api/v1/ledger/actions',
  'GET /api/v1/holds',
  'POST /api/v1/holds',
  'POST /api/v1/unread/close',
  'DELETE /api/v1/holds/:scope',
  'GET /metrics',
];

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant });
  app = createApp({
    log: silentLog,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
  });
  addContract(app, contracts.console);
  addSignIn(app, access.signInDoors(db), { secure: false });
  addConsoleRoutes(app, {
    db,
    clock: systemClock,
    site: { settings: () => siteSettingsOf({}), refresh: async () => {} },
    nudge: async (some) => void nudges.push(...some),
  });
  addMetrics(app, (principal) => readMeasures(db, principal.tenant, todayAt(systemClock)));
  addDocs(app, contracts);
  finish(app, silentLog);
  ask = supertest(app.express);
  session = await db.tx((tx) =>
    access.grantAccess(tx, {
      tenant,
      kind: 'session',
      principal: 'person:opal',
      roles: ['operator'],
      routes: [],
    }),
  );
  token = await db.tx((tx) =>
    access.grantAccess(tx, {
      tenant,
      kind: 'service',
      principal: 'service:pager',
      roles: [],
      routes,
    }),
  );
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});

const referral = idOf('referral');
const trace = newId();

/**
 * A referral at each of two gates, a live Task, failed rows, a quarantined resource, a hold:
 * something of everything.
 */
beforeEach(async () => {
  nudges.length = 0;
  await db.query(
    'truncate ledger, history, referral, decision, quarantine, ehr_resource, task, task_delivery, task_version, receipt, partner, hold, write_back, evidence, screening, pull_cursor, hold_decision cascade',
  );
  await db.tx(async (tx) => {
    const need = {
      tenant,
      connection: 'clinic',
      episode: 1,
      unambiguous: true,
      sensitive: false,
      conditions: JSON.stringify([idOf('condition')]),
      since: '2026-11-02',
      trace,
    };
    await referrals.saveNeeds(tx, [
      { ...need, id: referral, person, category: 'food-insecurity' },
      { ...need, id: idOf('held'), person: idOf('other'), category: 'food-insecurity' },
    ]);
    await referrals.patchReferrals(tx, [
      { id: referral, patch: { state: 'partner', gate: null } },
      { id: idOf('held'), patch: { state: 'waiting', gate: 'hold' } },
    ]);
    const next = {
      next_partner: 'pantry',
      next_address: 'https://pantry.example/fhir',
      next_until: null,
      partner_wait: null,
      partner_wait_until: null,
      send_off: false,
    };
    await referrals.saveNext(tx, [{ id: idOf('held'), patch: next }]);
    const partner = (id: string, position: number, categories: string[]) => ({
      id,
      tenant,
      position,
      name: `The ${id}`,
      address: `https://${id}.example/fhir`,
      body: JSON.stringify({ id, name: `The ${id}`, categories }),
    });
    await directory.saveDirectory(tx, tenant, [
      partner('shelter', 0, ['housing-instability']),
      partner('pantry', 1, ['food-insecurity']),
    ]);
    const task = {
      id: idOf('task'),
      tenant,
      referral,
      person,
      attempt: 1,
      partner: 'pantry',
      channel: 'fhir-rest',
      address: 'https://pantry.example/fhir',
      receipt_key: 'r1',
      status: 'requested',
    };
    await tasks.addTasks(tx, [newTask(task)]);
    await intendReceipts(tx, [
      {
        key: 'r1',
        tenant,
        person,
        receiver: 'partner:pantry',
        kind: 'Task',
        principal: 'person:rea',
      },
    ]);
    await ledger.appendHistory(tx, [
      {
        tenant,
        stage: 'refer',
        subject: referral,
        person,
        outcome: 'approved',
        trace,
        principal: 'person:rea',
      },
    ]);
    await saveQuarantine(tx, [
      {
        tenant,
        connection: 'clinic',
        type: 'Observation',
        sourceId: 'o9',
        code: 'missing-subject',
        body: '{}',
      },
    ]);
    await ledger.due(
      tx,
      ['p1', 'p2', 'p3'].map((subject) => ({
        tenant,
        stage: 'code',
        subject,
        batch: newId(),
        trace,
      })),
    );
    await ledger.due(tx, [
      {
        tenant,
        stage: 'track',
        subject: idOf('task'),
        batch: newId(),
        trace,
        waitsFor: 'partner',
        delayMs: 60_000,
      },
    ]);
    const rows = await ledger.claim(tx, 'code', { subjects: ['p1', 'p2'] }, 10);
    const park = {
      kind: 'park' as const,
      code: 'RESOURCE_INVALID',
      facts: { status: 422 },
      waitsFor: 'operator' as const,
    };
    await ledger.settle(
      tx,
      rows.map((row) => ({ row, settlement: park, principal: 'system:enrichment' })),
    );
  });
});

const bearer = () => ({ authorization: `Bearer ${token}` });
const cookie = () => ({ cookie: `loopwell_session=${session}`, 'sec-fetch-site': 'same-origin' });
const lastHistory = async () =>
  (
    await db.query<{ outcome: string; principal: string; facts: string | null; subject: string }>(
      'select outcome, principal, facts, subject from history order by id desc limit 1',
    )
  ).rows[0];
const inLedger = async () =>
  (
    await db.query<{ subject: string; waits_for: string; error_code: string | null }>(
      "select subject, waits_for, error_code from ledger where stage = 'code' order by subject",
    )
  ).rows;

describe('status', () => {
  it('says what waits for whom, what failed and why, in the form of the contract', async () => {
    const { status, body } = await ask.get('/api/v1/status').set(bearer());
    expect(status).toBe(200);
    const code = body.stages.find((one: { stage: string }) => one.stage === 'code');
    expect(code).toMatchObject({ waiting: { worker: 1, operator: 2 }, failed: 2 });
    expect(body.parked[0]).toMatchObject({
      stage: 'code',
      subject: 'p1',
      code: 'RESOURCE_INVALID',
      facts: { status: 422 },
      waitsFor: 'operator',
      attempts: 1,
    });
    expect(body.partners.map((one: { id: string; live: number }) => [one.id, one.live])).toEqual([
      ['shelter', 0],
      ['pantry', 1],
    ]);
    expect(body.quarantine).toMatchObject([
      { code: 'missing-subject', type: 'Observation', count: 1, example: 'Observation/o9' },
    ]);
    expect(body.gates.map((one: { gate: string }) => one.gate)).toEqual(['hold', 'partner']);
  });

  it('shows in amber, and not as calm, that nobody could help, and says when a person should have decided', async () => {
    await db.query('truncate ledger, hold');
    const page = () => ask.get('/console').set(cookie());
    expect((await page()).text).toMatch(/<h2[^>]*>Partner says helped \d+ · Person says: nobody/);
    expect((await page()).text).toContain('Nothing has failed and nothing is held.');
    const waits = {
      state: 'waiting' as const,
      gate: 'withoutHelp',
      without_help: 'silent',
      without_help_since: new Date('2026-11-20'),
    };
    await db.tx((tx) =>
      referrals.patchReferrals(tx, [
        { id: idOf('held'), patch: { ...waits, decide_by: new Date('2026-11-23') } },
      ]),
    );
    const { text } = await page();
    expect(text).not.toContain('Nothing has failed');
    expect(text).toMatch(/<p class="wait">No partner could help with 1 referral\.<\/p>/);
    expect(text).toMatch(
      /<p class="caution"><strong>1 referral waits<\/strong> for a reviewer because no partner could help/,
    );
    expect(text).toContain('1 overdue');
    const { body } = await ask.get('/api/v1/status').set(bearer());
    expect(body.gates).toMatchObject([
      { gate: 'partner' },
      { gate: 'withoutHelp', count: 1, overdue: 1 },
    ]);
    expect((await ask.get('/api/v1/totals').set(bearer())).body.referrals).toMatchObject({
      failed: 0,
      waiting: { withoutHelp: 1 },
    });
    expect((await ask.get('/metrics').set(bearer())).text).toContain(
      'loopwell_referrals_overdue{gate="withoutHelp"} 1',
    );
  });

  it('gives the totals as the contract says', async () => {
    const { status, body } = await ask.get('/api/v1/totals').set(bearer());
    expect([status, body.referrals.needed, body.referrals.waiting.hold]).toEqual([200, 2, 1]);
  });

  it('names the new address of the totals at the former one', async () => {
    const { status, body } = await ask.get('/api/v1/accounts').set(bearer());
    expect([status, body.title]).toEqual([404, 'This address is now /api/v1/totals']);
  });

  it('gives Prometheus one number for each stage, gate and reason', async () => {
    const { text } = await ask.get('/metrics').set(bearer());
    expect(text).toContain('loopwell_ledger_rows{stage="code",waits_for="operator"} 2');
    expect(text).toContain('loopwell_ledger_failed_rows{stage="code",code="RESOURCE_INVALID"} 2');
    expect(text).toContain('loopwell_referrals{state="waiting",gate="hold"} 1');
    expect(text).toContain(
      'loopwell_history_lines{stage="code",outcome="failed:RESOURCE_INVALID"} 2',
    );
    expect(text).toContain('loopwell_live_tasks{partner="pantry",status="requested"} 1');
  });

  it('shows nothing to reviewers, to other tokens, or to another tenant', async () => {
    const grant = (one: object) =>
      db.tx((tx) =>
        access.grantAccess(tx, {
          tenant,
          kind: 'session',
          principal: 'x',
          roles: [],
          routes: [],
          ...one,
        }),
      );
    const reviewer = await grant({ roles: ['reviewer'] });
    expect((await ask.get('/console').set('cookie', `loopwell_session=${reviewer}`)).status).toBe(
      403,
    );
    const narrow = await grant({ kind: 'service', routes: ['GET /api/v1/status'] });
    expect((await ask.get('/metrics').set('authorization', `Bearer ${narrow}`)).status).toBe(403);
    const elsewhere = await grant({ kind: 'service', tenant: 'p', routes });
    // A process serves one tenant: the token of another is nobody's here.
    for (const path of ['/api/v1/status', `/api/v1/trace/${idOf('task')}`])
      expect((await ask.get(path).set('authorization', `Bearer ${elsewhere}`)).status).toBe(401);
  });
});

describe('the timeline', () => {
  it('tells one referral by its Task, with who did what', async () => {
    const { body } = await ask.get(`/api/v1/trace/${idOf('task')}`).set(bearer());
    const told = body.moments.map((one: { what: string; who: string }) => `${one.what} ${one.who}`);
    expect(told.some((one: string) => one.includes('approved') && one.includes('person:rea'))).toBe(
      true,
    );
    expect(
      told.some((one: string) => one.includes('intended') && one.includes('partner:pantry')),
    ).toBe(true);
  });

  it("shows a partner's words to reviewers among the operators, and to the others that there are some", async () => {
    const { rows } = await db.query<{ referral: string; person: string }>(
      'select referral, person from task where id = $1',
      [idOf('task')],
    );
    const [of] = rows;
    const said = {
      reason: 'kanari reason',
      note: null,
      business_status: null,
      outputs: '[]',
      body: '{}',
    };
    const codes = JSON.stringify([
      { system: 'https://loopwell.example/CodeSystem/decline-reason', code: 'wrong-contact' },
    ]);
    const known = {
      status: 'rejected',
      known_status: 'rejected',
      codes,
      oddities: '[]',
      with_words: true,
    };
    const from = {
      door: 'fhir-rest',
      message_id: '1',
      who: 'partner:pantry',
      said_by: null,
      recorded_by: 'system:referral',
      said_at: null,
      content: 'h',
    };
    const about = {
      tenant,
      task: idOf('task'),
      referral: of?.referral ?? '',
      person: of?.person ?? '',
    };
    await db.tx((tx) =>
      answers.writeAnswers(tx, [
        { ...about, ...known, ...said, ...from, read_outputs: null, is_partial: false },
      ]),
    );
    const both = await db.tx((tx) =>
      access.grantAccess(tx, {
        tenant,
        kind: 'session',
        principal: 'person:both',
        roles: ['operator', 'reviewer'],
        routes: [],
      }),
    );
    const told = async (as: Record<string, string>) =>
      (await ask.get(`/api/v1/trace/${idOf('task')}`).set(as)).text;
    expect(await told(cookie())).toContain('answered rejected, wrong-contact, with words');
    expect(await told({ cookie: `loopwell_session=${both}` })).toContain('kanari reason');
    expect([await told(cookie()), await told(bearer())].join()).not.toContain('kanari');
    const page = (as: Record<string, string>) =>
      ask.get(`/console/trace?id=${idOf('task')}`).set(as);
    expect((await page({ cookie: `loopwell_session=${both}` })).text).toContain('kanari reason');
    expect((await page(cookie())).text).not.toContain('kanari');
  });

  it('is a view of the person, and not there where the chart is restricted', async () => {
    const path = `/api/v1/trace/${idOf('task')}`;
    const views = async () => {
      const { rows } = await db.query<{ person: string; page: string }>(
        "select distinct person, page from person_view where page like '%/trace%' order by page",
      );
      return rows;
    };
    await db.query('delete from person_view where tenant = $tenant');
    await ask.get(path).set(cookie()).expect(200);
    await ask
      .get(`/console/trace?id=${idOf('task')}`)
      .set(cookie())
      .expect(200);
    const [shown] = await views();
    expect((await views()).map(({ page }) => page)).toEqual([
      '/api/v1/trace/:id',
      '/console/trace',
    ]);
    await db.query(
      `insert into restricted_chart (tenant, person, number, owner, restricted_by)
       values ($tenant, $1, 1, 'person:lea', 'person:lea')`,
      [shown?.person],
    );
    try {
      await ask.get(path).set(cookie()).expect(404);
      const page = await ask.get(`/console/trace?id=${idOf('task')}`).set(cookie());
      expect(page.text).not.toContain('person:rea');
    } finally {
      await db.query('delete from restricted_chart where tenant = $tenant');
    }
  });

  it('puts what was typed into an address only when it is a known id', async () => {
    const typed = (id: string) =>
      ask.post('/console/trace').type('form').set(cookie()).send({ id });
    const unknown = await typed('Ada Lind');
    expect([unknown.status, unknown.headers.location, unknown.text.includes('Lind')]).toEqual([
      404,
      undefined,
      false,
    ]);
    const known = await typed(` Task/${idOf('task')} `);
    expect(known.headers.location).toBe(`/console/trace?id=Task%2F${idOf('task')}`);
    expect((await ask.get(String(known.headers.location)).set(cookie())).text).toContain(
      'person:rea',
    );
  });
});

describe('failed work', () => {
  const act = (body: object) => ask.post('/api/v1/ledger/actions').set(bearer()).send(body);
  const rows = (...subjects: string[]) => subjects.map((subject) => ({ stage: 'code', subject }));

  it('is tried again, one or many, with who and why in the history', async () => {
    const answer = await act({
      action: 'retry',
      rows: rows('p1', 'p2', 'p1'),
      reason: 'cause-fixed',
    });
    expect([answer.status, answer.body]).toEqual([200, { rows: 2 }]);
    expect(await inLedger()).toEqual(
      ['p1', 'p2', 'p3'].map((subject) => ({ subject, waits_for: 'worker', error_code: null })),
    );
    expect(nudges).toMatchObject([{ stage: 'code' }]);
    expect(await lastHistory()).toMatchObject({
      outcome: 'retried-by-operator',
      principal: 'service:pager',
      facts: '{"reason":"cause-fixed"}',
    });
  });

  it('is discarded only when it failed, all or nothing', async () => {
    const wrong = await act({ action: 'discard', rows: rows('p1', 'p3'), reason: 'duplicate' });
    expect([wrong.status, wrong.body.facts]).toEqual([409, { stage: 'code', subject: 'p3' }]);
    expect(await inLedger()).toHaveLength(3);
    expect((await act({ action: 'discard', rows: rows('p1'), reason: 'duplicate' })).status).toBe(
      200,
    );
    expect((await inLedger()).map((row) => row.subject)).toEqual(['p2', 'p3']);
    expect(await lastHistory()).toMatchObject({
      outcome: 'discarded',
      principal: 'service:pager',
      subject: 'p1',
      facts: '{"reason":"duplicate","error":"RESOURCE_INVALID"}',
    });
  });

  it('answers what is gone, unknown or without a reason', async () => {
    expect((await act({ action: 'retry', rows: rows('nobody'), reason: 'transient' })).status).toBe(
      404,
    );
    for (const bad of [
      { action: 'retry', rows: rows('p1') },
      { action: 'retry', rows: rows('p1'), reason: 'Ada Lind said so' },
      { action: 'retry', rows: [], reason: 'transient' },
      { action: 'retry', rows: [{ stage: 'nowhere', subject: 'p1' }], reason: 'transient' },
      { action: 'delete', rows: rows('p1'), reason: 'transient' },
    ]) {
      expect((await act(bad)).status).toBe(400);
    }
  });

  it('is handled from the page, chosen or all that is shown', async () => {
    const shown = ['code p1', 'code p2'];
    const page = await ask.get('/console/work?code=RESOURCE_INVALID').set(cookie());
    expect(page.text).toContain('value="code p1"');
    const answer = await ask
      .post('/console/work')
      .type('form')
      .set(cookie())
      .send({ action: 'retry', reason: 'transient', shown, all: 'yes' });
    expect(answer.headers.location).toBe('/console/work?done=retry&n=2');
    const none = await ask
      .post('/console/work')
      .type('form')
      .set(cookie())
      .send({ action: 'retry', reason: 'transient', shown });
    expect(none.status).toBe(400);
  });
});

describe('long lists', () => {
  /** So many failed rows that they fill more than two pages, many of one moment. */
  const failMany = async (code: string, n: number) => {
    await db.query(
      `insert into ledger (tenant, stage, subject, batch, waits_for, due, error_code, trace, since)
       select $1, 'code', $2 || '-' || lpad(i::text, 4, '0'), gen_random_uuid(), 'operator', now(), $2, gen_random_uuid(),
              timestamptz '2026-11-01 00:00Z' + (i / 50) * interval '1 second'
         from generate_series(1, $3) i`,
      [tenant, code, n],
    );
  };
  const nextOf = (text: string) =>
    /href="([^"]*after=[^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&');
  const walk = async (first: string, pattern: RegExp) => {
    const seen: string[] = [];
    let pages = 0;
    for (let path: string | undefined = first; path !== undefined; pages += 1) {
      const { text } = await ask.get(path).set(cookie());
      seen.push(...[...text.matchAll(pattern)].map(([, id]) => id ?? ''));
      path = nextOf(text);
    }
    return { seen, pages };
  };

  it('of failed work are shown page by page, each row once, one reason at a time', async () => {
    await failMany('REMOTE_REFUSED', 250);
    const all = await walk('/console/work', /name="shown" value="code ([^"]+)"/g);
    expect([all.pages, all.seen.length, new Set(all.seen).size]).toEqual([3, 252, 252]);
    const one = await walk(
      '/console/work?code=REMOTE_REFUSED',
      /name="shown" value="code ([^"]+)"/g,
    );
    expect([one.pages, one.seen.length, one.seen.includes('p1')]).toEqual([3, 250, false]);
    expect((await ask.get('/console/work').set(cookie())).text).toContain('REMOTE_REFUSED (250)');
  });

  it('of what is quarantined too, with the reason of each', async () => {
    const some = Array.from({ length: 120 }, (_, i) => ({
      tenant,
      connection: 'clinic',
      type: 'Observation',
      sourceId: `q${i}`,
      code: 'two-values',
      facts: JSON.stringify({ field: 'value[x]' }),
      body: '{}',
    }));
    await db.tx((tx) => saveQuarantine(tx, some));
    const { seen, pages } = await walk(
      '/console/quarantine?code=two-values',
      /<code>Observation\/(q\d+)<\/code>/g,
    );
    expect([pages, seen.length, new Set(seen).size]).toEqual([2, 120, 120]);
    const { text } = await ask.get('/console/quarantine').set(cookie());
    expect(text).toContain('missing-subject (1)');
  });

  it('begin at their beginning when an address is not one of theirs', async () => {
    for (const after of [
      'nonsense',
      '2026-11-01~nowhere~x',
      "2026-13-01~code~'; drop table ledger",
      'x'.repeat(400),
    ]) {
      expect(
        (await ask.get(`/console/work?after=${encodeURIComponent(after)}`).set(cookie())).status,
      ).toBe(200);
    }
  });
});

describe('two operators at once', () => {
  const form = (body: object, who = session) =>
    ask
      .post('/console/work')
      .type('form')
      .set({ cookie: `loopwell_session=${who}`, 'sec-fetch-site': 'same-origin' })
      .send(body);

  it('hand a referral whose sending was given up to the reviewers, and give up none that is with a partner', async () => {
    const fail = (stage: string, subject: string) =>
      db.query(
        "insert into ledger (tenant, stage, subject, batch, trace, waits_for, error_code, due) values ($1, $2, $3, $4, $4, 'operator', 'X', 'infinity')",
        [...[tenant, stage, subject], newId()],
      );
    const discard = (stage: string, subject: string) =>
      form({ action: 'discard', reason: 'cannot-be-done', row: [`${stage} ${subject}`] });
    const place = async (id: string) =>
      (await db.query('select gate, without_help from referral where id = $1', [id])).rows[0];
    const out =
      (await db.query<{ referral: string }>('select referral from task limit 1')).rows[0]
        ?.referral ?? '';
    await db.query("delete from ledger where stage = 'track'");
    for (const [stage, subject] of [
      ['refer', out],
      ['close', out],
      ['track', idOf('task')],
    ] as const) {
      await fail(stage, subject);
      const answer = await discard(stage, subject);
      expect([stage, answer.status, answer.text.includes('is with a partner')]).toEqual([
        stage,
        409,
        true,
      ]);
    }
    const held = idOf('held');
    await fail('refer', held);
    expect((await discard('refer', held)).status).toBe(303);
    // Not approved yet: it stands where a reviewer decides in any case.
    expect(await place(held)).toMatchObject({ without_help: null });
    await db.query("update referral set approval = 'approved' where id = $1", [held]);
    await fail('refer', held);
    expect((await discard('refer', held)).status).toBe(303);
    expect(await place(held)).toEqual({
      gate: 'withoutHelp',
      without_help: 'given-up-by-operator',
    });
  });

  it('do one thing once: who comes second is told, and nothing is done twice', async () => {
    const body = { action: 'discard', reason: 'duplicate', row: ['code p1'] };
    const answers = await Promise.all([form(body), form(body)]);
    expect(answers.map((one) => one.status).sort()).toEqual([303, 404]);
    expect(answers.find((one) => one.status === 404)?.text).toContain('not in the ledger any more');
    const { rows } = await db.query(
      "select 1 from history where outcome = 'discarded' and subject = 'p1'",
    );
    expect(rows).toHaveLength(1);
  });

  describe('holds', () => {
    const place = {
      id: 'north',
      tenant,
      quirks: 'plain-r4',
      base: 'https://Ehr.example:443/fhir',
    };
    beforeEach(async () => {
      await db.query('delete from connection');
      await db.tx((tx) =>
        saveConnection(tx, { ...place, aliases: ['https://gateway.example/r4'] }),
      );
    });
    const stored = async () => (await holds.loadHolds(db, tenant)).map((one) => one.scope);
    const wrong = [
      'partner:nobody',
      'partner:The-pantry',
      'partner:Pantry',
      'ehr:south',
      'ehr:pantry',
      'connection:south',
      'connection:North',
      'receiver:https://elsewhere.example',
      'receiver:http://ehr.example',
      'receiver:https://ehr.example:8443',
    ];

    it.each(wrong)('refuse what is nothing here, by API and by page (%s)', async (scope) => {
      const byApi = await ask.post('/api/v1/holds').set(bearer()).send({ scope });
      expect([byApi.status, byApi.body.problems]).toEqual([
        400,
        [{ path: '/body/scope', rule: 'known' }],
      ]);
      const many = await ask
        .post('/api/v1/holds')
        .set(bearer())
        .send({ scopes: ['all', scope] });
      expect([many.status, many.body.problems]).toEqual([
        400,
        [{ path: '/body/scopes/1', rule: 'known' }],
      ]);
      const byPage = await ask
        .post('/console/holds')
        .type('form')
        .set(cookie())
        .send({ scope, reason: 'x' });
      expect([byPage.status, byPage.text]).toEqual([
        400,
        expect.stringContaining('nothing of this name'),
      ]);
      expect(await stored()).toEqual([]);
    });

    it.each([
      ['partner:pantry', 'partner:pantry'],
      ['ehr:north', 'ehr:north'],
      ['connection:north', 'connection:north'],
      ['receiver:https://EHR.example', 'receiver:https://ehr.example'],
      ['receiver:https://ehr.example:443/', 'receiver:https://ehr.example'],
      ['receiver:https://gateway.example', 'receiver:https://gateway.example'],
      ['receiver:https://pantry.example', 'receiver:https://pantry.example'],
    ])(
      'keep %s as what is compared with (%s), and let it go by either name',
      async (scope, kept) => {
        expect((await ask.post('/api/v1/holds').set(bearer()).send({ scope })).status).toBe(201);
        expect(await stored()).toEqual([kept]);
        expect(
          (await ask.delete(`/api/v1/holds/${encodeURIComponent(scope)}`).set(bearer())).status,
        ).toBe(200);
        expect(await stored()).toEqual([]);
      },
    );

    it('stand over a partner that leaves the directory, count it while it holds Tasks, and can be released', async () => {
      expect(
        (await ask.post('/api/v1/holds').set(bearer()).send({ scope: 'partner:shelter' })).status,
      ).toBe(201);
      await db.tx((tx) => directory.saveDirectory(tx, tenant, []));
      expect(
        (await ask.post('/api/v1/holds').set(bearer()).send({ scope: 'partner:pantry' })).status,
      ).toBe(201);
      expect((await ask.delete('/api/v1/holds/partner:shelter').set(bearer())).status).toBe(200);
      expect(
        (await ask.post('/api/v1/holds').set(bearer()).send({ scope: 'partner:shelter' })).status,
      ).toBe(400);
      expect(await stored()).toEqual(['partner:pantry']);
    });
  });

  it('release a hold once', async () => {
    await db.tx((tx) => holds.addHold(tx, { tenant, scope: 'all', principal: 'person:opal' }));
    const release = () => ask.delete('/api/v1/holds/all').set(bearer());
    expect((await Promise.all([release(), release()])).map((one) => one.status).sort()).toEqual([
      200, 404,
    ]);
    expect((await holds.recentDecisions(db, tenant)).map((one) => one.decision)).toEqual([
      'released',
      'held',
    ]);
  });

  it('take forms from our own pages only', async () => {
    const elsewhere = ask
      .post('/console/holds')
      .type('form')
      .set({ cookie: `loopwell_session=${session}`, 'sec-fetch-site': 'cross-site' });
    expect((await elsewhere.send({ scope: 'all' })).status).toBe(403);
    expect(await holds.loadHolds(db, tenant)).toEqual([]);
  });
});

describe('what is not read', () => {
  const lane = (type: string, gap: object) =>
    db.query(
      'insert into pull_cursor (id, tenant, connection, type, gap, gap_since) values ($1, $2, $3, $4, $5, now())',
      [`clinic/${type}/`, tenant, 'clinic', type, JSON.stringify(gap)],
    );
  const openOnes = async () =>
    (await ask.get('/api/v1/status').set(bearer())).body.unread.filter(
      (one: { open: boolean }) => one.open,
    );

  it('is on the page, in status and totals, and is closed by a person, who is named', async () => {
    await db.tx((tx) =>
      saveConnection(tx, {
        id: 'clinic',
        tenant,
        base: 'https://clinic.example/fhir',
        quirks: 'plain-r4',
      }),
    );
    await lane('Encounter', { kind: 'short', total: 120, given: 50, to: '2026-11-28T10:00:00Z' });
    await lane('Observation', { kind: 'refused', status: 403 });
    expect((await openOnes()).map((one: { type: string }) => one.type)).toEqual([
      'Encounter',
      'Observation',
    ]);
    expect((await ask.get('/api/v1/totals').set(bearer())).body.unread).toMatchObject([
      { total: 120, given: 50 },
      { status: 403 },
    ]);
    expect((await ask.get('/console').set(cookie())).text).toContain(
      'the EHR says 120 and gave 50',
    );
    const close = (type: string) =>
      ask.post('/api/v1/unread/close').set(bearer()).send({ connection: 'clinic', type });
    expect((await close('Encounter')).body.unread).toMatchObject([
      { type: 'Encounter', open: false, closedBy: 'service:pager' },
      { open: true },
    ]);
    expect((await close('Encounter')).status).toBe(404);
    expect((await close('../x')).status).toBe(400);
    const { rows } = await db.query<{ upto: Date }>(
      "select upto from pull_cursor where type = 'Encounter'",
    );
    expect(rows[0]?.upto.toISOString()).toBe('2026-11-28T10:00:00.000Z');
    const form = ask.post('/console/unread/close').type('form').set(cookie());
    expect((await form.send({ connection: 'clinic', type: 'Observation' })).status).toBe(303);
    expect(await openOnes()).toEqual([]);
    expect(await lastHistory()).toMatchObject({
      outcome: 'unread-closed',
      principal: 'person:opal',
      subject: 'connection:clinic',
    });
  });

  it('is closed for this tenant only', async () => {
    await db.query(
      "insert into connection (id, tenant, base, quirks) values ('theirs', 'elsewhere', 'https://x.example', 'plain-r4')",
    );
    await db.query(
      `insert into pull_cursor (id, tenant, connection, type, gap) values ('theirs/Goal/', 'elsewhere', 'theirs', 'Goal', '{"kind":"refused"}')`,
    );
    const closed = await ask
      .post('/api/v1/unread/close')
      .set(bearer())
      .send({ connection: 'theirs', type: 'Goal' });
    expect(closed.status).toBe(404);
    expect(await openOnes()).toEqual([]);
  });
});

describe('holds', () => {
  it('stop one or many at once, and who, why and when is kept after the release', async () => {
    await ask
      .post('/console/holds')
      .type('form')
      .set(cookie())
      .send({ scope: ['partner:pantry', 'ehr:clinic'], reason: 'They move house' });
    expect((await holds.loadHolds(db, tenant)).map((one) => one.scope)).toEqual([
      'ehr:clinic',
      'partner:pantry',
    ]);
    expect(
      (
        await ask
          .post('/api/v1/holds')
          .set(bearer())
          .send({ scopes: ['partner:shelter', 'all'] })
      ).status,
    ).toBe(201);
    for (const bad of [
      {},
      { scopes: [] },
      { scopes: ['everything'] },
      { scope: 'all', color: 'red' },
    ])
      expect((await ask.post('/api/v1/holds').set(bearer()).send(bad)).status).toBe(400);
    await ask
      .post('/console/holds/release')
      .type('form')
      .set(cookie())
      .send({ scope: 'partner:pantry', reason: 'They are back' });
    const { text } = await ask.get('/console/holds').set(cookie());
    for (const kept of ['They move house', 'They are back', 'person:opal', 'service:pager'])
      expect(text).toContain(kept);
    expect((await holds.recentDecisions(db, tenant))[0]).toMatchObject({
      scope: 'partner:pantry',
      decision: 'released',
      principal: 'person:opal',
      reason: 'They are back',
    });
  });

  it('show first what a release would let go, count per partner', async () => {
    const added = await ask
      .post('/api/v1/holds')
      .set(bearer())
      .send({ scope: 'partner:pantry', reason: 'They asked for it' });
    expect([added.status, added.body.holds[0]]).toMatchObject([
      201,
      { scope: 'partner:pantry', principal: 'service:pager', reason: 'They asked for it' },
    ]);
    expect(added.body.waiting).toEqual([
      { scope: 'partner:pantry', name: 'The pantry', what: 'referrals', count: 1 },
    ]);
    expect(await lastHistory()).toMatchObject({
      outcome: 'held',
      subject: 'hold:partner:pantry',
      facts: null,
    });
    const page = await ask.get('/console/holds').set(cookie());
    expect(page.text).toMatch(/<strong>1<\/strong> referral to The pantry/);
    await ask.post('/api/v1/holds').set(bearer()).send({ scope: 'all' });
    expect((await ask.get('/console/holds').set(cookie())).text).toContain('Nothing would go now');
  });

  it('end once, wake what waited, and survive in the meantime', async () => {
    await db.tx((tx) =>
      ledger.due(tx, [
        {
          tenant,
          stage: 'refer',
          subject: idOf('held'),
          batch: newId(),
          trace,
          waitsFor: 'operator',
        },
      ]),
    );
    await ask.post('/console/holds').type('form').set(cookie()).send({ scope: 'all', reason: '' });
    expect(await holds.loadHolds(db, tenant)).toMatchObject([
      { scope: 'all', principal: 'person:opal', reason: null },
    ]);
    const released = await ask
      .post('/console/holds/release')
      .type('form')
      .set(cookie())
      .send({ scope: 'all' });
    expect(released.status).toBe(303);
    const woken = await db.query(
      "select 1 from ledger where stage = 'refer' and waits_for = 'worker' and due <= now()",
    );
    expect(woken.rows).toHaveLength(1);
    expect(nudges.map((one) => one.stage)).toEqual(['pull', 'refer', 'write-back']);
    expect((await ask.delete('/api/v1/holds/all').set(bearer())).status).toBe(404);
    expect((await ask.delete('/api/v1/holds/everything').set(bearer())).status).toBe(400);
  });
});

describe.skipIf(chromiumPath === undefined)('pages in a browser', { tags: ['browser'] }, () => {
  it('have no accessibility problem, and fit into 320 pixels', { timeout: 60_000 }, async () => {
    await db.tx((tx) =>
      holds.addHold(tx, {
        tenant,
        scope: 'all',
        principal: 'person:opal',
        reason: 'A drill',
      }),
    );
    const server = await listen(app, { host: '127.0.0.1', port: 0 });
    const browser = await openBrowser();
    try {
      for (const colorScheme of ['light', 'dark'] as const) {
        const context = await browser.newContext({
          viewport: { width: 320, height: 700 },
          colorScheme,
        });
        await context.addCookies([
          { name: 'loopwell_session', value: session, url: server.address },
        ]);
        const page = await context.newPage();
        const failures: string[] = [];
        page.on(
          'console',
          (message) => message.type() === 'error' && failures.push(message.text()),
        );
        for (const path of [
          '/sign-in',
          '/sign-in?token=abcdefghijklmnopqrst',
          '/console',
          '/console/work',
          '/console/quarantine',
          '/console/holds',
          `/console/trace?id=${idOf('task')}`,
        ]) {
          await page.goto(`${server.address}${path}`);
          expect([path, await accessibilityProblems(page), await fitsItsWindow(page)]).toEqual([
            path,
            [],
            true,
          ]);
        }
        expect(failures).toEqual([]);
        await context.close();
      }
    } finally {
      await browser.close();
      await server.close();
    }
  });

  it('show the API without a network', { timeout: 60_000 }, async () => {
    const server = await listen(app, { host: '127.0.0.1', port: 0 });
    const browser = await openBrowser();
    try {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
      await context.addCookies([{ name: 'loopwell_session', value: session, url: server.address }]);
      const page = await context.newPage();
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.goto(`${server.address}/docs`);
      const summaries = {
        intake: 'Makes or changes a connection',
        enrichment: 'What arrives from each EHR, and what can be made of it',
        coordination: 'One decision about one or many referrals',
        referral: 'Replaces the directory',
        console: 'Retry or discard rows of the ledger',
      };
      for (const [name, summary] of Object.entries(summaries)) {
        await page.getByRole('link', { name, exact: true }).click();
        await page.getByText(summary).first().waitFor({ timeout: 20_000 });
        expect(await page.getByText('Retry or discard rows of the ledger').count()).toBe(
          name === 'console' ? 1 : 0,
        );
      }
      expect(
        asked.filter((url) => !url.startsWith(server.address) && !url.startsWith('data:')),
      ).toEqual([]);
      expect(
        (await fetch(`${server.address}/docs/console.yaml`, { redirect: 'manual' })).status,
      ).toBe(303);
    } finally {
      await browser.close();
      await server.close();
    }
  });
});
