import { addContract, addSignIn, createApp, finish } from '@loopwell/http';
import { type Clock, deriveId, newId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import { personProfile, type ReachChoice } from '@loopwell/sdoh';
import {
  access,
  type Database,
  migrate,
  openDatabase,
  people,
  referrals,
  saveScreenings,
  tasks,
} from '@loopwell/store';
import { newTask, supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addMustByRoutes } from '../must-by/must-by.route.ts';
import { addNoRoutes } from '../nos/nos.route.ts';
import { addReviewRoutes } from '../review.route.ts';

const tenant = 'o';
const clock: Clock = { now: () => new Date('2026-11-24T15:00:00Z'), timeZone: 'America/Chicago' };
const idOf = (name: string) => deriveId('test', name);
const [kia, bo] = [idOf('kia'), idOf('bo')];

let db: Database;
let scratch: { url: string; close: () => Promise<void> };
let ask: ReturnType<typeof supertest>;
let cookie: Record<string, string> = {};
let clinician: Record<string, string> = {};

async function signIn(principal: string, ...roles: string[]): Promise<Record<string, string>> {
  const owner = { tenant, kind: 'session' as const, principal, roles, routes: [] };
  const session = await db.tx((tx) => access.grantAccess(tx, owner));
  return { cookie: `loopwell_session=${session}`, 'sec-fetch-site': 'same-origin' };
}

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant });
  const app = createApp({
    log: silentLog,
    clock,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
  });
  addContract(app, contracts.coordination);
  addSignIn(app, access.signInDoors(db), { secure: false });
  const deps = { tx: db.tx, nudge: async () => {}, clock, longestConsentDays: 365 };
  addReviewRoutes(app, deps);
  addNoRoutes(app, deps);
  addMustByRoutes(app, { ...deps, acceptBy: { ms: 3 * 86_400_000 } });
  finish(app, silentLog);
  ask = supertest(app.express);
  cookie = await signIn('person:rea', 'reviewer');
  clinician = await signIn('person:lee', 'reviewer', 'clinician');
});
afterAll(async () => {
  await db?.close();
  await scratch?.close();
});
beforeEach(async () => {
  await db.query(
    `truncate screening, referral, decision, history, patient_link, person, person_profile,
       safety_record, safety_cover, contact_override, reach_choice, contact_try, typed_appointment, person_view, ehr_resource, duty_alert, task, task_delivery, task_version, ledger
       cascade`,
  );
  for (const [id, name] of [
    [kia, 'Kia Vang'],
    [bo, 'Bo Lind'],
  ] as const) {
    await db.query(
      `insert into patient_link (tenant, connection, patient_id, patient, person)
       values ('o', 'clinic', $1::text, $1::text::uuid, $1::text::uuid)`,
      [id],
    );
    const standing = { patient: id, standing: 'stands' as const, recordKey: '' };
    await db.tx((tx) => people.saveStandings(tx, [standing]));
    const body = JSON.stringify({ resourceType: 'Patient', id, name: [{ text: name }] });
    await db.query(
      `insert into ehr_resource (tenant, connection, type, source_id, version_id, person, body)
       values ('o', 'clinic', 'Patient', $1::text, '1', $1::text::uuid, $2)`,
      [id, body],
    );
    const profile = personProfile({ resourceType: 'Patient', name: [{ text: name }] });
    await db.query("insert into person_profile (tenant, patient, body) values ('o', $1, $2)", [
      id,
      JSON.stringify(profile),
    ]);
  }
});

const words = 'may be hurt or threatened';
const screened = (person: string, text = 'The answers need a person.') =>
  db.tx((tx) =>
    saveScreenings(
      tx,
      [person],
      [
        {
          id: idOf(`screening ${person}`),
          tenant,
          connection: 'clinic',
          person,
          instrument: 'ahc-hrsn',
          authored: '2026-11-02T10:00:00Z',
          encounter: null,
          outcome: 'needsPerson',
          quarantine: null,
          sources: '[]',
          issues: JSON.stringify([
            {
              severity: 'warning',
              code: 'sensitive',
              text,
              source: 'Observation/o',
              danger: words,
            },
          ]),
          safety: true,
        },
      ],
    ),
  );

/** They said how to reach them, by a number ending in 0142. */
const reachOn = (
  person: string,
  answeredAt: Date,
  { instead = null, askedAlone = true }: { instead?: string | null; askedAlone?: boolean } = {},
) =>
  db.tx(async (tx) => {
    await tx.query(
      'insert into person (tenant, id) values ($tenant, $1) on conflict (tenant, id) do nothing',
      [person],
    );
    const choice: ReachChoice = {
      ...{ ways: ['call', 'text'], phone: { number: '+16125550142' }, phoneOwner: 'shared' },
      ...{ voicemail: true, mayBeSaid: 'aboutHelp', reading: 'reads', forPartners: true },
    };
    const asked = { answeredAt, askedBy: 'person:rea', askedAlone, instead };
    return people.recordReach(tx, { person, choice, ...asked });
  });

const dated = (person: string, mustBy: string | null) =>
  db.tx(async (tx) => {
    const id = idOf(`need ${person}`);
    const need = { id, tenant, connection: 'clinic', person, category: 'utility-insecurity' };
    const facts = { episode: 1, unambiguous: true, sensitive: false, conditions: '[]' };
    await referrals.saveNeeds(tx, [{ ...need, ...facts, since: '2026-11-02', trace: newId() }]);
    await referrals.patchReferrals(tx, [{ id, patch: { must_by: mustBy } }]);
  });

const get = (path: string) => ask.get(path).set(cookie);
const post = (path: string, form: object = {}, as = cookie) =>
  ask.post(path).type('form').set(as).send(form);
const seenIn = (text: string) => /name="seen" value="([^"]*)"/.exec(text)?.[1] ?? '';
const record = async (form: object) => {
  const seen = seenIn((await post(`/people/${kia}/opened`)).text);
  return post(`/people/${kia}/see-first`, { seen, ...form });
};

describe('the lists', () => {
  it('name people and nothing that anybody answered', async () => {
    await screened(kia);
    await dated(bo, '2026-12-02');
    const first = (await get('/see-first')).text;
    expect(first).toContain('<h1>See first</h1>');
    expect(first).toContain('Kia Vang');
    expect(first).not.toContain('Bo Lind');
    const call = (await get('/call-today')).text;
    expect(call).toContain('Bo Lind');
    expect(call).toContain('By Dec 2');
    expect(call).not.toContain('Kia Vang');
    for (const page of [first, call, (await get('/appointments')).text])
      expect(page).not.toMatch(/hurt|threatened|safety|danger|ahc/i);
  });

  it('say how many more are on them whom the reader may not open, and whom to call', async () => {
    await screened(kia);
    await dated(bo, '2026-12-02');
    for (const person of [kia, bo])
      await db.query(
        `insert into restricted_chart (tenant, person, number, owner, restricted_by)
         values ($tenant, $1, 1, 'person:lea', 'person:lea')`,
        [person],
      );
    try {
      for (const path of ['/see-first', '/call-today', '/appointments']) {
        const { text } = await get(path);
        const isBoth = path === '/appointments';
        const who = isBoth ? '2 more people whom you may not open are' : '1 more person whom you';
        expect(text).toContain(who);
        expect(text).toContain('on this list. Call a lead');
        expect(text).not.toMatch(/Kia Vang|Bo Lind|Nobody is on this list/);
      }
    } finally {
      await db.query('delete from restricted_chart where tenant = $tenant');
    }
  });

  it('log everybody whom they show', async () => {
    await screened(kia);
    await get('/see-first');
    const { rows } = await db.query('select principal, page, what from person_view');
    expect(rows).toEqual([{ principal: 'person:rea', page: '/see-first', what: 'list' }]);
  });
});

describe('on paper', () => {
  /** Leaves out what is not printed: parts with their class, and the mark. */
  const printOf = (text: string): string => {
    const [, main = ''] = text.split('<main');
    const marks = /<strong[^>]*data-see-first[^>]*>[^<]*<\/strong>/g;
    const parts = main.replace(marks, '').split(/(?=<\/?(?:div|p|ol)\b)/);
    let hidden = 0;
    return parts
      .map((part) => {
        const [, end, tag] = /^<(\/?)(div|p|ol)\b/.exec(part) ?? [];
        if (hidden > 0 && tag === 'div') hidden += end ? -1 : 1;
        else if (/^<div class="unprinted"/.test(part)) hidden = 1;
        else if (/^<\w+ class="unprinted"/.test(part)) return part.slice(part.indexOf('</'));
        return hidden > 0 ? '' : part;
      })
      .join('');
  };

  it('lists of danger name nobody, and no page says that somebody is seen first', async () => {
    await screened(kia);
    await dated(bo, '2026-12-02');
    for (const list of ['/see-first', '/appointments', '/call-today'])
      expect(printOf((await get(`${list}?person=${kia}`)).text)).not.toMatch(/Kia|Bo Lind/);
    for (const person of [kia, bo]) {
      const { text } = await get(`/people/${person}`);
      expect(text).toContain('See first');
      expect(printOf(text)).not.toMatch(/see first|Show why|needs someone|Decide each/i);
      expect(printOf(text)).toMatch(/Kia Vang|Bo Lind/);
    }
  });
});

describe('the words', () => {
  it.each(['/people', '/people/see-first'])(
    'are not on the page of the person: %s',
    async (page) => {
      await screened(kia);
      const { text, status } = await get(page.replace('/people', `/people/${kia}`));
      expect(status).toBe(200);
      expect(text).toContain('See first');
      expect(text).not.toMatch(/hurt|threatened|need a person/);
    },
  );

  it('open by a form, are not kept, close after a minute, and are logged', async () => {
    await screened(kia);
    await db.query('truncate person_view');
    const { text, headers } = await post(`/people/${kia}/opened`);
    expect(text).toContain(words);
    expect(text).toContain('<h1>See first</h1>');
    expect(text).toContain('class="unprinted"');
    expect(headers).toMatchObject({ 'cache-control': 'no-store', refresh: '60' });
    const { rows } = await db.query('select principal, what from person_view');
    expect(rows).toContainEqual({ principal: 'person:rea', what: 'safety' });
    // The browser loads the same address after a minute, and gets the page without the words.
    const after = await get(`/people/${kia}/opened`);
    expect([after.status, after.headers.location]).toEqual([303, `/people/${kia}`]);
  });

  it('look alike from outside for a need with a date, also in how they may be contacted', async () => {
    await screened(kia);
    await dated(kia, null);
    await dated(bo, '2026-12-02');
    for (const person of [kia, bo]) await reachOn(person, clock.now());
    const pageOf = async (id: string, name: string) => {
      const { text } = await get(`/people/${id}`);
      const [, main = ''] = text.split('<main');
      const plain = main.replaceAll(idOf(`need ${id}`), 'need').replaceAll(id, 'id');
      // The date itself is folded away, for everybody alike.
      return plain.replaceAll(name, '').replace('value="2026-12-02"', 'value=""');
    };
    const shown = await pageOf(kia, 'Kia Vang');
    expect(shown).toBe(await pageOf(bo, 'Bo Lind'));
    expect(shown).toContain('See first. Press “Show why” before you contact them.');
    expect(shown).not.toMatch(/\/tries"|at the next visit|By Dec|555|leave a message|call once/);
    expect(shown).toContain('<details id="must-by"><summary>');
    const firstOf = async (id: string, name: string) => {
      const { text, status } = await get(`/people/${id}/see-first`);
      expect(status).toBe(200);
      return text.replaceAll(id, 'id').replaceAll(name, '');
    };
    expect(await firstOf(kia, 'Kia Vang')).toBe(await firstOf(bo, 'Bo Lind'));
    expect((await post(`/people/${bo}/see-first`, { action: 'talked-alone' })).status).toBe(404);
    const openedOfBo = (await post(`/people/${bo}/opened`)).text;
    expect(openedOfBo).toContain('By Dec 2');
    expect(openedOfBo).toMatch(/555.*0142/);
    expect(openedOfBo).toContain(`action="/people/${bo}/tries"`);
    const openedOfKia = (await post(`/people/${kia}/opened`)).text;
    expect(openedOfKia).toContain('Do not contact them. See them alone');
    expect(openedOfKia).not.toContain('/tries"');
    expect(openedOfKia).not.toMatch(/555.{0,3}0142/);
  });

  it('are the sentences of the form, with what was answered', async () => {
    await db.query(
      "insert into connection (tenant, id, base) values ('o', 'clinic', 'https://ehr.example') on conflict do nothing",
    );
    const asked = 'How often does anyone, including family and friends, physically hurt you?';
    const form = {
      ...{ resourceType: 'QuestionnaireResponse', id: 'q', status: 'completed' },
      subject: { reference: `Patient/${kia}` },
      authored: '2026-11-02T10:00:00Z',
      item: [
        {
          linkId: '/71802-3',
          text: 'What is your living situation today?',
          answer: [{ valueCoding: { system: 'http://loinc.org', code: 'LA31993-1' } }],
        },
        {
          ...{ linkId: '/95618-5', text: asked },
          answer: [{ valueCoding: { system: 'http://loinc.org', code: 'LA16644-9' } }],
        },
      ],
    };
    await db.query(
      `insert into ehr_resource (tenant, connection, type, source_id, version_id, person, body)
       values ('o', 'clinic', 'QuestionnaireResponse', 'q', '1', $1, $2)`,
      [kia, JSON.stringify(form)],
    );
    await screened(kia);
    await db.query(`update screening set sources = '["QuestionnaireResponse/q"]'`);
    const { text } = await post(`/people/${kia}/opened`);
    expect(text).toContain(`${asked} <strong>Fairly often</strong>`);
    expect(text).not.toContain('living situation');
  });

  it('open for nobody whose id is wrong, and no page is there for somebody without them', async () => {
    expect((await post(`/people/${newId()}/opened`)).status).toBe(404);
    expect((await get(`/people/${bo}/see-first`)).status).toBe(404);
  });
});

describe('what was done', () => {
  it('blocks contact until somebody has talked alone and there is a safe way', async () => {
    await screened(kia);
    const page = async () => (await post(`/people/${kia}/opened`)).text;
    expect(await page()).toContain('Do not call, text, write or leave a message');
    expect((await record({ action: 'talked-alone' })).status).toBe(303);
    expect(await page()).toContain('Do not call, text, write or leave a message');
    await record({ action: 'talked-alone', safeWay: 'Tuesdays at the clinic' });
    expect(await page()).not.toContain('Do not call');
    expect(await page()).toContain('Tuesdays at the clinic');
    const { rows } = await db.query('select * from history');
    expect(JSON.stringify(rows)).not.toMatch(/Tuesdays|talked/);
  });

  it('leaves a safe way as the only one, whatever they chose before it', async () => {
    await screened(kia);
    const { id } = await reachOn(kia, clock.now());
    const way = 'Only at my sister’s, 612-555-0199';
    await record({ action: 'talked-alone', safeWay: way });
    await dated(kia, '2026-12-01');
    const opened = async () => (await post(`/people/${kia}/opened`)).text;
    const text = await opened();
    expect(text).toContain(way);
    expect(text).toContain('Name only the clinic. Say nothing of why. Do not leave a message.');
    expect(text).not.toMatch(/555.{0,3}0142/);
    const tryBy = (channel: string) =>
      ask.post(`/api/v1/people/${kia}/tries`).set(cookie).send({ channel });
    for (const channel of ['text', 'email', 'letter', 'relay', 'inPerson'])
      expect((await tryBy(channel)).status).toBe(409);
    const made = await tryBy('call');
    expect(made.body).toMatchObject({ onlyClinic: true, mayLeaveMessage: false, safeWay: way });
    // Whoever is on the phone reads the way again, and says how it ended.
    expect(await opened()).toMatch(/Only at my sister[\s\S]*How did it end/);
    expect((await get('/call-today')).text).not.toContain('Open to call');
    // What they choose later counts where they are asked alone, and only there.
    const later = new Date(Date.now() + 60_000);
    const beside = await reachOn(kia, later, { instead: id, askedAlone: false });
    expect(await opened()).toContain(way);
    expect(await opened()).not.toMatch(/555.{0,3}0142/);
    await reachOn(kia, later, { instead: beside.id });
    const asked = await opened();
    expect(asked).toMatch(/555.{0,3}0142/);
    expect(asked).not.toMatch(/You may leave a message|about help they asked for/);
  });

  it('takes the mark away only for a mistake', async () => {
    await screened(kia);
    await record({ action: 'reached-advocate' });
    expect((await get('/see-first')).text).not.toContain('Kia Vang');
    expect((await get(`/people/${kia}`)).text).toContain('See first.');
    const { headers } = await record({ action: 'answered-by-mistake', toldAlone: 'yes' });
    expect(headers.location).toBe('/see-first');
    expect((await get(`/people/${kia}`)).text).not.toContain('See first.');
  });

  it.each<[string, object, string]>([
    ['nothing chosen', {}, 'Choose what you did.'],
    ['an action that is none', { action: 'called-home' }, 'Choose what you did.'],
    [
      'a safe way that nobody said alone',
      { action: 'could-not-talk-alone', safeWay: 'Tuesdays' },
      'A safe way is one line',
    ],
    [
      'a mistake that was not said alone',
      { action: 'answered-by-mistake' },
      'Check the box if they did',
    ],
    [
      'a note of a megabyte',
      { action: 'talked-alone', safeWay: 'x'.repeat(90_000) },
      'A safe way is one line',
    ],
  ])('is not recorded with %s', async (_, form, sentence) => {
    await screened(kia);
    const { status, text } = await record(form);
    expect([status, text.includes(sentence)]).toEqual([400, true]);
    expect((await db.query('select 1 from safety_record')).rows).toEqual([]);
  });

  it('keeps what was typed where the form is wrong', async () => {
    await screened(kia);
    const safeWay = 'Xyoo <b>tshiab</b>';
    const { text } = await record({ action: 'could-not-talk-alone', safeWay });
    expect(text).toContain('Xyoo &lt;b&gt;tshiab&lt;/b&gt;');
    expect(text).toContain('value="could-not-talk-alone" selected');
  });

  it('covers no answer that came meanwhile', async () => {
    await screened(kia);
    const seen = seenIn((await post(`/people/${kia}/opened`)).text);
    await screened(kia, 'Something else.');
    const form = { seen, action: 'answered-by-mistake', toldAlone: 'yes' };
    const { status, text } = await post(`/people/${kia}/see-first`, form);
    expect([status, text.includes('There is something new')]).toEqual([409, true]);
  });

  it('has no field that asks who hurt them or where they went', async () => {
    await screened(kia);
    const page = await get(`/people/${kia}/see-first`);
    const text = page.text + (await post(`/people/${kia}/opened`)).text;
    const names = [...text.matchAll(/name="(?!viewport)(\w+)"/g)].map(([, name]) => name);
    expect([...new Set(names)].sort()).toEqual([
      'action',
      'at',
      'find',
      'from',
      'place',
      'safeWay',
      'seen',
      'toldAlone',
    ]);
  });
});

describe('the date by which something must happen', () => {
  const need = () => idOf(`need ${bo}`);
  const set = (mustBy: unknown, referral = need()) =>
    ask.put(`/api/v1/reviews/${referral}/must-by`).set(cookie).send({ mustBy });
  const row = async () =>
    (
      await db.query<{ must_by: string; undo_until: Date; postponed_until: string }>(
        'select must_by, undo_until, postponed_until from referral where id = $1',
        [need()],
      )
    ).rows[0];
  /** Gives the pantry a Task that it has from Nov 23, 3 pm, on. */
  const sent = (status = 'requested') =>
    db.tx(async (tx) => {
      const { at } = { at: new Date('2026-11-23T15:00:00Z') };
      const place = { channel: 'fhir-rest', address: 'https://pantry.example', receipt_key: 'k' };
      const task = { id: idOf('task'), tenant, referral: need(), person: bo, attempt: 1, status };
      await tasks.addTasks(tx, [newTask({ ...task, ...place, partner: 'pantry' })]);
      await tx.query('update task set requested_at = $1 where tenant = $tenant', [at]);
      const accept_by = new Date('2026-11-26T15:00:00Z');
      await tasks.patchTasks(tx, [{ id: idOf('task'), patch: { accept_by } }]);
      await tx.query(
        "update referral set state = 'partner', gate = 'partner' where tenant = $tenant",
      );
    });
  const acceptBy = async () =>
    (
      await db.query<{ accept_by: Date }>('select accept_by from task')
    ).rows[0]?.accept_by.toISOString();

  it('is set, changed and removed alone, and sorts the people to call', async () => {
    await dated(bo, null);
    await dated(kia, '2026-12-01');
    expect((await get('/call-today')).text).not.toContain('Bo Lind');
    expect([(await set('2026-11-30')).status, (await row())?.must_by]).toEqual([200, '2026-11-30']);
    const namesIn = (text: string) => text.match(/Bo Lind|Kia Vang/g);
    expect(namesIn((await get('/call-today')).text)).toEqual(['Bo Lind', 'Kia Vang']);
    await set('2026-12-09');
    expect(namesIn((await get('/call-today')).text)).toEqual(['Kia Vang', 'Bo Lind']);
    expect([(await set(null)).status, (await row())?.must_by]).toEqual([200, null]);
    expect((await get('/call-today')).text).not.toContain('Bo Lind');
    const { rows } = await db.query<{ outcome: string }>(
      "select outcome from history where stage = 'refer'",
    );
    expect(rows.map(({ outcome }) => outcome)).toEqual(['date-set', 'date-set', 'date-removed']);
  });

  it('shortens the time that a partner has, and gives it back when the date moves', async () => {
    await dated(bo, null);
    await sent();
    await set('2026-11-24');
    // The day ends at midnight in Chicago.
    expect(await acceptBy()).toBe('2026-11-25T06:00:00.000Z');
    const { rows } = await db.query('select stage from ledger order by stage');
    expect(rows).toEqual([{ stage: 'refer' }, { stage: 'track' }]);
    await set('2026-12-24');
    expect(await acceptBy()).toBe('2026-11-26T15:00:00.000Z');
    await set('2026-11-25');
    await set(null);
    expect(await acceptBy()).toBe('2026-11-26T15:00:00.000Z');
  });

  it('leaves a Task alone that the partner has taken', async () => {
    await dated(bo, null);
    await sent('accepted');
    await set('2026-11-24');
    expect(await acceptBy()).toBe('2026-11-26T15:00:00.000Z');
  });

  it('ends the wait for an undo where it is today, and puts nothing off beyond it', async () => {
    await dated(bo, null);
    await db.query(
      "update referral set undo_until = '2026-11-24T15:10:00Z', postponed_until = '2026-12-20'",
    );
    await set('2026-12-10');
    expect(await row()).toMatchObject({
      undo_until: expect.any(Date),
      postponed_until: '2026-12-09',
    });
    await set('2026-11-24');
    expect(await row()).toMatchObject({ undo_until: null, postponed_until: null });
  });

  it.each([
    ['2026-11-23', 400],
    ['2026-02-30', 400],
    ['2062-11-24', 400],
    ['soon', 400],
    [7, 400],
  ])('is refused with the field and the rule: %s', async (mustBy, status) => {
    await dated(bo, null);
    const answer = await set(mustBy);
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([
      status,
      expect.stringContaining('mustBy'),
    ]);
    expect((await row())?.must_by).toBeNull();
  });

  it('is not set for what has ended, or is not there', async () => {
    await dated(bo, null);
    expect((await set('2026-11-30', newId())).status).toBe(404);
    await db.query("update referral set state = 'closed'");
    expect((await set('2026-11-30')).status).toBe(409);
  });

  it('tells somebody on duty where it is today, once', async () => {
    await dated(bo, null);
    const alerts = async () =>
      (
        await db.query<{ person: string; kind: string; told: boolean }>(
          'select person, kind, next_at is not null as told from duty_alert where tenant = $tenant',
        )
      ).rows;
    await set('2026-11-25');
    expect(await alerts()).toEqual([]);
    for (const mustBy of ['2026-11-24', '2026-11-25', '2026-11-24']) await set(mustBy);
    expect(await alerts()).toEqual([{ person: bo, kind: 'call-today', told: true }]);
  });

  it('has a form on the page of the person, and comes back at its field when it is wrong', async () => {
    await dated(bo, null);
    const path = `/people/${bo}/must-by`;
    expect((await get(`/people/${bo}`)).text).toContain(`action="${path}"`);
    const wrong = await post(path, { referral: need(), mustBy: '2026-11-23' });
    expect([wrong.status, wrong.text.includes('value="2026-11-23"')]).toEqual([400, true]);
    expect(wrong.text).toContain('The date has passed already.');
    expect((await post(path, { referral: idOf('else'), mustBy: '' })).status).toBe(404);
    const saved = await post(path, { referral: need(), mustBy: '2026-11-30' });
    expect(saved.headers.location).toBe(`/people/${bo}?date=saved#must-by`);
    expect((await row())?.must_by).toBe('2026-11-30');
    expect((await get(`/people/${bo}?date=saved`)).text).toContain('The date is saved.');
  });
});

describe('an answer about jail or prison', () => {
  const asks = (text: string, code = 'sensitive') => ({
    ...{ severity: 'warning', code, text, source: 'QuestionnaireResponse/j', place: 'item[3]' },
  });
  const issues = [
    asks('The answer to “Jail or prison” is about safety: a person looks at it first.'),
    asks('The answer to “Jail or prison” is not in its list of answers.', 'unmapped-answer'),
    asks('The answer to “Income” is out of range.', 'invalid-value'),
  ];

  it('is not on Needs review nor in the API, and opens on a click', async () => {
    await screened(bo);
    await db.query('update screening set safety = false, issues = $1', [JSON.stringify(issues)]);
    const page = (await get('/review/screenings')).text;
    expect(page).toContain('An answer is read by one person alone.');
    expect(page).toContain('Income');
    expect(page).toContain(`action="/people/${bo}/opened"`);
    const api = (await get('/api/v1/screenings')).text;
    expect(JSON.parse(api).items).toHaveLength(1);
    for (const shown of [page, api]) expect(shown).not.toMatch(/jail|prison/i);
    expect((await post(`/people/${bo}/opened`)).text).toContain('Jail or prison');
    // Somebody who was in jail is nobody to see first.
    expect((await get('/see-first')).text).not.toContain('Bo Lind');
    expect((await get(`/people/${bo}`)).text).not.toContain('data-see-first');
  });
});

describe('beside it', () => {
  it('a clinician decides otherwise by name and with a reason', async () => {
    await screened(kia);
    const path = `/people/${kia}/contact-override`;
    // A reviewer is no clinician, whoever they name.
    const named = { clinician: 'Dr. Lee', reason: 'overdose' };
    expect((await post(path, named)).status).toBe(403);
    expect((await post(`/people/${kia}/opened`)).text).not.toContain(path);
    const onlyClinician = await signIn('person:may', 'clinician');
    expect((await post(path, named, onlyClinician)).status).toBe(403);
    expect((await post(path, {}, clinician)).status).toBe(400);
    expect((await db.query('select 1 from contact_override')).rows).toEqual([]);
    expect((await post(path, named, clinician)).status).toBe(303);
    const { rows } = await db.query('select principal, reason from contact_override');
    expect(rows).toEqual([{ principal: 'person:lee', reason: 'overdose' }]);
    expect((await get(`/people/${kia}/see-first`)).text).not.toMatch(/overdose|decided that they/);
    const { text } = await post(`/people/${kia}/opened`);
    expect(text).toContain('decided that they may be called until');
    expect(text).toContain('overdose');
  });

  it('the next appointment is typed in where the chart has none', async () => {
    await screened(kia);
    expect((await get('/see-first')).text).toContain('None known');
    const path = `/people/${kia}/appointment`;
    expect((await post(path, { at: '2026-11-01T09:00' })).status).toBe(400);
    expect((await post(path, { at: 'soon' })).status).toBe(400);
    const typed = { at: '2026-11-30T09:00', place: 'Lake' };
    expect((await post(path, { ...typed, from: 'see-first' })).headers.location).toContain('first');
    for (const page of ['/see-first', '/appointments'])
      expect((await get(page)).text).toContain('Nov 30, 9:00 am, typed in');
    expect((await post(`/people/${kia}/opened`)).text).toContain('Nov 30, 9:00 am, Lake, typed in');
  });

  it('the list of appointments has both kinds alike, and the menu counts both', async () => {
    await screened(kia);
    await dated(bo, '2026-12-02');
    await post(`/people/${bo}/appointment`, { at: '2026-11-29T09:00', place: 'Lake' });
    const { text } = await get('/appointments');
    const rows = text.match(/<tr id="p-.*?<\/tr>/gs) ?? [];
    expect(rows.map((row) => /data-person="([^"]*)"/.exec(row)?.[1])).toEqual([bo, kia]);
    const own = new RegExp(
      `${kia}|${bo}|Kia Vang|Bo Lind|Nov 29, 9:00 am, typed in|None known`,
      'g',
    );
    const [first, second] = rows.map((row) => row.replace(own, '').replace(/\d+ days/, ''));
    expect(first).toBe(second);
    expect(text).toContain('<span>Appointments</span> <span class="count">2</span>');
  });

  it('the soonest appointment comes first, however many people have none', async () => {
    await screened(kia);
    await db.query(
      `insert into screening (id, tenant, connection, person, instrument, authored, outcome,
              sources, issues, safety)
       select gen_random_uuid(), tenant, connection, gen_random_uuid(), instrument,
              '2026-10-01T10:00:00Z', outcome, sources, issues, safety
         from screening, generate_series(1, 1005)`,
    );
    await post(`/people/${kia}/appointment`, { at: '2026-11-30T09:00', place: 'Lake' });
    const { text } = await get('/appointments');
    expect(/data-person="([^"]*)"/.exec(text)?.[1]).toBe(kia);
    expect(text).toContain('after=');
  });

  it('the next appointment stands on the page of everybody, the one of the chart before', async () => {
    const page = async (query = '?show=place') => (await get(`/people/${bo}${query}`)).text;
    expect(await page()).toContain('Next appointment: <strong>None known');
    const path = `/people/${bo}/appointment`;
    const wrong = await post(path, { at: '2026-11-01T09:00', from: 'person' });
    expect([wrong.status, wrong.text.includes('value="2026-11-01T09:00"')]).toEqual([400, true]);
    const { headers } = await post(path, { at: '2026-11-30T09:00', place: 'Lake', from: 'person' });
    expect(headers.location).toBe(`/people/${bo}?appointment=saved#appointment`);
    expect(await page()).toContain('Nov 30, 9:00 am, Lake, typed in');
    const booked = {
      ...{ resourceType: 'Appointment', id: 'a', status: 'booked', start: '2026-12-03T15:00:00Z' },
      participant: [{ actor: { reference: 'Location/l', display: 'Lake Clinic' } }],
    };
    await db.query(
      `insert into ehr_resource (tenant, connection, type, source_id, version_id, person, body)
       values ('o', 'clinic', 'Appointment', 'a', '1', $1, $2)`,
      [bo, JSON.stringify(booked)],
    );
    expect(await page()).toContain('Dec 3, 9:00 am, Lake Clinic');
    expect(await page()).not.toContain('typed in');
    // The place may be a shelter: it opens on a click, and with the reason where there is a mark.
    expect(await page('')).toContain('Dec 3, 9:00 am');
    expect(await page('')).not.toContain('Lake Clinic');
    await dated(bo, '2026-12-02');
    expect(await page()).not.toContain('Lake Clinic');
    expect((await post(`/people/${bo}/opened`)).text).toContain('Dec 3, 9:00 am, Lake Clinic');
  });

  it('the number to offer aloud is the national one, or what the site has set', async () => {
    await screened(kia);
    const page = async () => (await post(`/people/${kia}/opened`)).text;
    expect(await page()).toContain('1-800-799-7233');
    await db.query(
      `insert into site (tenant, settings, changed_by) values ('o', $1, 'person:rea')
       on conflict (tenant) do update set settings = excluded.settings, version = site.version + 1`,
      [JSON.stringify({ advocateLine: '612-555-0111' })],
    );
    expect(await page()).toContain('612-555-0111');
  });
});
