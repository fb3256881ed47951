import { withoutUndefined } from '@loopwell/fhir';
import { type Facts, newId } from '@loopwell/kit';
import type { Nudge } from '@loopwell/pipeline';
import { isTaskStatus } from '@loopwell/sdoh';
import {
  type DueRow,
  ledger,
  type Settled,
  type Settlement,
  type TaskPatch,
  type TaskRow,
  type Tx,
  taskDeliveries,
  tasks,
  writeBackDue,
} from '@loopwell/store';
import { keepAnswers } from '../answers/keep-answers.ts';
import { firstLook, nextLook } from './late.ts';
import type { Outcome } from './outcome.ts';
import { notAskedYet, type Result, type TrackStageDeps } from './polled-task.ts';
import { oddWords } from './reading.ts';
import { saveOutcomes } from './record-outcomes.ts';

/** The name under which this service records its own decisions. */
export const principal = 'system:referral';

type Writes = {
  patches: { id: string; patch: TaskPatch }[];
  etags: { task: string; etag: string }[];
  due: DueRow[];
  batch: string;
};

/** Records the results of some Tasks under their leases in one transaction. */
export async function settleResults(
  deps: TrackStageDeps,
  tx: Tx,
  results: readonly Result[],
): Promise<{ settled: Settled[]; nudges: Nudge[] }> {
  const writes: Writes = { patches: [], etags: [], due: [], batch: newId() };
  const settled = results.map((one) => settleOne(deps, one, writes));
  // The ledger's rows are locked before Tasks and copies, in the order in which workers lock them.
  await ledger.due(tx, writes.due);
  await tasks.patchTasks(tx, writes.patches);
  await taskDeliveries.saveEtags(tx, writes.etags);
  await keepAnswers(tx, results);
  // The answer from the recall came after the poll's.
  await keepAnswers(
    tx,
    results.map(({ task, recalled }) => ({ task, answer: recalled?.answer })),
  );
  await saveOutcomes(tx, results);
  const woken = new Set(writes.due.map((row) => row.stage));
  const nudges = (['refer', 'close', 'write-back'] as const)
    .filter((stage) => woken.has(stage))
    .map((stage) => ({ stage, batch: writes.batch }));
  return { settled, nudges };
}

function settleOne(deps: TrackStageDeps, result: Result, writes: Writes): Settled {
  const { row, task, step } = result;
  const byPartner = (settlement: Settlement, facts?: Facts): Settled => ({
    row,
    settlement,
    principal: `partner:${task.partner}`,
    ...withoutUndefined({ facts: facts || undefined }),
  });
  const byUs = (settlement: Settlement): Settled => ({ row, settlement, principal });
  const again = (outcome: string, quiet = false): Settlement => ({
    kind: 'wait',
    outcome,
    waitsFor: 'partner',
    delayMs: deps.settings.pollMs,
    quiet,
  });
  const escalate = (code: string, facts: Record<string, string>) =>
    byUs({ kind: 'park', code, facts, waitsFor: 'operator' });
  switch (step.kind) {
    case 'unchanged':
      return byUs(again('unchanged', true));
    case 'moved':
      patch(deps, result, writes, { status: step.to, unseen: JSON.stringify(step.unseen) });
      return byPartner(again(step.to));
    case 'declined':
      patch(deps, result, writes, {
        status: step.to,
        live: false,
        unseen: JSON.stringify(step.unseen),
        ...cancelledByUs(task, step.reason),
      });
      wake(result, writes, 'refer');
      return byPartner(
        step.reason === undefined
          ? firstLook(step.to, deps.settings.pollMs)
          : { kind: 'done', outcome: step.to },
      );
    case 'ended':
      patch(deps, result, writes, {
        status: step.to,
        live: false,
        unseen: JSON.stringify(step.unseen),
        reason: step.why,
      });
      wake(result, writes, 'refer');
      return byPartner(firstLook(step.to, deps.settings.pollMs));
    case 'late':
      return byUs(settleLate(deps, result, writes));
    case 'completed':
      return byPartner(settleCompleted(deps, result, writes, step.unseen), factsOf(result.outcome));
    case 'silent':
      return settleSilence(deps, result, writes);
    case 'illegal':
      return escalate('TASK_MOVE_ILLEGAL', { from: task.status, to: statusCode(step.reported) });
    case 'unreadable':
      return escalate('REMOTE_INVALID', {
        rule: 'The partner shows a status that the guide does not know, and the deadline has passed',
        from: task.status,
      });
    case 'odd':
      return escalate('REMOTE_INVALID', {
        rule: step.oddities.map((oddity) => oddWords[oddity]).join('. '),
      });
    case 'gone':
      return escalate('REMOTE_INVALID', { rule: 'The partner no longer shows the Task' });
    case 'not-asked':
      return byUs(notAskedYet(deps, result, step.error));
  }
}

/**
 * Makes the patch for our own cancellation, read here before the worker that made it could record
 * it. A recall keeps the status before it, as its own record would. A silent Task keeps no such
 * status, because it was not taken.
 */
function cancelledByUs(task: TaskRow, reason: string | undefined): TaskPatch {
  if (reason === undefined) return {};
  return reason === 'not-accepted-in-time' ? { reason } : { reason, recalled_from: task.status };
}

/**
 * Gives a status of FHIR's as it is, and `unknown` for other text, which must not get into the
 * history.
 */
const statusCode = (text: unknown): string =>
  typeof text === 'string' && isTaskStatus(text) ? text : 'unknown';

/**
 * Records the end of a completed Task with the verdict of its outcome. An outcome that speaks
 * against help waits for a person.
 */
function settleCompleted(
  deps: TrackStageDeps,
  result: Result,
  writes: Writes,
  unseen: readonly string[],
): Settlement {
  const verdict = result.outcome?.verdict ?? 'no-outcome';
  patch(deps, result, writes, {
    status: 'completed',
    live: false,
    unseen: JSON.stringify(unseen),
    reason: verdict,
  });
  wake(result, writes, verdict === 'outcome-doubted' ? 'refer' : 'close');
  return firstLook('completed', deps.settings.pollMs);
}

/**
 * Records a look at a Task after its end without moving it. Help that is shown only now counts, and
 * is written to the EHR.
 */
function settleLate(
  deps: TrackStageDeps,
  { row, task, outcome }: Result,
  writes: Writes,
): Settlement {
  if (outcome?.verdict === 'helped') {
    writes.patches.push({ id: task.id, patch: { reason: outcome.verdict } });
    const { tenant, trace } = row;
    writes.due.push(...writeBackDue([{ tenant, person: task.person, trace }], writes.batch));
  }
  return nextLook(task, deps.clock.now(), deps.settings.pollMs);
}

/** Gives the facts of an outcome for the history: the verdict and counts. */
function factsOf(outcome: Outcome | undefined): Facts {
  const { verdict = 'no-outcome', unread = [], doubts = [] } = outcome ?? {};
  const counts = {
    ...withoutUndefined({
      unread: unread.length > 0 ? unread.length : undefined,
      doubted: doubts.length > 0 ? doubts.length : undefined,
    }),
  };
  return { verdict, ...counts };
}

/** Adds a change of the Task to the writes. */
function patch(
  deps: TrackStageDeps,
  { task, report }: Result,
  writes: Writes,
  more: TaskPatch,
): void {
  if (report.kind === 'there' && report.etag !== undefined)
    writes.etags.push({ task: task.id, etag: report.etag });
  writes.patches.push({ id: task.id, patch: { changed_at: deps.clock.now(), ...more } });
}

/** Makes the referral due at a stage. */
function wake({ row, task }: Result, writes: Writes, stage: 'refer' | 'close'): void {
  writes.due.push({
    tenant: row.tenant,
    stage,
    subject: task.referral,
    batch: writes.batch,
    trace: row.trace,
    person: task.person,
  });
}

/**
 * Records the end of a silent Task before a new one starts: it is cancelled and read again, kept
 * because the partner took it meanwhile, or given to a person.
 */
function settleSilence(deps: TrackStageDeps, result: Result, writes: Writes): Settled {
  const { row, recalled } = result;
  if (recalled?.kind === 'cancelled') {
    const ours = recalled.status === 'cancelled';
    patch(deps, result, writes, {
      status: recalled.status,
      live: false,
      ...withoutUndefined({ reason: ours ? 'not-accepted-in-time' : undefined }),
    });
    wake(result, writes, 'refer');
    return {
      row,
      settlement: { kind: 'done', outcome: ours ? 'cancelled:silent' : recalled.status },
      principal,
    };
  }
  // The partner took it meanwhile. The next poll, at once, accepts that by the table of moves.
  if (recalled?.kind === 'kept')
    return {
      row,
      settlement: { kind: 'wait', outcome: 'kept-by-partner', waitsFor: 'partner', delayMs: 0 },
      principal,
    };
  const facts = { rule: recalled?.code ?? 'The cancellation of a silent Task could not be proved' };
  return {
    row,
    settlement: { kind: 'park', code: 'OUTCOME_UNKNOWN', facts, waitsFor: 'operator' },
    principal,
  };
}
