import { addContract, addSignIn, createApp, finish, listen } from '@loopwell/http';
import { type Clock, silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import { access, type Database, directory, migrate, openDatabase } from '@loopwell/store';
import {
  accessibilityProblems,
  type Browser,
  chromiumPath,
  fitsItsWindow,
  idOfText,
  insertListedPeople,
  openBrowser,
  type Page,
  smallTargets,
  testDatabase,
} from '@loopwell/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addReviewRoutes } from '../review.route.ts';

/**
 * What the issue of the care team's workspace measures in Chromium: an action is a click, a key
 * press or a filled field.
 */
const tenant = 'o';
const clock: Clock = { now: () => new Date('2026-11-24T15:00:00Z') };
const folder = process.env.SCREENSHOTS;

it('has a Chromium to be measured in, wherever CI runs', () => {
  expect(chromiumPath !== undefined || !process.env.CI).toBe(true);
});

describe.skipIf(chromiumPath === undefined)('the lists in a browser', { tags: ['browser'] }, () => {
  let db: Database;
  let scratch: Awaited<ReturnType<typeof testDatabase>>;
  let server: Awaited<ReturnType<typeof listen>>;
  let browser: Browser;
  let session = '';
  let adminSession = '';

  beforeAll(async () => {
    scratch = await testDatabase();
    await migrate(scratch.url);
    db = openDatabase({ url: scratch.url, tenant });
    const app = createApp({
      log: silentLog,
      findAccess: (kind, secret) => access.findAccess(db, kind, secret),
      readiness: {},
      clock,
    });
    addContract(app, contracts.coordination);
    addSignIn(app, access.signInDoors(db), { secure: false });
    addReviewRoutes(app, { tx: db.tx, nudge: async () => {}, clock, longestConsentDays: 365 });
    finish(app, silentLog);
    server = await listen(app, { host: '127.0.0.1', port: 0 });
    browser = await openBrowser();
    const grant = { tenant, principal: 'person:rea', roles: ['reviewer'], routes: [] };
    session = await db.tx((tx) => access.grantAccess(tx, { ...grant, kind: 'session' }));
    const all = { ...grant, principal: 'person:admin', roles: ['admin', 'operator', 'reviewer'] };
    adminSession = await db.tx((tx) => access.grantAccess(tx, { ...all, kind: 'session' }));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await db?.close();
    await scratch?.close();
  });
  beforeEach(async () => {
    await db.query('truncate connection, referral, decision, evidence, person cascade');
    await db.query('truncate patient_link, person_profile, person_term');
    await db.query(
      "insert into connection (id, tenant, base) values ('clinic', 'o', 'https://ehr.example')",
    );
    await insertListedPeople(db, tenant, eighty);
  });

  /** The names by which people sign for themselves, and a partner for each need. */
  async function insertSigners() {
    await db.query(
      `insert into ehr_resource (tenant, connection, type, source_id, version_id, person, body)
       select tenant, connection, 'Patient', patient_id, '1', patient, json_build_object(
              'resourceType', 'Patient', 'id', patient_id,
              'name', json_build_array(json_build_object('text', 'Person ' || patient_id)))::text
         from patient_link where tenant = $tenant`,
    );
    const pantry = { id: 'pantry', name: 'The pantry', address: 'https://pantry.example' };
    const categories = ['food-insecurity', 'homelessness'];
    const body = JSON.stringify({ ...pantry, categories });
    await db.tx((tx) =>
      directory.saveDirectory(tx, tenant, [{ ...pantry, tenant, position: 0, body }]),
    );
  }

  type Look = { width: number; height: number; colorScheme?: 'light' | 'dark'; as?: string };
  async function openAt(path: string, { width, height, colorScheme = 'light', as }: Look) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme });
    const url = server.address;
    await context.addCookies([{ name: 'loopwell_session', value: as ?? session, url }]);
    const page = await context.newPage();
    await page.goto(`${url}${path}`);
    return page;
  }
  const wide = { width: 1280, height: 800 };
  const phone = { width: 375, height: 740 };

  const eighty = Array.from({ length: 80 }, (_, n) => ({
    key: `p${n}`,
    name: `Person Number${n}`,
    birthDate: '1985-09-21',
    language: { code: 'hmn', text: 'Hmong' },
    needsInterpreter: n % 2 === 0,
    needs: [
      { since: '2026-11-02' },
      { category: 'homelessness', since: '2026-11-05', rule: 'ahc-hrsn/71802-3/LA31994-9' },
    ],
  }));

  /** How many elements are in the window as a whole, above some height. */
  const inWindow = async (page: Page, selector: string, bottom?: number) => {
    const boxes = await Promise.all(
      (await page.locator(selector).all()).map((one) => one.boundingBox()),
    );
    const most = bottom ?? page.viewportSize()?.height ?? 0;
    return boxes.filter((box) => box && box.height > 0 && box.y >= 0 && box.y + box.height <= most)
      .length;
  };
  async function shoot(page: Page, name: string) {
    if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
  }

  it('shows eight people at once, each with the reason, above the actions', async () => {
    const page = await openAt('/decide', wide);
    const bar = await page.locator('#actions').boundingBox();
    const rows = await inWindow(page, 'tr[data-person]', bar?.y ?? 0);
    expect(rows).toBeGreaterThanOrEqual(8);
    expect(await inWindow(page, '#actions')).toBe(1);
    await shoot(page, 'decide-1280');
  });

  /** The rows of a list as they are: long names, two needs, and two reasons. */
  async function insertRealRows(change: string) {
    await db.query('truncate referral, evidence, person, patient_link, person_profile cascade');
    const people = Array.from({ length: 20 }, (_, n) => ({
      key: `p${n}`,
      name:
        [
          'Cabdiraxmaan Xuseen Maxamed Warsame',
          'Nkauj Hnub Vang-Xiong',
          'Maria Guadalupe Hernandez Lopez',
        ][n % 3] ?? '',
      birthDate: '1985-09-21',
      language: { code: 'so', text: 'Somali' },
      needsInterpreter: true,
      needs: [
        { since: '2026-11-02' },
        { category: 'homelessness', since: '2026-11-05', rule: 'ahc-hrsn/71802-3/LA31994-9' },
      ],
    }));
    await insertListedPeople(db, tenant, people);
    await db.query(`update referral set ${change}`);
  }

  const filled: readonly [path: string, change: string][] = [
    ['/decide', "gate = 'review'"],
    ['/ask', "gate = 'agreement'"],
    ['/signature', "gate = 'consent'"],
    ['/service', "gate = 'noServiceCode'"],
    ['/later', "gate = 'saidNo'"],
    ['/waiting', "state = 'partner'"],
    ['/without-help', "gate = 'noPartner'"],
    ['/helped', "state = 'closed'"],
  ];
  it.each(filled)(
    'shows eight real people at once, and two on a phone: %s',
    async (path, change) => {
      await insertRealRows(change);
      const seen: Record<string, number> = {};
      const count = async (name: string, address: string, look: Look) => {
        const page = await openAt(address, look);
        const bar = (await page.locator('#actions').count())
          ? await page.locator('#actions').boundingBox()
          : undefined;
        seen[name] = await inWindow(page, 'tr[data-person]', bar?.y);
        expect(await fitsItsWindow(page), name).toBe(true);
        await shoot(page, `real${path.replace('/', '-')}-${name}`);
        await page.context().close();
      };
      const beside = `${path}?person=${idOfText('p3')}`;
      await count('reviewer', path, wide);
      await count('reviewer beside', beside, wide);
      await count('admin', path, { ...wide, as: adminSession });
      await count('admin beside', beside, { ...wide, as: adminSession });
      await count('phone', path, { width: 375, height: 700 });
      await count('admin phone', path, { width: 375, height: 700, as: adminSession });
      const { phone: small, 'admin phone': adminSmall, ...large } = seen;
      expect(Math.min(...Object.values(large)), JSON.stringify(seen)).toBeGreaterThanOrEqual(8);
      expect(Math.min(small ?? 0, adminSmall ?? 0), JSON.stringify(seen)).toBeGreaterThanOrEqual(2);
    },
  );

  it('decides five of 80 in at most 10 actions, each with its reason in view', async () => {
    const page = await openAt('/decide', wide);
    let actions = 0;
    for (let n = 0; n < 5; n += 1) {
      const row = page.locator('tr[data-person]').nth(n);
      const box = await row.locator('.why p').boundingBox();
      expect(box && box.y >= 0 && box.y + box.height <= 800).toBe(true);
      await row.locator('input[name=person]').check();
      actions += 1;
    }
    await shoot(page, 'chosen-1280');
    await page.locator('#actions [data-action]').click();
    actions += 1;
    expect(await page.locator('li[data-person]').count()).toBe(5);
    await shoot(page, 'confirm-1280');
    // The button that records has the focus.
    await page.keyboard.press('Enter');
    await page.waitForURL(/done=/);
    actions += 1;
    expect(actions).toBeLessThanOrEqual(10);
    const { rows } = await db.query("select 1 from decision where decision = 'approve'");
    expect(rows).toHaveLength(10);
    await shoot(page, 'decided-1280');
  });

  it('has five of 80 asked and signed in at most 20 actions, each with its reason in view', async () => {
    await insertSigners();
    const page = await openAt('/decide', wide);
    let actions = 0;
    for (let n = 0; n < 5; n += 1) {
      const row = page.locator('tr[data-person]').nth(n);
      const box = await row.locator('.why p').boundingBox();
      expect(box && box.y >= 0 && box.y + box.height <= 800).toBe(true);
      await row.locator('input[name=person]').check();
      actions += 1;
    }
    await page.locator('#actions [data-action]').click();
    await page.getByLabel('Who asked').fill('Ada Reyes');
    await page.getByLabel('Signed on').fill('2026-11-23');
    await page.getByLabel('Where the form is').fill('Binder at the front desk');
    actions += 4;
    await shoot(page, 'all-at-once-1280');
    await page.locator('button[data-together]').click();
    await page.waitForURL(/done=/);
    actions += 1;
    expect(actions).toBeLessThanOrEqual(20);
    const { rows } = await db.query(
      'select decision, count(*)::int as n from decision group by decision order by decision',
    );
    expect(rows).toEqual([
      { decision: 'agree', n: 10 },
      { decision: 'approve', n: 10 },
      { decision: 'recordConsent', n: 10 },
    ]);
    await shoot(page, 'all-decided-1280');
  });

  it('reaches the main action within 10 key presses', async () => {
    const page = await openAt('/decide', wide);
    let presses = 0;
    const press = async (key: string) => {
      await page.keyboard.press(key);
      presses += 1;
    };
    await press('Tab');
    await press('Enter');
    await press('Tab');
    await press('Enter');
    while (presses < 10 && (await page.locator('[data-action]:focus').count()) === 0)
      await press('Tab');
    expect(await page.locator('[data-action]:focus').count()).toBe(1);
  });

  it('keeps the actions in view on a phone, wherever the list is scrolled to', async () => {
    const page = await openAt('/decide', phone);
    for (const share of [0, 0.3, 0.6, 0.9]) {
      await page.evaluate(`scrollTo(0, document.body.scrollHeight * ${share})`);
      const row = await page.locator('tr[data-person]').first().boundingBox();
      const isAbove = row !== null && row.y > 740;
      if (!isAbove) expect(await inWindow(page, '#actions'), String(share)).toBe(1);
      if (share === 0 || share === 0.3) await shoot(page, `phone-${share}`);
    }
    expect(await fitsItsWindow(page)).toBe(true);
  });

  it('shows a person alone on a phone, and leads back to the row', async () => {
    const page = await openAt('/decide', phone);
    await page.locator('tr[data-person] a').nth(3).click();
    await page.waitForURL(/person=/);
    expect(await page.locator('tr[data-person]').first().isVisible()).toBe(false);
    await shoot(page, 'person-phone');
    await page.locator('.back a').click();
    expect(await page.locator('tr[data-person]').nth(3).isVisible()).toBe(true);
  });

  it('has nothing on a phone that is too small to hit with a finger', async () => {
    const person = `/people/${idOfText('p3')}`;
    const more = [person, `${person}/reach`, '/covers', '/due-lists', '/on-duty', '/disclosures'];
    const review = `/review/${idOfText('p3/0')}`;
    const lists = [
      '/contact-incidents',
      '/keep-outs',
      '/review/screenings',
      '/review?state=refused',
    ];
    const small: string[] = [];
    for (const path of [...paths, ...more, ...lists, review]) {
      const page = await openAt(path, { ...phone, as: adminSession });
      await page.evaluate(
        "document.querySelectorAll('details').forEach((one) => { one.open = true })",
      );
      small.push(...(await smallTargets(page)).map((one) => `${path} ${one}`));
      expect(await fitsItsWindow(page), path).toBe(true);
      await page.context().close();
    }
    expect(small).toEqual([]);
  }, 120_000);

  const paths = [
    ...['/decide', '/ask', '/signature', '/service', '/later', '/waiting', '/without-help'],
    ...['/helped', '/see-first', '/call-today', '/people', '/partners'],
    `/decide?person=${idOfText('p3')}`,
  ];
  it.each(paths)(
    'breaks no rule of accessibility, wide and narrow, light and dark: %s',
    async (path) => {
      for (const colorScheme of ['light', 'dark'] as const)
        for (const width of [1280, 320]) {
          const page = await openAt(path, { width, height: 800, colorScheme });
          expect(await accessibilityProblems(page), `${width} ${colorScheme}`).toEqual([]);
          expect(await fitsItsWindow(page), `${width}`).toBe(true);
          await shoot(
            page,
            `${path.slice(1).replaceAll(/\W/g, '-').slice(0, 20)}-${width}-${colorScheme}`,
          );
          await page.context().close();
        }
    },
  );
});
