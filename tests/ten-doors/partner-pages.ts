import { type Database, partnerDoor } from '@loopwell/store';
import type { Drill } from './drill-model.ts';
import { tracesIn } from './kia.ts';

/** The forms of the answers, as they stand in the address of a request. */
const forms = ['come', 'wait', 'no', 'part', 'try', 'hand-over', 'back'];

/** The cookie of the session of a helper, as the door of partners sets it. */
const cookieName = 'loopwell_partner';

/**
 * Opens all pages of a partner's helper, as somebody does who volunteers there, and lists what
 * tells of the answer. The drill's Tasks are answered on the partners' own servers, whose pages
 * show none, so they are answered here while the pages are opened.
 */
export async function crawlPartnerPages(
  drill: Drill,
  partners: readonly string[],
): Promise<string[]> {
  const { db } = drill;
  const { rows } = await db.query<{ id: string }>(
    `update task set door = 'here' where tenant = $tenant and door = 'copy' returning id`,
  );
  const ids = rows.map(({ id }) => id);
  const leaks: string[] = [];
  for (const partner of partners) leaks.push(...(await openPages(drill, partner, ids)));
  await db.query(`update task set door = 'copy' where tenant = $tenant and id = any($1::uuid[])`, [
    ids,
  ]);
  return leaks;
}

async function openPages(
  { db, host }: Drill,
  partner: string,
  ids: readonly string[],
): Promise<string[]> {
  const { token, secret } = await enter(db, partner);
  const list = `/p/${token}/requests`;
  const pages = ids.flatMap((id) => [`/${id}`, ...forms.map((form) => `/${id}/${form}`)]);
  const leaks: string[] = [];
  for (const page of ['', ...pages]) {
    const headers = { cookie: `${cookieName}=${secret}` };
    const answer = await fetch(`${host.address}${list}${page}`, { headers });
    if (![200, 404].includes(answer.status)) leaks.push(`${answer.status} at ${page}`);
    for (const trace of tracesIn(await answer.text()))
      leaks.push(`the ${partner} reads ${trace} at its page ${page}`);
  }
  return leaks;
}

/** Lets a helper of a partner in. */
const enter = (db: Database, partner: string) =>
  db.tx(async (tx) => {
    const person = { partner, role: 'member', name: 'Pao Vang', addedBy: 'person:mai' } as const;
    const helper = await partnerDoor.addHelper(tx, { ...person, second: undefined });
    const secret = await partnerDoor.openPartnerSession(tx, { partner, helper });
    return { token: await partnerDoor.linkOf(tx, partner), secret };
  });
