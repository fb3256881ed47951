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
import { fulfilsEhrOrder, wantOrderEnds } from '../close/order-end.ts';

/**
 * A referral that ends without help: its ServiceRequest is revoked, and the EHR that got it learns
 * so; where the EHR's own order is the order, that one is. Nothing where none was ever made. The
 * people's rows of write-back are locked already.
 *
 * DECISIONS D50. DECISIONS D54.
 * @returns what is due for it
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
