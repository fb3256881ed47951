import type { Tx } from '../database/database.ts';
import { addGrants, type GrantRow, lockGrants } from './disclosure-grants.ts';
import { type Reader, stands } from './granted-reads.ts';

/** A grant of a live Task on which a partner's Procedure may rest. */
export type Basis = Pick<
  GrantRow,
  'tenant' | 'partner' | 'type' | 'id' | 'task' | 'referral' | 'person' | 'until' | 'after_end_ms'
>;

/**
 * Finds the grants by which a reader may name resources now, because of its live Tasks. They stay
 * as they are until the transaction ends.
 */
export async function lockBases(
  tx: Tx,
  { partners }: Reader,
  named: readonly { type: string; id: string }[],
): Promise<Basis[]> {
  const { rows } = await tx.query<Basis>(
    `select g.tenant, g.partner, g.type, g.id, g.task, g.referral, g.person, g.until,
        g.after_end_ms
       from disclosure_grant g
      where g.tenant = $tenant and g.partner = any($1::text[])
        and (g.type, g.id) in (select n.type, n.id from unnest($2::text[], $3::text[]) n(type, id))
        and ${stands} and exists (select 1 from task t
          where t.tenant = g.tenant and t.id = g.task and t.live)
      order by g.task, g.type, g.id, g.partner for share of g`,
    [partners, named.map(({ type }) => type), named.map(({ id }) => id)],
  );
  return rows;
}

/** Grants a partner what it has posted itself, for as long as the order of the same Task. */
export async function grantPosted(
  tx: Tx,
  orders: readonly Basis[],
  posted: { type: 'Procedure'; id: string },
): Promise<void> {
  const record = { elements: 'all', class: 'record' as const };
  const wishes = orders.map((order) => ({ ...order, ...record, ...posted }));
  await addGrants(tx, wishes);
}

/**
 * Lists the Procedures that partners have posted because of some Tasks, by Task. No other can be
 * added to these Tasks until the transaction ends.
 */
export async function proceduresOfTasks(
  tx: Tx,
  tasks: readonly string[],
): Promise<Map<string, string[]>> {
  if (tasks.length === 0) return new Map();
  await lockGrants(tx, tasks);
  const { rows } = await tx.query<{ task: string; id: string }>(
    `select task, id from disclosure_grant
      where tenant = $tenant and task = any($1::uuid[]) and type = 'Procedure' order by task, id`,
    [tasks],
  );
  const byTask = Map.groupBy(rows, ({ task }) => task);
  return new Map([...byTask].map(([task, posted]) => [task, posted.map(({ id }) => id)]));
}

/**
 * Finds the Procedures of a reader that have an identifier, or the id that is derived from it; two
 * at most. Only those that it may read now are found.
 */
export async function proceduresWithIdentifier(
  tx: Tx,
  { partners }: Reader,
  sought: { system: string; number: string; ids: readonly string[] },
): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select distinct g.id from disclosure_grant g
       join own_resource o on o.tenant = g.tenant and o.id::text = g.id
      where g.tenant = $tenant and g.partner = any($1::text[]) and g.type = 'Procedure'
        and ${stands} and (g.id = any($2::text[]) or o.body::jsonb -> 'identifier'
          @> jsonb_build_array(jsonb_build_object('system', $3::text, 'value', $4::text)))
      order by g.id limit 2`,
    [partners, sought.ids, sought.system, sought.number],
  );
  return rows.map(({ id }) => id);
}
