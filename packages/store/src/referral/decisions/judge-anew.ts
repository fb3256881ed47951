import type { Tx } from '../../database/database.ts';
import { due } from '../../ledger/ledger.ts';
import { referralsOfPeople } from '../referrals.ts';

/**
 * Makes the gates of all open referrals of some Patients due, because what is known of their humans
 * has changed. It locks rows of the ledger, so it comes before referrals are locked.
 */
export async function judgeAnew(tx: Tx, patients: readonly string[], batch: string): Promise<void> {
  const rows = await referralsOfPeople(tx, patients);
  const open = rows.filter(({ state }) => state === 'waiting' || state === 'partner');
  await due(
    tx,
    open.map(({ tenant, id, person, trace }) => ({
      tenant,
      stage: 'refer',
      subject: id,
      person,
      trace,
      batch,
    })),
  );
}
