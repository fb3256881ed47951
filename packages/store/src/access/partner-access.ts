import { fingerprint } from '@loopwell/kit';
import type { Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';
import type { Rows } from '../database/rows.generated.ts';
import { grantAccess } from './access-tokens.ts';

/** A bearer of partners: the Endpoint addresses it was given for, and the partners there. */
export type PartnerBearerGrant = {
  tenant: string;
  secret: string;
  principal: string;
  belongsTo: readonly Pick<Rows['partner_access'], 'address' | 'partner'>[];
};

/** Makes a bearer that belongs to some partners. DECISIONS D144. */
export async function grantPartnerAccess(tx: Tx, bearer: PartnerBearerGrant): Promise<void> {
  const { tenant, secret, principal, belongsTo } = bearer;
  const access = { tenant, kind: 'partner' as const, principal, roles: [], routes: [] };
  await grantAccess(tx, access, { secret });
  await insertRows(
    tx,
    'partner_access',
    ['tenant', 'fingerprint', 'address', 'partner'],
    belongsTo.map(({ address, partner }) => [tenant, fingerprint(secret), address, partner]),
    'on conflict do nothing',
  );
}

/** Deletes the partner bearers of a tenant, before the configured ones are granted anew. */
export async function endPartnerAccess(tx: Tx, tenant: string): Promise<void> {
  await tx.query('delete from partner_access where tenant = $1', [tenant]);
  await tx.query("delete from access_token where tenant = $1 and kind = 'partner'", [tenant]);
}

/** Lists the Endpoint addresses whose partners hold a bearer for reading from us. */
export async function addressesWithAccess(tx: Tx, tenant: string): Promise<Set<string>> {
  const { rows } = await tx.query<{ address: string }>(
    'select distinct address from partner_access where tenant = $1',
    [tenant],
  );
  return new Set(rows.map((row) => row.address));
}

/** Tells that a partner of the directory `p` is reached at the address of a bearer `a`. */
const isReachedThere = `(p.address = a.address
  or p.body::jsonb -> 'ways' @> jsonb_build_array(jsonb_build_object('address', a.address)))`;

/**
 * Lets bearers follow the directory after it was replaced. A bearer belongs to the partners that
 * are at its addresses now. A partner that has moved to another address has left it. A partner that
 * has left the directory keeps it, since it may still be at work.
 */
export async function followDirectory(tx: Tx, tenant: string): Promise<void> {
  await tx.query(
    `insert into partner_access (tenant, fingerprint, address, partner)
     select a.tenant, a.fingerprint, a.address, p.id from partner_access a
       join partner p on p.tenant = a.tenant and ${isReachedThere}
      where a.tenant = $1 on conflict do nothing`,
    [tenant],
  );
  await tx.query(
    `delete from partner_access a where a.tenant = $1
      and exists (select 1 from partner p where p.tenant = a.tenant and p.id = a.partner)
      and not exists (select 1 from partner p where p.tenant = a.tenant and p.id = a.partner
        and ${isReachedThere})`,
    [tenant],
  );
}
