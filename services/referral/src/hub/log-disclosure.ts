import { ledger, type Tx } from '@loopwell/store';
import type { Read } from './read.ts';

/**
 * Records that a partner read a resource, on the timeline of the referral that allowed it. The
 * account of disclosures has these rows.
 */
export async function appendRead(
  tx: Tx,
  { referral, partner }: Read,
  type: string,
  id: string,
): Promise<void> {
  const { tenant, person, trace } = referral;
  await ledger.appendHistory(tx, [
    {
      tenant,
      stage: 'track',
      subject: id,
      person,
      outcome: 'read-by-partner',
      trace,
      principal: `partner:${partner}`,
      facts: { type },
    },
  ]);
}
