import type { Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';
import { completedServiceRequestRank, restrictedAmong } from './write-backs.ts';

/** Saves which of the EHR's own orders are to end: one row for each referral that fulfilled one. */
export async function saveOrderEnds(
  tx: Tx,
  ends: readonly {
    madeId: string;
    tenant: string;
    connection: string;
    person: string;
    referral: string;
    ehrOrder: string;
    change: string;
  }[],
): Promise<void> {
  const restricted = await restrictedAmong(
    tx,
    ends.map((one) => one.referral),
  );
  await insertRows(
    tx,
    'write_back as c',
    [
      'own_resource',
      'tenant',
      'connection',
      'person',
      'referral',
      'type',
      'rank',
      'wanted_version',
      'ehr_id',
      'change',
    ],
    ends
      .filter((one) => !restricted.has(one.referral))
      .map(({ madeId, tenant, connection, person, referral, ehrOrder, change }) => [
        ...[madeId, tenant, connection, person, referral],
        ...['ServiceRequest', completedServiceRequestRank, 1, ehrOrder, change],
      ]),
    `on conflict (tenant, own_resource) do update set change = excluded.change, wanted_version = c.wanted_version + 1, state = 'waiting',
        changed_at = loopwell_now()
      where c.change is distinct from excluded.change`,
  );
}

/**
 * Maps the ids of our orders to the EHR's own orders that they fulfill. In that EHR, no order of
 * ours stands beside them.
 */
export async function fulfilledOrders(
  tx: Tx,
  people: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await tx.query<{ ours: string; theirs: string }>(
    `select service_request as ours, ehr_order as theirs from referral where tenant = $tenant
      and person = any($1) and service_request is not null and ehr_order is not null`,
    [people],
  );
  return new Map(rows.map((row) => [row.ours, row.theirs]));
}
