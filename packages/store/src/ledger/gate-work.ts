import { nowOnce } from '../database/clock-sql.ts';
import type { Tx } from '../database/database.ts';

/** When a worker looks at the gates of a referral, and whether that moment has come. */
export type GateWork = { at: Date; isDue: boolean };

/** Reads which referrals a worker looks at now, or at a later moment; others wait for somebody. */
export async function gateWork(
  tx: Tx,
  referrals: readonly string[],
): Promise<ReadonlyMap<string, GateWork>> {
  const { rows } = await tx.query<{ subject: string; due: Date; is_due: boolean }>(
    `select subject, due, due <= ${nowOnce} as is_due from ledger
      where tenant = $tenant and stage = 'refer' and waits_for = 'worker' and subject = any($1)`,
    [referrals],
  );
  return new Map(rows.map(({ subject, due, is_due }) => [subject, { at: due, isDue: is_due }]));
}
