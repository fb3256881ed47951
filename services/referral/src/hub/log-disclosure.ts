import { ledger, type Tx } from '@loopwell/store';
import type { Read } from './read.ts';

/**
 * What a partner read, and when: part of the account of disclosures, on the timeline of the
 * referral that let it.
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
