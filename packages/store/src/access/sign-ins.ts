import { fingerprint } from '@loopwell/kit';
import type { Tx } from '../database/database.ts';

/** A sign-in of a person, or a link that was made for one. */
export type SignIn = {
  number: number;
  kind: 'sign-in' | 'session';
  principal: string;
  roles: readonly string[];
  /** When the link was made, or the session opened. */
  at: Date;
  usedAt: Date | null;
  expiresAt: Date | null;
  endedAt: Date | null;
  endedBy: string | null;
  /** It opens something now. */
  isOpen: boolean;
};

type Row = Omit<SignIn, 'roles'> & { roles: string };

/** Opens something now: a session that has not ended, or a link that nobody has used. */
const isOpen = `(a.ended_at is null and a.used_at is null
  and (a.expires_at is null or a.expires_at > loopwell_now()))`;

/** Lists sign-ins and links, the latest first. The secrets themselves are known to nobody. */
export async function listSignIns(
  tx: Tx,
  search: { principal?: string | undefined; after?: number | undefined; limit: number },
): Promise<SignIn[]> {
  const { rows } = await tx.query<Row>(
    `select a.number, a.kind, a.principal, a.roles, a.created_at as at, a.used_at as "usedAt",
        a.expires_at as "expiresAt", a.ended_at as "endedAt", a.ended_by as "endedBy",
        ${isOpen} as "isOpen"
       from access_token a
      where a.tenant = $tenant and a.kind in ('sign-in', 'session')
        and ($1::text is null or a.principal = $1) and ($2::bigint is null or a.number < $2)
      order by a.number desc limit $3`,
    [search.principal ?? null, search.after ?? null, search.limit],
  );
  return rows.map((row) => ({ ...row, roles: row.roles.split(' ').filter(Boolean) }));
}

/**
 * Ends all sessions of a person at once, and the links that were made for them and not used.
 *
 * @returns how many were ended
 */
export async function endSignIns(
  tx: Tx,
  { principal, by }: { principal: string; by: string },
): Promise<number> {
  const { rowCount } = await tx.query(
    `update access_token a set ended_at = loopwell_now(), ended_by = $2
      where a.tenant = $tenant and a.kind in ('sign-in', 'session') and a.principal = $1
        and ${isOpen}`,
    [principal, by],
  );
  return rowCount ?? 0;
}

/** How long after a session has locked a form of it is still taken, in hours. */
const lateHours = 12;

/**
 * Finds whose session a secret was, if it has locked by itself and not long ago. One that somebody
 * ended gives nothing.
 */
export async function lockedSession(tx: Tx, secret: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ principal: string }>(
    `select principal from access_token
      where tenant = $tenant and fingerprint = $1 and kind = 'session' and ended_at is null
        and expires_at <= loopwell_now()
        and expires_at > loopwell_now() - $2::int * interval '1 hour'`,
    [fingerprint(secret), lateHours],
  );
  return rows[0]?.principal;
}
