import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../database/database.ts';
import { migrate } from '../../database/migrate.ts';
import { secretsWith } from '../../database/secrets.ts';
import * as door from './partner-door.ts';

const secrets = secretsWith('ab'.repeat(32));
const [pantry, by] = ['pantry', 'person:mai'];
let db: Database;
let other: Database;
let scratch: Awaited<ReturnType<typeof testDatabase>>;

beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant: 'o', max: 6 });
  other = openDatabase({ url: scratch.url, tenant: 'p', max: 1 });
  for (const partner of ['pantry', 'shelter'])
    await db.query(
      `insert into partner (id, tenant, position, name, address, body, kind, settings)
       values ($1::text, $tenant, 0, 'The ' || $1::text, 'manual:' || $1::text, '{}', 'manual',
         '{}')`,
      [partner],
    );
});
afterAll(async () => {
  await other.close();
  await db.close();
  await scratch.close();
});
beforeEach(async () => {
  for (const table of ['link', 'helper', 'session', 'wrong_code', 'door_event'])
    await db.query(`delete from partner_${table} where tenant = $tenant`);
});

/** Moves the clock of deadlines ahead. */
const pass = (time: string) =>
  db.query(
    `update clock set may_move = true, moves_at = now() - interval '1 second',
       ahead_ms = ahead_ms + extract(epoch from $1::interval) * 1000,
       before_ms = ahead_ms + extract(epoch from $1::interval) * 1000`,
    [time],
  );

/** Adds a helper of the pantry, and gives them a code. */
const hodan = (partner = pantry, name = 'Hodan Ali') =>
  db.tx(async (tx) => {
    const helper = await door.addHelper(tx, { partner, name, role: 'member', addedBy: by });
    return door.giveCode(tx, secrets, { partner, helper });
  });
const whoTypes = async (code: string, partner: string | undefined = pantry) =>
  (await db.tx((tx) => door.helperByCode(tx, secrets, { partner, code })))?.name;

describe('a link', () => {
  it('is one for each partner, and names it in any case of letters', async () => {
    const token = await db.tx((tx) => door.linkOf(tx, pantry));
    expect(token).toMatch(/^[23456789bcdfghjkmnpqrstvwxz]{13}$/);
    expect(await db.tx((tx) => door.linkOf(tx, pantry))).toBe(token);
    expect(await door.partnerOfLink(db, token.toUpperCase())).toEqual({
      ...{ token, partner: pantry, name: 'The pantry' },
    });
  });

  it('is one, too, where two messages ask for it at once', async () => {
    const asked = Array.from({ length: 5 }, () => db.tx((tx) => door.linkOf(tx, pantry)));
    expect(new Set(await Promise.all(asked)).size).toBe(1);
  });

  it('names nobody once it was changed, for another tenant, or after its partner left', async () => {
    const old = await db.tx((tx) => door.linkOf(tx, pantry));
    const token = await db.tx((tx) => door.changeLink(tx, { partner: pantry, by }));
    const left = await db.tx((tx) => door.linkOf(tx, 'closed'));
    expect(token).not.toBe(old);
    for (const forged of [old, left, '', 'x', 'ä'.repeat(13)])
      expect(await door.partnerOfLink(db, forged)).toBeUndefined();
    expect(await door.partnerOfLink(other, token)).toBeUndefined();
  });
});

describe('a code', () => {
  it('is eight digits, kept as a keyed digest, and counts for its partner alone', async () => {
    const { code } = await hodan();
    expect(code).toMatch(/^\d{8}$/);
    const { rows } = await db.query<{ row: string }>('select h::text as row from partner_helper h');
    expect(rows[0]?.row).not.toContain(code);
    expect(await whoTypes(code)).toBe('Hodan Ali');
    expect(await whoTypes(code, 'shelter')).toBeUndefined();
    expect(await whoTypes(code, '')).toBeUndefined();
    expect(await whoTypes(code.slice(0, 7))).toBeUndefined();
    const otherKey = secretsWith('cd'.repeat(32));
    const found = await door.helperByCode(db, otherKey, { partner: pantry, code });
    expect(found).toBeUndefined();
  });

  it('goes on to count while the key is being replaced', async () => {
    const { code } = await hodan();
    const both = secretsWith(`${'cd'.repeat(32)},${'ab'.repeat(32)}`);
    const found = await door.helperByCode(db, both, { partner: pantry, code });
    expect(found?.name).toBe('Hodan Ali');
  });

  it('stops to count when another is given, and when its helper is removed', async () => {
    const { code, helper } = await hodan();
    const next = await db.tx((tx) => door.giveCode(tx, secrets, { partner: pantry, helper }));
    expect([await whoTypes(code), await whoTypes(next.code)]).toEqual([undefined, 'Hodan Ali']);
    const removal = { partner: 'shelter', helper, by };
    expect(await db.tx((tx) => door.removeHelper(tx, removal))).toBe(false);
    expect(await db.tx((tx) => door.removeHelper(tx, { ...removal, partner: pantry }))).toBe(true);
    expect(await whoTypes(next.code)).toBeUndefined();
    const again = db.tx((tx) => door.giveCode(tx, secrets, { partner: pantry, helper }));
    await expect(again).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('ends 30 days after it was used last, and 90 days after it was given', async () => {
    const [used, unused] = [await hodan(), await hodan(pantry, 'Ann Lee')];
    await pass('29 days');
    expect([await whoTypes(used.code), await whoTypes(unused.code)]).toEqual([
      'Hodan Ali',
      'Ann Lee',
    ]);
    await door.noteSignIn(db, used.helper);
    await pass('2 days');
    expect([await whoTypes(used.code), await whoTypes(unused.code)]).toEqual([
      'Hodan Ali',
      undefined,
    ]);
    await pass('27 days');
    await door.noteSignIn(db, used.helper);
    await pass('29 days');
    await door.noteSignIn(db, used.helper);
    expect(await whoTypes(used.code)).toBe('Hodan Ali');
    await pass('4 days');
    expect(await whoTypes(used.code)).toBeUndefined();
  });
});

describe('a session', () => {
  const open = async () => {
    const { helper } = await hodan();
    const token = await db.tx((tx) => door.linkOf(tx, pantry));
    const secret = await db.tx((tx) => door.openPartnerSession(tx, { partner: pantry, helper }));
    return { helper, token, secret };
  };

  it('ends ten minutes after it was used last', async () => {
    const session = await open();
    await pass('9 minutes');
    expect(await door.usePartnerSession(db, session)).toMatchObject({ name: 'Hodan Ali' });
    await pass('9 minutes');
    expect(await door.usePartnerSession(db, session)).toMatchObject({ partner: pantry });
    await pass('10 minutes');
    expect(await door.usePartnerSession(db, session)).toBeUndefined();
    expect(await door.wasPartnerSession(db, session.secret)).toBe(true);
    expect(await door.wasPartnerSession(db, 'forged')).toBe(false);
  });

  it('opens its own link alone, and ends with its link, its helper and its code', async () => {
    const session = await open();
    const shelter = await db.tx((tx) => door.linkOf(tx, 'shelter'));
    expect(await door.usePartnerSession(db, { ...session, token: shelter })).toBeUndefined();
    expect(await door.usePartnerSession(other, session)).toBeUndefined();
    const ends = [
      () => db.tx((tx) => door.changeLink(tx, { partner: pantry, by })),
      ({ helper }: typeof session) =>
        db.tx((tx) => door.removeHelper(tx, { partner: pantry, helper, by })),
      ({ helper }: typeof session) =>
        db.tx((tx) => door.giveCode(tx, secrets, { partner: pantry, helper })),
      ({ secret }: typeof session) => db.tx((tx) => door.endPartnerSession(tx, secret)),
    ];
    for (const end of ends) {
      const opened = await open();
      expect(await door.usePartnerSession(db, opened)).toBeDefined();
      await end(opened);
      const token = await db.tx((tx) => door.linkOf(tx, pantry));
      expect(await door.usePartnerSession(db, { ...opened, token })).toBeUndefined();
    }
  });

  it('waits for its one-time code, which counts once and for ten minutes', async () => {
    const session = await open();
    const code = await door.awaitSecondCode(db, secrets, session);
    expect(code).toMatch(/^\d{6}$/);
    expect(await door.usePartnerSession(db, session)).toBeUndefined();
    const attempt = (typed: string) =>
      db.tx((tx) => door.trySecondCode(tx, secrets, { secret: session.secret, code: typed }));
    expect((await attempt('x')).kind).toBe('wrong');
    expect((await attempt(code ?? '')).kind).toBe('right');
    expect(await door.usePartnerSession(db, session)).toMatchObject({ name: 'Hodan Ali' });
    expect((await attempt(code ?? '')).kind).toBe('ended');
    const late = await open();
    const lateCode = await door.awaitSecondCode(db, secrets, late);
    await pass('10 minutes');
    const tried = { secret: late.secret, code: lateCode ?? '' };
    expect((await door.trySecondCode(db, secrets, tried)).kind).toBe('ended');
  });

  it('ends after five wrong one-time codes, and a helper gets five within an hour', async () => {
    const session = await open();
    const code = (await door.awaitSecondCode(db, secrets, session)) ?? '';
    const kinds: string[] = [];
    for (const typed of ['', '1', '2', '3', '4', code])
      kinds.push(
        (await door.trySecondCode(db, secrets, { secret: session.secret, code: typed })).kind,
      );
    expect(kinds).toEqual(['wrong', 'wrong', 'wrong', 'wrong', 'ended', 'ended']);
    const { helper } = session;
    for (let count = 0; count < 5; count += 1)
      await door.recordDoorEvent(db, { partner: pantry, kind: 'second-code', helper, by });
    expect(await door.awaitSecondCode(db, secrets, session)).toBeUndefined();
    await pass('1 hour');
    expect(await door.awaitSecondCode(db, secrets, session)).toBeDefined();
  });
});

describe('wrong codes', () => {
  const wrong = (browser: string, network = 'net', isKnown = false) =>
    db.tx(async (tx) => {
      const attempt = await door.beginCodeTry(tx, secrets, { browser, network, isKnown });
      if (!attempt.waitUntil) await door.countWrongCode(tx, attempt);
      return attempt.waitUntil !== undefined;
    });
  const many = async (count: number, browser: (index: number) => string, network?: string) => {
    const waits: boolean[] = [];
    for (let index = 0; index < count; index += 1) waits.push(await wrong(browser(index), network));
    return waits.filter(Boolean).length;
  };

  it('slow a browser after five, and nobody else', async () => {
    expect(await many(5, () => 'a')).toBe(0);
    expect([await wrong('a'), await wrong('b')]).toEqual([true, false]);
    await pass('61 seconds');
    expect([await wrong('a'), await wrong('a')]).toEqual([false, true]);
    await pass('61 seconds');
    expect(await wrong('a')).toBe(true);
    await pass('60 seconds');
    expect(await wrong('a')).toBe(false);
  });

  it('count one after the other, however many tabs try at once', async () => {
    const waits = await Promise.all(Array.from({ length: 30 }, () => wrong('a')));
    expect(waits.filter((isWaiting) => !isWaiting)).toHaveLength(5);
  });

  it('slow a network a little after twenty, but no browser that has signed in before', async () => {
    expect(await many(20, (index) => `browser ${index}`)).toBe(0);
    expect([await wrong('new'), await wrong('new', 'elsewhere')]).toEqual([true, false]);
    expect(await wrong('known', 'net', true)).toBe(false);
    await pass('11 seconds');
    expect(await wrong('newer')).toBe(false);
  });

  it('are forgotten with the right code, and after an hour', async () => {
    await many(4, () => 'a');
    await db.tx(async (tx) => {
      const sender = { browser: 'a', network: 'net', isKnown: false };
      await door.forgetWrongCodes(tx, await door.beginCodeTry(tx, secrets, sender));
    });
    expect(await many(5, () => 'a')).toBe(0);
    expect(await wrong('a')).toBe(true);
    await pass('61 minutes');
    expect(await many(5, () => 'a')).toBe(0);
  });

  it('are told of once an hour when there are many for one partner', async () => {
    const told: boolean[] = [];
    for (let index = 0; index < 25; index += 1)
      told.push(await db.tx((tx) => door.recordWrongCode(tx, { partner: pantry, by: 'browser' })));
    expect(told.flatMap((isTold, index) => (isTold ? [index] : []))).toEqual([19]);
    expect([...(await door.partnersTried(db))]).toEqual([pantry]);
    const [latest] = await door.listDoorEvents(db, { partner: pantry, limit: 1 });
    expect(latest).toMatchObject({ kind: 'wrong-code', by: 'browser' });
    expect(await door.listDoorEvents(db, { partner: 'shelter', limit: 9 })).toEqual([]);
  });
});

describe('the people of a partner', () => {
  it('are listed with their last sign-in, and a form that is sent twice counts once', async () => {
    const { helper } = await hodan();
    await hodan('shelter', 'Zoe');
    await door.noteSignIn(db, helper);
    const people = await door.listHelpers(db, pantry);
    expect(people.map(({ name, lastSignIn }) => [name, lastSignIn !== undefined])).toEqual([
      ['Hodan Ali', true],
    ]);
    const event = { partner: pantry, kind: 'code-changed' as const, helper, by, form: 'f' };
    expect(await door.recordDoorEvent(db, event)).toBe(true);
    expect(await door.recordDoorEvent(db, event)).toBe(false);
    const events = await door.listDoorEvents(db, { partner: pantry, limit: 9 });
    expect(events).toMatchObject([{ kind: 'code-changed', helperName: 'Hodan Ali', byName: null }]);
  });
});
