import { addSignIn, createApp, finish } from '@loopwell/http';
import { silentLog } from '@loopwell/kit';
import {
  access,
  type Database,
  migrate,
  openDatabase,
  partnerDoor,
  secretsWith,
} from '@loopwell/store';
import { supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addPartnerPeople } from './partner-people.route.ts';

/** Codes are given by staff who call the number of the directory back. DECISIONS D196. */
const tenant = 'o';
const secrets = secretsWith('ab'.repeat(32));
const phone = '612-555-0100';
let db: Database;
let close: () => Promise<unknown>;
let ask: ReturnType<typeof supertest>;
const cookies = new Map<string, Record<string, string>>();

const listPartner = (id: string, name: string, service: object) =>
  db.query(
    `insert into partner (id, tenant, position, name, address, body, kind, settings)
     values ($1::text, $tenant, 0, $2, 'manual:' || $1::text, $3, 'manual', '{}')`,
    [
      id,
      name,
      JSON.stringify({ services: [{ service: id, categories: [], places: [], ...service }] }),
    ],
  );

beforeAll(async () => {
  const scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant, max: 4 });
  close = () => db.close().then(scratch.close);
  await listPartner('pantry', 'Northside <b>Pantry</b>', { kind: 'food', phone });
  await listPartner('lawyers', 'Legal Aid', { kind: 'legal', phone });
  await listPartner('unlisted', 'No Number', { kind: 'food' });
  const app = createApp({
    log: silentLog,
    findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    readiness: {},
  });
  addSignIn(app, access.signInDoors(db), { secure: false });
  addPartnerPeople(app, { db, secrets });
  finish(app, silentLog);
  ask = supertest(app.express);
  for (const role of ['reviewer', 'operator']) {
    const grant = { tenant, kind: 'session' as const, principal: 'person:mai', roles: [role] };
    const session = await db.tx((tx) => access.grantAccess(tx, { ...grant, routes: [] }));
    cookies.set(role, { cookie: `loopwell_session=${session}`, 'sec-fetch-site': 'same-origin' });
  }
});
afterAll(() => close());
beforeEach(async () => {
  for (const table of ['link', 'helper', 'session', 'door_event'])
    await db.query(`delete from partner_${table} where tenant = $tenant`);
});

const page = (partner = 'pantry', role = 'reviewer') =>
  ask.get(`/partners/${partner}/people`).set(cookies.get(role) ?? {});
const called = { number: phone, called: 'yes', spokeWith: 'Sue at the desk' };
const post = (fields: object, partner = 'pantry', role = 'reviewer') =>
  ask
    .post(`/partners/${partner}/people`)
    .set(cookies.get(role) ?? {})
    .type('form')
    .send(fields);
const add = (more: object = {}, partner = 'pantry') =>
  post({ act: 'add', name: 'Hodan Ali', director: 'yes', ...called, ...more }, partner);
const codeIn = (text: string) =>
  /<strong class="whole">(\d{4}) (\d{4})</.exec(text)?.slice(1).join('');
const whoTypes = async (code: string | undefined, partner = 'pantry') =>
  (await partnerDoor.helperByCode(db, secrets, { partner, code: code ?? '' }))?.name;
const people = async () => (await partnerDoor.listHelpers(db, 'pantry')).map(({ name }) => name);
const happened = async () =>
  (await partnerDoor.listDoorEvents(db, { partner: 'pantry', limit: 9 })).map(({ kind }) => kind);

describe('a code', () => {
  it('is shown once, after a call to the number of the directory, and logged with it', async () => {
    const before = await page();
    expect(before.text).toContain(`Call ${phone}, the number in the directory`);
    expect(before.text).toContain('Northside &lt;b&gt;Pantry');
    const added = await add();
    expect(added.status).toBe(200);
    expect(await whoTypes(codeIn(added.text))).toBe('Hodan Ali');
    const after = await page();
    expect(codeIn(after.text)).toBeUndefined();
    expect(after.text).toContain(`${phone}, Sue at the desk`);
    const [event] = await partnerDoor.listDoorEvents(db, { partner: 'pantry', limit: 1 });
    expect(event).toMatchObject({
      ...{ kind: 'helper-added', by: 'person:mai', called: phone, spokeWith: 'Sue at the desk' },
    });
  });

  it.each([
    [{ called: '' }, 'Call the number of the directory first'],
    [{ spokeWith: ' ' }, 'Call the number of the directory first'],
    [{ spokeWith: '612' }, 'Call the number of the directory first'],
    [{ number: '612-555-0199' }, 'The number in the directory has changed'],
    [{ name: '' }, 'Write the name'],
    [{ address: '555' }, 'Write one phone number or one e-mail address'],
  ])('is not given with %j', async (fields, sentence) => {
    const { status, text } = await add(fields);
    expect([status, text.includes(sentence), codeIn(text)]).toEqual([400, true, undefined]);
    expect([await people(), await happened()]).toEqual([[], []]);
  });

  it('is not given where the directory has no number, or the process no key', async () => {
    const { status, text } = await add({}, 'unlisted');
    expect([status, text.includes('The directory has no phone number')]).toEqual([400, true]);
    expect((await page('unlisted')).text).not.toContain('Add, and show the code');
  });

  it('needs an address for one-time codes where the partner gives legal help', async () => {
    expect((await add({}, 'lawyers')).text).toContain('people of this partner need a one-time');
    const { text } = await add({ address: '612-555-0142' }, 'lawyers');
    expect(await whoTypes(codeIn(text), 'lawyers')).toBe('Hodan Ali');
    expect((await page('lawyers')).text).toContain('+16125550142');
  });

  it('is made once by a form that is sent twice, also at once', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => add({ form: 'once' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect(await people()).toEqual(['Hodan Ali']);
  });

  it('is replaced by a new one, again after a call', async () => {
    const first = codeIn((await add()).text);
    const [person] = await partnerDoor.listHelpers(db, 'pantry');
    const renew = { act: 'renew', helper: person?.id };
    expect((await post(renew)).status).toBe(400);
    expect((await post({ ...renew, ...called }, 'lawyers')).status).toBe(404);
    const next = codeIn((await post({ ...renew, ...called })).text);
    expect([await whoTypes(first), await whoTypes(next)]).toEqual([undefined, 'Hodan Ali']);
  });
});

describe('staff', () => {
  it('remove a person, and change the link', async () => {
    const code = codeIn((await add()).text);
    const [person] = await partnerDoor.listHelpers(db, 'pantry');
    const removed = await post({ act: 'remove', helper: person?.id });
    expect(removed.text).toContain('Hodan Ali is removed, and signed out everywhere.');
    expect(await whoTypes(code)).toBeUndefined();
    expect((await post({ act: 'remove', helper: person?.id })).status).toBe(404);
    const old = await db.tx((tx) => partnerDoor.linkOf(tx, 'pantry'));
    expect((await post({ act: 'link' })).text).toContain('The link is changed.');
    expect(await partnerDoor.partnerOfLink(db, old)).toBeUndefined();
    expect(await happened()).toEqual(['link-changed', 'helper-removed', 'helper-added']);
  });

  it('are told of many wrong codes, and what they can do', async () => {
    for (let index = 0; index < 21; index += 1)
      await partnerDoor.recordWrongCode(db, { partner: 'pantry', by: 'browser:x' });
    expect((await page()).text).toContain('typed at their door lately: 21.');
  });

  it('of another role see nothing, and an unknown partner or act is refused', async () => {
    expect((await page('pantry', 'operator')).status).toBe(403);
    expect((await post({ act: 'link' }, 'pantry', 'operator')).status).toBe(403);
    expect((await page('nobody')).status).toBe(404);
    expect((await post({ act: 'steal' })).status).toBe(400);
    expect((await post({ act: 'remove', helper: "x' or true" })).status).toBe(404);
    expect(await happened()).toEqual([]);
  });
});
