import type { Tx } from '../database/database.ts';

/**
 * Keeps the words with which the EHR last refused a write. A refusal without words deletes those of
 * an earlier one.
 */
export async function keepRefusalWords(
  tx: Tx,
  madeId: string,
  words: string | undefined,
): Promise<void> {
  if (words === undefined)
    await tx.query('delete from refusal_words where tenant = $tenant and own_resource = $1', [
      madeId,
    ]);
  else
    await tx.query(
      `insert into refusal_words (tenant, own_resource, words) values ($tenant, $1, $2)
       on conflict (tenant, own_resource) do update set words = excluded.words,
       at = loopwell_now()`,
      [madeId, words],
    );
}

/** A write that an EHR refused, as far as a person needs it. */
export type RefusedWrite = {
  connection: string;
  type: string;
  /** Its id in the EHR, where it has one there. */
  ehrId: string | null;
  referral: string | null;
  status: number | null;
  issueCode: string | null;
  /** The EHR's words; personal data. */
  words: string | null;
  at: Date;
};

/** Lists the refused writes of one referral, or of all, the latest first. */
export async function refusedWrites(
  tx: Tx,
  tenant: string,
  referral?: string,
  limit = 200,
): Promise<RefusedWrite[]> {
  const { rows } = await tx.query<RefusedWrite>(
    `select c.connection, c.type, c.ehr_id as "ehrId", c.referral, c.status,
      c.issue_code as "issueCode", w.words, c.changed_at as at
       from write_back c left join refusal_words w on w.tenant = $tenant
       and w.own_resource = c.own_resource
      where c.tenant = $1 and c.state = 'refused'
        ${referral === undefined ? '' : 'and c.referral = $3'}
      order by c.changed_at desc, c.own_resource limit $2`,
    referral === undefined ? [tenant, limit] : [tenant, limit, referral],
  );
  return rows;
}
