import { mapDefined } from '@loopwell/fhir';
import { AppError } from '@loopwell/kit';
import type { IoStage, Lease } from '@loopwell/pipeline';
import {
  installation,
  type LedgerRow,
  referrals,
  type TaskRow,
  type Tx,
  tasks,
} from '@loopwell/store';
import { inParallel } from '../in-parallel.ts';
import { isNewAnswer } from './answers.ts';
import { isLookedAtAfterwards } from './late.ts';
import { outcomeOf } from './outcome.ts';
import type { Asked, Result, TrackStageDeps, Work } from './polled-task.ts';
import { reading, silenceWords } from './reading.ts';
import { principal, settleResults } from './record-answers.ts';
import { type Report, track } from './track.ts';

export function trackStage(
  deps: TrackStageDeps,
  limit: number,
  leaseMs: number,
): IoStage<Tx, LedgerRow> {
  return { stage: 'track', limit, leaseMs, work: (lease) => workTasks(deps, lease) };
}

async function workTasks(deps: TrackStageDeps, lease: Lease<Tx, LedgerRow>): Promise<void> {
  const { known, orders, identifierSystem } = await deps.read(async (tx) => {
    const found = await tasks.loadTasks(
      tx,
      lease.rows.map((row) => row.subject),
    );
    return {
      known: found,
      identifierSystem: await installation.identifierSystem(tx),
      orders: await referrals.loadReferrals(
        tx,
        [...found.values()].map((task) => task.referral),
      ),
    };
  });
  const isFollowed = (task: TaskRow | undefined): task is TaskRow =>
    task !== undefined && (task.live || isLookedAtAfterwards(task));
  const ended = lease.rows.filter((row) => !isFollowed(known.get(row.subject)));
  await lease.settle(ended, async (_tx, ours) => ({
    settled: ours.map((row) => ({
      row,
      settlement: { kind: 'done', outcome: 'ended' },
      principal,
    })),
  }));
  const work = mapDefined(lease.rows, (row) => {
    const task = known.get(row.subject);
    return isFollowed(task)
      ? {
          row,
          task,
          serviceRequest: orders.get(task.referral)?.service_request ?? null,
          identifierSystem,
        }
      : undefined;
  });
  const byPartner = Map.groupBy(work, (one) => `${one.task.channel} ${one.task.address}`);
  await inParallel(
    [...byPartner.values()].map((some) => () => workUnlessShut(deps, lease, some)),
    byPartner.size,
  );
}

/** A partner that is slow or left alone holds up its own Tasks. */
async function workUnlessShut(
  deps: TrackStageDeps,
  lease: Lease<Tx, LedgerRow>,
  some: readonly Asked[],
): Promise<void> {
  const rows = some.map((one) => one.row);
  const address = some[0]?.task.address ?? '';
  const waitMs = deps.waitFor(address, rows.length);
  if (waitMs !== undefined) return lease.giveBack(rows, waitMs);
  lease.waitAt(rows, address);
  await workPartner(deps, lease, some);
}

async function workPartner(
  deps: TrackStageDeps,
  lease: Lease<Tx, LedgerRow>,
  some: readonly Asked[],
): Promise<void> {
  const reports = await askPartner(deps, some);
  const now = deps.clock.now();
  const results: Result[] = some.map((one) => {
    const report = reading(reports.get(one.task.id) ?? { kind: 'gone' }, one);
    return { ...one, report, step: track(one.task, report, deps.judge, now) };
  });
  await inParallel(
    results.map((one) => () => learnMore(deps, lease, one)),
    4,
  );
  const byRow = new Map(results.map((one) => [one.row.subject, one]));
  await lease.settle(
    results.map((one) => one.row),
    (tx, ours) =>
      settleResults(
        deps,
        tx,
        ours.flatMap((row) => byRow.get(row.subject) ?? []),
      ),
  );
}

/** A partner that is in trouble holds up its own Tasks and nobody else's. */
async function askPartner(
  deps: TrackStageDeps,
  some: readonly Work[],
): Promise<Map<string, Report>> {
  try {
    return await deps.poll(
      some[0]?.task.address ?? '',
      some.map((one) => one.task),
    );
  } catch (error) {
    if (deps.isAway(error)) throw error;
    return new Map(some.map((one): [string, Report] => [one.task.id, { kind: 'failed', error }]));
  }
}

/** Tries of reading an outcome before the loop is closed without it, and somebody is told what is missing. */
const outcomeTries = 5;

async function learnMore(
  deps: TrackStageDeps,
  lease: Lease<Tx, LedgerRow>,
  one: Result,
): Promise<void> {
  try {
    await learnAnswer(deps, one);
    if (one.step.kind === 'silent') await endSilence(deps, lease, one);
  } catch (error) {
    if (deps.isAway(error)) throw error;
    if (one.step.kind === 'late') return;
    // What cannot be learned of one Task is no reason to leave the partner's other Tasks as they are.
    one.step = { kind: 'not-asked', error };
    delete one.answer;
  }
}

/** What the partner says anew, with whatever its outputs lead to; and always what a completed Task led to. */
async function learnAnswer(deps: TrackStageDeps, one: Result): Promise<void> {
  const { body, said } = one.report.kind === 'there' ? one.report : {};
  if (body === undefined) return;
  const isNew = isNewAnswer(one.task, body, said?.handedOn || (said?.odd ?? []).length > 0);
  const isDone = one.step.kind === 'completed';
  if (!isNew && !isDone) return;
  const giveUp = one.row.attempts + 1 >= outcomeTries;
  // Of a Task that is perhaps somebody else's nothing more is read.
  const isOdd = one.step.kind === 'odd' || (said?.odd ?? []).length > 0;
  const outputs = isOdd ? [] : await deps.outputs(one.task, body, giveUp);
  if (isNew) one.answer = { door: 'poll', body, outputs };
  // What it did may be shown later than that it is done.
  const isShownLate =
    one.step.kind === 'late' &&
    !isOdd &&
    one.task.reason === 'no-outcome' &&
    body.status === 'completed';
  if (isDone || isShownLate) {
    const own = {
      person: one.task.person,
      serviceRequest: one.serviceRequest,
      remoteId: one.task.remote_id ?? '',
    };
    one.outcome = outcomeOf(body, outputs, own);
  }
}

/** Under a hold, or without leave to send, nothing is written at the partner: it may take its time. */
async function endSilence(
  deps: TrackStageDeps,
  lease: Lease<Tx, LedgerRow>,
  one: Result,
): Promise<void> {
  if (!deps.settings.send || (await deps.isHeld(one.task.partner))) {
    one.step = { kind: 'unchanged' };
    return;
  }
  if (!lease.isOurs(one.row))
    throw new AppError('CONFLICT', 'The lease on this Task has passed to another worker', {
      retryable: true,
    });
  one.recalled = await deps.cancel(one.task, silenceWords);
}
