import { type Granted, ledger, type ReferralRow, type Tx } from '@loopwell/store';

/** What a partner did with a resource. */
export type PartnerAct = 'read-by-partner' | 'posted-by-partner';

/**
 * Records that a partner read or posted a resource, on the timeline of the referral that allowed
 * it. The account of disclosures has these rows.
 */
export async function appendAct(
  tx: Tx,
  { referral, granted }: { referral: ReferralRow; granted: Granted },
  outcome: PartnerAct,
): Promise<void> {
  const { tenant, person, trace } = referral;
  await ledger.appendHistory(tx, [
    {
      tenant,
      stage: 'track',
      subject: granted.id,
      person,
      outcome,
      trace,
      principal: `partner:${granted.partner}`,
      facts: { type: granted.type },
    },
  ]);
}
