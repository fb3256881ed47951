import {
  disclosures,
  type Granted,
  ledger,
  partnerDoor,
  type ReferralRow,
  type Tx,
} from '@loopwell/store';
import type { Look } from './look.ts';

/** What was opened. `shows`: the page tells who the person is. */
export type Opened = {
  task: string;
  referral: ReferralRow;
  grant: Granted | undefined;
  shows: boolean;
};

/**
 * Records that a helper opened a request, by name, in the account of disclosures and on the
 * timeline. Before the yes nothing of the person is shown, so that the Task alone is opened.
 */
export async function logOpened(tx: Tx, { partner, helper }: Look, opened: Opened): Promise<void> {
  const { task, referral, grant, shows } = opened;
  const { id, tenant, person, trace } = referral;
  const isPerson = shows && grant !== undefined;
  const [type, resource] = isPerson ? ['Patient', grant.id] : ['Task', task];
  const line = {
    tenant,
    stage: 'track' as const,
    subject: task,
    person,
    trace,
  };
  const outcome = 'read-by-partner';
  const principal = `partner:${partner}`;
  await ledger.appendHistory(tx, [
    {
      ...line,
      outcome,
      principal,
      facts: {
        type,
        helper,
      },
    },
  ]);
  const read = {
    partner,
    task,
    referral: id,
    person,
    helper,
  };
  if (!isPerson) return partnerDoor.logOpened(tx, read);
  await disclosures.logPartnerReads(tx, [{ ...read, type, resource }]);
}
