import { fingerprint, newSecret } from '@loopwell/kit';
import type { Tx } from '../../database/database.ts';
import type { HelperRole } from './helpers.ts';

/** A helper who is signed in. */
export type HelperSession = {
  partner: string;
  partnerName: string;
  helper: string;
  name: string;
  role: HelperRole;
  /** What each form of the session has to bring along. */
  formKey: string;
};

/** The minutes without a request after which a session has ended. */
export const idleMinutes = 10;

/** Selects sessions `s` that are open now. */
export const isOpenSession = `s.ended_at is null
  and s.used_at > loopwell_now() - interval '${idleMinutes} minutes'
  and s.opened_at > loopwell_now() - interval '12 hours'`;

/**
 * Opens a session, or one that still waits for a one-time code.
 *
 * @returns the secret, which is kept nowhere
 */
export async function openPartnerSession(
  tx: Tx,
  { partner, helper }: { partner: string; helper: string },
): Promise<string> {
  const secret = newSecret();
  await tx.query(
    `insert into partner_session (tenant, fingerprint, partner, helper, form_key)
     values ($tenant, $1, $2, $3, $4)`,
    [fingerprint(secret), partner, helper, newSecret(16)],
  );
  return secret;
}

/**
 * Finds the session of a secret and notes that it is in use. One that has been idle for ten
 * minutes, one that still waits for its one-time code, and one whose helper or link is gone find
 * nothing.
 */
export async function usePartnerSession(
  tx: Tx,
  { secret, token }: { secret: string; token: string },
): Promise<HelperSession | undefined> {
  const { rows } = await tx.query<HelperSession>(
    `update partner_session s set used_at = loopwell_now()
       from partner_link l, partner_helper h, partner p
      where s.tenant = $tenant and s.fingerprint = $1 and ${isOpenSession}
        and s.second_digest is null
        and l.tenant = s.tenant and l.token = $2 and l.partner = s.partner and l.ended_at is null
        and h.tenant = s.tenant and h.id = s.helper and h.removed_at is null
        and p.tenant = s.tenant and p.id = s.partner
      returning s.partner, p.name as "partnerName", s.helper, h.name, h.role,
        s.form_key as "formKey"`,
    [fingerprint(secret), token.toLowerCase()],
  );
  return rows[0];
}

/** Tells whether a secret was a session that has ended, so that its helper can be told so. */
export async function wasPartnerSession(tx: Tx, secret: string): Promise<boolean> {
  const { rows } = await tx.query(
    'select 1 from partner_session where tenant = $tenant and fingerprint = $1',
    [fingerprint(secret)],
  );
  return rows.length > 0;
}

/** Ends the session of a secret, since its helper has signed out. */
export async function endPartnerSession(tx: Tx, secret: string): Promise<void> {
  await tx.query(
    `update partner_session set ended_at = loopwell_now(), second_digest = null
      where tenant = $tenant and fingerprint = $1 and ended_at is null`,
    [fingerprint(secret)],
  );
}
