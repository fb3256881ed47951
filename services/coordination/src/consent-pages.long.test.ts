import { addContract, addSignIn, createApp, finish, listen } from '@loopwell/http';
import { type Clock, newId, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import {
  access,
  type Database,
  directory,
  disclosures,
  migrate,
  openDatabase,
  taskDeliveries,
  tasks,
} from '@loopwell/store';
import {
  accessibilityProblems,
  type Browser,
  chromiumPath,
  fitsItsWindow,
  idOfText,
  insertListedPeople,
  newTask,
  openBrowser,
  type Page,
  testDatabase,
} from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addReviewRoutes } from './review.route.ts';

/**
 * The pages on which a consent is recorded and taken back, people are chosen, and what was recorded
 * is said: with and without scripts, wide and narrow, light and dark.
 */
const tenant = 'o';
const clock: Clock = { now: () => new Date('2026-11-24T15:00:00Z') };
const folder = process.env.SCREENSHOTS;
const category = 'food-insecurity';

describe.skipIf(chromiumPath === undefined)('consents in a browser', { tags: ['browser'] }, () => {
  let db: Database;
  let scratch: Awaited<ReturnType<typeof testDatabase>>;
  let server: Awaited<ReturnType<typeof listen>>;
  let browser: Browser;
  let session = '';

  beforeAll(async () => {
    scratch = await testDatabase();
    await migrate(scratch.url);
    db = openDatabase({ url: scratch.url, tenant });
    const app = createApp({
      ...{ log: silentLog, readiness: {}, clock },
      findAccess: (kind, secret) => access.findAccess(db, kind, secret),
    });
    addContract(app, contracts.coordination);
    addSignIn(app, access.signInDoors(db), { secure: false });
    const deps = { tx: db.tx, nudge: async () => {}, clock, longestConsentDays: 365 };
    const spokenConsent = { policy: 'Consent by phone', author: 'Rea Hall' };
    addReviewRoutes(app, { ...deps, undoForMs: 600_000, spokenConsent });
    finish(app, silentLog);
    server = await listen(app, { host: '127.0.0.1', port: 0 });
    browser = await openBrowser();
    const grant = { tenant, principal: 'person:rea', roles: ['reviewer'], routes: [] };
    session = await db.tx((tx) => access.grantAccess(tx, { ...grant, kind: 'session' }));
    await seed();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await db?.close();
    await scratch?.close();
  });

  const partner = (id: string, name: string, position: number) => {
    const own = { id, name, address: `https://${id}.example`, categories: [category] };
    const body = JSON.stringify({ ...own, references: [`Organization/${id}`] });
    return { id, tenant, position, name, address: own.address, body };
  };

  const looks = [1280, 320].flatMap((width) =>
    (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
  );
  /** One person for each way to look at what comes after a form. */
  const people = ['Kia Moua', 'Joan Lindqvist', 'Elena Garcia', 'Abdi Olson'];
  const keyOf = (name: string) => name.toLowerCase().replaceAll(' ', '-');
  const referralOf = async (name: string, gate: string) => {
    const { rows } = await db.query<{ id: string }>(
      'select id from referral where tenant = $tenant and person = $1 and gate = $2',
      [idOfText(keyOf(name)), gate],
    );
    return rows[0]?.id ?? '';
  };

  async function seed(): Promise<void> {
    await db.query(
      "insert into connection (id, tenant, base) values ('clinic', 'o', 'https://ehr.example')",
    );
    const partners = [partner('pantry', 'Northside Food Shelf', 0), partner('hill', 'Hillside', 1)];
    await db.tx((tx) => directory.saveDirectory(tx, tenant, partners));
    const needs = [{ gate: 'consent' }, { gate: 'review', category: 'homelessness' }];
    const listed = people.map((name) => ({ key: keyOf(name), name, needs }));
    await insertListedPeople(db, tenant, listed);
    for (const name of people) {
      const [referral, task] = [await referralOf(name, 'consent'), newId()];
      const person = idOfText(keyOf(name));
      const at = { channel: 'hub', address: 'https://pantry.example', status: 'accepted' };
      const row = { id: task, tenant, referral, person, attempt: 1, partner: 'pantry', ...at };
      const read = { partner: 'pantry', task, referral, person, type: 'Patient', resource: 'x' };
      await db.tx(async (tx) => {
        await tasks.addTasks(tx, [newTask({ ...row, receipt_key: task })]);
        const delivered = { task, state: 'delivered', remote_id: task } as const;
        await taskDeliveries.settleTaskDeliveries(tx, [delivered]);
        await disclosures.logPartnerReads(tx, [read]);
      });
    }
  }

  type Look = { width: number; colorScheme?: 'light' | 'dark'; javaScriptEnabled?: boolean };
  async function openAt(path: string, { width, ...look }: Look) {
    const context = await browser.newContext({ viewport: { width, height: 800 }, ...look });
    const url = server.address;
    await context.addCookies([{ name: 'loopwell_session', value: session, url }]);
    const page = await context.newPage();
    await page.goto(`${url}${path}`);
    return page;
  }
  async function look(page: Page, name: string, { width, colorScheme }: Look) {
    if (folder)
      await page.screenshot({
        path: `${folder}/${name}-${width}-${colorScheme}.png`,
        fullPage: true,
      });
    expect(await accessibilityProblems(page), `${name} ${width} ${colorScheme}`).toEqual([]);
    expect(await fitsItsWindow(page), `${name} ${width}`).toBe(true);
  }

  /** Fills in a consent as somebody reads it from the form. */
  async function fillConsent(page: Page): Promise<void> {
    await page.locator('[name="recordConsent.dateTime"]').fill('2026-11-20');
    await page.locator('[name="recordConsent.authority"]').selectOption('self');
    await page.locator('[name="recordConsent.method"]').selectOption('paper');
    await page.locator('[name="recordConsent.document"]').fill('binder 4');
    await page.locator('[name="recordConsent.except"][value="hill"]').check();
    await page.locator('[name="recordConsent.elements"][value="name"]').check();
    await page.locator('[name="recordConsent.elements"][value="contact"]').check();
  }

  it.each(looks.map((one, index) => ({ ...one, who: people[index] ?? '' })))(
    'records a consent, undoes it, records it again and takes everything back: $width $colorScheme',
    async ({ who, ...at }) => {
      const focused = 'document.activeElement.textContent';
      const id = await referralOf(who, 'consent');
      const page = await openAt(`/review/${id}`, at);
      await look(page, 'need', at);
      await fillConsent(page);
      await page.locator('[name="recordConsent.askedBy"]').fill('Bo');
      await page.locator('button[value="recordConsent"]').click();
      // Nobody said who may know: the error stands at its field, and all that was typed stays.
      await look(page, 'consent-error', at);
      expect(await page.locator('[name="recordConsent.document"]').inputValue()).toBe('binder 4');
      await expect
        .poll(() => page.evaluate(focused))
        .toContain('Places on the form: Fill this in.');
      await page.locator('[name="recordConsent.kind"]').selectOption(category);
      await page.locator('button[value="recordConsent"]').click();
      await page.waitForURL(/done=/);
      const said = page.locator('[role="status"], .done').first();
      expect(await said.textContent()).toContain(`for ${who}`);
      await expect.poll(() => page.evaluate(focused)).toContain(`for ${who}`);
      expect(await page.locator('main').textContent()).toContain(
        `Signed by ${who}, paper, Nov 20, 2026`,
      );
      await look(page, 'recorded', at);
      await page.locator('form[action="/review/undo"] button').first().click();
      await expect.poll(() => page.evaluate(focused)).toContain(`Undone for ${who}`);
      await look(page, 'undone', at);
      await page.goto(`${server.address}/review/${id}`);
      await page.locator('[name="withdrawConsent.reason"]').fill('Somebody at home reads it');
      await page.locator('[name="withdrawConsent.everything"]').check();
      await page.locator('button[value="withdrawConsent"]').click();
      await page.waitForURL(/done=/);
      const words = await page.locator('main').textContent();
      expect(words).toContain('Northside Food Shelf has read this person');
      expect(words).not.toContain('Undo');
      await look(page, 'taken-back', at);
      await page.context().close();
    },
  );

  it.each(looks)(
    'chooses people, and says who was decided about: $width $colorScheme',
    async (at) => {
      const page = await openAt('/decide', at);
      const boxes = page.locator('input[name=person]');
      for (const n of [0, 1]) await boxes.nth(n).check();
      await page.locator('#actions [data-action]').click();
      await look(page, 'choose', at);
      await page.locator('[name="recordConsent.dateTime"]').fill('2999-01-01');
      await page.locator('button[data-together]').click();
      await look(page, 'choose-error', at);
      await page.context().close();
    },
  );

  it('does all of it without scripts, with the focus at the message', async () => {
    const approved = async () =>
      (await db.query("select id from referral where approval = 'approved' order by id")).rows;
    const before = await approved();
    const page = await openAt('/decide', { width: 1280, javaScriptEnabled: false });
    const boxes = page.locator('input[name=person]');
    const names = [0, 1].map((n) => page.locator('tr[data-person] th a').nth(n).textContent());
    const [first = '', second = ''] = await Promise.all(names);
    for (const n of [0, 1]) await boxes.nth(n).check();
    await page.locator('#actions [data-action]').click();
    await page.locator('button[value="approve"]').click();
    await page.waitForURL(/done=/);
    const message = page.locator('[autofocus]').first();
    expect(await message.textContent()).toContain(`${first} and ${second}`);
    await page.locator('form[action="/review/undo"] button').click();
    expect(await page.locator('[autofocus]').first().textContent()).toContain('Undone for');
    expect(await approved()).toEqual(before);
    await page.context().close();
  });
});
