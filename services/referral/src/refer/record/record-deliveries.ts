import { mapDefined } from '@loopwell/fhir';
import { type Clock, errorRecord, newId } from '@loopwell/kit';
import type { ChannelShelf } from '@loopwell/partners';
import { defaultRetry, parkOf } from '@loopwell/pipeline';
import {
  type DueRow,
  type LedgerRow,
  ledger,
  moveTasks,
  referrals,
  type Settled,
  settleReceipts,
  type TaskMove,
  type Tx,
  taskDeliveries,
  tasks,
  writeBackDue,
} from '@loopwell/store';
import { type NewCopy, noteCopies, writeCopies } from '../../answers/write-inbox.ts';
import { loadHours } from '../../clocks/partner-hours.ts';
import { clocksOfSend } from '../../clocks/task-clocks.ts';
import { endUndelivered } from '../../end-grants.ts';
import { clockLimitsOf, type ReferralSettings } from '../../settings.ts';
import { endRefused } from '../ladder/end-refused.ts';
import { moveOn } from '../ladder/move-on.ts';
import type { Delivered, Delivery, Outgoing } from '../model.ts';
import { tellServiceRequests } from './revoke.ts';
import { notWithoutHelp } from './without-help.ts';

type Context = { settings: ReferralSettings; clock: Clock; shelf: ChannelShelf };

/** The name under which this service records its own decisions. */
export const principal = 'system:referral';

/**
 * Records outcomes of deliveries under the lease: receipt, Task and referral in one transaction.
 * After a refusal the next partner is asked. An unknown outcome is asked for, never guessed.
 */
export async function settleDeliveries(
  tx: Tx,
  delivered: readonly Delivered[],
  context: Context,
): Promise<Settled[]> {
  const there = mapDefined(delivered, ({ row, outgoing, delivery }) =>
    delivery.kind === 'there' ? { row, outgoing, delivery } : undefined,
  );
  const all = delivered.map(({ outgoing }) => outgoing.referral);
  const settled = await settleThere(tx, there, all, context);
  for (const { row, outgoing, delivery } of delivered) {
    if (delivery.kind !== 'there')
      settled.push(await settleOther(tx, row, outgoing, delivery, context));
  }
  return settled;
}

async function settleOther(
  tx: Tx,
  row: LedgerRow,
  outgoing: Outgoing,
  delivery: Exclude<Delivery, { kind: 'there' }>,
  context: Context,
): Promise<Settled> {
  switch (delivery.kind) {
    case 'refused':
      return settleRefused(tx, { row, outgoing, delivery }, context);
    case 'waiting':
      return quietly(again(row, 'waiting', delivery.ms));
    case 'not-there':
      await settleReceipts(tx, [
        {
          key: outgoing.receiptKey,
          state: 'intended',
          denied: true,
          issueCode: notKeptCode(outgoing.ask?.notKept),
        },
      ]);
      return stillUnknown(row, 'asked:not-there', context.settings.askAgainMs);
    case 'held':
      // A Task that was asked for may be there. One that never left is made again after the hold.
      return outgoing.ask ? again(row, 'held', 0) : settleAbandoned(tx, row, outgoing);
    case 'abandoned':
      return settleAbandoned(tx, row, outgoing);
    case 'cannot-tell':
      return {
        row,
        settlement: {
          kind: 'park',
          code: 'OUTCOME_UNKNOWN',
          facts: { rule: delivery.code },
          waitsFor: 'operator',
        },
        principal,
      };
    case 'failed':
      return settleFailed(tx, row, outgoing, delivery.error);
  }
}

const notKeptCode = (count = 0): string | undefined =>
  count > 0 ? `not-kept-${count}` : undefined;

/** Records a failed send for another try. The receipt counts how often a Task was not kept. */
async function settleFailed(
  tx: Tx,
  row: LedgerRow,
  outgoing: Outgoing,
  error: unknown,
): Promise<Settled> {
  const { facts } = errorRecord(error);
  // Nothing was tried, so the Task is made again when the partner may be asked.
  if (
    !outgoing.ask &&
    facts.neverSent === true &&
    (facts.leftAlone === true || facts.code === 'stopped')
  )
    return settleAbandoned(tx, row, outgoing, Number(facts.retryAfterMs ?? 0));
  const status = typeof facts.status === 'number' ? facts.status : undefined;
  const notKept = (outgoing.ask?.notKept ?? 0) + (facts.notKept === true ? 1 : 0);
  await settleReceipts(tx, [
    { key: outgoing.receiptKey, state: 'intended', status, issueCode: notKeptCode(notKept) },
  ]);
  return { row, settlement: parkOf(error, row, { ...defaultRetry, attempts: 20 }), principal };
}

async function settleAbandoned(
  tx: Tx,
  row: LedgerRow,
  outgoing: Outgoing,
  delayMs = 0,
): Promise<Settled> {
  await settleReceipts(tx, [
    { key: outgoing.receiptKey, state: 'refused', issueCode: 'abandoned' },
  ]);
  await moveUnsent(tx, outgoing, { to: 'cancelled', by: 'requester', reason: 'never-arrived' });
  await endUndelivered(tx, outgoing.taskId, 'abandoned');
  return again(row, 'abandoned', delayMs);
}

/** Makes the settlement by which a worker looks at the referral again. */
export function again(row: LedgerRow, outcome: string, delayMs: number): Settled {
  return { row, settlement: { kind: 'wait', outcome, waitsFor: 'worker', delayMs }, principal };
}

/** Leaves a wait out of the history. */
const quietly = (settled: Settled): Settled =>
  settled.settlement.kind === 'wait'
    ? { ...settled, settlement: { ...settled.settlement, quiet: true } }
    : settled;

/**
 * Makes the settlement of an unknown outcome, which counts as a failure and so ends with a person.
 */
function stillUnknown(row: LedgerRow, outcome: string, delayMs: number): Settled {
  return {
    row,
    settlement: { kind: 'wait', outcome, waitsFor: 'worker', delayMs, unresolved: true },
    principal,
  };
}

type There = { row: LedgerRow; outgoing: Outgoing; delivery: Extract<Delivery, { kind: 'there' }> };

/** Records Tasks that have arrived, in the same few statements. Locks referrals in id order. */
async function settleThere(
  tx: Tx,
  arrived: readonly There[],
  all: readonly string[],
  { settings, clock }: { settings: ReferralSettings; clock: Clock },
): Promise<Settled[]> {
  // The ledger's rows are locked before referrals, Tasks and copies.
  const batch = newId();
  await ledger.due(
    tx,
    arrived.flatMap((one) => dueOf(one, batch, settings)),
  );
  const locked = await referrals.lockReferrals(tx, all);
  if (arrived.length === 0) return [];
  const now = clock.now();
  await settleArrivals(tx, arrived);
  const hoursOf = await loadHours(tx);
  const atSite = { now: () => now, timeZone: settings.timeZone };
  const setting = { clock: atSite, limits: clockLimitsOf(settings) };
  const taken = arrived.map(({ outgoing }) => {
    const hours = hoursOf(outgoing.partner, outgoing.need);
    const times = clocksOfSend(locked.get(outgoing.referral), { ...setting, hours });
    return { id: outgoing.taskId, patch: { ...times, changed_at: now } };
  });
  await tasks.patchTasks(tx, taken);
  await referrals.patchReferrals(
    tx,
    arrived.map(({ outgoing }) => ({
      id: outgoing.referral,
      patch: { state: 'partner' as const, gate: 'partner', sent: true, ...notWithoutHelp },
    })),
  );
  const copies = mapDefined(arrived, ({ outgoing, delivery: { answer } }): NewCopy | undefined =>
    answer ? { task: { id: outgoing.taskId, partner: outgoing.partner }, answer } : undefined,
  );
  await writeCopies(tx, copies);
  await noteCopies(tx, copies);
  await tellServiceRequests(
    tx,
    mapDefined(arrived, ({ row, outgoing }) => {
      const referral = locked.get(outgoing.referral);
      return referral ? { referral, trace: row.trace } : undefined;
    }),
  );
  // The gates are checked again, because consent may have been taken back since.
  return arrived.map(({ row, outgoing }) =>
    outgoing.ask
      ? again(row, 'found', 0)
      : { row, settlement: { kind: 'done', outcome: 'sent' }, principal },
  );
}

/** Settles the receipts and the deliveries of Tasks that have arrived. */
async function settleArrivals(tx: Tx, arrived: readonly There[]): Promise<void> {
  const receipts = arrived.map(({ outgoing, delivery }) => ({
    key: outgoing.receiptKey,
    state: 'settled' as const,
    remoteId: delivery.remoteId,
    status: 201,
  }));
  await settleReceipts(tx, receipts);
  const deliveries = arrived.map(({ outgoing, delivery }) => ({
    task: outgoing.taskId,
    state: 'delivered' as const,
    remote_id: delivery.remoteId,
    etag: delivery.etag ?? null,
  }));
  await taskDeliveries.settleTaskDeliveries(tx, deliveries);
}

function dueOf(
  { row, outgoing, delivery }: There,
  batch: string,
  settings: ReferralSettings,
): DueRow[] {
  const common = {
    tenant: row.tenant,
    batch,
    trace: row.trace,
    person: outgoing.person,
  };
  return [
    // A partner that answered at once in its own way is asked at once.
    {
      ...common,
      stage: 'track',
      subject: outgoing.taskId,
      waitsFor: 'partner',
      delayMs: delivery.status === 'requested' ? settings.pollMs : 0,
    },
    ...writeBackDue([common], batch),
  ];
}

type Refused = {
  row: LedgerRow;
  outgoing: Outgoing;
  delivery: Extract<Delivery, { kind: 'refused' }>;
};

/** Records that a way was refused. The next way is taken; without one the Task has ended. */
async function settleRefused(
  tx: Tx,
  { row, outgoing, delivery }: Refused,
  context: Context,
): Promise<Settled> {
  const { status, issueCode } = delivery;
  const code = issueCode ?? String(status);
  const endCode = status ? String(status) : code;
  const gone = await moveOn(tx, [{ task: outgoing.taskId, code }], context);
  if (gone.size > 0) return again(row, 'next-way', 0);
  await settleReceipts(tx, [
    { key: outgoing.receiptKey, state: 'refused', status: status || undefined, issueCode },
  ]);
  await endRefused(tx, { id: outgoing.taskId, status: 'requested' }, endCode);
  return again(row, 'refused', 0);
}

/** Ends a Task that is not at its partner. */
async function moveUnsent(
  tx: Tx,
  { taskId }: Outgoing,
  end: Pick<TaskMove, 'to' | 'by' | 'reason'>,
): Promise<void> {
  await moveTasks(tx, [{ task: taskId, from: { status: 'requested' }, ...end }]);
}
