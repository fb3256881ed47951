type Row = {
  tenant: string;
  kind: string;
  a: string;
  b: string;
  n: number;
};
type Query = { query: (sql: string) => Promise<{ rows: object[] }> };

/** Counts again everything that the running totals count. */
const recountSql = `select tenant, kind, a, b, count(*) as n from (
    select tenant, 'history' as kind, stage as a, outcome as b from history
    union all select tenant, 'ledger', stage, waits_for from ledger
    union all select tenant, 'failed', stage, error_code from ledger where error_code is not null
    union all select tenant, 'referral', state, case when state = 'waiting' then coalesce(gate, 'review') else '' end from referral
      where not (state = 'withdrawn' and coalesce(approved_by, '') = 'system:enrichment')
    union all select tenant, 'sent', '', '' from referral where sent
    union all select tenant, 'receipt', state, '' from receipt
    union all select tenant, 'write-back', state, case when state = 'waiting' then connection || ' ' || type else '' end from write_back
    union all select tenant, 'quarantine', type, code from quarantine
    union all select tenant, case when live then 'task' else 'task-ended' end, partner, status from task) x
  group by 1, 2, 3, 4 order by 1, 2, 3, 4`;

/**
 * Reads the running totals as they are kept, and counts them again, in one snapshot while others
 * write.
 */
export async function totalsAndRecount(db: {
  tx: <T>(work: (tx: Query) => Promise<T>) => Promise<T>;
}): Promise<{ kept: Row[]; counted: Row[] }> {
  return db.tx(async (tx) => {
    await tx.query('set transaction isolation level repeatable read, read only');
    const { rows: kept } = await tx.query('select * from running_totals order by 1, 2, 3, 4');
    const { rows: counted } = await tx.query(recountSql);
    return { kept: kept as Row[], counted: counted as Row[] };
  });
}
