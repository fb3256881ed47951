import type { Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';
import type { Rows } from '../database/rows.generated.ts';

/** What one partner may read because of one Task: one resource. DECISIONS D133. */
export type GrantRow = Rows['disclosure_grant'];

/** A grant that should stand. */
export type GrantWish = Pick<
  GrantRow,
  | 'tenant'
  | 'partner'
  | 'type'
  | 'id'
  | 'task'
  | 'referral'
  | 'person'
  | 'elements'
  | 'class'
  | 'until'
  | 'after_end_ms'
>;

/**
 * Locks grants in one order, as a part of a statement. Grants are locked after everything else in a
 * transaction, so that nobody waits for anybody in a circle.
 */
const lockedGrants = (condition: string) =>
  `locked as (select tenant, partner, type, id, task from disclosure_grant
     where tenant = $tenant and ${condition} order by task, type, id, partner for update)`;

const isLocked = `(g.tenant, g.partner, g.type, g.id, g.task) in (
  select tenant, partner, type, id, task from locked)`;

const columns = [
  'tenant',
  'partner',
  'type',
  'id',
  'task',
  'referral',
  'person',
  'elements',
  'class',
  'until',
  'after_end_ms',
] as const satisfies (keyof GrantWish)[];

/** The grants of a Task that were suspended at one moment, as PostgreSQL writes it. */
export type Suspension = { task: string; at: string };

/**
 * Lists the suspensions of some Tasks' grants. Whoever judges them lists these before the facts:
 * what is suspended later was suspended because of something that the facts may lack.
 */
export async function suspensionsOf(tx: Tx, tasks: readonly string[]): Promise<Suspension[]> {
  if (tasks.length === 0) return [];
  const { rows } = await tx.query<Suspension>(
    `select distinct task, suspended_at::text as at from disclosure_grant
      where tenant = $tenant and task = any($1::uuid[]) and ended_at is null
        and suspended_at is not null`,
    [tasks],
  );
  return rows;
}

/** The Tasks that were judged, by whom, and the suspensions that were there before. */
type Judged = { tasks: readonly string[]; by: string; lifted: readonly Suspension[] };

/**
 * Saves which grants stand for some Tasks. Grants that are not wished for end, and ones that ended
 * before start again. Only suspensions that were there before the facts were gathered are lifted.
 */
export async function saveGrants(
  tx: Tx,
  judged: Judged,
  wishes: readonly GrantWish[],
): Promise<void> {
  if (judged.tasks.length === 0) return;
  const sorted = [...wishes].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  await endOthers(tx, judged, sorted);
  await lift(tx, judged.lifted);
  await insertRows(
    tx,
    'disclosure_grant as g',
    columns,
    sorted.map((wish) => columns.map((column) => wish[column])),
    `on conflict (tenant, partner, type, id, task) do update set elements = excluded.elements,
      class = excluded.class, until = excluded.until, after_end_ms = excluded.after_end_ms,
      starts_at = case when g.ended_at is null then g.starts_at else loopwell_now() end,
      ended_at = null, ended_by = null
     where (g.elements, g.class, g.until, g.after_end_ms, g.ended_at)
       is distinct from (excluded.elements, excluded.class, excluded.until, excluded.after_end_ms,
         null::timestamptz)`,
  );
}

/** Lifts suspensions. A grant that was suspended again since is left as it is. */
async function lift(tx: Tx, suspensions: readonly Suspension[]): Promise<void> {
  if (suspensions.length === 0) return;
  await tx.query(
    `update disclosure_grant g set suspended_at = null
       from unnest($1::uuid[], $2::timestamptz[]) s(task, at)
      where g.tenant = $tenant and g.task = s.task and g.suspended_at = s.at`,
    [suspensions.map((one) => one.task), suspensions.map((one) => one.at)],
  );
}

/** Adds grants that start now. Grants that are there already stay as they are. */
export async function addGrants(tx: Tx, wishes: readonly GrantWish[]): Promise<void> {
  const rows = wishes.map((wish) => columns.map((column) => wish[column]));
  await insertRows(tx, 'disclosure_grant', columns, rows, 'on conflict do nothing');
}

/** Locks the grants of some Tasks until the transaction ends. */
export async function lockGrants(tx: Tx, tasks: readonly string[]): Promise<void> {
  const condition = 'task = any($1::uuid[])';
  await tx.query(`with ${lockedGrants(condition)} select count(*) from locked`, [tasks]);
}

const sortKey = ({ task, type, id, partner }: GrantWish) => `${task} ${type} ${id} ${partner}`;

/** Ends the grants of some Tasks that are not wished for. */
async function endOthers(
  tx: Tx,
  { tasks, by }: { tasks: readonly string[]; by: string },
  wishes: readonly GrantWish[],
): Promise<void> {
  await tx.query(
    `with ${lockedGrants('task = any($1::uuid[])')}
     update disclosure_grant g set ended_at = loopwell_now(), ended_by = $2, suspended_at = null
      where g.tenant = $tenant and ${isLocked} and g.ended_at is null and not exists (
        select 1 from unnest($3::uuid[], $4::text[], $5::text[], $6::text[])
          w(task, type, id, partner)
         where w.task = g.task and w.type = g.type and w.id = g.id and w.partner = g.partner)`,
    [
      tasks,
      by,
      wishes.map((wish) => wish.task),
      wishes.map((wish) => wish.type),
      wishes.map((wish) => wish.id),
      wishes.map((wish) => wish.partner),
    ],
  );
}

/**
 * Ends the personal grants of Tasks that have ended, and lets their record grants run out after the
 * time that they were given with.
 */
export async function letGrantsRunOut(tx: Tx, tasks: readonly string[]): Promise<void> {
  if (tasks.length === 0) return;
  await tx.query(
    `with ${lockedGrants('task = any($1::uuid[]) and ended_at is null')}
     update disclosure_grant g set
        ended_at = case when class = 'personal' then loopwell_now() end,
        ended_by = case when class = 'personal' then 'system:task-end' end,
        suspended_at = case when class = 'record' then suspended_at end,
        until = case when class = 'record'
          then least(until, loopwell_now() + after_end_ms * interval '1 millisecond') else until end
      where g.tenant = $tenant and ${isLocked}`,
    [tasks],
  );
}

/**
 * Ends the grants of Tasks that were taken back or never arrived.
 *
 * @param ends.hasTask the partner has the Task, whose status stays readable
 */
export async function endGrantsOfTasks(
  tx: Tx,
  ends: { tasks: readonly string[]; by: string; hasTask: boolean },
): Promise<void> {
  await endGrants(tx, 'task = any($1::uuid[])', [ends.tasks, ends.by, ends.hasTask]);
}

/**
 * Ends the grants of referrals of which a person has taken something back here. The status of their
 * Tasks stays readable.
 */
export async function endGrantsOfReferrals(
  tx: Tx,
  ends: { referrals: readonly string[]; by: string },
): Promise<void> {
  if (ends.referrals.length === 0) return;
  await endGrants(tx, ofReferrals, [ends.referrals, ends.by, true]);
}

/** Selects the grants of the Tasks of some referrals ($1). */
const ofReferrals = `task in (select t.id from task t where t.tenant = $tenant
  and t.referral = any($1::uuid[]))`;

/** What is shown of a Task after it was taken back. */
export const statusOnly = 'status';

async function endGrants(tx: Tx, condition: string, values: readonly unknown[]): Promise<void> {
  const stays = "(g.type = 'Task' and $3::boolean)";
  await tx.query(
    `with ${lockedGrants(`${condition} and ended_at is null`)}
     update disclosure_grant g set suspended_at = null,
        ended_at = case when ${stays} then null else loopwell_now() end,
        ended_by = case when ${stays} then null else $2::text end,
        elements = case when ${stays} then '${statusOnly}' else g.elements end
      where g.tenant = $tenant and ${isLocked}`,
    values,
  );
}

/**
 * Suspends the grants of people whose record has changed, until somebody has judged what that
 * means. The Tasks themselves stay readable, since their partners hold them.
 */
export async function suspendGrantsOfPeople(tx: Tx, people: readonly string[]): Promise<void> {
  if (people.length === 0) return;
  await suspend(tx, 'person = any($1::uuid[])', people);
}

/** Suspends the grants of referrals whose facts have changed, until somebody has judged them. */
export async function suspendGrantsOfReferrals(
  tx: Tx,
  referrals: readonly string[],
): Promise<void> {
  if (referrals.length === 0) return;
  await suspend(tx, ofReferrals, referrals);
}

/** Suspends grants. One that is suspended already is again: whoever judges it now is too early. */
async function suspend(tx: Tx, condition: string, ids: readonly string[]): Promise<void> {
  const standing = "ended_at is null and type <> 'Task'";
  await tx.query(
    `with ${lockedGrants(`${condition} and ${standing}`)}
     update disclosure_grant g set suspended_at = loopwell_now()
      where g.tenant = $tenant and ${isLocked}`,
    [ids],
  );
}

/** Lists the referrals of some people that have suspended grants and so have to be judged. */
export async function suspendedReferrals(
  tx: Tx,
  people: readonly string[],
): Promise<{ referral: string; person: string }[]> {
  if (people.length === 0) return [];
  const { rows } = await tx.query<{ referral: string; person: string }>(
    `select distinct referral, person from disclosure_grant
      where tenant = $tenant and person = any($1::uuid[]) and ended_at is null
        and suspended_at is not null order by referral`,
    [people],
  );
  return rows;
}
