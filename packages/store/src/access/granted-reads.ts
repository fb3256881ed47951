import type { Tx } from '../database/database.ts';
import type { GrantRow } from './disclosure-grants.ts';

/** A partner by its bearer. */
export type Reader = { tenant: string; partners: readonly string[] };

/** What makes a read possible: the grant with the longest time, of whichever Task. */
export type Granted = Pick<
  GrantRow,
  'partner' | 'type' | 'id' | 'task' | 'referral' | 'person' | 'elements'
> & { readAt: Date };

/** Selects grants that stand now: not ended, not suspended, not run out, and without a hold. */
export const stands = `g.ended_at is null and g.suspended_at is null
  and (g.until is null or g.until > loopwell_now())
  and not exists (select 1 from hold h where h.tenant = g.tenant
    and h.scope in ('all', 'partner:' || g.partner))`;

/**
 * Finds the grant by which a reader may read a resource now; undefined where there is none. It
 * looks at one row for each partner of the bearer, however many Tasks reach the resource.
 */
export async function findGrant(
  tx: Tx,
  { tenant, partners }: Reader,
  type: string,
  id: string,
): Promise<Granted | undefined> {
  const { rows } = await tx.query<Granted>(
    `select g.partner, g.type, g.id, g.task, g.referral, g.person, g.elements,
        loopwell_now() as "readAt"
       from unnest($2::text[]) p(partner) cross join lateral (
         select * from disclosure_grant g
          where g.tenant = $1 and g.partner = p.partner and g.type = $3 and g.id = $4 and ${stands}
          order by g.until desc nulls first limit 1) g
      order by g.until desc nulls first, g.partner limit 1`,
    [tenant, partners, type, id],
  );
  return rows[0];
}

/**
 * Finds the grant by which a partner may read a resource of a type because of one Task, and of no
 * other; undefined where there is none.
 */
export async function findGrantOfTask(
  tx: Tx,
  { task, partner, type }: Pick<Granted, 'task' | 'partner' | 'type'>,
): Promise<Granted | undefined> {
  const { rows } = await tx.query<Granted>(
    `select g.partner, g.type, g.id, g.task, g.referral, g.person, g.elements,
        loopwell_now() as "readAt"
       from disclosure_grant g
      where g.tenant = $tenant and g.task = $1 and g.partner = $2 and g.type = $3 and ${stands}
      order by g.id limit 1`,
    [task, partner, type],
  );
  return rows[0];
}

/**
 * Tells whether a grant still stands. A read asks last, so that a grant that ended meanwhile, or a
 * hold that was set, shuts it.
 */
export async function grantStands(tx: Tx, tenant: string, granted: Granted): Promise<boolean> {
  const { rows } = await tx.query(
    `select 1 from disclosure_grant g where g.tenant = $1 and g.partner = $2 and g.type = $3
      and g.id = $4 and g.task = $5 and ${stands}`,
    [tenant, granted.partner, granted.type, granted.id, granted.task],
  );
  return rows.length > 0;
}
