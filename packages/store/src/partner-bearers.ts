import { insertRows, type Tx } from './database.ts';

/** Bearers that we send to partners, sealed, by the address of their Endpoint. */
export type PartnerBearer = { address: string; send: string };

/** Replaces all of an organisation's. */
export async function savePartnerBearers(
  tx: Tx,
  organisation: string,
  bearers: readonly PartnerBearer[],
): Promise<void> {
  await tx.query('delete from partner_bearer where organisation = $1', [organisation]);
  await insertRows(
    tx,
    'partner_bearer',
    ['organisation', 'address', 'send'],
    bearers.map((one) => [organisation, one.address, one.send]),
  );
}

export async function loadPartnerBearers(tx: Tx, organisation: string): Promise<PartnerBearer[]> {
  const { rows } = await tx.query<PartnerBearer>(
    'select address, send from partner_bearer where organisation = $1',
    [organisation],
  );
  return rows;
}

/** Endpoint addresses whose partners hold a bearer for reading from us. */
export async function addressesWithAccess(tx: Tx, organisation: string): Promise<Set<string>> {
  const { rows } = await tx.query<{ partner: string }>(
    "select distinct partner from access_token where organisation = $1 and kind = 'partner'",
    [organisation],
  );
  return new Set(rows.flatMap((row) => row.partner.split('\n')));
}
