import { newId } from '@loopwell/kit';
import { ledger, type Tx } from '@loopwell/store';

/** What a partner read, and when: part of the account of disclosures. */
export async function appendHistoryLine(tx: Tx, organisation: string, partner: string, type: string, id: string): Promise<void> {
  await ledger.appendHistory(tx, [
    { organisation, stage: 'track', subject: id, outcome: 'read-by-partner', trace: newId(), principal: `partner:${partner}`, facts: { type } },
  ]);
}
