import { mapDefined } from '@loopwell/fhir';
import type { Nudge } from '@loopwell/pipeline';
import { answers, type LedgerRow, type Settled, type Tx, taskDeliveries } from '@loopwell/store';
import { type NewCopy, noteCopies, writeCopies } from '../../answers/write-inbox.ts';
import { tellOfClocks } from '../../clocks/tell-clocks.ts';
import type { Recalled } from '../../refer/model.ts';
import { principal } from '../our-words.ts';
import { takeWaiting } from '../take-waiting.ts';
import type { TrackResult } from '../track.ts';
import { noteConsentEnds } from './consent-end.ts';
import type { Polled, TrackStageDeps } from './polled-task.ts';
import { settledOf } from './settlements.ts';

/** Ends rows of the ledger whose Tasks are not there. */
export const settleGone = (rows: readonly LedgerRow[]): { settled: Settled[] } => ({
  settled: rows.map((row) => ({
    row,
    settlement: { kind: 'done', outcome: 'ended' },
    principal,
  })),
});

/**
 * Writes what the polls brought into the inbox, lets `track` take all that waits there, and settles
 * the rows, in one transaction under their leases.
 */
export async function settlePolled(
  deps: TrackStageDeps,
  tx: Tx,
  batch: readonly Polled[],
): Promise<{ settled: Settled[]; nudges: Nudge[] }> {
  const copies = newCopies(batch);
  await writeCopies(tx, copies);
  const recalls = new Map<string, Recalled>();
  for (const { task, recalled } of batch) {
    if (recalled) recalls.set(task.id, recalled);
  }
  const ids = batch.map(({ task }) => task.id);
  const alsoRefer = await noteConsentEnds(tx, batch, deps.clock.now());
  const taken = await takeWaiting(tx, deps, ids, { recalls, alsoRefer });
  await noteCopies(tx, copies);
  await noteEtags(tx, batch);
  const silent = batch.filter(({ task }) => taken.results.get(task.id)?.next.kind === 'silent');
  await keepRecalled(tx, batch);
  await closeCancelled(tx, silent);
  const results = await tellClocks(deps, tx, batch, taken.results);
  const settled = batch.map((polled) => settledOf(deps, polled, results.get(polled.task.id)));
  return { settled, nudges: taken.nudges };
}

/** Tells of clocks that need a person, and gives the results with what was noted of them. */
async function tellClocks(
  { clock }: TrackStageDeps,
  tx: Tx,
  batch: readonly Polled[],
  results: ReadonlyMap<string, TrackResult>,
): Promise<Map<string, TrackResult>> {
  const after = new Map(results);
  // An answer that can still be undone has stopped the clocks.
  const running = batch.filter(({ heldUntil }) => heldUntil === undefined);
  const clocked = mapDefined(running, ({ row, task, reminded }) => {
    const result = results.get(task.id);
    const isReminded = reminded?.state === 'accepted';
    return result && { task: result.task, trace: row.trace, isReminded };
  });
  const noted = await tellOfClocks(tx, clocked, clock.now());
  for (const [id, result] of results) {
    const task = noted.get(id);
    if (task !== undefined) after.set(id, { ...result, task });
  }
  return after;
}

function newCopies(batch: readonly Polled[]): NewCopy[] {
  const copies: NewCopy[] = [];
  for (const { task, poll } of batch) {
    if (poll.kind !== 'answer') continue;
    copies.push({ task, answer: poll.answer });
  }
  return copies;
}

/** Notes the ETags of new versions, for the next write to the copy. */
async function noteEtags(tx: Tx, batch: readonly Polled[]): Promise<void> {
  const etags: { task: string; etag: string }[] = [];
  for (const { task, poll } of batch) {
    if (poll.kind !== 'answer' || poll.etag === undefined) continue;
    etags.push({ task: task.id, etag: poll.etag });
  }
  await taskDeliveries.saveEtags(tx, etags);
}

/** Keeps what silent partners had said when their Tasks were taken back; it came after the poll. */
async function keepRecalled(tx: Tx, batch: readonly Polled[]): Promise<void> {
  const copies: NewCopy[] = [];
  for (const { task, recalled } of batch) {
    const answer = recalled?.answer;
    if (answer) copies.push({ task, answer });
  }
  await writeCopies(tx, copies);
  await noteCopies(tx, copies);
}

/** Closes what was said of silent Tasks that were cancelled: nothing more comes of it. */
async function closeCancelled(tx: Tx, silent: readonly Polled[]): Promise<void> {
  for (const { task, recalled } of silent)
    if (recalled?.kind === 'cancelled') await answers.closeCopies(tx, task.id);
}
