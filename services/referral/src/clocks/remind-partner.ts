import type { Told } from '@loopwell/partners';
import { isUntaken, reminderWords } from '@loopwell/sdoh';
import { type Database, directory, partnerDoor, type TaskRow } from '@loopwell/store';
import type { ReferralSettings } from '../settings.ts';

/** A message that reminds a partner of one Task. `words` gets the number of Tasks that it is about. */
type Reminder = {
  kind: 'partner-reminder';
  partner: string;
  way: 'email' | 'text';
  to: string;
  tasks: readonly string[];
  words: (count: number) => string;
};

/** What reminding a partner needs; without a way to tell partners nobody is reminded. */
export type ReminderDeps = {
  db: Database;
  settings: ReferralSettings;
  tellPartner: ((reminder: Reminder) => Promise<Told>) | undefined;
};

/** The channels that tell a partner by a message, and how their addresses begin. */
const ways = [
  { way: 'email', scheme: 'mailto:' },
  { way: 'text', scheme: 'tel:' },
] as const;

const wayOf = ({ channel, address }: TaskRow) =>
  ways.find(({ way, scheme }) => way === channel && address.startsWith(scheme));

/**
 * Tells whether the one reminder of a Task is due: half of the time to answer is over, and nobody
 * has taken it. Partners with a server or an inbox of their own see what waits there.
 */
export function isReminderDue(task: TaskRow, now: Date): boolean {
  const { half_at: half, accept_by: end, reminded_at: reminded } = task;
  if (!task.live || !isUntaken(task.status) || reminded !== null) return false;
  if (half === null || end === null || wayOf(task) === undefined) return false;
  return half <= now && now < end;
}

/**
 * Reminds a partner of a Task by the way by which it was told of it. The message names nobody. Its
 * receipt is that of the Task, so that a worker that was killed does not remind twice.
 */
export async function remindPartner(deps: ReminderDeps, task: TaskRow): Promise<Told> {
  const { db, settings, tellPartner } = deps;
  const way = wayOf(task);
  if (way === undefined || tellPartner === undefined)
    return { state: 'failed', code: 'not-set-up' };
  const { partner, tenant } = task;
  const [token, names] = await db.tx(async (tx) => [
    await partnerDoor.linkOf(tx, partner),
    await directory.partnerNames(tx, tenant, [partner]),
  ]);
  const facts = {
    site: settings.siteName,
    phone: settings.sitePhone,
    partner: names.get(partner) ?? partner,
    link: `${settings.publicBase.replace(/\/fhir$/, '')}/p/${token}`,
  };
  return tellPartner({
    kind: 'partner-reminder',
    partner,
    way: way.way,
    to: task.address.slice(way.scheme.length),
    tasks: [task.id],
    words: (count) => reminderWords(way.way, { ...facts, count }),
  });
}
