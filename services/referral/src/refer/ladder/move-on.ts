import { mapDefined } from '@loopwell/fhir';
import { type Clock, todayAt } from '@loopwell/kit';
import type { ChannelShelf } from '@loopwell/partners';
import { isWayAgreed, nextWay } from '@loopwell/sdoh';
import {
  directory,
  intendReceipts,
  loadReceipts,
  partnerProfiles,
  settleReceipts,
  type TaskDelivery,
  type TaskRow,
  type Tx,
  taskDeliveries,
  tasks,
} from '@loopwell/store';
import { waysOf } from '../../directory/partner-settings.ts';

/** The channels, and the clock by whose day agreements count. */
export type MoveContext = { shelf: ChannelShelf; clock: Clock };

/** A Task whose latest way failed for good, and why, as a code. */
export type FailedWay = { task: string; code: string };

/** The next way of a Task, with the receipt that is written before it leaves. */
type Next = { task: TaskRow; code: string; delivery: taskDeliveries.NextDelivery };

/**
 * Moves Tasks on to the next way of their partner: the failed delivery says why, and the next one
 * has a number and a receipt of its own. It is about to leave, so that the sender takes it up, also
 * after a crash. A way that the partner has not agreed to is passed over. A Task that ended, or
 * whose partner has no other way, stays as it is. The caller has locked the Tasks. DECISIONS D193.
 *
 * @returns the Tasks that go on
 */
export async function moveOn(
  tx: Tx,
  failed: readonly FailedWay[],
  { shelf, clock }: MoveContext,
): Promise<ReadonlySet<string>> {
  const ids = failed.map(({ task }) => task);
  if (ids.length === 0) return new Set();
  const rows = await tasks.loadTasks(tx, ids);
  const taken = await taskDeliveries.deliveriesOfTasks(tx, ids);
  const listed = await directory.loadDirectory(tx, tx.tenant);
  const profiles = await partnerProfiles.profilesIn(tx, listed);
  const today = todayAt(clock);
  const nexts = mapDefined(failed, ({ task: id, code }): Next | undefined => {
    const task = rows.get(id);
    if (!task?.live) return undefined;
    const deliveries = taken.get(id) ?? [];
    const partner = listed.find((row) => isPartnerOf(task, row));
    const profile = profiles.get(task.partner)?.profile();
    const isAgreed = ({ kind }: { kind: string }) =>
      profile === undefined || isWayAgreed(profile, { kind, hasBearers: true }, today);
    const agreed = (partner ? waysOf(partner) : []).filter(isAgreed);
    const way = nextWay(task.partner, agreed, deliveries);
    // Once an agreement is over nobody calls, either.
    if (way === undefined || !isAgreed(way)) return undefined;
    return { task, code, delivery: deliveryOf(task, deliveries, way, shelf) };
  });
  await keep(tx, nexts);
  return new Set(nexts.map(({ task }) => task.id));
}

/** Tells whether a row of the directory is the partner of a Task at the address it went to first. */
const isPartnerOf = (task: TaskRow, row: { id: string; address: string }): boolean =>
  row.id === task.partner && row.address === (task.first_address ?? task.address);

function deliveryOf(
  { tenant, id: task }: TaskRow,
  taken: readonly TaskDelivery[],
  { kind, address }: { kind: string; address: string },
  shelf: ChannelShelf,
): taskDeliveries.NextDelivery {
  const number = (taken.at(-1)?.number ?? 0) + 1;
  return {
    tenant,
    task,
    number,
    channel: kind,
    address,
    receipt_key: [task, kind, 'request', number].join('_'),
    door: shelf[kind]?.door ?? 'here',
  };
}

/** Writes what failed and what is about to leave. */
async function keep(tx: Tx, nexts: readonly Next[]): Promise<void> {
  const keys = nexts.map(({ task }) => task.receipt_key);
  const receipts = await loadReceipts(tx, keys);
  await taskDeliveries.settleTaskDeliveries(
    tx,
    nexts.map(({ task, code }) => ({ task: task.id, state: 'refused', code })),
  );
  await settleReceipts(
    tx,
    nexts.map(({ task, code }) => ({
      key: task.receipt_key,
      state: 'refused',
      issueCode: code,
    })),
  );
  await intendReceipts(
    tx,
    nexts.map(({ task, delivery }) => ({
      key: delivery.receipt_key,
      tenant: task.tenant,
      person: task.person,
      receiver: `partner:${task.partner}`,
      kind: 'Task',
      principal: receipts.get(task.receipt_key)?.principal ?? 'system:referral',
      ...(task.trace ? { trace: task.trace } : {}),
    })),
  );
  await taskDeliveries.addNextDeliveries(
    tx,
    nexts.map(({ delivery }) => delivery),
  );
}
