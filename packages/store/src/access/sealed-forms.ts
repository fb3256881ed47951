import { newId } from '@loopwell/kit';
import type { Database, Tx } from '../database/database.ts';
import { placeOfForm, type Secrets } from '../database/secrets.ts';
import { lockedSession } from './sign-ins.ts';

/** A form as it was sent: its address and its fields. */
type Form = { path: string; fields: Record<string, string | string[]> };

/** A form that is kept for its sender. */
type KeptForm = { id: string; keptAt: Date; expiresAt: Date };

/** The minutes for which a form is kept. */
const keptMinutes = 15;
/** The forms that are kept for one person at most. */
const mostForms = 10;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Makes the functions that keep forms which arrived after the lock: sealed, for a quarter of an
 * hour, for the person whose session it was.
 */
export function lateForms(db: Database, secrets: Secrets) {
  return {
    keep: (session: string, form: Form): Promise<boolean> =>
      db.tx(async (tx) => {
        await deleteExpired(tx);
        const principal = await lockedSession(tx, session);
        return principal !== undefined && seal(tx, secrets, principal, form);
      }),
    list: (principal: string): Promise<KeptForm[]> => listForms(db, principal),
    take: (principal: string, id: string): Promise<Form | undefined> =>
      db.tx(async (tx) => {
        await deleteExpired(tx);
        const sealed = uuid.test(id) ? await takeSealed(tx, principal, id) : undefined;
        if (sealed === undefined) return undefined;
        const place = placeOfForm({ tenant: tx.tenant, principal, id });
        return JSON.parse(secrets.open(sealed, place)) as Form;
      }),
  };
}

/** Seals a form, unless too many of the person are kept already. */
async function seal(tx: Tx, secrets: Secrets, principal: string, form: Form): Promise<boolean> {
  const id = newId();
  const place = placeOfForm({ tenant: tx.tenant, principal, id });
  const { rowCount } = await tx.query(
    `insert into sealed_form (tenant, id, principal, sealed, expires_at)
     select $tenant, $1::uuid, $2::text, $3, loopwell_now() + $4::int * interval '1 minute'
      where (select count(*) from sealed_form where tenant = $tenant and principal = $2) < $5`,
    [id, principal, secrets.seal(JSON.stringify(form), place), keptMinutes, mostForms],
  );
  return (rowCount ?? 0) > 0;
}

async function listForms(tx: Tx, principal: string): Promise<KeptForm[]> {
  const { rows } = await tx.query<KeptForm>(
    `select id, kept_at as "keptAt", expires_at as "expiresAt" from sealed_form
      where tenant = $tenant and principal = $1 and expires_at > loopwell_now()
      order by kept_at, id`,
    [principal],
  );
  return rows;
}

async function takeSealed(tx: Tx, principal: string, id: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ sealed: string }>(
    `delete from sealed_form where tenant = $tenant and principal = $1 and id = $2
      returning sealed`,
    [principal, id],
  );
  return rows[0]?.sealed;
}

const deleteExpired = async (tx: Tx): Promise<void> => {
  await tx.query('delete from sealed_form where tenant = $tenant and expires_at <= loopwell_now()');
};
