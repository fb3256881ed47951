import { realNow } from '../database/clock-sql.ts';
import type { Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';
import type { Rows } from '../database/rows.generated.ts';

/**
 * The receipt of a request that we sent or mean to send: written before the side effect, settled
 * after it.
 */
export type ReceiptRow = Rows['receipt'] & {
  /**
   * Milliseconds since the receiver first showed that it does not have it, by the database's clock.
   */
  denied_for_ms: number | null;
};

/** Writes receipts `intended`; ones that exist already stay as they are. */
export async function intendReceipts(
  tx: Tx,
  receipts: readonly {
    key: string;
    tenant: string;
    person: string;
    receiver: string;
    kind: string;
    principal: string;
    trace?: string;
  }[],
): Promise<void> {
  const sorted = [...receipts].sort((a, b) => (a.key < b.key ? -1 : 1));
  await insertRows(
    tx,
    'receipt',
    ['key', 'tenant', 'person', 'receiver', 'kind', 'state', 'principal', 'trace'],
    sorted.map((receipt) => [
      receipt.key,
      receipt.tenant,
      receipt.person,
      receipt.receiver,
      receipt.kind,
      'intended',
      receipt.principal,
      receipt.trace ?? null,
    ]),
    'on conflict (tenant, key) do nothing',
  );
}

/** Loads receipts by their keys. */
export async function loadReceipts(
  tx: Tx,
  keys: readonly string[],
): Promise<Map<string, ReceiptRow>> {
  const { rows } = await tx.query<ReceiptRow>(
    `select *, (extract(epoch from ${realNow} - denied_at) * 1000)::float8 as denied_for_ms
       from receipt where tenant = $tenant and key = any($1)`,
    [keys],
  );
  return new Map(rows.map((row) => [row.key, row]));
}

/** The outcome of a request, for its receipt. */
export type ReceiptSettlement = {
  key: string;
  state: 'intended' | 'settled' | 'refused';
  remoteId?: string | undefined;
  status?: number | undefined;
  issueCode?: string | undefined;
  /** Says that the receiver was asked and showed that it does not have it; once is not enough. */
  denied?: boolean;
};

/** Saves the outcomes of requests in their receipts. */
export async function settleReceipts(
  tx: Tx,
  settlements: readonly ReceiptSettlement[],
): Promise<void> {
  if (settlements.length === 0) return;
  await tx.query(
    `update receipt r set state = s.state, remote_id = coalesce(s.remote_id, r.remote_id),
      status = s.status,
        issue_code = s.issue_code, attempts = r.attempts + 1,
        denied_at = case when s.denied then coalesce(r.denied_at, ${realNow}) else null end,
        settled_at = case when s.state = 'intended' then null else loopwell_now() end
       from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::text[], $6::boolean[])
         as s(key, state, remote_id, status, issue_code, denied)
      where r.tenant = $tenant and r.key = s.key`,
    [
      settlements.map((one) => one.key),
      settlements.map((one) => one.state),
      settlements.map((one) => one.remoteId ?? null),
      settlements.map((one) => one.status ?? null),
      settlements.map((one) => one.issueCode ?? null),
      settlements.map((one) => one.denied ?? false),
    ],
  );
}
