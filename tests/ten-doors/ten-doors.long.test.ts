import { type Browser, chromiumPath, openBrowser, type Page } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendNothing } from './behind-doors.ts';
import { openDrill } from './drill.ts';
import { type Drill, everybody } from './drill-model.ts';
import { tracesIn } from './kia.ts';

/** Her answer stands nowhere in any state of her referral, whoever asks, and on no paper. */

let drill: Drill;
beforeAll(async () => {
  drill = await openDrill({ asksForAgreement: true, hasConsent: false });
}, 90_000);
afterAll(() => drill?.close());

const today = () => new Date().toISOString().slice(0, 10);
const decide = async (decision: object) => {
  const answer = await drill.send('rea', 'POST', '/api/v1/reviews/decisions', {
    ...{ referrals: [drill.food], ...decision },
  });
  expect([answer.status, answer.text]).toEqual([200, expect.anything()]);
  return /"request":"([^"]+)"/.exec(answer.text)?.[1];
};
const say = async (status: string, more: object = {}) => {
  const path = `/api/v1/referrals/${drill.food}/answers`;
  // The moment of the send, by the clock of the database: that of this process may be ahead.
  const { rows } = await drill.db.query<{ at: Date }>('select max(requested_at) as at from task');
  const at = rows[0]?.at.toISOString();
  const body = { status, saidBy: 'Mo', by: 'phone', at, ...more };
  const answer = await drill.send('rea', 'POST', path, body);
  expect([answer.status, answer.text]).toEqual([201, expect.anything()]);
};

describe('her answer stands nowhere', () => {
  const states: [string, string, () => Promise<unknown>][] = [
    [
      'undone',
      'review',
      async () => {
        const request = await decide({ decision: 'approve' });
        const undone = await drill.send('rea', 'POST', '/api/v1/reviews/undo', { request });
        expect([undone.status, undone.text]).toEqual([200, expect.anything()]);
      },
    ],
    ['agreement', 'agreement', () => decide({ decision: 'approve' })],
    ['consent', 'consent', () => decide({ decision: 'agree', agreedOn: today(), askedBy: 'Rea' })],
    [
      'sent',
      'partner',
      () => decide({ decision: 'recordConsent', dateTime: today(), scope: 'Food', askedBy: 'Rea' }),
    ],
    ['accepted', 'partner', () => say('accepted')],
    ['failed by the partner', 'withoutHelp', () => say('failed', { reason: 'No van' })],
    ['asked again', 'partner', () => decide({ decision: 'askNext' })],
    [
      'said no',
      'saidNo',
      async () => {
        const path = `/api/v1/people/${drill.kia}/noes`;
        const no = { kind: 'not-this-help', category: 'food-insecurity', saidOn: today() };
        const answer = await drill.send('rea', 'POST', path, { ...no, saidBy: 'person' });
        expect([answer.status, answer.text]).toEqual([201, expect.anything()]);
      },
    ],
    ['withdrawn', 'withdrawn', () => decide({ decision: 'withdrawAgreement' })],
  ];

  it.each(states)(
    'when it is %s',
    async (_, place, act) => {
      await act();
      await drill.reach(place);
      expect(await drill.everywhere(everybody)).toEqual([]);
    },
    180_000,
  );

  it('in what answers a form or a request that is empty', async () => {
    expect(await sendNothing(drill, everybody)).toEqual([]);
  }, 300_000);
});

describe('her answer stands nowhere while nobody can help', () => {
  beforeAll(async () => {
    await drill.close();
    drill = await openDrill();
    await decide({ decision: 'approve' });
    await drill.reach('partner');
  }, 90_000);

  const reason = 'Nobody has room';
  const states: [string, string, () => Promise<unknown>][] = [
    ['rejected by one', 'partner', () => say('rejected', { reason })],
    ['rejected by all', 'withoutHelp', () => say('rejected', { reason })],
    ['closed without help', 'failed', () => decide({ decision: 'closeWithoutHelp', reason })],
    ['opened again', 'review', () => decide({ decision: 'openAgain' })],
  ];

  it.each(states)(
    'when it is %s',
    async (_, place, act) => {
      await act();
      await drill.reach(place);
      expect(await drill.everywhere(everybody)).toEqual([]);
    },
    180_000,
  );
});

describe('her answer stands nowhere at the end', () => {
  beforeAll(async () => {
    await drill.close();
    drill = await openDrill();
    await decide({ decision: 'approve' });
    await drill.reach('partner');
    await say('accepted');
    await drill.reach('partner');
  }, 90_000);

  it('when she was helped, and the EHR was told', async () => {
    await say('completed');
    await drill.reach('closed');
    expect(await drill.everywhere(everybody)).toEqual([]);
  }, 180_000);
});

/** Reads what a page shows, without what its styles hide. */
const shownBy = (page: Page) => page.evaluate<string>('document.body.innerText');

describe.skipIf(chromiumPath === undefined)('on paper', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  it('nothing is printed of the opened words, nor of the page that says to see her alone', async () => {
    const context = await browser.newContext({
      extraHTTPHeaders: { cookie: drill.cookieOf('rea') },
    });
    const page = await context.newPage();
    const printed = async () => {
      await page.emulateMedia({ media: 'print' });
      const text = await shownBy(page);
      await page.emulateMedia({ media: 'screen' });
      return text;
    };
    await page.goto(`${drill.host.address}/people/${drill.kia}/see-first`);
    expect(await shownBy(page)).toContain('Kia Moua');
    expect(await printed()).not.toMatch(/Kia|alone|call|advocate|800/i);
    await page.goto(`${drill.host.address}/people/${drill.kia}`);
    await page.getByRole('button', { name: 'Show why' }).click();
    expect(tracesIn(await shownBy(page))).not.toEqual([]);
    const paper = await printed();
    expect([tracesIn(paper), paper.includes('Kia')]).toEqual([[], false]);
    expect(await page.title()).toBe('See first – Loopwell');
    await context.close();
  }, 60_000);
});
