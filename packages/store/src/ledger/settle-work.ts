import { AppError, type Facts } from '@loopwell/kit';
import { nowOnce } from '../database/clock-sql.ts';
import type { Tx } from '../database/database.ts';
import { appendHistory, type HistoryLine } from '../database/history.ts';
import type { LedgerRow, WaitsFor } from './ledger.ts';

/** The outcome of a row that was worked: done, waiting, or failed. */
export type Settlement =
  | { kind: 'done'; outcome: string }
  /**
   * Goes on waiting; a worker looks at it again after `delayMs`, where that is given. `quiet`
   * writes no history. `unresolved` keeps counting the failures that went before, since nothing was
   * achieved yet. A row with both goes on as it was: it still shows how it failed. `owedBy` names
   * who holds the work up, where that is not whom it waits for.
   */
  | {
      kind: 'wait';
      outcome: string;
      waitsFor: WaitsFor;
      delayMs?: number;
      quiet?: boolean;
      unresolved?: boolean;
      owedBy?: WaitsFor;
    }
  /** Failed: tried again after `delayMs`, or handed to an operator. */
  | {
      kind: 'park';
      code: string;
      facts?: Facts;
      delayMs?: number;
      waitsFor: WaitsFor;
      owedBy?: WaitsFor;
    };

/** A row with its settlement, the principal that worked it, and facts for its line of history. */
export type Settled = {
  row: LedgerRow;
  settlement: Settlement;
  principal: string;
  ms?: number;
  facts?: Facts;
};

/**
 * Settles rows that this transaction holds (claimed, or leased and proved by its fence) and
 * appends a line of history for each. A row that was made due again meanwhile stays, due now.
 */
export async function settleWork(tx: Tx, settled: readonly Settled[]): Promise<void> {
  const done = settled.filter((one) => one.settlement.kind === 'done');
  if (done.length > 0) await settleDone(tx, done);
  await settleWaiting(
    tx,
    settled.filter((one) => one.settlement.kind !== 'done'),
  );
  await appendHistory(tx, settled.filter(isTold).map(historyOf));
}

/** Deletes finished rows. A row that was made due meanwhile stays, free again. */
async function settleDone(tx: Tx, done: readonly Settled[]): Promise<void> {
  const keys = [done.map((one) => one.row.stage), done.map((one) => one.row.subject)];
  const generations = done.map((one) => one.row.generation);
  const { rowCount } = await tx.query(
    `delete from ledger l using unnest($1::text[], $2::text[], $3::bigint[]) as d(stage, subject,
      generation)
      where l.tenant = $tenant and l.stage = d.stage and l.subject = d.subject
        and l.generation = d.generation`,
    [...keys, generations],
  );
  if (rowCount === done.length) return;
  // Rows that are left were made due while we worked: they are free again and due now, with the
  // next fence for their next holder.
  await tx.query(
    `update ledger l set leased_until = null, due = least(l.due, ${nowOnce}),
      owed_since = ${nowOnce}, owed_by = 'worker'
       from unnest($1::text[], $2::text[]) as d(stage, subject) where l.tenant = $tenant
         and l.stage = d.stage and l.subject = d.subject`,
    keys,
  );
}

/**
 * Counts the failures of a row after a settlement. Failures of one cause are counted together;
 * another cause, and anything that was achieved, begins anew.
 */
function failuresAfter(
  row: Pick<LedgerRow, 'attempts' | 'cause'>,
  settlement: Exclude<Settlement, { kind: 'done' }>,
): Pick<LedgerRow, 'attempts' | 'cause'> {
  if (settlement.kind === 'wait') return settlement.unresolved ? row : { attempts: 0, cause: null };
  const { code } = settlement;
  return {
    attempts: (row.cause === null || row.cause === code ? row.attempts : 0) + 1,
    cause: code,
  };
}

/** Updates the rows that wait or failed. */
async function settleWaiting(tx: Tx, waiting: readonly Settled[]): Promise<void> {
  if (waiting.length === 0) return;
  const rows = waiting.map(({ row, settlement }) => {
    if (settlement.kind === 'done') throw new AppError('INTERNAL', 'A finished row does not wait');
    const parked = settlement.kind === 'park' ? settlement : undefined;
    const { attempts, cause } = failuresAfter(row, settlement);
    return [
      row.stage,
      row.subject,
      row.generation,
      settlement.waitsFor,
      settlement.delayMs ?? null,
      attempts,
      parked?.code ?? null,
      parked?.facts ? JSON.stringify(parked.facts) : null,
      cause,
      settlement.kind === 'wait' && settlement.quiet === true && settlement.unresolved === true,
      settlement.kind === 'wait' && settlement.unresolved !== true,
      settlement.owedBy ?? settlement.waitsFor,
    ];
  });
  const column = (index: number) => rows.map((row) => row[index]);
  await tx.query(
    `update ledger l set leased_until = null,
        waits_for = case when l.generation = s.generation then s.waits_for else 'worker' end,
        due = case when l.generation <> s.generation then ${nowOnce}
                   when s.delay_ms is null then 'infinity'::timestamptz
                   else ${nowOnce} + s.delay_ms * interval '1 millisecond' end,
        since = case when l.generation <> s.generation then case when l.waits_for = 'worker'
        then l.since else ${nowOnce} end
                     when l.waits_for = s.waits_for then l.since
                     when l.waited_for = s.waits_for and s.code is null then l.waited_since
                     else ${nowOnce} end,
        waited_for = case when l.generation <> s.generation or s.waits_for = 'worker'
        then l.waited_for end,
        waited_since = case when l.generation <> s.generation or s.waits_for = 'worker'
        then l.waited_since end,
        attempts = case when l.generation = s.generation then s.attempts else 0 end,
        cause = case when l.generation = s.generation then s.cause end,
        error_code = case when l.generation <> s.generation then null when s.as_it_was
        then l.error_code else s.code end,
        error_facts = case when l.generation <> s.generation then null when s.as_it_was
        then l.error_facts else s.facts end,
        owed_by = case when l.generation <> s.generation and s.achieved then 'worker' else s.owed_by
        end,
        owed_since = case when l.generation <> s.generation then case when s.achieved
        then ${nowOnce} else least(l.owed_since, ${nowOnce}) end
                          when s.waits_for in ('reviewer', 'operator') or s.delay_ms is null
                          then 'infinity'::timestamptz
                          when s.achieved then ${nowOnce} + s.delay_ms * interval '1 millisecond'
                          else least(l.owed_since, ${nowOnce}) end
       from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::float8[], $6::int[],
       $7::text[], $8::text[], $9::text[], $10::bool[],
                   $11::bool[], $12::text[])
         as s(stage, subject, generation, waits_for, delay_ms, attempts, code, facts, cause,
         as_it_was, achieved, owed_by)
      where l.tenant = $tenant and l.stage = s.stage and l.subject = s.subject`,
    rows[0]?.map((_, index) => column(index)) ?? [],
  );
}

/** Tells whether a settlement gets a line of history. */
function isTold(settled: Settled): boolean {
  return !(settled.settlement.kind === 'wait' && settled.settlement.quiet === true);
}

/** Makes the line of history of a settled row. */
function historyOf({ row, settlement, ms, facts, principal }: Settled): HistoryLine {
  const hasFailed = settlement.kind === 'park';
  const line: HistoryLine = {
    tenant: row.tenant,
    stage: row.stage,
    subject: row.subject,
    person: row.person,
    outcome: hasFailed ? `failed:${settlement.code}` : settlement.outcome,
    attempt: row.attempts + 1,
    trace: row.trace,
    principal,
  };
  const factsOfLine = facts ?? (hasFailed ? settlement.facts : undefined);
  if (ms !== undefined) line.ms = ms;
  if (factsOfLine !== undefined) line.facts = factsOfLine;
  return line;
}
