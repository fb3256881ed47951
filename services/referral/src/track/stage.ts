import { AppError } from '@loopwell/kit';
import type { IoStage, Lease } from '@loopwell/pipeline';
import { judgeReported } from '@loopwell/sdoh';
import {
  answers,
  type InboxRow,
  installation,
  type LedgerRow,
  type NewAnswer,
  pageAnswers,
  type Tx,
} from '@loopwell/store';
import { loadFollowed } from '../answers/followed-tasks.ts';
import { inboxRow } from '../answers/inbox-rows.ts';
import { copyAnswer } from '../answers/write-inbox.ts';
import { isReminderDue } from '../clocks/remind-partner.ts';
import { inParallel } from '../in-parallel.ts';
import { isLookedAtAfterward } from './late.ts';
import { silenceWords } from './our-words.ts';
import { pollPartner } from './poll/poll-door.ts';
import type { Asked, Polled, TrackStageDeps } from './poll/polled-task.ts';
import { settleGone, settlePolled } from './poll/settle-polled.ts';
import { track } from './track.ts';

/** Makes the stage that follows Tasks by the inbox and the clock, and polls copies into it. */
export function trackStage(
  deps: TrackStageDeps,
  limit: number,
  leaseMs: number,
): IoStage<Tx, LedgerRow> {
  return { stage: 'track', limit, leaseMs, work: (lease) => workTasks(deps, lease) };
}

/** Works the Tasks of a batch: polls copies, grouped by partner, and settles the others at once. */
async function workTasks(deps: TrackStageDeps, lease: Lease<Tx, LedgerRow>): Promise<void> {
  const open = await deps.read((tx) => readOpen(tx, lease.rows));
  const bySubject = new Set(open.map(({ row }) => row.subject));
  await lease.settle(
    lease.rows.filter(({ subject }) => !bySubject.has(subject)),
    async (_tx, ours) => settleGone(ours),
  );
  const isAsked = ({ task }: Asked) =>
    deps.isPolled(task) && (task.live || isLookedAtAfterward(task));
  const unasked = open.filter((task) => !isAsked(task));
  await finish(
    deps,
    lease,
    unasked.map((task) => ({ ...task, poll: { kind: 'nothing' } })),
  );
  const byPartner = Map.groupBy(
    open.filter(isAsked),
    ({ task }) => `${task.channel} ${task.address}`,
  );
  await inParallel(
    [...byPartner.values()].map((batch) => () => workUnlessShut(deps, lease, batch)),
    byPartner.size,
  );
}

/** Reads the Tasks of a batch with their orders and the answers that wait. */
async function readOpen(tx: Tx, rows: readonly LedgerRow[]): Promise<Asked[]> {
  const ids = rows.map((row) => row.subject);
  const followed = await loadFollowed(tx, ids);
  const identifierSystem = await installation.identifierSystem(tx);
  const waiting = await answers.waitingAnswers(tx, ids);
  const held = await pageAnswers.heldUntil(tx, ids);
  const open: Asked[] = [];
  for (const row of rows) {
    const subject = followed.get(row.subject);
    if (!subject) continue;
    const { task, referral } = subject;
    open.push({
      row,
      task,
      serviceRequest: referral.service_request,
      identifierSystem,
      waiting: waiting.get(task.id) ?? [],
      heldUntil: held.get(task.id),
    });
  }
  return open;
}

/** Polls a partner unless its server may not be asked yet. Then only its own Tasks are put off. */
async function workUnlessShut(
  deps: TrackStageDeps,
  lease: Lease<Tx, LedgerRow>,
  batch: readonly Asked[],
): Promise<void> {
  const rows = batch.map(({ row }) => row);
  const address = batch[0]?.task.address ?? '';
  const waitMs = deps.waitFor(address, rows.length);
  if (waitMs !== undefined) return lease.giveBack(rows, waitMs);
  lease.waitAt(rows, address);
  await finish(deps, lease, await pollPartner(deps, batch));
}

/** Ends silent Tasks, and lets `track` take what the inbox holds, under the leases. */
async function finish(
  deps: TrackStageDeps,
  lease: Lease<Tx, LedgerRow>,
  batch: readonly Polled[],
): Promise<void> {
  const silent = batch.filter((polled) => isSilent(deps, polled));
  const ends = silent.map((polled) => () => endSilence(deps, lease, polled));
  await inParallel(ends, 4);
  await inParallel(
    batch.map((polled) => () => remind(deps, lease, polled)),
    4,
  );
  const rows = batch.map(({ row }) => row);
  await lease.settle(rows, (tx, ours) => {
    const held = new Set(ours.map(({ subject }) => subject));
    const polled = batch.filter(({ row }) => held.has(row.subject));
    return settlePolled(deps, tx, polled);
  });
}

/** Tells whether nothing in the inbox, and nothing that the poll brings into it, ends a silence. */
function isSilent({ clock }: TrackStageDeps, polled: Polled): boolean {
  const { task, poll, serviceRequest, waiting, identifierSystem, heldUntil } = polled;
  if (!task.live || poll.kind === 'gone' || poll.kind === 'failed') return false;
  const now = clock.now();
  const rows = [...waiting];
  if (poll.kind === 'answer') {
    const answer = copyAnswer({ task, answer: poll.answer }, 0);
    const row = inboxRow(task, answer, { serviceRequest, identifierSystem });
    rows.push(asRead(row, now));
  }
  const tracked = { task, serviceRequest, heldUntil };
  return track(tracked, rows, judgeReported, now).next.kind === 'silent';
}

/** Makes the row that a copy's answer will be once it is written. */
const asRead = (row: NewAnswer, now: Date): InboxRow => ({
  id: 0,
  received_at: now,
  repeats: '[]',
  consumed_at: null,
  came_of: null,
  button: null,
  fields: '{}',
  helper: null,
  held_until: null,
  undone_at: null,
  undone_by: null,
  words_removed_at: null,
  words_removed_by: null,
  told_at: null,
  told_by: null,
  ...row,
});

/**
 * Reminds the partner of a Task once, where half of its time is over and nothing was said. Under a
 * hold, or if sending is off, nothing leaves.
 */
async function remind(
  deps: TrackStageDeps,
  lease: Lease<Tx, LedgerRow>,
  polled: Polled,
): Promise<void> {
  const { row, task, waiting, heldUntil } = polled;
  if (waiting.length > 0 || heldUntil || !isReminderDue(task, deps.clock.now())) return;
  if (!deps.settings.send || (await deps.isHeld(task.partner)) || !lease.isOurs(row)) return;
  polled.reminded = await deps.remind(task);
}

/**
 * Cancels a silent Task. Under a hold, or if sending is off, nothing is written at the partner and
 * it may take its time.
 */
async function endSilence(
  deps: TrackStageDeps,
  lease: Lease<Tx, LedgerRow>,
  polled: Polled,
): Promise<void> {
  const { row, task } = polled;
  try {
    if (!deps.settings.send || (await deps.isHeld(task.partner))) return;
    if (!lease.isOurs(row))
      throw new AppError('CONFLICT', 'The lease on this Task has passed to another worker', {
        retryable: true,
      });
    polled.recalled = await deps.cancel(task, silenceWords);
  } catch (error) {
    if (deps.isAway(error)) throw error;
    // A failure with one Task must not stop the partner's other Tasks.
    polled.poll = { kind: 'failed', error };
  }
}
