import { newId } from '@loopwell/kit';
import type { Nudge } from '@loopwell/pipeline';
import {
  copies,
  type DueRow,
  ledger,
  made,
  pulled,
  referrals,
  type Settled,
  type Settlement,
  type TaskPatch,
  type Tx,
  tasks,
} from '@loopwell/store';
import { notAskedYet, type Result, type TrackStageDeps } from './work.ts';

export const principal = 'system:referral';

type Writes = { patches: { id: string; patch: TaskPatch }[]; due: DueRow[]; batch: string };

/** What was learnt of some Tasks, written under their leases in one transaction. */
export async function settleResults(
  deps: TrackStageDeps,
  tx: Tx,
  results: readonly Result[],
): Promise<{ settled: Settled[]; nudges: Nudge[] }> {
  const writes: Writes = { patches: [], due: [], batch: newId() };
  const settled = results.map((one) => settleOne(deps, one, writes));
  await tasks.patchTasks(tx, writes.patches);
  await saveOutputs(tx, results);
  await ledger.due(tx, writes.due);
  const woken = new Set(writes.due.map((row) => row.stage));
  const nudges = (['refer', 'close'] as const).filter((stage) => woken.has(stage)).map((stage) => ({ stage, batch: writes.batch }));
  return { settled, nudges };
}

function settleOne(deps: TrackStageDeps, one: Result, writes: Writes): Settled {
  const { row, task, step } = one;
  const byPartner = (settlement: Settlement): Settled => ({ row, settlement, principal: `partner:${task.partner}` });
  const byUs = (settlement: Settlement): Settled => ({ row, settlement, principal });
  const again = (outcome: string, quiet = false): Settlement => ({
    kind: 'wait',
    outcome,
    waitsFor: 'partner',
    delayMs: deps.settings.pollMs,
    quiet,
  });
  const escalate = (code: string, facts: Record<string, string>) => byUs({ kind: 'park', code, facts, waitsFor: 'operator' });
  switch (step.kind) {
    case 'unchanged':
      return byUs(again('unchanged', true));
    case 'moved':
      patch(deps, one, writes, { status: step.to, unseen: JSON.stringify(step.unseen) });
      return byPartner(again(step.to));
    case 'declined':
      patch(deps, one, writes, { status: step.to, live: false, unseen: JSON.stringify(step.unseen) });
      wake(one, writes, 'refer');
      return byPartner({ kind: 'done', outcome: step.to });
    case 'failed':
      patch(deps, one, writes, { status: step.kind, live: false, unseen: JSON.stringify(step.unseen) });
      wake(one, writes, 'refer');
      return byPartner({ kind: 'done', outcome: step.kind });
    case 'completed': {
      patch(deps, one, writes, { status: step.kind, live: false, unseen: JSON.stringify(step.unseen) });
      wake(one, writes, 'close');
      const unread = one.outputs?.unread.length ?? 0;
      return { ...byPartner({ kind: 'done', outcome: step.kind }), ...(unread > 0 ? { facts: { unread } } : {}) };
    }
    case 'silent':
      return settleSilence(deps, one, writes);
    case 'illegal':
      return escalate('TASK_MOVE_ILLEGAL', { from: task.status, to: statusCode(step.reported) });
    case 'gone':
      return escalate('REMOTE_INVALID', { rule: 'The partner no longer shows the Task' });
    case 'not-asked':
      return byUs(notAskedYet(deps, one, step.error));
  }
}

/** A status is a short code, or somebody's text in the wrong place, which nobody wants in the history. */
const statusCode = (text: unknown): string => (typeof text === 'string' && /^[a-z-]{1,30}$/.test(text) ? text : 'unreadable');

function patch(deps: TrackStageDeps, { task, report }: Result, writes: Writes, more: TaskPatch): void {
  const etag = (report.kind === 'there' ? report.etag : undefined) ?? task.etag;
  writes.patches.push({ id: task.id, patch: { etag, changed_at: deps.clock.now(), ...more } });
}

function wake({ row, task }: Result, writes: Writes, stage: 'refer' | 'close'): void {
  writes.due.push({
    organisation: row.organisation,
    stage,
    subject: task.referral,
    batch: writes.batch,
    trace: row.trace,
    person: task.person,
  });
}

/** The old Task ends before a new one starts: cancelled and read again, kept by who took it meanwhile, or a person's. */
function settleSilence(deps: TrackStageDeps, one: Result, writes: Writes): Settled {
  const { row, recalled } = one;
  if (recalled?.kind === 'cancelled') {
    const ours = recalled.status === 'cancelled';
    patch(deps, one, writes, { status: recalled.status, live: false, ...(ours ? { reason: 'not-accepted-in-time' } : {}) });
    wake(one, writes, 'refer');
    return { row, settlement: { kind: 'done', outcome: ours ? 'cancelled:silent' : recalled.status }, principal };
  }
  // Taken meanwhile: the next poll, at once, believes it by the table of moves.
  if (recalled?.kind === 'kept')
    return { row, settlement: { kind: 'wait', outcome: 'kept-by-partner', waitsFor: 'partner', delayMs: 0 }, principal };
  const facts = { rule: recalled?.code ?? 'The cancellation of a silent Task could not be proved' };
  return { row, settlement: { kind: 'park', code: 'OUTCOME_UNKNOWN', facts, waitsFor: 'operator' }, principal };
}

async function saveOutputs(tx: Tx, results: readonly Result[]): Promise<void> {
  const done = results.filter((one) => one.outputs !== undefined);
  if (done.length === 0) return;
  const known = await referrals.loadReferrals(
    tx,
    done.map((one) => one.task.referral),
  );
  const rows = done.flatMap(({ task, outputs }) =>
    (outputs?.copies ?? []).map((output) => ({
      id: output.id,
      organisation: task.organisation,
      connection: known.get(task.referral)?.connection ?? '',
      type: 'Procedure' as const,
      person: task.person,
      body: output.body,
      referral: task.referral,
    })),
  );
  const versions = await made.saveMade(tx, rows);
  await copies.wantCopies(
    tx,
    rows.map((row) => ({ ...row, madeId: row.id, version: versions.get(row.id) ?? 1 })),
  );
  await pulled.saveQuarantine(tx, done.flatMap(unreadRows));
}

/** An outcome that the partner named and would not show is listed; the loop is closed without it. */
function unreadRows({ task, outputs }: Result) {
  return (outputs?.unread ?? []).map((sourceId) => ({
    organisation: task.organisation,
    connection: `partner:${task.partner}`,
    type: 'Procedure',
    sourceId,
    person: task.person,
    code: 'outcome-unreadable',
    body: null,
  }));
}
