import { fingerprint, newSecret } from '@loopwell/kit';
import type { Database, Tx } from '../database/database.ts';
import type { Rows } from '../database/rows.generated.ts';

/**
 * The kinds of access. The database holds fingerprints of secrets only; a secret is shown once,
 * when made.
 */
export type AccessKind = Rows['access_token']['kind'];

/** The access of a person, a service or a partner. */
export type Access = {
  tenant: string;
  kind: AccessKind;
  /** Id of the principal that the bearer acts as. */
  principal: string;
  roles: readonly string[];
  /** Route patterns that a service token may call, e.g. `GET /api/v1/status`; none means none. */
  routes: readonly string[];
  /** Ids of the partners that the bearer belongs to. */
  partners?: readonly string[];
  /** When a session locks. */
  locksAt?: Date;
};

/**
 * The roles of people. `clinician` decides, beside a reviewer's work, that somebody may be contacted
 * because their life is in danger; `lead` opens restricted charts, `auditor` reads who disclosed and saw what,
 * and `admin` may do everything that any other role may do.
 */
export const roles = ['reviewer', 'clinician', 'operator', 'auditor', 'lead', 'admin'] as const;

type AccessRow = Pick<
  Rows['access_token'],
  'tenant' | 'kind' | 'principal' | 'roles' | 'routes'
> & { partners: string[] | null; expires_at?: Date | null };

/** Turns a stored row into an access. */
function accessOf(row: AccessRow): Access {
  const access: Access = {
    tenant: row.tenant,
    kind: row.kind,
    principal: row.principal,
    roles: row.roles.split(' ').filter(Boolean),
    routes: row.routes ? row.routes.split('\n') : [],
  };
  if (row.kind === 'partner') access.partners = row.partners ?? [];
  if (row.kind === 'session' && row.expires_at) access.locksAt = row.expires_at;
  return access;
}

/**
 * Makes an access and returns its secret, which is kept nowhere.
 *
 * @param options.secret given by configuration (a partner's bearer), else a random one is made
 */
export async function grantAccess(
  tx: Tx,
  access: Omit<Access, 'partners' | 'locksAt'>,
  options: { secret?: string; ttlMs?: number } = {},
): Promise<string> {
  const secret = options.secret ?? newSecret();
  await tx.query(
    `insert into access_token (fingerprint, tenant, kind, principal, roles, routes, expires_at)
     values ($1, $2, $3, $4, $5, $6, case when $7::float8 is null then null
       else loopwell_now() + $7 * interval '1 millisecond' end)
     on conflict (tenant, fingerprint) do update set principal = excluded.principal,
     roles = excluded.roles,
        routes = excluded.routes, expires_at = excluded.expires_at, ended_at = null,
        ended_by = null`,
    [
      fingerprint(secret),
      access.tenant,
      access.kind,
      access.principal,
      access.roles.join(' '),
      access.routes.length > 0 ? access.routes.join('\n') : null,
      options.ttlMs ?? null,
    ],
  );
  return secret;
}

/**
 * Finds the access of a presented secret. The answer is undefined when the secret is unknown, of
 * another kind, or has ended.
 */
export async function findAccess(
  tx: Tx,
  kind: AccessKind,
  secret: string,
): Promise<Access | undefined> {
  const { rows } = await tx.query<AccessRow>(
    `select a.tenant, a.kind, a.principal, a.roles, a.routes, a.expires_at,
        (select array_agg(distinct p.partner) from partner_access p
          where p.tenant = a.tenant and p.fingerprint = a.fingerprint) as partners
       from access_token a where a.tenant = $tenant and a.fingerprint = $1 and a.kind = $2
        and a.ended_at is null and (a.expires_at is null or a.expires_at > loopwell_now())`,
    [fingerprint(secret), kind],
  );
  return rows[0] ? accessOf(rows[0]) : undefined;
}

/** Uses a one-time sign-in link; the second use finds nothing. */
export async function useSignIn(tx: Tx, secret: string): Promise<Access | undefined> {
  const { rows } = await tx.query<AccessRow>(
    `update access_token set used_at = loopwell_now()
      where tenant = $tenant and fingerprint = $1 and kind = 'sign-in' and used_at is null
      and ended_at is null and expires_at > loopwell_now()
      returning tenant, kind, principal, roles, routes, null as partners`,
    [fingerprint(secret)],
  );
  return rows[0] ? accessOf(rows[0]) : undefined;
}

/** Ends the session of a secret, since its person has signed out. */
export async function endAccess(tx: Tx, secret: string): Promise<void> {
  await tx.query(
    `update access_token set ended_at = loopwell_now(), ended_by = principal
      where tenant = $tenant and fingerprint = $1 and ended_at is null`,
    [fingerprint(secret)],
  );
}

/**
 * Makes the two functions that a sign-in page needs: `open` turns a one-time link into a session,
 * and `end` ends a session.
 */
export function signInDoors(db: Database): {
  open: (secret: string, ttlMs: number) => Promise<string | undefined>;
  end: (session: string) => Promise<void>;
} {
  return {
    open: (secret, ttlMs) =>
      db.tx(async (tx) => {
        const used = await useSignIn(tx, secret);
        return used && grantAccess(tx, { ...used, kind: 'session', routes: [] }, { ttlMs });
      }),
    end: (session) => db.tx((tx) => endAccess(tx, session)),
  };
}
