import type { fhir4 } from '@loopwell/fhir';
import { mapDefined } from '@loopwell/fhir';
import { type Clock, newId } from '@loopwell/kit';
import type { Nudge, PureStage } from '@loopwell/pipeline';
import {
  type LedgerRow,
  ledger,
  ownResources,
  type ReferralRow,
  referrals,
  type Tx,
  tasks,
  tellEhr,
  writeBackDue,
  writeBacks,
} from '@loopwell/store';
import { type CloseInput, type Closing, close } from './close.ts';
import { fulfilsEhrOrder, wantOrderEnds } from './order-end.ts';
import { planRests, restsDue, saveRests } from './suggest-rest.ts';

type Done = { input: CloseInput; closing: Closing | undefined };

/**
 * Makes the `close` stage, which decides a whole batch in one transaction without I/O. A row's
 * subject is the referral.
 */
export function closeStage(
  limit: number,
  place: Pick<Clock, 'timeZone'>,
): PureStage<Tx, LedgerRow, CloseInput, Done> {
  return {
    stage: 'close',
    limit,
    load,
    step: (input) => ({ input, closing: close(input) }),
    save: (tx, results) => save(tx, results, place.timeZone),
    outcome: ({ closing }) => closing?.state ?? 'nothing-to-close',
  };
}

/** Locks the referrals of a batch, and loads their Tasks and ServiceRequests. */
async function load(tx: Tx, rows: readonly LedgerRow[]): Promise<Map<string, CloseInput>> {
  const ids = rows.map((row) => row.subject);
  const locked = await referrals.lockReferrals(tx, ids);
  const byReferral = await tasks.tasksOfReferrals(tx, ids);
  const requests = await ownResources.loadOwnResources(
    tx,
    [...locked.values()].flatMap((one) => one.service_request ?? []),
  );
  return new Map(
    [...locked].map(([id, referral]) => {
      const body = referral.service_request
        ? requests.get(referral.service_request)?.body
        : undefined;
      const serviceRequest =
        body === undefined ? undefined : (JSON.parse(body) as fhir4.ServiceRequest);
      return [id, { referral, tasks: byReferral.get(id) ?? [], serviceRequest }];
    }),
  );
}

/** Records the closed referrals, and makes their ends due for write-back. */
async function save(
  tx: Tx,
  results: readonly { row: LedgerRow; done: Done }[],
  timeZone: string | undefined,
): Promise<readonly Nudge[]> {
  const closed = mapDefined(results, ({ row, done }) =>
    done.closing ? { row, referral: done.input.referral, closing: done.closing } : undefined,
  );
  if (closed.length === 0) return [];
  // The person's row of write-back is locked first, before referrals and copies.
  const batch = newId();
  const rests = await planRests(
    tx,
    closed.map(({ referral, closing: { task } }) => ({ referral, task })),
  );
  const writes = writeBackDue(
    closed.map(({ row, referral: { tenant, person } }) => ({ tenant, person, trace: row.trace })),
    batch,
  );
  await ledger.due(tx, [...restsDue(rests, batch), ...writes]);
  await referrals.patchReferrals(
    tx,
    closed.map(({ referral, closing }) => ({
      id: referral.id,
      patch: { state: closing.state, gate: null },
    })),
  );
  await saveRests(tx, rests);
  const rows = mapDefined(closed, orderRow);
  const versions = await ownResources.saveOwnResources(tx, rows);
  await tellEhr(
    tx,
    mapDefined(rows, ({ theirs, ...row }) => {
      const version = theirs ? undefined : versions.get(row.id);
      const rank = writeBacks.completedServiceRequestRank;
      return version === undefined
        ? undefined
        : { ...row, madeId: row.id, type: 'ServiceRequest' as const, version, rank };
    }),
  );
  await wantOrderEnds(
    tx,
    closed.map(({ referral, closing }) => ({ referral, status: 'completed', task: closing.task })),
    timeZone,
  );
  const nudges: Nudge[] = [{ stage: 'write-back', batch }];
  return rests.length > 0 ? [{ stage: 'refer', batch }, ...nudges] : nudges;
}

type Closed = { row: LedgerRow; referral: ReferralRow; closing: Closing };

/** Makes the row of the completed order of a closed referral; undefined where it has none. */
function orderRow({ row, referral, closing }: Closed) {
  const { tenant, connection, person } = referral;
  const request = closing.serviceRequest;
  if (!request?.id) return undefined;
  const body = JSON.stringify(request);
  const theirs = fulfilsEhrOrder(referral);
  return {
    id: request.id,
    tenant,
    connection,
    person,
    type: 'ServiceRequest',
    body,
    referral: referral.id,
    trace: row.trace,
    theirs,
  };
}
