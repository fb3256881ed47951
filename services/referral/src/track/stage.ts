import { AppError, type Clock, type Log, newId } from '@loopwell/kit';
import type { IoStage, Lease, Nudge } from '@loopwell/pipeline';
import {
  copies,
  type DueRow,
  ledger,
  type LedgerRow,
  made,
  referrals,
  type Settled,
  type TaskPatch,
  type TaskRow,
  tasks,
  type Tx,
} from '@loopwell/store';
import type { Recalled } from '../refer/stage.ts';
import { inParallel } from '../refer/stage.ts';
import type { ReferralSettings } from '../settings.ts';
import { type Judgement, type Report, track, type TrackStep } from './track.ts';

/** An outcome that the partner recorded: its Procedure, made ours by copying it with our references. */
export type OutputCopy = { id: string; body: string };

export type TrackStageDeps = {
  settings: ReferralSettings;
  clock: Clock;
  read: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  judge: (from: string, to: string) => Judgement;
  /** One search per partner for all its Tasks of the batch. Keys are our Task ids. */
  poll: (address: string, batch: readonly TaskRow[]) => Promise<Map<string, Report>>;
  cancel: (task: TaskRow, reason: string) => Promise<Recalled>;
  /** Procedures that a completed Task refers to. */
  outputs: (task: TaskRow) => Promise<OutputCopy[]>;
  log: Log;
};

type Work = { row: LedgerRow; task: TaskRow };
type Result = Work & { step: TrackStep; report: Report; recalled?: Recalled; outputs?: OutputCopy[] };

const principal = 'system:referral';

export function trackStage(deps: TrackStageDeps, limit: number, leaseMs: number): IoStage<Tx, LedgerRow> {
  return { stage: 'track', limit, leaseMs, work: (lease) => workTasks(deps, lease) };
}

async function workTasks(deps: TrackStageDeps, lease: Lease<Tx, LedgerRow>): Promise<void> {
  const known = await deps.read((tx) =>
    tasks.loadTasks(
      tx,
      lease.rows.map((row) => row.subject),
    ),
  );
  const ended = lease.rows.filter((row) => !known.get(row.subject)?.live);
  await lease.settle(ended, async (_tx, ours) => ({
    settled: ours.map((row) => ({ row, settlement: { kind: 'done', outcome: 'ended' }, principal })),
  }));
  const work = lease.rows.flatMap((row) => {
    const task = known.get(row.subject);
    return task?.live ? [{ row, task }] : [];
  });
  const byPartner = Map.groupBy(work, (one) => one.task.address);
  await inParallel(
    [...byPartner].map(([address, some]) => () => workPartner(deps, lease, address, some)),
    8,
  );
}

async function workPartner(deps: TrackStageDeps, lease: Lease<Tx, LedgerRow>, address: string, some: readonly Work[]): Promise<void> {
  const reports = await deps.poll(
    address,
    some.map((one) => one.task),
  );
  const now = deps.clock.now();
  const results: Result[] = some.map((one) => {
    const report = reports.get(one.task.id);
    return { ...one, report, step: track(one.task, report, deps.judge, now) };
  });
  const failed = new Set<Result>();
  const learn = async (one: Result) => {
    // What cannot be learnt of one Task is no reason to leave the partner's other Tasks as they are.
    await learnMore(deps, lease, one).catch(async (error) => {
      failed.add(one);
      await lease.park(one.row, error);
    });
  };
  await inParallel(
    results.filter(needsMore).map((one) => () => learn(one)),
    4,
  );
  const done = results.filter((one) => !failed.has(one));
  const byRow = new Map(done.map((one) => [one.row.subject, one]));
  await lease.settle(
    done.map((one) => one.row),
    (tx, ours) =>
      settleResults(
        deps,
        tx,
        ours.flatMap((row) => byRow.get(row.subject) ?? []),
      ),
  );
}

const needsMore = (one: Result) => one.step.kind === 'silent' || one.step.kind === 'completed';

async function learnMore(deps: TrackStageDeps, lease: Lease<Tx, LedgerRow>, one: Result): Promise<void> {
  if (!lease.isOurs(one.row)) throw new AppError('CONFLICT', 'The lease on this Task has passed to another worker', { retryable: true });
  if (one.step.kind === 'silent') one.recalled = await deps.cancel(one.task, 'Not accepted in time');
  else one.outputs = await deps.outputs(one.task);
}

async function settleResults(
  deps: TrackStageDeps,
  tx: Tx,
  results: readonly Result[],
): Promise<{ settled: Settled[]; nudges: Nudge[] }> {
  const batch = newId();
  const patches: { id: string; patch: TaskPatch }[] = [];
  const due: DueRow[] = [];
  const settled = results.map((one) => settleOne(deps, one, patches, due, batch));
  await tasks.patchTasks(tx, patches);
  await saveOutputs(tx, results);
  await ledger.due(tx, due);
  const woken = new Set(due.map((row) => row.stage));
  const nudges = (['refer', 'close'] as const).filter((stage) => woken.has(stage)).map((stage) => ({ stage, batch }));
  return { settled, nudges };
}

function settleOne(
  deps: TrackStageDeps,
  one: Result,
  patches: { id: string; patch: TaskPatch }[],
  due: DueRow[],
  batch: string,
): Settled {
  const { row, task, step, report } = one;
  const changed_at = deps.clock.now();
  const etag = report?.etag ?? task.etag;
  const patch = (more: TaskPatch) => patches.push({ id: task.id, patch: { etag, changed_at, ...more } });
  const wake = (stage: 'refer' | 'close') =>
    due.push({ organisation: row.organisation, stage, subject: task.referral, batch, trace: row.trace, person: task.person });
  const again = (outcome: string, quiet = false): Settled => ({
    row,
    settlement: { kind: 'wait', outcome, waitsFor: 'partner', delayMs: deps.settings.pollMs, quiet },
    principal: quiet ? principal : `partner:${task.partner}`,
  });
  const finish = (outcome: string, by = `partner:${task.partner}`): Settled => ({ row, settlement: { kind: 'done', outcome }, principal: by });
  const escalate = (code: string, facts: Record<string, string>): Settled => ({
    row,
    settlement: { kind: 'park', code, facts, waitsFor: 'operator' },
    principal,
  });
  switch (step.kind) {
    case 'unchanged':
      return again('unchanged', true);
    case 'moved':
      patch({ status: step.to, unseen: JSON.stringify(step.unseen) });
      return again(step.to);
    case 'declined':
      patch({ status: step.to, live: false, unseen: JSON.stringify(step.unseen) });
      wake('refer');
      return finish(step.to);
    case 'failed':
    case 'completed':
      patch({ status: step.kind, live: false, unseen: JSON.stringify(step.unseen) });
      wake('close');
      return finish(step.kind);
    case 'silent':
      return settleSilence(one, patch, wake, again, finish, escalate);
    case 'illegal':
      return escalate('TASK_MOVE_ILLEGAL', { from: task.status, to: step.reported });
    case 'gone':
      return escalate('REMOTE_INVALID', { rule: 'The partner no longer shows the Task' });
  }
}

/** The old Task ends before a new one starts: cancelled and read again, or a person decides. */
function settleSilence(
  one: Result,
  patch: (more: TaskPatch) => void,
  wake: (stage: 'refer') => void,
  again: (outcome: string) => Settled,
  finish: (outcome: string, by?: string) => Settled,
  escalate: (code: string, facts: Record<string, string>) => Settled,
): Settled {
  const { recalled } = one;
  if (recalled?.kind === 'cancelled') {
    patch({ status: 'cancelled', live: false, reason: 'not-accepted-in-time' });
    wake('refer');
    return finish('cancelled:silent', principal);
  }
  if (recalled?.kind === 'accepted') {
    patch({ status: recalled.status });
    return again(recalled.status);
  }
  return escalate('OUTCOME_UNKNOWN', { rule: 'The cancellation of a silent Task could not be proved' });
}

async function saveOutputs(tx: Tx, results: readonly Result[]): Promise<void> {
  const done = results.filter((one) => (one.outputs?.length ?? 0) > 0);
  if (done.length === 0) return;
  const known = await referrals.loadReferrals(
    tx,
    done.map((one) => one.task.referral),
  );
  const rows = done.flatMap((one) =>
    (one.outputs ?? []).map((output) => ({
      id: output.id,
      organisation: one.task.organisation,
      connection: known.get(one.task.referral)?.connection ?? '',
      type: 'Procedure',
      person: one.task.person,
      body: output.body,
      referral: one.task.referral,
    })),
  );
  const versions = await made.saveMade(tx, rows);
  await copies.wantCopies(
    tx,
    rows.map((row) => ({ ...row, madeId: row.id, type: 'Procedure' as const, version: versions.get(row.id) ?? 1 })),
  );
}
