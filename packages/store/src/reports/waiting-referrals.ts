import { standingGate } from '@loopwell/sdoh';
import type { Tx } from '../database/database.ts';
import { unsentReferrals } from './running-totals.ts';

/** Waiting referrals of one category at one gate, for one partner. */
export type WaitingGroup = {
  category: string;
  gate: string;
  partner: string | null;
  address: string | null;
  sendOff: boolean;
  count: number;
};

type StoredGroup = WaitingGroup & {
  stored: string | null;
  hasConsentEnded: boolean;
  isHeld: boolean;
};

/**
 * Counts the waiting referrals by the gate at which they stand and by the partner that is asked
 * next, as the sender decided both when it last asked the gates. Sorted by category, gate and
 * partner; those without a partner stand last.
 */
export async function countWaiting(tx: Tx, tenant: string): Promise<WaitingGroup[]> {
  const { rows } = await tx.query<Omit<StoredGroup, 'gate'>>(
    `with unsent as materialized (${unsentReferrals}),
     waits as (
       select r.category, r.gate as stored, r.next_partner as partner, r.next_address as address,
         r.send_off as "sendOff",
              coalesce(r.next_until <= loopwell_now(), false) as "hasConsentEnded",
              count(*) as count
         from referral r where r.tenant = $1 and r.state = 'waiting'
           and r.id not in (select referral from unsent)
        group by 1, 2, 3, 4, 5, 6)
     select w.*, exists (select 1 from hold h where h.tenant = $1 and h.scope in ('all',
       'partner:' || w.partner)) as "isHeld"
       from waits w`,
    [tenant],
  );
  const groups = new Map<string, WaitingGroup>();
  for (const { stored, hasConsentEnded, isHeld, ...row } of rows) {
    const gate = standingGate(stored, { hasConsentEnded, isHeld });
    const key = JSON.stringify([row.category, gate, row.partner, row.address, row.sendOff]);
    const count = (groups.get(key)?.count ?? 0) + Number(row.count);
    groups.set(key, { ...row, gate, count });
  }
  return [...groups.values()].sort(inOrder);
}

/** Compares two groups for sorting. */
function inOrder(a: WaitingGroup, b: WaitingGroup): number {
  return (
    compareTexts(a.category, b.category) ||
    compareTexts(a.gate, b.gate) ||
    Number(a.partner === null) - Number(b.partner === null) ||
    compareTexts(a.partner ?? '', b.partner ?? '') ||
    Number(a.sendOff) - Number(b.sendOff)
  );
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
