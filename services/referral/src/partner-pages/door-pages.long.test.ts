import { createApp, finish, listen } from '@loopwell/http';
import { silentLog } from '@loopwell/kit';
import { type Database, migrate, openDatabase, partnerDoor, secretsWith } from '@loopwell/store';
import {
  accessibilityProblems,
  type Browser,
  chromiumPath,
  fitsItsWindow,
  openBrowser,
  type Page,
  smallTargets,
  testDatabase,
} from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addPartnerPages } from './partner-pages.ts';

/** The door of partners on a phone of 320 pixels, light and dark. Its pages run no script. */
const secrets = secretsWith('ab'.repeat(32));
const folder = process.env.SCREENSHOTS;

describe.skipIf(chromiumPath === undefined)('the door on a phone', { tags: ['browser'] }, () => {
  let db: Database;
  let scratch: Awaited<ReturnType<typeof testDatabase>>;
  let server: Awaited<ReturnType<typeof listen>>;
  let browser: Browser;
  let token: string;
  let code: string;

  beforeAll(async () => {
    scratch = await testDatabase();
    await migrate(scratch.url);
    db = openDatabase({ url: scratch.url, tenant: 'o', max: 4 });
    await db.query(
      `insert into partner (id, tenant, position, name, address, body, kind, settings)
       values ('pantry', $tenant, 0, 'Northside Pantry', 'manual:pantry', '{"categories":[]}',
         'manual', '{}')`,
    );
    const app = createApp({ log: silentLog, findAccess: async () => undefined, readiness: {} });
    const door = addPartnerPages(app, {
      ...{ db, secrets, isHttps: false },
      clock: { now: () => new Date(), timeZone: 'America/Chicago' },
      clinic: () => ({ name: 'Lakes Clinic', phone: '612-555-0100' }),
      needsSecondCode: async () => false,
      sendCode: async () => false,
    });
    door.get('/requests', (_request, response, helper) =>
      response.redirect(303, `/p/${helper.token}/people`),
    );
    finish(app, silentLog);
    server = await listen(app, { host: '127.0.0.1', port: 0 });
    browser = await openBrowser();
    token = await db.tx((tx) => partnerDoor.linkOf(tx, 'pantry'));
    code = await db.tx(async (tx) => {
      const person = { partner: 'pantry', name: 'Hodan Ali', role: 'director' as const };
      const helper = await partnerDoor.addHelper(tx, { ...person, addedBy: 'person:mai' });
      return (await partnerDoor.giveCode(tx, secrets, { partner: 'pantry', helper })).code;
    });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await db?.close();
    await scratch?.close();
  });

  /** Says what is wrong with a page as it is shown. */
  async function wrongWith(page: Page, name: string): Promise<string[]> {
    if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
    if ((await page.content()).includes('<script')) return [`${name} has a script`];
    const wrong = [...(await accessibilityProblems(page)), ...(await smallTargets(page))];
    if (!(await fitsItsWindow(page))) wrong.push(`${name} is wider than the phone`);
    if ((await page.title()) !== 'Requests') wrong.push(`${name} has a title of its own`);
    return wrong;
  }

  it.each(['light', 'dark'] as const)(
    'can be used, %s',
    async (colorScheme) => {
      const viewport = { width: 320, height: 640 };
      const context = await browser.newContext({ viewport, colorScheme });
      const page = await context.newPage();
      const look = (name: string) => wrongWith(page, `door-${colorScheme}-${name}`);
      await page.goto(`${server.address}/p/bcdfghjkmnpqr`);
      expect(await look('unknown')).toEqual([]);
      await page.goto(`${server.address}/p/${token}`);
      expect(await look('code')).toEqual([]);
      await page.getByLabel('Your 8-digit code').fill('0');
      await page.getByRole('button', { name: 'Show requests' }).click();
      expect(await page.getByRole('alert').textContent()).toContain('That code is not right');
      expect(await look('wrong')).toEqual([]);
      await page.getByLabel('Your 8-digit code').fill(code);
      await page.getByRole('button', { name: 'Show requests' }).click();
      await page.getByLabel('Name').fill('Mo Lee');
      await page.getByRole('button', { name: 'Add, and show the code' }).click();
      expect(await page.getByRole('status').textContent()).toMatch(/Mo Lee: \d{4} \d{4}/);
      expect(await look('people')).toEqual([]);
      await page.goto(`${server.address}/p/${token}/what-we-keep`);
      expect(await look('keep')).toEqual([]);
      await page.getByRole('button', { name: 'Sign out' }).click();
      expect(await page.getByLabel('Your 8-digit code').isVisible()).toBe(true);
      await context.close();
    },
    60_000,
  );
});
