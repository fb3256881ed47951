import { addContract, addSignIn, createApp, finish, listen } from '@loopwell/http';
import { type Clock, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import {
  access,
  type Database,
  erasures,
  legalDemands,
  migrate,
  openDatabase,
  retention,
} from '@loopwell/store';
import {
  accessibilityProblems,
  type Browser,
  chromiumPath,
  fitsItsWindow,
  insertListedPeople,
  insertTask,
  openBrowser,
  testDatabase,
} from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addReviewRoutes } from '../review.route.ts';

/** The accounts, legal demands, what is deleted, and who may open a chart, in Chromium. */
const tenant = 'o';
const clock: Clock = { now: () => new Date(), timeZone: 'America/Chicago' };
const folder = process.env.SCREENSHOTS;

describe.skipIf(chromiumPath === undefined)(
  'the accounts in a browser',
  { tags: ['browser'] },
  () => {
    let db: Database;
    let scratch: Awaited<ReturnType<typeof testDatabase>>;
    let server: Awaited<ReturnType<typeof listen>>;
    let browser: Browser;
    let session = '';
    let kia = '';

    beforeAll(async () => {
      scratch = await testDatabase();
      await migrate(scratch.url);
      db = openDatabase({ url: scratch.url, tenant });
      const findAccess: Parameters<typeof createApp>[0]['findAccess'] = (kind, secret) =>
        access.findAccess(db, kind, secret);
      const app = createApp({ log: silentLog, findAccess, readiness: {}, clock });
      addContract(app, contracts.coordination);
      addSignIn(app, access.signInDoors(db), { secure: false });
      addReviewRoutes(app, { tx: db.tx, nudge: async () => {}, clock, longestConsentDays: 365 });
      finish(app, silentLog);
      server = await listen(app, { host: '127.0.0.1', port: 0 });
      browser = await openBrowser();
      const grant = { tenant, principal: 'person:rea', roles: ['admin'], routes: [] };
      session = await db.tx((tx) => access.grantAccess(tx, { ...grant, kind: 'session' }));
      await fill();
    });
    afterAll(async () => {
      await browser?.close();
      await server?.close();
      await db?.close();
      await scratch?.close();
    });

    /** Makes one entry for each page. */
    async function fill(): Promise<void> {
      await insertListedPeople(db, tenant, [
        { key: 'kia', name: 'Kia Moua', birthDate: '1985-09-21' },
        { key: 'old', name: 'Olga Olson', birthDate: '1950-01-30' },
      ]);
      const { rows } = await db.query<{ id: string; person: string }>(
        'select id, person from referral where tenant = $tenant order by person',
      );
      const [need, old] = rows;
      if (!need || !old) throw new Error('There are two needs');
      kia = need.person;
      const task = { id: need.id, status: 'requested', partner: 'hill', tenant };
      await insertTask(db, {
        ...{ ...task, referral: need.id, person: kia, attempt: 1, channel: 'hub' },
        ...{ address: 'https://x.example', receipt_key: need.id, remote_id: need.id },
      });
      const words = { demanded_by: 'Ramsey County Court', asked_for: 'The whole record' };
      const demand = {
        ...words,
        person: kia,
        kind: 'subpoena' as const,
        received_on: '2026-11-20',
      };
      await db.tx((tx) => legalDemands.addDemand(tx, demand, 'person:mai'));
      const wish = { person: old.person, by: 'person:boss', reason: 'asked' as const };
      await db.tx((tx) => erasures.erasePerson(tx, wish));
      await db.query(
        `insert into person_view (tenant, at, person, principal, page, what)
       values ($tenant, now() - interval '400 days', $1, 'person:mai', '/decide', 'list')`,
        [kia],
      );
      const keep = { peopleMs: undefined, viewsMs: 40 * 86_400_000 };
      await db.tx((tx) => retention.noticeRetention(tx, keep));
    }

    it.each([
      ['what-went-out', '/disclosures'],
      ['wrong-fields', '/disclosures?partner=hil&from=x'],
      ['views', '/disclosures/views'],
      ['sign-ins', '/disclosures/sign-ins'],
      ['demands', '/disclosures/demands?person=kia'],
      ['retention', '/disclosures/retention'],
      ['person', '/people/kia'],
    ])(
      '%s: axe finds nothing, wide and narrow, light and dark',
      { timeout: 60_000 },
      async (name, at) => {
        for (const colorScheme of ['light', 'dark'] as const)
          for (const width of [1280, 320]) {
            const context = await browser.newContext({
              ...{ viewport: { width, height: 800 }, colorScheme },
            });
            const { hostname } = new URL(server.address);
            const cookie = {
              name: 'loopwell_session',
              value: session,
              domain: hostname,
              path: '/',
            };
            await context.addCookies([cookie]);
            const page = await context.newPage();
            await page.goto(`${server.address}${at.replace('kia', kia)}`);
            expect(await accessibilityProblems(page), `${width} ${colorScheme}`).toEqual([]);
            expect(await fitsItsWindow(page), `${width}`).toBe(true);
            if (folder)
              await page.screenshot({
                path: `${folder}/account-${name}-${width}-${colorScheme}.png`,
              });
            await context.close();
          }
      },
    );
  },
);
