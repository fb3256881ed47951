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
import { isNewAnswer } from '../answers/keep-answers.ts';
import { inParallel } from '../in-parallel.ts';
import { isLookedAtAfterward } from './late.ts';
import { outcomeOf } from './outcome.ts';
import type { Asked, Result, TrackStageDeps, Work } from './polled-task.ts';
import { reading, silenceWords } from './reading.ts';
import { principal, settleResults } from './record-answers.ts';
import { type Report, track } from './track.ts';

/** Makes the stage that polls partners for their Tasks. */
export function trackStage(
  deps: TrackStageDeps,
  limit: number,
  leaseMs: number,
): IoStage<Tx, LedgerRow> {
  return { stage: 'track', limit, leaseMs, work: (lease) => workTasks(deps, lease) };
}

/** Polls the Tasks of a batch, grouped by partner, and ends the rows that need no poll any more. */
async function workTasks(deps: TrackStageDeps, lease: Lease<Tx, LedgerRow>): Promise<void> {
  const { followed, orders, identifierSystem } = await deps.read(async (tx) => {
    const followed = await tasks.loadTasks(
      tx,
      lease.rows.map((row) => row.subject),
    );
    return {
      followed,
      identifierSystem: await installation.identifierSystem(tx),
      orders: await referrals.loadReferrals(
        tx,
        [...followed.values()].map((task) => task.referral),
      ),
    };
  });
  const isFollowed = (task: TaskRow | undefined): task is TaskRow =>
    task !== undefined && (task.live || isLookedAtAfterward(task));
  const ended = lease.rows.filter((row) => !isFollowed(followed.get(row.subject)));
  await lease.settle(ended, async (_tx, ours) => ({
    settled: ours.map((row) => ({
      row,
      settlement: { kind: 'done', outcome: 'ended' },
      principal,
    })),
  }));
  const work = mapDefined(lease.rows, (row) => {
    const task = followed.get(row.subject);
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

/** Polls a partner unless its server may not be asked yet. Then only its own Tasks are put off. */
async function workUnlessShut(
  deps: TrackStageDeps,
  lease: Lease<Tx, LedgerRow>,
  batch: readonly Asked[],
): Promise<void> {
  const rows = batch.map((one) => one.row);
  const address = batch[0]?.task.address ?? '';
  const waitMs = deps.waitFor(address, rows.length);
  if (waitMs !== undefined) return lease.giveBack(rows, waitMs);
  lease.waitAt(rows, address);
  await workPartner(deps, lease, batch);
}

/** Polls one partner, decides a step for each Task, and records the results. */
async function workPartner(
  deps: TrackStageDeps,
  lease: Lease<Tx, LedgerRow>,
  batch: readonly Asked[],
): Promise<void> {
  const reports = await askPartner(deps, batch);
  const now = deps.clock.now();
  const results: Result[] = batch.map((asked) => {
    const report = reading(reports.get(asked.task.id) ?? { kind: 'gone' }, asked);
    return { ...asked, report, step: track(asked.task, report, deps.judge, now) };
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

/**
 * Asks one partner for its Tasks. A failure becomes the report of each Task, so it concerns only
 * this partner.
 */
async function askPartner(
  deps: TrackStageDeps,
  batch: readonly Work[],
): Promise<Map<string, Report>> {
  try {
    return await deps.poll(
      batch[0]?.task.address ?? '',
      batch.map((one) => one.task),
    );
  } catch (error) {
    if (deps.isAway(error)) throw error;
    return new Map(batch.map((one): [string, Report] => [one.task.id, { kind: 'failed', error }]));
  }
}

/**
 * Tries of reading an outcome before the loop is closed without it and the missing part is listed
 * for a person.
 */
const outcomeTries = 5;

/** Reads what a step needs beyond the report: the answer, and the cancellation of a silent Task. */
async function learnMore(
  deps: TrackStageDeps,
  lease: Lease<Tx, LedgerRow>,
  result: Result,
): Promise<void> {
  try {
    await learnAnswer(deps, result);
    if (result.step.kind === 'silent') await endSilence(deps, lease, result);
  } catch (error) {
    if (deps.isAway(error)) throw error;
    if (result.step.kind === 'late') return;
    // A failure with one Task must not stop the partner's other Tasks.
    result.step = { kind: 'not-asked', error };
    delete result.answer;
  }
}

/**
 * Reads the partner's answer with its outputs if it is new, and always the outcome of a completed
 * Task.
 */
async function learnAnswer(deps: TrackStageDeps, result: Result): Promise<void> {
  const { body, statement } = result.report.kind === 'there' ? result.report : {};
  if (body === undefined) return;
  const isNew = isNewAnswer(
    result.task,
    body,
    statement?.handedOn || (statement?.odd ?? []).length > 0,
  );
  const isDone = result.step.kind === 'completed';
  if (!isNew && !isDone) return;
  const giveUp = result.row.attempts + 1 >= outcomeTries;
  // A Task that may be another's is read no further.
  const isOdd = result.step.kind === 'odd' || (statement?.odd ?? []).length > 0;
  const outputs = isOdd ? [] : await deps.outputs(result.task, body, giveUp);
  if (isNew) result.answer = { door: 'poll', body, outputs };
  // A partner may show its outcome later than the completion.
  const isShownLate =
    result.step.kind === 'late' &&
    !isOdd &&
    result.task.reason === 'no-outcome' &&
    body.status === 'completed';
  if (isDone || isShownLate) {
    const expected = {
      person: result.task.person,
      serviceRequest: result.serviceRequest,
      remoteId: result.task.remote_id ?? '',
    };
    result.outcome = outcomeOf(body, outputs, expected);
  }
}

/**
 * Cancels a silent Task. Under a hold, or if sending is off, nothing is written at the partner and
 * it may take its time.
 */
async function endSilence(
  deps: TrackStageDeps,
  lease: Lease<Tx, LedgerRow>,
  result: Result,
): Promise<void> {
  if (!deps.settings.send || (await deps.isHeld(result.task.partner))) {
    result.step = { kind: 'unchanged' };
    return;
  }
  if (!lease.isOurs(result.row))
    throw new AppError('CONFLICT', 'The lease on this Task has passed to another worker', {
      retryable: true,
    });
  result.recalled = await deps.cancel(result.task, silenceWords);
}
