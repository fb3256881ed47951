import { dutyAlerts, type Tx } from '@loopwell/store';

/** A date by which something must happen, as somebody of the care team has set it. */
export type SetDate = { referral: string; person: string; mustBy: string | null | undefined };

/**
 * Tells somebody on duty of dates that staff set and that leave no day to wait, in the transaction
 * that stores them. The same date of the same referral is told once. DECISIONS D188.
 */
export async function alertByDate(tx: Tx, dates: readonly SetDate[], today: string): Promise<void> {
  const urgent = dates.filter(({ mustBy }) => mustBy && mustBy <= today);
  const causes = urgent.map(({ referral, person, mustBy }) => ({
    ...{ person, kind: 'call-today' as const, answeredAt: null, isByStaff: true },
    source: `${referral} ${mustBy}`,
  }));
  await dutyAlerts.raiseAlerts(tx, causes);
}
