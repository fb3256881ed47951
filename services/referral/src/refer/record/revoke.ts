import type { fhir4 } from '@loopwell/fhir';
import { mapDefined } from '@loopwell/fhir';
import { newId } from '@loopwell/kit';
import {
  type DueRow,
  type LedgerRow,
  ownResources,
  type ReferralRow,
  type Tx,
  tasks,
  tellEhr,
  writeBackDue,
  writeBacks,
} from '@loopwell/store';
import { fulfilsEhrOrder, wantOrderEnds } from '../../close/order-end.ts';

/**
 * Revokes the ServiceRequests of referrals that end without help, and tells the EHR that has them.
 * If the EHR has its own order, that order is ended. A referral without a ServiceRequest is
 * skipped. The write-back rows of the people are locked already.
 *
 * DECISIONS D50. DECISIONS D54.
 * @returns rows of the ledger that are due for it
 */
export async function revokeRequests(
  tx: Tx,
  ended: readonly { row: LedgerRow; referral: ReferralRow }[],
  timeZone: string | undefined,
): Promise<DueRow[]> {
  const ordered = ended.filter(({ referral }) => referral.service_request !== null);
  if (ordered.length === 0) return [];
  const bodies = await ownResources.loadOwnResources(
    tx,
    ordered.flatMap(({ referral }) => referral.service_request ?? []),
  );
  const rows = mapDefined(ordered, ({ row, referral }) => {
    const body = bodies.get(referral.service_request ?? '');
    if (!body) return undefined;
    const revoked: fhir4.ServiceRequest = {
      ...(JSON.parse(body.body) as fhir4.ServiceRequest),
      status: 'revoked',
    };
    const { tenant, connection, person } = referral;
    return {
      id: body.id,
      tenant,
      connection,
      person,
      type: 'ServiceRequest' as const,
      body: JSON.stringify(revoked),
      referral: referral.id,
      sent: referral.sent,
      theirs: fulfilsEhrOrder(referral),
      trace: row.trace,
    };
  });
  const versions = await ownResources.saveOwnResources(tx, rows);
  const sent = rows.filter((one) => one.sent && versions.has(one.id));
  const due = await tellEhr(
    tx,
    sent
      .filter((one) => !one.theirs)
      .map(({ theirs: _theirs, ...order }) => ({
        ...order,
        madeId: order.id,
        version: versions.get(order.id) ?? 1,
        rank: writeBacks.completedServiceRequestRank,
      })),
  );
  await endOrders(
    tx,
    ordered
      .map(({ referral }) => referral)
      .filter((one) => one.sent && versions.has(one.service_request ?? '')),
    timeZone,
  );
  const theirs = sent.filter((one) => one.theirs);
  return [...due, ...writeBackDue(theirs, newId())];
}

/** Makes the end of the EHR's own orders due for write-back. */
async function endOrders(
  tx: Tx,
  ended: readonly ReferralRow[],
  timeZone: string | undefined,
): Promise<void> {
  const theirs = ended.filter(fulfilsEhrOrder);
  if (theirs.length === 0) return;
  const attempts = await tasks.tasksOfReferrals(
    tx,
    theirs.map((one) => one.id),
  );
  await wantOrderEnds(
    tx,
    theirs.map((referral) => ({
      referral,
      status: 'revoked',
      task: attempts.get(referral.id)?.at(-1),
    })),
    timeZone,
  );
}

/**
 * Makes sent ServiceRequests due for write-back. If the EHR has its own order, ours is not written.
 */
export async function tellServiceRequests(
  tx: Tx,
  sent: readonly { referral: ReferralRow; trace: string }[],
): Promise<void> {
  const ours = sent.filter(({ referral }) => !fulfilsEhrOrder(referral));
  const wanted = mapDefined(ours, ({ referral, trace }) =>
    referral.service_request ? { referral, trace, madeId: referral.service_request } : undefined,
  );
  const bodies = await ownResources.loadOwnResources(
    tx,
    wanted.map((one) => one.madeId),
  );
  await tellEhr(
    tx,
    wanted.map(({ referral: { tenant, connection, person, id }, trace, madeId }) => ({
      madeId,
      trace,
      tenant,
      connection,
      person,
      referral: id,
      type: 'ServiceRequest' as const,
      version: bodies.get(madeId)?.version ?? 1,
    })),
  );
}
