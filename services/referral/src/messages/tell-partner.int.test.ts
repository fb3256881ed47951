import type { Message, Sent } from '@loopwell/messages';
import { migrate, openDatabase } from '@loopwell/store';
import { testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTellPartner, messageTiming, type PartnerNotice } from './tell-partner.ts';

let scratch: Awaited<ReturnType<typeof testDatabase>>;
let db: ReturnType<typeof openDatabase>;
beforeAll(async () => {
  scratch = await testDatabase();
  await migrate(scratch.url);
  db = openDatabase({ url: scratch.url, tenant: 'o', max: 8 });
});
afterAll(async () => {
  await db.close();
  await scratch.close();
});

let sent: Message[] = [];
let partner = '';
let number = 0;
beforeEach(() => {
  sent = [];
  number += 1;
  partner = `pantry-${number}`;
});

const task = (n: number) =>
  `00000000-0000-4000-8000-${String(number * 1000 + n).padStart(12, '0')}`;

/** Makes the way to partners over a sender that answers as it is told. */
function tellWith(
  answers: (Sent | 'hang')[] = [],
  options: { knowsTexts?: boolean; leaseMs?: number } = {},
) {
  const send = async (message: Message): Promise<Sent> => {
    sent.push(message);
    const answer = answers.shift() ?? { state: 'accepted', remoteId: `r-${sent.length}` };
    return answer === 'hang' ? new Promise(() => {}) : answer;
  };
  const { knowsTexts = true, leaseMs = 60_000 } = options;
  const timing = { ...messageTiming, leaseMs, againMs: [20] };
  return createTellPartner({ db, send, timing, knowsTexts });
}

const notice = (tasks: string[], way: 'text' | 'email' = 'text'): PartnerNotice => ({
  ...{ partner, way, kind: 'partner-new', tasks },
  to: way === 'text' ? `+1612555${String(number).padStart(4, '0')}` : `p${number}@pantry.org`,
  words: (count) => `${count} new`,
});

/** Makes all messages five minutes older. */
const letWindowPass = () =>
  db.query(
    `update partner_message set send_at = send_at - interval '301 seconds',
        settled_at = settled_at - interval '301 seconds' where tenant = $tenant`,
  );

const later: Sent = { state: 'failed', code: 'later' };

describe('telling a partner', () => {
  it('sends one message at once, and says the same of the Task when it is asked again', async () => {
    const tell = tellWith();
    expect(await tell(notice([task(1)]))).toEqual({ state: 'accepted' });
    expect(await tell(notice([task(1)]))).toEqual({ state: 'accepted' });
    expect(sent.map(({ text }) => text)).toEqual(['1 new']);
  });

  it('puts what is new within the window into one message', async () => {
    const tell = tellWith();
    await tell(notice([task(1)]));
    const waiting = await Promise.all([2, 3, 4].map((n) => tell(notice([task(n)]))));
    expect(waiting.map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting']);
    await letWindowPass();
    const answers = await Promise.all([2, 3, 4].map((n) => tell(notice([task(n)]))));
    for (const answer of answers) expect(['accepted', 'waiting']).toContain(answer.state);
    expect(await tell(notice([task(4)]))).toEqual({ state: 'accepted' });
    expect(sent.map(({ text }) => text)).toEqual(['1 new', '3 new']);
  });

  it('sends a message that was cut short again under its id', async () => {
    void tellWith(['hang'], { leaseMs: 1 })(notice([task(1)]));
    await expect.poll(() => sent.length).toBe(1);
    const tell = tellWith();
    await expect.poll(async () => (await tell(notice([task(1)]))).state).toBe('accepted');
    expect(sent).toHaveLength(2);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
  });

  it('gives up a text that may have left by a gateway that would not know it again', async () => {
    const options = { knowsTexts: false, leaseMs: 1 };
    void tellWith(['hang'], options)(notice([task(1)]));
    await expect.poll(() => sent.length).toBe(1);
    const givenUp = { state: 'failed', code: 'unknown' };
    const tell = tellWith([], options);
    await expect.poll(() => tell(notice([task(1)]))).toEqual(givenUp);
    expect(sent).toHaveLength(1);
    const deadline: Sent = { state: 'failed', code: 'deadline' };
    await letWindowPass();
    expect(await tellWith([deadline], options)(notice([task(2)]))).toEqual(givenUp);
  });

  it('tries again after a while where it is put off, and then says that this way fails', async () => {
    const tell = tellWith([later, later]);
    expect(await tell(notice([task(1)]))).toEqual({ state: 'waiting', ms: 20, code: 'later' });
    await expect.poll(() => tell(notice([task(1)]))).toEqual({ state: 'failed', code: 'later' });
    expect(await tell(notice([task(1)]))).toEqual({ state: 'failed', code: 'later' });
    expect(await tell(notice([task(1)], 'email'))).toEqual({ state: 'accepted' });
    expect(sent.map(({ way }) => way)).toEqual(['text', 'text', 'email']);
  });

  it('sends nothing to a number that was refused for good', async () => {
    const tell = tellWith([{ state: 'failed', code: 'refused', detail: '21610' }]);
    expect(await tell(notice([task(1)]))).toEqual({ state: 'failed', code: '21610' });
    expect(await tell(notice([task(1)]))).toEqual({ state: 'failed', code: '21610' });
    expect(sent).toHaveLength(1);
  });

  it('keeps no words, no address and no more than a day takes', async () => {
    const code: PartnerNotice = {
      ...{ partner, way: 'text', kind: 'partner-code', to: '+16125559999' },
      words: () => '123456 is your one-time code',
    };
    const tell = tellWith();
    await Promise.all([tell(code), tell(code)]);
    expect(sent).toHaveLength(2);
    const rows = await db.query('select * from partner_message where partner = $1', [partner]);
    expect(JSON.stringify(rows.rows)).not.toMatch(/123456|5559999/);
    await db.query(
      `insert into partner_message (tenant, id, partner, way, receiver, kind, state)
       select $tenant, gen_random_uuid(), partner, way, receiver, kind, 'accepted'
         from partner_message, generate_series(1, 300) where partner = $1`,
      [partner],
    );
    expect(await tell(code)).toEqual({ state: 'failed', code: 'budget-spent' });
  });
});
