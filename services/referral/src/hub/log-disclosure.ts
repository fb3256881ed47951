import { type Granted, ledger, type ReferralRow, type Tx } from '@loopwell/store';

/**
 * Records that a partner read a resource, on the timeline of the referral that allowed it. The
 * account of disclosures has these rows.
 */
export async function appendRead(
  tx: Tx,
  { referral, granted }: { referral: ReferralRow; granted: Granted },
): Promise<void> {
  const { tenant, person, trace } = referral;
  await ledger.appendHistory(tx, [
    {
      tenant,
      stage: 'track',
      subject: granted.id,
      person,
      outcome: 'read-by-partner',
      trace,
      principal: `partner:${granted.partner}`,
      facts: { type: granted.type },
    },
  ]);
}
