import type { Tx } from '../database/database.ts';

/**
 * A write that an EHR took and stores otherwise. `sent` and `stored` are resources as JSON:
 * personal data, for reviewers.
 */
export type AlteredWrite = {
  connection: string;
  type: string;
  ehrId: string | null;
  referral: string | null;
  /** Names of the elements that differ. */
  lost: string[];
  takenBack: boolean;
  sent: string;
  stored: string;
  at: Date;
};

/**
 * Keeps the sent and the stored version of the last write. A write that the EHR stored as sent
 * deletes those of an earlier one.
 */
export async function keepAltered(
  tx: Tx,
  madeId: string,
  altered: { lost: readonly string[]; sent: string; stored: string } | undefined,
): Promise<void> {
  if (altered === undefined) {
    await tx.query('delete from altered_write where tenant = $tenant and own_resource = $1', [
      madeId,
    ]);
    return;
  }
  await tx.query(
    `insert into altered_write (tenant, own_resource, lost, sent, stored)
     values ($tenant, $1, $2, $3, $4)
     on conflict (tenant, own_resource) do update set lost = excluded.lost, sent = excluded.sent,
       stored = excluded.stored, at = loopwell_now()`,
    [madeId, JSON.stringify(altered.lost), altered.sent, altered.stored],
  );
}

/** Lists the altered writes of one referral, or of all, the latest first. */
export async function listAlteredWrites(
  tx: Tx,
  tenant: string,
  referral?: string,
  limit = 200,
): Promise<AlteredWrite[]> {
  const { rows } = await tx.query<Omit<AlteredWrite, 'lost'> & { lost: string }>(
    `select c.connection, c.type, c.ehr_id as "ehrId", c.referral, a.lost,
      c.taken_back as "takenBack", a.sent, a.stored, c.changed_at as at
       from write_back c join altered_write a on a.tenant = $tenant
       and a.own_resource = c.own_resource
      where c.tenant = $1 and c.state = 'altered'
        ${referral === undefined ? '' : 'and c.referral = $3'}
      order by c.changed_at desc, c.own_resource limit $2`,
    referral === undefined ? [tenant, limit] : [tenant, limit, referral],
  );
  return rows.map((row) => ({ ...row, lost: JSON.parse(row.lost) as string[] }));
}

export type AlteredCount = {
  connection: string;
  type: string;
  lost: string[];
  takenBack: boolean;
  count: number;
};

/** Counts the altered writes for operators, by connection, type and names of elements only. */
export async function countAltered(tx: Tx, tenant: string): Promise<AlteredCount[]> {
  const { rows } = await tx.query<Omit<AlteredCount, 'lost'> & { lost: string }>(
    `select c.connection, c.type, a.lost, c.taken_back as "takenBack", count(*) as count
       from write_back c join altered_write a on a.tenant = $tenant
       and a.own_resource = c.own_resource
      where c.tenant = $1 and c.state = 'altered' group by 1, 2, 3, 4 order by 1, 2, 3, 4`,
    [tenant],
  );
  return rows.map((row) => ({
    ...row,
    lost: JSON.parse(row.lost) as string[],
    count: Number(row.count),
  }));
}

/**
 * Finds our resources in an EHR that the EHR altered. A pull that brings one of them back does not
 * carry a clinician's word.
 */
export async function alteredAmong(
  tx: Tx,
  connection: string,
  ids: readonly string[],
): Promise<
  { madeId: string; type: string; ehrId: string; etag: string | null; takenBack: boolean }[]
> {
  if (ids.length === 0) return [];
  const { rows } = await tx.query<{
    madeId: string;
    type: string;
    ehrId: string;
    etag: string | null;
    takenBack: boolean;
  }>(
    `select c.own_resource as "madeId", c.type, c.ehr_id as "ehrId", c.etag,
      c.taken_back as "takenBack"
       from write_back c join altered_write a on a.tenant = $tenant
       and a.own_resource = c.own_resource
      where c.tenant = $tenant and c.connection = $1 and c.change is null and c.ehr_id = any($2)`,
    [connection, ids],
  );
  return rows;
}
