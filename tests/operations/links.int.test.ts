import { idOfText, insertListedPeople, queueUrl, testDatabase } from '@loopwell/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tenant } from './every-door.ts';
import { openWithPartners, type PartnersData } from './partners-data.ts';

/**
 * Every link of every page, followed by each kind of person at the clinic. A link that a page shows
 * leads to a page that this person may read.
 */

let data: PartnersData;

beforeAll(async () => {
  const scratch = await testDatabase();
  data = await openWithPartners(scratch, queueUrl(scratch.url));
  await addPeopleOfAllLists();
}, 60_000);
afterAll(() => data?.close());

/** One person for each list, so that no list is empty. */
async function addPeopleOfAllLists(): Promise<void> {
  const { db } = data.doors;
  await db.query(
    `insert into connection (id, tenant, base) values ('clinic', $1, 'https://clinic.example')
      on conflict do nothing`,
    [tenant],
  );
  const gates = ['review', 'agreement', 'consent', 'serviceCode', 'saidNo', 'partner', 'send'];
  await insertListedPeople(db, tenant, [
    ...gates.map((gate) => ({ key: gate, name: `Person At${gate}`, needs: [{ gate }] })),
    { key: 'closed', name: 'Cy Closed', needs: [{ gate: '', state: 'closed' }] },
    { key: 'dated', name: 'Dee Dated', needs: [{ danger: 'dated', mustBy: '2026-12-02' }] },
    { key: 'danger', name: 'Dan Danger' },
  ]);
  await db.query("update referral set danger = 'unsafe', danger_kind = 'see-first' where id = $1", [
    idOfText('danger/0'),
  ]);
}

type Link = { from: string; to: string };

/** Two addresses that differ in ids and values alone are of one kind. */
const kindOf = (address: string) =>
  address
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ':id')
    .replaceAll(/=[^&]*/g, '=')
    .replaceAll(/%[0-9A-F]{2}/g, '%');

/** Lists where the links and the forms that only read lead, without what leaves the page alone. */
function linksOn(page: string, markup: string): string[] {
  const found = [
    ...markup.matchAll(/<a [^>]*href="([^"]+)"/g),
    ...markup.matchAll(/<form method="get"[^>]* action="([^"]+)"/g),
  ].map(([, address]) => (address ?? '').replaceAll('&amp;', '&'));
  return found
    .map((address) => new URL(address, new URL(page, 'http://site.example')))
    .filter(({ host, protocol }) => host === 'site.example' && protocol === 'http:')
    .map(({ pathname, search }) => `${pathname}${search}`);
}

/** Follows links from the first page on, two of each kind, and lists those that lead nowhere. */
async function deadLinks(roles: string[]): Promise<{ dead: string[]; kinds: string[] }> {
  const headers = await data.doors.cookie(...roles);
  const seen = new Map<string, number>();
  const asked = new Set<string>();
  const left: Link[] = [{ from: 'the first page', to: '/' }];
  const dead: string[] = [];
  for (let link = left.shift(); link !== undefined; link = left.shift()) {
    const kind = kindOf(link.to);
    const count = seen.get(kind) ?? 0;
    if (asked.has(link.to) || count >= 2) continue;
    asked.add(link.to);
    seen.set(kind, count + 1);
    const { status, text, headers: answered } = await data.doors.send('GET', link.to, { headers });
    if (status >= 400) dead.push(`${status} ${link.to} from ${link.from}`);
    if (status === 303) left.push({ from: link.to, to: String(answered.location) });
    if (status === 200) left.push(...linksOn(link.to, text).map((to) => ({ from: link.to, to })));
  }
  return { dead, kinds: [...seen.keys()] };
}

describe('a link', () => {
  it.each([
    ['a coordinator', ['reviewer'], '/people/:id'],
    ['an auditor', ['auditor'], '/disclosures'],
    [
      'whoever has all roles',
      ['reviewer', 'clinician', 'operator', 'admin', 'auditor', 'lead'],
      '/console/site',
    ],
  ])('leads somewhere for %s', async (_who, roles, reached) => {
    const { dead, kinds } = await deadLinks(roles);
    expect(dead).toEqual([]);
    expect(kinds).toContain(reached);
  });
});
