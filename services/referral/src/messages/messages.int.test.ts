import { createHmac } from 'node:crypto';
import { createApp, finish } from '@loopwell/http';
import { clockIn, newId, silentLog, systemClock } from '@loopwell/kit';
import { receiverOf, type TextSettings } from '@loopwell/messages';
import { channels } from '@loopwell/partners';
import {
  access,
  type Database,
  directory,
  migrate,
  openDatabase,
  partnerMessages,
  partnerProfiles,
  partnerTexts,
} from '@loopwell/store';
import { supertest, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addMessageRoutes } from './messages.route.ts';
import type { PartnerNotice } from './tell-partner.ts';

const secret = 's3cret-of-the-gateway';
const bounceSecret = 'b0unce-secret-of-the-mail';
const texts: TextSettings = {
  ...{ kind: 'plain', base: 'https://gateway.example', account: '', secret },
  from: '+16125550199',
};

let db: Database;
let scratch: Awaited<ReturnType<typeof testDatabase>>;
let api: ReturnType<typeof supertest>;
let answers: { to: string; words: string; confirms: boolean }[] = [];

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant: 'o', max: 4 });
  const app = createApp({
    log: silentLog,
    findAccess: (kind, token) => access.findAccess(db, kind, token),
    readiness: {},
  });
  addMessageRoutes(app, {
    ...{ db, texts, bounceSecret, shelf: channels, log: silentLog, nudge: async () => {} },
    ...{ clock: clockIn('America/Chicago'), realClock: systemClock },
    ...{ publicUrl: 'https://lakes.example' },
    site: { siteName: 'Lakes Clinic', sitePhone: '612-555-0100' },
    tellPartner: async (notice: PartnerNotice) => {
      const confirms = notice.kind === 'reply' && notice.confirmsStop === true;
      answers.push({ to: notice.to, words: notice.words(0), confirms });
      return { state: 'accepted' };
    },
  });
  finish(app, silentLog);
  api = supertest(app.express);
});
afterAll(async () => {
  await db.close();
  await scratch.close();
});

const [alone, shared, stranger] = ['+16125550101', '+16125550102', '+16125550109'];
beforeEach(async () => {
  answers = [];
  for (const table of ['partner_text', 'stopped_receiver', 'partner_profile'])
    await db.query(`delete from ${table} where tenant = $tenant`);
  const row = (id: string, number: string, position: number) => {
    const address = `tel:${number}`;
    const body = JSON.stringify({
      categories: [],
      services: [],
      ways: [{ kind: 'text', address, settings: {} }],
    });
    return { id, tenant: 'o', position, name: id, address, kind: 'text', settings: '{}', body };
  };
  await db.tx((tx) =>
    directory.saveDirectory(tx, 'o', [
      row('pantry', alone, 0),
      row('church', shared, 1),
      row('shelter', shared, 2),
    ]),
  );
});

/** Posts as the gateway does; `key` signs. */
function post(path: string, content: unknown, key = secret) {
  const body = typeof content === 'string' ? content : JSON.stringify(content);
  const time = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac('sha256', key).update(`${time}.${body}`).digest('hex');
  return api
    .post(path)
    .set({ 'content-type': 'application/json', 'x-signature': signature, 'x-timestamp': time })
    .send(body);
}

const text = (from: string, words: string, id: string = newId(), sent: Date | null = new Date()) =>
  post('/messages/texts', { id, from, to: texts.from, text: words, sent_at: sent?.toISOString() });

const kept = async () =>
  (
    await db.query<{ meaning: string; words: string | null; open: boolean }>(
      'select meaning, words, seen_at is null as open from partner_text where tenant = $tenant',
    )
  ).rows;

const isStopped = (number: string) =>
  db.tx((tx) => partnerMessages.isStopped(tx, { way: 'text', receiver: receiverOf(number) }));

const pausedUntil = async (partner: string) => {
  const profiles = await db.tx((tx) => partnerProfiles.loadProfiles(tx));
  return profiles.get(partner)?.profile().intake.pausedUntil;
};

describe('a text of a partner', () => {
  it('ends texts to its number, is confirmed once, and stands on a list', async () => {
    expect((await text(alone, 'Please STOP')).status).toBe(204);
    await text(alone, 'stop');
    expect(await isStopped(alone)).toBe(true);
    expect(answers.map(({ to }) => to)).toEqual([alone]);
    expect(answers[0]?.words).toContain("We'll e-mail or call instead");
    expect(await kept()).toContainEqual({ meaning: 'stop', words: null, open: true });
    await text(alone, 'START');
    expect(await isStopped(alone)).toBe(false);
  });

  it('after a STOP is not answered, until its number wants texts again', async () => {
    await text(alone, 'STOP');
    for (const words of ['YES', 'help', 'FULL', 'Hodan came']) await text(alone, words);
    expect(answers.map(({ confirms }) => confirms)).toEqual([true]);
    expect(await pausedUntil('pantry')).toBeDefined();
    await text(alone, 'OPEN');
    expect([await isStopped(alone), answers.length]).toEqual([false, 2]);
    await text(shared, 'STOP');
    await text(shared, 'OPEN');
    expect([await isStopped(shared), answers.length]).toEqual([true, 3]);
    await text(shared, 'START');
    expect([await isStopped(shared), answers.length]).toEqual([false, 4]);
  });

  it('that comes twice is one, also after another one', async () => {
    const id = newId();
    await text(alone, 'STOP', id);
    await text(alone, 'START');
    expect((await text(alone, 'STOP', id)).status).toBe(204);
    expect(await isStopped(alone)).toBe(false);
    expect(await kept()).toHaveLength(2);
  });

  it('that was sent before a STOP and comes after it does not turn texts on again', async () => {
    const before = new Date(Date.now() - 60_000);
    for (const words of ['START', 'OPEN']) {
      await text(alone, 'STOP');
      await text(alone, words, newId(), before);
      expect(await isStopped(alone)).toBe(true);
      expect(await kept()).toContainEqual({ meaning: 'other', words, open: true });
      await text(alone, words, newId(), null);
      expect(await isStopped(alone)).toBe(true);
      await text(alone, words);
      expect(await isStopped(alone)).toBe(false);
    }
    await text(alone, 'STOP', newId(), new Date(Date.now() - 130_000));
    await text(alone, 'START', newId(), null);
    expect(await isStopped(alone)).toBe(false);
  });

  it('pauses the partner to the next day on which it is open, until it says OPEN', async () => {
    await text(alone, 'We are FULL');
    const until = new Date((await pausedUntil('pantry')) ?? 0).getTime();
    expect(until).toBeGreaterThan(Date.now());
    expect(until).toBeLessThanOrEqual(Date.now() + 7 * 86_400_000);
    expect(answers[0]?.words).toMatch(/no new requests until \w{3}, \w{3} \d+\./);
    await text(alone, 'open');
    expect(await pausedUntil('pantry')).toBeUndefined();
    expect((await kept()).every(({ open }) => !open)).toBe(true);
  });

  it('that says full does not shorten a longer pause', async () => {
    const until = new Date(Date.now() + 60 * 86_400_000);
    const pause = { partner: 'pantry', until, saidBy: 'person:rea', now: new Date() };
    await db.tx((tx) => partnerProfiles.pausePartner(tx, pause));
    await text(alone, 'FULL today');
    expect(await pausedUntil('pantry')).toBe(until.toISOString());
    const day = { weekday: 'short', month: 'short', day: 'numeric' } as const;
    const named = until.toLocaleDateString('en-US', { ...day, timeZone: 'America/Chicago' });
    expect(answers[0]?.words).toContain(`until ${named}.`);
  });

  it('from a number that two partners share pauses neither, and a person looks', async () => {
    await text(shared, 'FULL');
    expect([await pausedUntil('church'), await pausedUntil('shelter')]).toEqual([
      ...[undefined, undefined],
    ]);
    expect(await kept()).toEqual([{ meaning: 'full', words: 'FULL', open: true }]);
    expect(answers[0]?.words).toContain('cannot take an answer by text');
    await text(shared, 'STOP');
    expect(await isStopped(shared)).toBe(true);
  });

  it('with other words is kept for the care team, and answered without them', async () => {
    await text(alone, 'Did Hodan get <b>food</b>? 食');
    expect(await kept()).toEqual([
      { meaning: 'other', words: 'Did Hodan get <b>food</b>? 食', open: true },
    ]);
    expect(answers).toHaveLength(1);
    expect(answers[0]?.words).not.toMatch(/Hodan|food/);
    const [waiting] = await db.tx((tx) => partnerTexts.unseenTexts(tx, 10));
    expect(waiting).toMatchObject({ partners: ['pantry'], meaning: 'other' });
    const see = () => db.tx((tx) => partnerTexts.seeText(tx, waiting?.id ?? '', 'person:rea'));
    expect([await see(), await see()]).toEqual([true, false]);
    expect(await kept()).toEqual([{ meaning: 'other', words: null, open: false }]);
  });

  it('from a number that nobody has is not answered, and its words are not kept', async () => {
    await text(stranger, 'hello, this is Kia');
    await text(stranger, 'STOP');
    expect(answers).toEqual([]);
    expect(await isStopped(stranger)).toBe(true);
    const rows = await kept();
    expect(rows.map(({ words, open }) => [words, open])).toEqual([
      [null, false],
      [null, false],
    ]);
  });

  it('is not answered without end', async () => {
    for (let count = 0; count < 13; count += 1) await text(alone, `auto reply ${count}`);
    expect(answers).toHaveLength(10);
  });

  it('is refused without the signature of the gateway, and where it is too large', async () => {
    const content = { id: newId(), from: alone, to: texts.from, text: 'STOP' };
    expect((await post('/messages/texts', content, 'guessed')).status).toBe(401);
    expect((await api.post('/messages/texts').send('STOP')).status).toBe(401);
    expect((await text(alone, 'x'.repeat(70_000))).status).toBe(413);
    expect((await post('/messages/texts', '{"id":')).status).toBe(204);
    expect((await api.get('/messages/texts')).status).toBe(405);
    expect([await kept(), await isStopped(alone)]).toEqual([[], false]);
  });
});

describe('a report', () => {
  const message = async (way: 'text' | 'email', remoteId?: string) => {
    const id = newId();
    const place = { partner: 'pantry', way, receiver: newId(), kind: 'partner-code' } as const;
    await db.tx(async (tx) => {
      await partnerMessages.intendMessage(tx, id, place, 0);
      await partnerMessages.settleMessage(tx, { id, state: 'accepted', remoteId });
    });
    return id;
  };
  const stateOf = async (id: string) => {
    const { rows } = await db.query<{ state: string; code: string | null }>(
      'select state, code from partner_message where tenant = $tenant and id = $1',
      [id],
    );
    return rows[0];
  };

  it('says what became of a text, by the id of the gateway and by ours, once', async () => {
    const first = await message('text', 'G-1');
    await post('/messages/events', { id: 'G-1', status: 'refused', code: 30_003 });
    expect(await stateOf(first)).toEqual({ state: 'refused', code: '30003' });
    await post('/messages/events', { id: 'G-1', status: 'delivered' });
    expect(await stateOf(first)).toEqual({ state: 'refused', code: '30003' });
    const second = await message('text');
    await post(`/messages/events?message=${second}`, { id: 'G-2', status: 'delivered' });
    expect(await stateOf(second)).toEqual({ state: 'delivered', code: null });
    expect((await post('/messages/events', { id: 'G-9', status: 'refused' })).status).toBe(204);
  });

  it('says that a mail came back, with the secret alone', async () => {
    const id = await message('email');
    const bounce = (bearer: string) =>
      api
        .post('/messages/bounces')
        .set({ 'content-type': 'message/rfc822', authorization: `Bearer ${bearer}` })
        .send(`Action: failed\r\nStatus: 5.1.1\r\n\r\nMessage-ID: <${id}@clinic.org>\r\n`);
    expect((await bounce('guessed')).status).toBe(401);
    expect(await stateOf(id)).toEqual({ state: 'accepted', code: null });
    expect((await bounce(bounceSecret)).status).toBe(204);
    expect(await stateOf(id)).toEqual({ state: 'bounced', code: '5.1.1' });
  });
});
