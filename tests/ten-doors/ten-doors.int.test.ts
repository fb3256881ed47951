import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { channels } from '../../packages/partners/src/index.ts';
import { channelDoors, messageDoors, routeDoors } from './doors.ts';
import { openDrill } from './drill.ts';
import { type Drill, everybody } from './drill-model.ts';
import { tracesIn } from './kia.ts';
import { crawlWords } from './plain-words.ts';
import { writeDoors } from './write-doors.ts';

/**
 * Through every door her answer is not to be found, nobody contacts her, and nothing of her reaches
 * the pantry. `ten-doors.long.test.ts` has the other states of her referral.
 */

let drill: Drill;
beforeAll(async () => {
  drill = await openDrill();
}, 90_000);
afterAll(() => drill?.close());

describe('the table of doors', () => {
  it('has a line for each route', () => {
    const routes = [...drill.host.routes].filter((route) => !route.includes(' /docs'));
    const read = routes.filter((route) => route.startsWith('GET '));
    expect(read.filter((route) => !routeDoors.has(route))).toEqual([]);
    const listed = [...routeDoors.keys()].filter((route) => route.startsWith('GET '));
    expect(listed.filter((route) => !routes.includes(route))).toEqual([]);
  });

  it('has a line for each route that takes something', () => {
    const taking = [...drill.host.routes].filter((route) => !route.startsWith('GET '));
    expect(taking.filter((route) => !writeDoors.has(route))).toEqual([]);
    expect([...writeDoors.keys()].filter((route) => !taking.includes(route))).toEqual([]);
  });

  it('has a line for each channel by which a partner is reached', () => {
    expect(Object.keys(channels).sort()).toEqual([...channelDoors.keys()].sort());
  });
});

describe('the answer of Kia that she is hurt', () => {
  it('marks her to be seen first', async () => {
    expect((await drill.ask('rea', '/see-first')).text).toContain('Kia Moua');
  });

  it('is told to somebody on duty, in words about nobody', async () => {
    const counts = async () => [(await drill.mails()).length, (await drill.webhooks()).length];
    await expect.poll(counts, { timeout: 20_000 }).toEqual([1, 1]);
    const [mail] = await drill.mails();
    expect(mail?.to).toEqual(['ada@clinic.org']);
    expect(messageDoors['on-duty']).toBe('alert');
  });

  it('stands nowhere while her need for food waits for a decision, whoever asks', async () => {
    expect(await drill.standing()).toBe('review');
    expect(await drill.everywhere(everybody)).toEqual([]);
  }, 60_000);

  it.each(['Kia', 'moua', '612-555-0142', '1985-09-21', '7014-2'])(
    'is not found by an employee who searches for %s',
    async (find) => {
      const { status, location, text } = await drill.post('rea', '/people/search', { find });
      expect([status, location]).toEqual([303, expect.stringMatching(/^\/people\?search=[\w-]+$/)]);
      const found = await drill.ask('rea', location ?? '');
      expect(found.text).toContain('Kia Moua');
      expect([...tracesIn(text), ...tracesIn(found.text)]).toEqual([]);
      // Pao works at the clinic, and is not of the care team.
      const { status: shut } = await drill.post('pao', '/people/search', { find });
      expect(shut).toBe(403);
    },
  );
});

describe('the pages of the care team', () => {
  it('have no words of machines, ids, codes or days that nobody writes', async () => {
    expect(await crawlWords(drill)).toEqual([]);
  }, 60_000);
});

describe('Kia herself', () => {
  const ways = ['call', 'text', 'email', 'letter', 'relay', 'inPerson'];

  it('is contacted in no way, whoever tries', async () => {
    const choice = {
      ...{ ways: ['call'], phone: '612-555-0142', phoneOwner: 'shared', voicemail: false },
      ...{ mayBeSaid: 'clinicOnly', reading: 'reads', forPartners: true },
    };
    const path = `/api/v1/people/${drill.kia}`;
    const change = { instead: null, choice, askedAlone: false, keepOut: ['The Pantry'] };
    const answer = await drill.send('rea', 'PUT', `${path}/reach`, change);
    expect([answer.status, answer.text]).toEqual([200, expect.anything()]);
    for (const who of ['rea', 'lee', 'mai', 'ann'] as const)
      for (const channel of ways) {
        const tried = await drill.send(who, 'POST', `${path}/tries`, { channel });
        expect([who, channel, tried.status]).toEqual([who, channel, 409]);
        const form = await drill.post(who, `/people/${drill.kia}/tries`, { channel });
        expect([who, channel, form.status]).toEqual([who, channel, 409]);
        expect([...tracesIn(tried.text), ...tracesIn(form.text)]).toEqual([]);
      }
    expect((await drill.db.query('select 1 from contact_try')).rows).toEqual([]);
    const receivers = (await drill.mails()).flatMap(({ to }) => to);
    expect([...new Set(receivers)]).toEqual(['ada@clinic.org']);
  });

  it('opens why to the care team alone, and it is logged', async () => {
    const path = `/people/${drill.kia}/opened`;
    for (const who of ['pao', 'bee'] as const)
      expect((await drill.post(who, path, {})).status).toBe(403);
    const { text } = await drill.post('rea', path, {});
    expect(tracesIn(text)).not.toEqual([]);
    expect(text).toContain('"refresh","60"');
    const { rows } = await drill.db.query(
      "select distinct principal from person_view where what = 'safety'",
    );
    expect(rows).toEqual([{ principal: 'person:rea' }]);
  });
});

describe('the pantry, where a relative of hers volunteers', () => {
  const decide = (decision: object) =>
    drill.send('rea', 'POST', '/api/v1/reviews/decisions', {
      ...{ referrals: [drill.food], ...decision },
    });

  it('is not asked: the shelf has her referral, although the pantry comes first', async () => {
    const named = await decide({ decision: 'approve', recipient: 'pantry' });
    expect(named.status).toBe(400);
    expect(await drill.standing()).toBe('review');
    expect((await decide({ decision: 'approve' })).status).toBe(200);
    await drill.reach('partner');
    expect(await drill.atPantry()).toEqual([]);
    const { rows } = await drill.db.query('select partner from task');
    expect(rows).toEqual([{ partner: 'shelf' }]);
    expect(await crawlWords(drill)).toEqual([]);
  }, 60_000);

  it('gets nothing when the shelf has no room: nobody else is asked', async () => {
    const path = `/api/v1/referrals/${drill.food}/answers`;
    const answer = { status: 'rejected', reason: 'No room', saidBy: 'Mo', by: 'phone' };
    // The moment of the send, by the clock of the database: that of this process may be ahead.
    const { rows } = await drill.db.query<{ at: Date }>('select requested_at as at from task');
    const at = rows[0]?.at.toISOString();
    expect((await drill.send('rea', 'POST', path, { ...answer, at })).status).toBe(201);
    await drill.reach('withoutHelp');
    expect((await decide({ decision: 'askNext', recipient: 'pantry' })).status).not.toBe(200);
    expect((await decide({ decision: 'askNext' })).status).not.toBe(200);
    expect(await crawlWords(drill)).toEqual([]);
    expect(await drill.atPantry()).toEqual([]);
  }, 60_000);

  it('is not told when the referral is taken back, and her answer stands nowhere', async () => {
    await decide({ decision: 'withdrawAgreement' });
    await expect.poll(drill.standing, { timeout: 20_000 }).not.toBe('withoutHelp');
    expect(await drill.everywhere(['rea', 'pao'])).toEqual([]);
    expect(await crawlWords(drill)).toEqual([]);
    expect(await drill.atPantry()).toEqual([]);
  }, 60_000);
});
