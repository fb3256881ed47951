import { patchRows, type Tx } from '../../database/database.ts';
import type { Rows } from '../../database/rows.generated.ts';

/**
 * Which partner is asked next, as the sender decided it. `partner_wait` says why none may be asked
 * now although some serve the need.
 */
export type NextAsked = Pick<
  Rows['referral'],
  | 'next_partner'
  | 'next_address'
  | 'next_until'
  | 'partner_wait'
  | 'partner_wait_until'
  | 'send_off'
>;

const nextTypes = {
  next_partner: 'text',
  next_address: 'text',
  next_until: 'timestamptz',
  partner_wait: 'text',
  partner_wait_until: 'timestamptz',
  send_off: 'boolean',
} as const satisfies Record<keyof NextAsked, string>;

/**
 * Saves which partner would be asked next. A referral does not count as changed by that: it keeps
 * its place in every list.
 */
export async function saveNext(
  tx: Tx,
  rows: readonly { id: string; patch: NextAsked }[],
): Promise<void> {
  await patchRows(tx, 'referral', nextTypes, rows);
}
