import type { Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';
import type { Rows } from '../database/rows.generated.ts';

/** Bearers that we send to partners, sealed, by the address of their Endpoint. */
export type PartnerBearer = Pick<Rows['partner_bearer'], 'address' | 'send'>;

/** Replaces all bearers that a tenant sends to partners. */
export async function savePartnerBearers(
  tx: Tx,
  tenant: string,
  bearers: readonly PartnerBearer[],
): Promise<void> {
  await tx.query('delete from partner_bearer where tenant = $1', [tenant]);
  await insertRows(
    tx,
    'partner_bearer',
    ['tenant', 'address', 'send'],
    bearers.map((one) => [tenant, one.address, one.send]),
  );
}

/** Loads the sealed bearers that a tenant sends to partners. */
export async function loadPartnerBearers(tx: Tx, tenant: string): Promise<PartnerBearer[]> {
  const { rows } = await tx.query<PartnerBearer>(
    'select address, send from partner_bearer where tenant = $1',
    [tenant],
  );
  return rows;
}
