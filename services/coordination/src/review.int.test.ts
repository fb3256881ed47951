import { addContract, addSignIn, createApp, finish, listen } from '@loopwell/http';
import { type Clock, deriveId, newId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import type { Nudge } from '@loopwell/pipeline';
import {
  access,
  answers,
  type Database,
  directory,
  ehrResources,
  ledger,
  migrate,
  openDatabase,
  ownResources,
  type ReferralRow,
  referrals,
  saveConnection,
  saveEvidence,
  saveScreenings,
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
import { decide, versionOf } from './index.ts';
import { addReviewRoutes } from './review.route.ts';
import type { Reviewer } from './reviewer.ts';

const tenant = 'o';
const clock: Clock = { now: () => new Date('2026-11-24T15:00:00Z') };
const rea: Reviewer = { id: 'person:rea', kind: 'person', tenant };
const bo: Reviewer = { ...rea, id: 'person:bo' };
const idOf = (name: string) => deriveId('test', name);

let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let app: ReturnType<typeof createApp>;
let ask: ReturnType<typeof supertest>;
let session = '';
let token = '';
const nudges: Nudge[] = [];
const deps = () => ({
  tx: db.tx,
  nudge: async (some: readonly Nudge[]) => void nudges.push(...some),
  clock,
  longestConsentDays: 365,
});

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant });
  app = createApp({
    log: silentLog,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
  });
  addContract(app, contracts.coordination);
  addSignIn(app, access.signInDoors(db), { secure: false });
  addReviewRoutes(app, deps());
  finish(app, silentLog);
  ask = supertest(app.express);
  const routes = [
    'GET /api/v1/reviews',
    'GET /api/v1/reviews/:referralId',
    'POST /api/v1/reviews/decisions',
    'GET /api/v1/screenings',
    'POST /api/v1/screenings/:screeningId/seen',
  ];
  session = await db.tx((tx) =>
    access.grantAccess(tx, {
      tenant,
      kind: 'session',
      principal: 'person:rea',
      roles: ['reviewer'],
      routes: [],
    }),
  );
  token = await db.tx((tx) =>
    access.grantAccess(tx, {
      tenant,
      kind: 'service',
      principal: 'service:ehr-app',
      roles: [],
      routes,
    }),
  );
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});
beforeEach(async () => {
  nudges.length = 0;
  await db.query(
    'truncate ledger, history, person_no, referral, decision, evidence, own_resource, ehr_resource, screening, task, task_delivery, task_version, partner_answer cascade',
  );
});

type Seed = {
  category?: string;
  gate?: string;
  sensitive?: boolean;
  name?: string;
  tenant?: string;
  person?: string;
  danger?: string;
  restriction?: 'one-recipient' | 'named-consent';
};

/** One person with one need, as coding leaves them behind. */
async function seed(name: string, what: Seed = {}, store: Database = db): Promise<string> {
  const person = idOf(`person ${what.person ?? name}`);
  const condition = idOf(`condition ${name}`);
  const own = { tenant: what.tenant ?? tenant, connection: 'clinic', person };
  const body = JSON.stringify({
    resourceType: 'Condition',
    id: condition,
    code: {
      coding: [{ system: 'http://snomed.info/sct', code: '733423003', display: 'Food insecurity' }],
    },
  });
  const id = idOf(`referral ${name}`);
  await store.tx(async (tx) => {
    await saveConnection(tx, {
      id: 'clinic',
      tenant: own.tenant,
      base: 'https://ehr.example/fhir',
      quirks: 'plain-r4',
    });
    const patient = {
      resourceType: 'Patient',
      id: name,
      name: [{ family: what.name ?? 'Lind', given: ['Ada'] }],
      birthDate: '1979-05-01',
    };
    await ehrResources.saveEhrResources(tx, [
      {
        ...own,
        type: 'Patient',
        sourceId: name,
        versionId: '1',
        lastUpdated: null,
        body: JSON.stringify(patient),
      },
    ]);
    await ownResources.saveOwnResources(tx, [{ ...own, id: condition, type: 'Condition', body }]);
    const sentence = 'Suggested because "often true" was answered on 2026-11-02.';
    const row = {
      condition,
      observation: idOf(`observation ${name}`),
      source: `QuestionnaireResponse/${name}`,
      rule: 'hvs/1',
      ruleVersion: '1',
      codeSystems: '[]',
      sentence,
    };
    await saveEvidence(tx, [{ ...row, tenant: own.tenant, person }]);
    await referrals.saveNeeds(tx, [
      {
        ...own,
        id,
        category: what.category ?? 'food-insecurity',
        episode: 1,
        unambiguous: true,
        sensitive: what.sensitive ?? false,
        conditions: JSON.stringify([condition]),
        since: '2026-11-02T10:00:00Z',
        trace: newId(),
        danger: what.danger,
        danger_kind: what.danger === undefined ? undefined : 'call-today',
        restriction: what.restriction,
      },
    ]);
    if (what.gate) await referrals.patchReferrals(tx, [{ id, patch: { gate: what.gate } }]);
  });
  return id;
}

const load = async (id: string): Promise<ReferralRow> => {
  const row = (await referrals.loadReferrals(db, [id])).get(id);
  if (!row) throw new Error('no such referral');
  return row;
};
const dueSubjects = async () =>
  (
    await db.query<{ subject: string }>(
      "select subject from ledger where stage = 'refer' and waits_for = 'worker'",
    )
  ).rows.map((row) => row.subject);

describe('deciding', () => {
  it('approves, says by whom, and lets the gates look again in the same transaction', async () => {
    const id = await seed('one');
    await decide(deps(), rea, { referrals: [id], decision: 'approve', reason: 'clear' });
    expect(await load(id)).toMatchObject({
      approval: 'approved',
      approved_by: 'person:rea',
      state: 'waiting',
    });
    expect(await dueSubjects()).toEqual([id]);
    expect(nudges).toMatchObject([{ stage: 'refer' }]);
    const batch = (await db.query<{ batch: string }>('select batch from ledger')).rows[0]?.batch;
    expect(nudges[0]?.batch).toBe(batch);
    const history = (
      await db.query<{ outcome: string; principal: string; facts: string | null }>(
        'select outcome, principal, facts from history',
      )
    ).rows;
    expect(history).toEqual([{ outcome: 'approved', principal: 'person:rea', facts: null }]);
  });

  it('wakes a referral that waits for a reviewer, without losing what is due', async () => {
    const id = await seed('one');
    await db.tx((tx) =>
      ledger.due(tx, [
        {
          tenant,
          stage: 'refer',
          subject: id,
          batch: newId(),
          trace: newId(),
          waitsFor: 'reviewer',
        },
      ]),
    );
    await decide(deps(), rea, { referrals: [id], decision: 'approve' });
    expect(await dueSubjects()).toEqual([id]);
  });

  it('decides about many, or about none when one of them cannot be', async () => {
    const ids = [await seed('a'), await seed('b'), await seed('c')];
    await decide(deps(), rea, { referrals: [ids[1] ?? ''], decision: 'refuse', reason: 'no need' });
    await db.query('truncate ledger');
    await expect(
      decide(deps(), rea, { referrals: ids, decision: 'approve' }),
    ).rejects.toMatchObject({
      code: 'CONFLICT',
      facts: { referral: ids[1] },
    });
    expect((await load(ids[0] ?? '')).approval).toBeNull();
    expect(await dueSubjects()).toEqual([]);
    const missing = idOf('nobody');
    await expect(
      decide(deps(), rea, { referrals: [missing], decision: 'approve' }),
    ).rejects.toMatchObject({
      code: 'NOT_FOUND',
      facts: { referral: missing },
    });
    expect(
      await decide(deps(), rea, {
        referrals: [ids[0] ?? '', ids[2] ?? '', ids[2] ?? ''],
        decision: 'approve',
      }),
    ).toMatchObject({
      decided: 2,
      skipped: [],
    });
  });

  it('does not show or touch what belongs to another tenant', async () => {
    const theirs = openDatabase({ url: scratch.url, tenant: 'p' });
    const id = await seed('elsewhere', { tenant: 'p' }, theirs);
    await theirs.close();
    await expect(
      decide(deps(), rea, { referrals: [id], decision: 'approve' }),
    ).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const answer = await ask.get(`/api/v1/reviews/${id}`).set('authorization', `Bearer ${token}`);
    expect(answer.status).toBe(404);
  });

  it('refuses the second of two reviewers at once', async () => {
    const id = await seed('one');
    const versions = { [id]: versionOf(await load(id)) };
    const both = await Promise.allSettled([
      decide(deps(), rea, { referrals: [id], decision: 'approve', versions }),
      decide(deps(), bo, { referrals: [id], decision: 'refuse', reason: 'no need', versions }),
    ]);
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find((one) => one.status === 'rejected')).toMatchObject({
      reason: { code: 'CONFLICT' },
    });
    expect((await db.query('select 1 from decision')).rows).toHaveLength(1);
  });

  it.each([
    ['unambiguous', false],
    ['danger', 'utilities are shut off'],
    ['confirmed', true],
  ])('tells whoever saw it otherwise: %s has changed', async (column, value) => {
    const id = await seed('one');
    const versions = { [id]: versionOf(await load(id)) };
    await db.query(`update referral set ${column} = $1`, [value]);
    await expect(
      decide(deps(), rea, { referrals: [id], decision: 'approve', versions }),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it.each([null, 'ServiceRequest/1', 'Goal/1', 'Consent/1', 'reviewer'])(
    'takes an agreement back wherever it came from (%s), also where none was written down yet',
    async (source) => {
      const id = await seed('one');
      if (source)
        await db.tx((tx) =>
          referrals.patchReferrals(tx, [
            { id, patch: { agreement_on: '2026-11-01', agreement_source: source } },
          ]),
        );
      await decide(deps(), rea, { referrals: [id], decision: 'withdrawAgreement' });
      expect((await load(id)).agreement_withdrawn_at).toEqual(expect.any(Date));
    },
  );

  it('does not take a worker that looked again for a change', async () => {
    const id = await seed('one');
    const versions = { [id]: versionOf(await load(id)) };
    await db.tx((tx) =>
      referrals.patchReferrals(tx, [{ id, patch: { state: 'waiting', gate: 'review' } }]),
    );
    await decide(deps(), rea, { referrals: [id], decision: 'approve', versions });
    expect((await load(id)).approval).toBe('approved');
  });

  it('leaves the approval of sensitive needs to signed-in people', async () => {
    const id = await seed('one', { sensitive: true });
    const machine = { ...rea, id: 'service:ehr-app', kind: 'system' as const };
    await expect(
      decide(deps(), machine, { referrals: [id], decision: 'approve' }),
    ).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    await decide(deps(), rea, { referrals: [id], decision: 'approve' });
  });

  describe('of what rests on restricted information', () => {
    const partner = (id: string, category: string) => ({
      id,
      tenant,
      position: 1,
      name: id,
      address: `https://${id}.example/fhir`,
      body: JSON.stringify({ id, categories: [category] }),
    });
    const approve = (id: string, more: object = {}, who = rea) =>
      decide(deps(), who, { referrals: [id], decision: 'approve', ...more } as Parameters<
        typeof decide
      >[2]);
    beforeEach(async () => {
      await db.tx((tx) =>
        directory.saveDirectory(tx, tenant, [
          partner('pantry', 'food-insecurity'),
          partner('rides', 'rides'),
        ]),
      );
    });

    it('takes one signed-in person, one referral and one partner that serves it', async () => {
      const [id, other] = [
        await seed('one', { restriction: 'one-recipient' }),
        await seed('two', { restriction: 'one-recipient' }),
      ];
      const machine = { ...rea, id: 'service:ehr-app', kind: 'system' as const };
      const refused = [
        [{ recipient: 'pantry' }, machine, 'FORBIDDEN'],
        [{}, rea, 'REQUEST_INVALID'],
        [{ recipient: 'rides' }, rea, 'REQUEST_INVALID'],
        [{ recipient: 'nobody' }, rea, 'REQUEST_INVALID'],
        [{ referrals: [id, other], recipient: 'pantry' }, rea, 'REQUEST_INVALID'],
        [{ referrals: [id, other] }, rea, 'REQUEST_INVALID'],
      ] as const;
      for (const [more, who, errorCode] of refused)
        await expect(approve(id, more, who)).rejects.toMatchObject({ code: errorCode });
      expect(await load(id)).toMatchObject({ approval: null, recipient: null });
      await approve(id, { recipient: 'pantry' });
      expect(await load(id)).toMatchObject({
        approval: 'approved',
        approved_by: 'person:rea',
        recipient: 'pantry',
      });
    });

    it('is refused under ETH and 42CFRPart2, with the reason, and everything else may be decided', async () => {
      const id = await seed('one', { restriction: 'named-consent' });
      await expect(approve(id, { recipient: 'pantry' })).rejects.toThrow(
        /ETH or 42CFRPart2.*consent that names the partner/,
      );
      await decide(deps(), rea, { referrals: [id], decision: 'refuse', reason: 'no need' });
    });

    it('says so in the API and on the page, which offers the partners', async () => {
      const id = await seed('one', { restriction: 'one-recipient' });
      const { body } = await ask
        .get(`/api/v1/reviews/${id}`)
        .set('authorization', `Bearer ${token}`)
        .expect(200);
      expect(body).toMatchObject({ restriction: 'one-recipient', recipient: null });
      const page = await ask.get(`/review/${id}`).set('cookie', `loopwell_session=${session}`);
      expect(page.text).toContain('<option value="pantry">pantry</option>');
      expect(page.text).not.toContain('value="rides"');
      const form = (recipient: string) =>
        ask
          .post('/review/decisions')
          .type('form')
          .set({ cookie: `loopwell_session=${session}`, 'sec-fetch-site': 'same-origin' })
          .send({ referral: id, back: `/review/${id}`, decision: 'approve', recipient });
      const again = await form('');
      expect([again.status, again.text.includes('approved for one partner')]).toEqual([400, true]);
      expect((await form('pantry')).status).toBe(303);
      expect(await load(id)).toMatchObject({ approval: 'approved', recipient: 'pantry' });
    });
  });

  it('lets whoever approves something else name the only partner, too, and no other than one that serves it', async () => {
    const id = await seed('one');
    await expect(
      decide(deps(), rea, { referrals: [id], decision: 'approve', recipient: 'nobody' }),
    ).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      facts: { field: 'recipient' },
    });
  });

  it('records agreement with its day and who asked, never in the future, and takes it back', async () => {
    const id = await seed('one');
    await expect(
      decide(deps(), rea, {
        referrals: [id],
        decision: 'agree',
        agreedOn: '2026-11-27',
        askedBy: 'Rea',
      }),
    ).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    await decide(deps(), rea, {
      referrals: [id],
      decision: 'agree',
      agreedOn: '2026-11-24',
      askedBy: 'Rea',
    });
    expect(await load(id)).toMatchObject({
      agreement_on: '2026-11-24',
      agreement_by: 'Rea',
      agreement_source: 'reviewer',
      agreement_withdrawn_at: null,
    });
    await decide(deps(), rea, { referrals: [id], decision: 'withdrawAgreement' });
    expect((await load(id)).agreement_withdrawn_at).not.toBeNull();
    const facts = (await db.query<{ facts: string | null }>('select facts from history')).rows;
    expect(JSON.stringify(facts)).not.toContain('Rea');
  });

  it('records consent for no longer than the site lets one count, and takes it back', async () => {
    const id = await seed('one');
    const consent = {
      referrals: [id],
      decision: 'recordConsent' as const,
      scope: 'Need and phone to the pantry',
      askedBy: 'Rea',
    };
    await expect(decide(deps(), rea, { ...consent, dateTime: '2026-12-24' })).rejects.toMatchObject(
      {
        code: 'REQUEST_INVALID',
      },
    );
    await expect(decide(deps(), rea, { ...consent, dateTime: '2024-01-01' })).rejects.toMatchObject(
      {
        message: expect.stringContaining('ended'),
      },
    );
    await decide(deps(), rea, { ...consent, dateTime: '2026-11-01' });
    const recorded = JSON.parse((await load(id)).consent_recorded ?? '{}');
    expect(recorded).toMatchObject({
      dateTime: '2026-11-01',
      until: '2027-11-01T00:00:00.000Z',
      recordedBy: 'person:rea',
    });
    await decide(deps(), rea, { ...consent, dateTime: '2026-11-01', until: '2026-12-31' });
    expect(JSON.parse((await load(id)).consent_recorded ?? '{}').until).toBe(
      '2026-12-31T23:59:59.999Z',
    );
    await decide(deps(), rea, { referrals: [id], decision: 'withdrawConsent' });
    expect(JSON.parse((await load(id)).consent_recorded ?? '{}')).toMatchObject({
      id: recorded.id,
      withdrawn: true,
    });
  });

  it('chooses a service of the category or a general one, and makes none up', async () => {
    const id = await seed('one', { category: 'financial-insecurity', gate: 'noServiceCode' });
    await expect(
      decide(deps(), rea, { referrals: [id], decision: 'chooseService', serviceCode: '99999' }),
    ).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    });
    await decide(deps(), rea, {
      referrals: [id],
      decision: 'chooseService',
      serviceCode: '308440001',
    });
    expect(JSON.parse((await load(id)).service_code ?? '{}')).toEqual({
      system: 'http://snomed.info/sct',
      code: '308440001',
      display: 'Referral to social worker',
    });
  });

  it('decides nothing about a referral that has ended', async () => {
    const id = await seed('one');
    await db.tx((tx) =>
      referrals.patchReferrals(tx, [{ id, patch: { state: 'closed', gate: null } }]),
    );
    await expect(
      decide(deps(), rea, { referrals: [id], decision: 'refuse', reason: 'no need' }),
    ).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });
});

describe('postponing', () => {
  const postpone = (id: string, until: string) =>
    decide(deps(), rea, { referrals: [id], decision: 'postpone', until, reason: 'calls back' });
  const listed = async (query: string) =>
    (
      await ask.get(`/api/v1/reviews?${query}`).set({ authorization: `Bearer ${token}` })
    ).body.items.map((one: { id: string }) => one.id);

  it('ends with any other decision: whoever decides has taken it up again', async () => {
    const id = await seed('one');
    await postpone(id, '2026-11-30');
    await decide(deps(), rea, { referrals: [id], decision: 'approve' });
    await db.tx((tx) => referrals.patchReferrals(tx, [{ id, patch: { gate: 'agreement' } }]));
    expect(await listed('gate=agreement')).toEqual([id]);
  });

  it('takes it from the list until that day, or until something about it is new', async () => {
    const [id, other] = [await seed('one'), await seed('two')];
    await postpone(id, '2026-11-30');
    expect(await listed('')).toEqual([other]);
    expect(await listed('postponed=true')).toEqual([id]);
    expect((await load(id)).approval).toBeNull();
    await db.query("update referral set postponed_until = '2026-11-24'");
    expect((await listed('')).sort()).toEqual([id, other].sort());
    await postpone(id, '2026-11-30');
    const row = await load(id);
    const { danger: _danger, ...need } = row;
    await db.tx((tx) => referrals.saveNeeds(tx, [{ ...need, since: '2026-11-23T10:00:00Z' }]));
    expect((await load(id)).postponed_until).toBeNull();
  });

  it('is for a later day, within 90 days, and for one night where somebody is in danger', async () => {
    const [calm, danger] = [
      await seed('calm'),
      await seed('danger', { danger: 'utilities are shut off' }),
    ];
    for (const day of ['2026-11-24', '2026-11-01', '2027-03-01'])
      await expect(postpone(calm, day)).rejects.toMatchObject({
        code: 'REQUEST_INVALID',
        facts: { field: 'until' },
      });
    await postpone(calm, '2027-02-22');
    await expect(postpone(danger, '2026-11-26')).rejects.toMatchObject({
      message: expect.stringContaining('seen first'),
    });
    await postpone(danger, '2026-11-25');
  });
});

describe('choosing another code', () => {
  const choose = (id: string, condition: string, code: string) =>
    decide(deps(), rea, { referrals: [id], decision: 'chooseCode', condition, code });
  const codeOf = async (condition: string) => {
    const body = (await ownResources.loadOwnResources(db, [condition])).get(condition)?.body;
    return (JSON.parse(body ?? '{}').code?.coding ?? []).map((one: { code: string }) => one.code);
  };

  it('puts another finding of the value set into the suggestion, says who, and has the person coded again', async () => {
    const id = await seed('one');
    const condition = idOf('condition one');
    await choose(id, condition, '706875005');
    expect(await codeOf(condition)).toEqual(['706875005']);
    const { body: item } = await ask
      .get(`/api/v1/reviews/${id}`)
      .set({ authorization: `Bearer ${token}` });
    expect(item.conditions).toMatchObject([
      { origin: 'suggested', display: 'Insufficient food supply', chosenBy: 'person:rea' },
    ]);
    expect((await load(id)).approval).toBeNull();
    expect(nudges.map((one) => one.stage)).toEqual(['code', 'refer']);
    const { rows } = await db.query<{ body: string }>(
      "select body from own_resource where type = 'Provenance'",
    );
    expect(JSON.parse(rows[0]?.body ?? '{}')).toMatchObject({
      target: [{ reference: `Condition/${condition}` }],
      agent: [
        { type: { coding: [{ code: 'author' }] }, who: { identifier: { value: 'person:rea' } } },
      ],
    });
    const facts = await db.query<{ facts: string }>(
      "select facts from history where outcome = 'code-chosen'",
    );
    expect(facts.rows).toMatchObject([{ facts: expect.stringContaining('706875005') }]);
  });

  it('refuses a code of another category, the one that it has, and a Condition that is not there', async () => {
    const id = await seed('one');
    const condition = idOf('condition one');
    await expect(choose(id, condition, '551731000124103')).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      facts: { field: 'code' },
    });
    await expect(choose(id, condition, '733423003')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(choose(id, idOf('condition other'), '706875005')).rejects.toMatchObject({
      facts: { field: 'condition' },
    });
    await decide(deps(), rea, { referrals: [id], decision: 'approve' });
    await expect(choose(id, condition, '706875005')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await codeOf(condition)).toEqual(['733423003']);
  });

  it('is told when the other reviewer was faster', async () => {
    const id = await seed('one');
    const versions = { [id]: versionOf(await load(id)) };
    await choose(id, idOf('condition one'), '706875005');
    await expect(
      decide(deps(), bo, { referrals: [id], decision: 'approve', versions }),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('the API', () => {
  const bearer = () => ({ authorization: `Bearer ${token}` });

  it('lists what waits, page by page, with evidence and without names', async () => {
    for (const name of ['a', 'b', 'c']) await seed(name);
    const first = await ask.get('/api/v1/reviews?limit=2').set(bearer());
    expect(first.body.items).toHaveLength(2);
    expect(first.body.items[0]).toMatchObject({
      gate: 'review',
      conditions: [
        { origin: 'suggested', display: 'Food insecurity', evidence: [{ rule: 'hvs/1' }] },
      ],
    });
    const second = await ask.get(`/api/v1/reviews?limit=2&cursor=${first.body.next}`).set(bearer());
    expect([second.body.items.length, second.body.next]).toEqual([1, undefined]);
    expect(
      new Set([...first.body.items, ...second.body.items].map((one: { id: string }) => one.id))
        .size,
    ).toBe(3);
    expect(first.text).not.toMatch(/Lind|1979/);
  });

  it('has danger on top of every page however it is sorted, and groups by person or by need', async () => {
    await seed('a', { category: 'transportation-insecurity', person: 'ada' });
    await seed('b', { category: 'food-insecurity', person: 'bo' });
    await seed('c', { category: 'housing-instability', person: 'ada' });
    await seed('d', {
      category: 'utility-insecurity',
      person: 'bo',
      danger: 'utilities are shut off',
    });
    const walk = async (query: string) => {
      const seen: {
        id: string;
        category: string;
        person: { id: string };
        danger: string | null;
      }[] = [];
      for (let cursor = ''; ; ) {
        const { body } = await ask.get(`/api/v1/reviews?limit=1&${query}${cursor}`).set(bearer());
        seen.push(...body.items);
        if (body.next === undefined) return seen;
        cursor = `&cursor=${body.next}`;
      }
    };
    const orders = {
      urgency: await walk(''),
      person: await walk('sort=person'),
      need: await walk('sort=need'),
    };
    for (const order of Object.values(orders)) {
      expect([order.length, order[0]?.danger]).toEqual([4, 'utilities are shut off']);
      expect(new Set(order.map((one) => one.id)).size).toBe(4);
    }
    expect(orders.need.slice(1).map((one) => one.category)).toEqual([
      'food-insecurity',
      'housing-instability',
      'transportation-insecurity',
    ]);
    const people = orders.person.slice(1).map((one) => one.person.id);
    expect(people).toEqual([...people].sort());
    expect(await walk(`person=${idOf('person ada')}`)).toHaveLength(2);
    expect(await walk('category=food-insecurity')).toHaveLength(1);
    const { body } = await ask.get('/api/v1/reviews?limit=1').set(bearer());
    expect(
      (await ask.get(`/api/v1/reviews?sort=need&cursor=${body.next}`).set(bearer())).status,
    ).toBe(400);
    expect((await ask.get('/api/v1/reviews?sort=name').set(bearer())).status).toBe(400);
  });

  it("shows the person's other referrals and earlier answers beside one", async () => {
    const id = await seed('a', { person: 'ada' });
    const other = await seed('b', { category: 'housing-instability', person: 'ada' });
    const form = (name: string, authored: string, code: string) => ({
      tenant,
      connection: 'clinic',
      person: idOf('person ada'),
      type: 'QuestionnaireResponse',
      sourceId: name,
      versionId: '1',
      lastUpdated: null,
      body: JSON.stringify({
        resourceType: 'QuestionnaireResponse',
        id: name,
        status: 'completed',
        questionnaire: 'http://loinc.org/q/96777-8',
        authored,
        item: [
          { linkId: '/93030-5', answer: [{ valueCoding: { system: 'http://loinc.org', code } }] },
        ],
      }),
    });
    await db.tx((tx) =>
      ehrResources.saveEhrResources(tx, [
        form('f1', '2025-05-04', 'LA32-8'),
        form('f2', '2026-05-04', 'LA33-6'),
      ]),
    );
    const { body } = await ask.get(`/api/v1/reviews/${id}`).set(bearer());
    expect(body.otherReferrals).toMatchObject([
      { id: other, category: 'housing-instability', state: 'waiting' },
    ]);
    expect(body.answers).toMatchObject([
      { authored: '2026-05-04', meaning: 'need', categories: ['transportation-insecurity'] },
      { authored: '2025-05-04', meaning: 'none' },
    ]);
    const page = await ask.get(`/review/${id}`).set({ cookie: `loopwell_session=${session}` });
    expect(page.text).toContain('Answers so far');
    expect(page.text).toMatch(/possible need/);
    expect(page.text).toContain(`/review/${other}`);
  });

  it('asks the same number of questions for one referral as for twenty', async () => {
    const queriesFor = async () => {
      const before = db.counters.queries;
      await ask.get('/api/v1/reviews').set(bearer());
      return db.counters.queries - before;
    };
    await seed('a');
    const one = await queriesFor();
    for (let n = 0; n < 20; n += 1) await seed(`more ${n}`);
    expect(await queriesFor()).toBe(one);
  });

  it('decides with versions, and answers 409 to an old one', async () => {
    const id = await seed('one');
    const { body: item } = await ask.get(`/api/v1/reviews/${id}`).set(bearer());
    const post = (body: object) => ask.post('/api/v1/reviews/decisions').set(bearer()).send(body);
    const approve = { referrals: [id], versions: { [id]: item.version }, decision: 'approve' };
    expect((await post(approve)).body).toMatchObject({ decided: 1, skipped: [] });
    const again = await post(approve);
    expect([again.status, again.body.facts.referral]).toEqual([409, id]);
  });

  it('refuses what breaks the contract, naming the place and not the value', async () => {
    const post = (body: object) => ask.post('/api/v1/reviews/decisions').set(bearer()).send(body);
    const bad = [
      { decision: 'approve' },
      { referrals: [], decision: 'approve' },
      { referrals: ['Ada Lind'], decision: 'approve' },
      { referrals: [idOf('x')], decision: 'confirm' },
      { referrals: [idOf('x')], decision: 'approve', confirmed: true },
      { referrals: [idOf('x')], decision: 'agree' },
      { referrals: [idOf('x')], decision: 'refuse' },
      { referrals: [idOf('x')], decision: 'postpone' },
      {
        referrals: [idOf('x'), idOf('y')],
        decision: 'chooseCode',
        condition: idOf('x'),
        code: '1',
      },
      { referrals: [idOf('x')], decision: 'agree', agreedOn: '2026-13-45', askedBy: 'Rea' },
      { referrals: [idOf('x')], decision: 'approve', agreedOn: '2026-11-01' },
      { referrals: [idOf('x')], decision: 'agree', agreedOn: '2026-02-30', askedBy: 'Rea' },
      { referrals: [idOf('x')], decision: 'agree', agreedOn: '0001-01-01', askedBy: 'Rea' },
      {
        referrals: [idOf('x')],
        decision: 'recordConsent',
        dateTime: '2026-02-30',
        scope: 'all',
        askedBy: 'Rea',
      },
      { referrals: [idOf('x')], decision: 'refuse', reason: 'a\u0000b' },
      { referrals: [idOf('x')], decision: 'refuse', reason: '\ud800' },
    ];
    for (const body of bad) {
      const answer = await post(body);
      expect([answer.status, answer.type]).toEqual([400, 'application/problem+json']);
      expect(answer.text).not.toContain('Ada');
    }
    expect((await ask.get('/api/v1/reviews?gate=partner').set(bearer())).status).toBe(400);
    expect((await ask.get('/api/v1/reviews?cursor=nonsense').set(bearer())).status).toBe(400);
    expect((await ask.get('/api/v1/reviews/not-a-uuid').set(bearer())).status).toBe(400);
    const cursor = Buffer.from(
      ['urgency', 'calm', '', '2026-13-01 00:00:00+00', idOf('x')].join('\n'),
    ).toString('base64url');
    expect((await ask.get(`/api/v1/reviews?cursor=${cursor}`).set(bearer())).status).toBe(400);
    for (const time of ['0000-01-01 00:00:00+00', '2026-01-01 00:00:00+16']) {
      const odd = Buffer.from(['urgency', 'calm', '', time, idOf('x')].join('\n')).toString(
        'base64url',
      );
      expect((await ask.get(`/api/v1/reviews?cursor=${odd}`).set(bearer())).status).toBe(400);
    }
    expect((await ask.get('/api/v1/reviews?category=%00').set(bearer())).status).toBe(400);
    const page = { cookie: `loopwell_session=${session}`, 'sec-fetch-site': 'same-origin' };
    expect((await ask.get(`/review/${'-'.repeat(36)}`).set(page)).status).toBe(404);
    expect((await ask.get('/decide?need=%00').set(page)).status).toBe(400);
    for (const decision of ['constructor', '__proto__'])
      expect(
        (
          await ask
            .post('/review/decisions')
            .type('form')
            .set(page)
            .send({ referral: idOf('x'), decision })
        ).status,
      ).toBe(400);
    expect((await ask.post('/review/screenings/seen').set(page)).status).toBe(404);
  });

  it('is closed to whoever has no token or session', async () => {
    expect((await ask.get('/api/v1/reviews')).status).toBe(401);
    expect((await ask.get('/api/v1/reviews?gate=nonsense')).status).toBe(401);
    expect(
      (await ask.get('/api/v1/reviews').set('cookie', `loopwell_session=${session}`)).status,
    ).toBe(200);
  });

  it('lists the screenings that a person has to look at', async () => {
    await seed('one');
    const issue = {
      severity: 'warning',
      code: 'contradiction',
      text: 'The answers to “Income” disagree.',
      source: 'QuestionnaireResponse/one',
    };
    const row = {
      id: idOf('screening'),
      tenant,
      connection: 'clinic',
      person: idOf('person one'),
      instrument: 'ahc-hrsn',
      authored: '2026-11-02T10:00:00Z',
      encounter: null,
      outcome: 'needsPerson',
      quarantine: null,
      sources: '[]',
      issues: JSON.stringify([issue]),
    };
    await db.tx((tx) => saveScreenings(tx, [row.person], [row]));
    const answer = await ask.get('/api/v1/screenings').set(bearer());
    expect(answer.body.items).toMatchObject([{ instrument: 'ahc-hrsn', issues: [issue] }]);
    const page = await ask.get('/review/screenings').set('cookie', `loopwell_session=${session}`);
    expect(page.text).toContain('The answers to “Income” disagree.');
  });

  it('leaves out who is to be seen first, and what somebody has looked at', async () => {
    await seed('one');
    const warning = {
      severity: 'warning',
      code: 'unmapped-answer',
      text: 'Not in the list.',
      source: 'Observation/o',
    };
    const danger = {
      severity: 'warning',
      code: 'sensitive',
      text: 'For a person.',
      source: 'Observation/s',
      danger: 'may not be safe at home',
    };
    const row = (name: string, issues: object[], outcome: string) => ({
      id: idOf(name),
      tenant,
      connection: 'clinic',
      person: idOf('person one'),
      instrument: 'prapare',
      authored: '2026-11-02T10:00:00Z',
      encounter: null,
      outcome,
      quarantine: null,
      sources: '[]',
      issues: JSON.stringify(issues),
    });
    const rows = [
      row('first', [warning], 'needsPerson'),
      row('second', [danger], 'coded'),
      row('third', [], 'coded'),
    ];
    const save = (some: typeof rows) =>
      db.tx((tx) => saveScreenings(tx, [idOf('person one')], some));
    await save(rows);
    const list = async () => (await ask.get('/api/v1/screenings').set(bearer())).body.items;
    const [on, ...others] = await list();
    expect([on.id, others]).toEqual([idOf('first'), []]);
    const cookie = { cookie: `loopwell_session=${session}`, 'sec-fetch-site': 'same-origin' };
    expect((await ask.get('/review/screenings').set(cookie)).text).not.toMatch(/safe at home/);

    const see = (id: string, version: string) =>
      ask.post(`/api/v1/screenings/${id}/seen`).set(bearer()).send({ version });
    expect((await see(on.id, 'another')).status).toBe(409);
    expect((await see(on.id, on.version)).status).toBe(200);
    // Whoever was slower is told.
    const slower = await ask
      .post('/review/screenings/seen')
      .type('form')
      .set(cookie)
      .send({ screening: on.id, version: on.version });
    expect(slower.status).toBe(409);
    expect(await list()).toEqual([]);
    const { rows: told } = await db.query(
      "select principal from history where outcome = 'screening-seen'",
    );
    expect(told).toEqual([{ principal: 'service:ehr-app' }]);
    await save(rows);
    expect(await list()).toHaveLength(0);
    await save([row('first', [warning, warning], 'needsPerson'), row('second', [danger], 'coded')]);
    expect(await list()).toHaveLength(1);
  });
});

describe('the page', () => {
  const cookie = () => ({ cookie: `loopwell_session=${session}`, 'sec-fetch-site': 'same-origin' });

  it('shows each suggestion with its evidence in one sentence, and names escaped', async () => {
    await seed('one', { name: '<b>Lind</b>' });
    const id = idOf('referral one');
    const { text } = await ask.get(`/review/${id}`).set(cookie());
    expect(text).toMatch(
      /Suggested because &quot;often true&quot; was answered on Nov 2(, 2026)?\./,
    );
    expect(text).toContain('&lt;b&gt;Lind');
    expect(text).not.toContain('<b>Lind');
  });

  it('approves those that were chosen, and says so', async () => {
    const [a, b] = [await seed('a'), await seed('b')];
    const versions = Object.fromEntries(
      await Promise.all(
        [a, b].map(async (id) => [`version.${id}`, versionOf(await load(id))] as const),
      ),
    );
    const answer = await ask
      .post('/review/decisions')
      .type('form')
      .set(cookie())
      .send({
        referral: [a, b],
        ...versions,
        decision: 'approve',
        'agree.agreedOn': '',
        back: '/decide',
      });
    expect([answer.status, answer.headers.location]).toEqual([
      303,
      expect.stringContaining('/decide?done=approved&n=2&request='),
    ]);
    expect((await load(b)).approval).toBe('approved');
    expect((await ask.get(String(answer.headers.location)).set(cookie())).text).toContain(
      'Approved for Ada Lind and Ada Lind.',
    );
    const seen = { [`version.${a}`]: versionOf(await load(a)) };
    await decide(deps(), bo, {
      referrals: [a],
      decision: 'agree',
      agreedOn: '2026-11-20',
      askedBy: 'Bo',
    });
    const stale = await ask
      .post('/review/decisions')
      .type('form')
      .set(cookie())
      .send({
        referral: a,
        ...seen,
        decision: 'refuse',
        reason: 'no need',
        'refuse.saidBy': 'staff',
      });
    expect([stale.status, stale.text.includes('look again')]).toEqual([409, true]);
  });

  it('asks no more what was just answered, though the gates have not looked again yet', async () => {
    const [id, other] = [await seed('one'), await seed('two', { gate: 'agreement' })];
    await decide(deps(), rea, { referrals: [id], decision: 'approve' });
    await decide(deps(), rea, {
      referrals: [other],
      decision: 'agree',
      agreedOn: '2026-11-20',
      askedBy: 'Rea',
    });
    for (const path of ['/decide', '/ask']) {
      const { text } = await ask.get(path).set(cookie());
      expect(text).toContain('Nobody is on this list.');
    }
    await db.query('update referral set agreement_source = $1', ['Goal/g']);
    const { rows } = await db.query<{ person: string }>(
      'select person from referral where id = $1',
      [other],
    );
    expect((await ask.get('/ask').set(cookie())).text).toContain(String(rows[0]?.person));
  });

  it('says what is missing when nothing was chosen, and leads nowhere else afterward', async () => {
    const id = await seed('one');
    const nothing = await ask
      .post('/review/decisions')
      .type('form')
      .set(cookie())
      .send({ decision: 'approve' });
    expect([nothing.status, nothing.text.includes('Choose at least one')]).toEqual([400, true]);
    const away = await ask
      .post('/review/decisions')
      .type('form')
      .set(cookie())
      .send({ referral: id, decision: 'approve', back: 'https://elsewhere.example/review' });
    expect(away.headers.location).toContain('/decide?done=approved&n=1&request=');
  });

  it('shows one referral with its decisions, and records agreement and consent there', async () => {
    const id = await seed('one');
    const post = (fields: object) =>
      ask
        .post('/review/decisions')
        .type('form')
        .set(cookie())
        .send({ referral: id, back: `/review/${id}`, ...fields });
    expect(
      (await post({ decision: 'agree', 'agree.agreedOn': '2026-11-20', 'agree.askedBy': 'Rea' }))
        .status,
    ).toBe(303);
    expect(
      (
        await post({
          decision: 'recordConsent',
          'recordConsent.dateTime': '2026-11-20',
          'recordConsent.until': '',
          'recordConsent.scope': 'all',
          'recordConsent.askedBy': 'Rea',
        })
      ).status,
    ).toBe(303);
    const { text } = await ask.get(`/review/${id}`).set(cookie());
    expect(text).toMatch(/said yes on Nov 20(, 2026)?, asked by Rea/);
    expect(text).toContain('Consent recorded, by rea');
    expect(
      (await ask.get('/review/00000000-0000-0000-0000-000000000000').set(cookie())).status,
    ).toBe(404);
  });

  it('offers to take back after the end of what went out, and nothing else', async () => {
    const id = await seed('one');
    await db.tx((tx) =>
      referrals.patchReferrals(tx, [{ id, patch: { state: 'closed', gate: null } }]),
    );
    const never = await ask.get(`/review/${id}`).set(cookie());
    expect(never.text).not.toContain('name="decision"');
    const task = {
      id: idOf('task one'),
      tenant,
      referral: id,
      person: idOf('person one'),
      attempt: 1,
      partner: 'pantry',
      status: 'completed',
    };
    await db.tx((tx) =>
      tasks.addTasks(tx, [
        newTask({
          ...task,
          channel: 'fhir-rest',
          address: 'https://pantry.example/fhir',
          receipt_key: 'key one',
        }),
      ]),
    );
    const { text } = await ask.get(`/review/${id}`).set(cookie());
    expect(
      [...text.matchAll(/name="decision" value="(\w+)"/g)].map(([, decision]) => decision),
    ).toEqual(['withdrawAgreement', 'withdrawConsent']);
    const version = /name="version\.[^"]+" value="([^"]*)"/.exec(text)?.[1] ?? '';
    const answer = await ask
      .post('/review/decisions')
      .type('form')
      .set(cookie())
      .send({
        referral: id,
        back: `/review/${id}`,
        decision: 'withdrawConsent',
        [`version.${id}`]: version,
      });
    expect(answer.status).toBe(303);
    expect((await ask.get(`/review/${id}`).set(cookie())).text).toContain(
      'Consent taken back, by rea',
    );
  });
});

describe.skipIf(chromiumPath === undefined)('the page in a browser', { tags: ['browser'] }, () => {
  it('has no accessibility problem, fits into 320 pixels, and works with the keyboard alone', {
    timeout: 60_000,
  }, async () => {
    const [id = ''] = [
      await seed('one', { sensitive: true, name: 'Lindqvist-Aurelianopoulos' }),
      await seed('two', { gate: 'agreement' }),
      await seed('three', { gate: 'consent' }),
      await seed('four', { gate: 'noServiceCode' }),
      await seed('five', { danger: 'utilities are shut off', category: 'utility-insecurity' }),
    ];
    const issues = [
      {
        severity: 'warning',
        code: 'sensitive',
        text: 'For a person.',
        source: 'Observation/s',
        danger: 'may not be safe at home',
      },
    ];
    const row = {
      id: idOf('screening'),
      tenant,
      connection: 'clinic',
      person: idOf('person one'),
      instrument: 'prapare',
      encounter: null,
    };
    const rest = {
      authored: '2026-11-02',
      outcome: 'needsPerson',
      quarantine: null,
      sources: '[]',
      issues: JSON.stringify(issues),
    };
    await db.tx((tx) => saveScreenings(tx, [row.person], [{ ...row, ...rest }]));
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
        for (const path of ['/review?state=refused', '/review/screenings', `/review/${id}`]) {
          await page.goto(`${server.address}${path}`);
          expect([path, await accessibilityProblems(page), await fitsItsWindow(page)]).toEqual([
            path,
            [],
            true,
          ]);
          const shot = `${process.env.SCREENSHOTS}/${path.replace(/[^a-z]+/g, '-')}-${colorScheme}.png`;
          if (process.env.SCREENSHOTS) await page.screenshot({ path: shot, fullPage: true });
        }
        await context.close();
      }
      const context = await browser.newContext();
      await context.addCookies([{ name: 'loopwell_session', value: session, url: server.address }]);
      const page = await context.newPage();
      await page.goto(`${server.address}/review/${id}`);
      await page.getByLabel('Said yes on').fill('2026-11-20');
      await page.getByLabel('Who asked').first().fill('Rea');
      await page.keyboard.press('Enter');
      expect((await load(id)).approval).toBeNull();
      await page.getByRole('button', { name: 'Record agreement' }).click();
      await page.getByRole('status').getByText('agreement recorded for').waitFor();
      await page
        .getByLabel(/Another finding instead/)
        .selectOption({ label: 'Insufficient food supply' });
      await page.getByRole('button', { name: 'Choose this code' }).press('Enter');
      await page.getByRole('status').getByText('Another finding chosen for').waitFor();
      await page.getByText(/chosen by rea instead of “Food insecurity”/).waitFor();
      await page.getByLabel(/Another finding instead/).selectOption('suggested');
      await page.getByRole('button', { name: 'Choose this code' }).press('Enter');
      await page.getByText('Another finding chosen: as suggested, by rea').waitFor();
      // A screening of this person says danger: tomorrow is the latest day.
      await page.getByLabel('Not now, show again on').fill('2026-11-25');
      await page.getByRole('button', { name: 'Postpone' }).press('Enter');
      await page.getByRole('status').getByText('Postponed for').waitFor();
      expect((await load(id)).postponed_until).toBe('2026-11-25');
      await page.goto(`${server.address}/review/${id}`);
      await page.getByRole('button', { name: 'Approve' }).press('Enter');
      await page.getByRole('status').getByText('Approved for').waitFor();
      expect((await load(id)).approval).toBe('approved');
    } finally {
      await browser.close();
      await server.close();
    }
  });
});

describe('what partners said', () => {
  const words = {
    reason: 'Full until January 6 <b>',
    note: 'Gave part of it',
    business_status: 'Waitlist',
  };
  async function answered(name: string): Promise<string> {
    const id = await seed(name);
    const person = idOf(`person ${name}`);
    const task = {
      id: idOf(`task ${name}`),
      tenant,
      referral: id,
      person,
      attempt: 1,
      partner: 'pantry',
      status: 'completed',
    };
    await db.tx(async (tx) => {
      await tasks.addTasks(tx, [
        newTask({
          ...task,
          channel: 'fhir-rest',
          address: 'https://pantry.example/fhir',
          receipt_key: `key ${name}`,
        }),
      ]);
      await tasks.patchTasks(tx, [{ id: task.id, patch: { reason: 'no-outcome' } }]);
      await tx.query('update task set live = false where id = $1', [task.id]);
      await referrals.patchReferrals(tx, [{ id, patch: { state: 'closed', gate: null } }]);
      const outputs = [
        {
          type: 'Found',
          value: 'Observation; wrong person',
          reference: 'Observation/o',
          resource: { resourceType: 'Observation' },
          unread: null,
        },
        {
          type: null,
          value: null,
          reference: 'Procedure/404',
          resource: null,
          unread: 'not-there',
        },
      ];
      const codes = JSON.stringify([
        { system: 'https://loopwell.example/CodeSystem/decline-reason', code: 'wrong-contact' },
      ]);
      const said = {
        known_status: null,
        codes,
        oddities: '["other-owner"]',
        with_words: true,
        outputs: JSON.stringify(outputs),
        body: '{}',
      };
      const row = {
        tenant,
        task: task.id,
        referral: id,
        person,
        door: 'fhir-rest',
        message_id: task.id,
        who: 'partner:pantry',
        said_by: null,
        recorded_by: 'system:referral',
        said_at: null,
        status: 'Completed',
        read_outputs: null,
        content: 'h',
        is_partial: false,
      };
      await answers.writeAnswers(tx, [{ ...row, ...said, ...words }]);
      await answers.writeAnswers(tx, [{ ...row, ...said, ...words }]);
    });
    return id;
  }

  it('is shown whole to reviewers, once, beside what the person answered', async () => {
    const id = await answered('ada');
    const { body, status } = await ask
      .get(`/api/v1/reviews/${id}`)
      .set('authorization', `Bearer ${token}`);
    expect(status).toBe(200);
    expect(body.partnerAnswers).toMatchObject([
      {
        door: 'fhir-rest',
        who: 'partner:pantry',
        status: 'Completed',
        reason: words.reason,
        note: words.note,
        businessStatus: words.business_status,
        odd: ['other-owner'],
        outputs: [
          { value: 'Observation; wrong person', unread: null },
          { reference: 'Procedure/404', unread: 'not-there' },
        ],
      },
    ]);
    expect(body.tasks).toMatchObject([{ status: 'completed', outcome: 'no-outcome' }]);
    const page = await ask.get(`/review/${id}`).set('cookie', `loopwell_session=${session}`);
    expect(page.text).toContain('Full until January 6 &lt;b&gt;');
    expect(page.text).toContain('done, says the partner, without showing what was done');
    expect(page.text).toContain('Procedure/404: the partner does not show it');
    for (const shown of [words.note, words.business_status, 'handed the Task on'])
      expect(page.text).toContain(shown);
  });

  it('is shown to nobody else', async () => {
    const id = await answered('bo');
    const operator = await db.tx((tx) =>
      access.grantAccess(tx, {
        tenant,
        kind: 'session',
        principal: 'person:op',
        roles: ['operator'],
        routes: [],
      }),
    );
    for (const path of [`/api/v1/reviews/${id}`, `/review/${id}`]) {
      const answer = await ask.get(path).set('cookie', `loopwell_session=${operator}`);
      expect([answer.status, answer.text.includes('January')]).toEqual([403, false]);
    }
  });

  it('stays away when its words are erased', async () => {
    const id = await answered('cy');
    await db.query(
      'update partner_answer set reason = null, note = null, business_status = null, outputs = null, body = null',
    );
    const { body } = await ask.get(`/api/v1/reviews/${id}`).set('authorization', `Bearer ${token}`);
    expect(body.partnerAnswers).toMatchObject([
      { reason: null, note: null, businessStatus: null, outputs: [] },
    ]);
  });
});
