import {
  disclosures,
  type Granted,
  type HubTask,
  ledger,
  type ReferralRow,
  referrals,
  type Tx,
} from '@loopwell/store';

/** What a partner did with a resource. */
export type PartnerAct = 'read-by-partner' | 'posted-by-partner';

/**
 * Records that a partner read or posted a resource, on the timeline of the referral that allowed
 * it. A read counts in the account of disclosures, too.
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
  if (outcome !== 'read-by-partner') return;
  const { partner, task, type, id: resource } = granted;
  const read = {
    partner,
    task,
    referral: granted.referral,
    person: granted.person,
    type,
    resource,
  };
  await disclosures.logPartnerReads(tx, [read]);
}

/** Records that a partner read Tasks of its own, on the timelines of their referrals. */
export async function appendTaskReads(tx: Tx, read: readonly HubTask[]): Promise<void> {
  if (read.length === 0) return;
  const ids = read.map((task) => task.referral);
  const loaded = await referrals.loadReferrals(tx, ids);
  const lines = read.map((task) => ({
    tenant: tx.tenant,
    stage: 'track' as const,
    subject: task.id,
    person: task.person,
    outcome: 'read-by-partner',
    trace: loaded.get(task.referral)?.trace ?? '',
    principal: `partner:${task.partner}`,
    facts: { type: 'Task' },
  }));
  await ledger.appendHistory(tx, lines);
  const reads = read.map(({ id, partner, referral, person }) => ({
    ...{ partner, task: id, referral, person, type: 'Task', resource: id },
  }));
  await disclosures.logPartnerReads(tx, reads);
}
