import type { Facts } from '@loopwell/kit';
import {
  type DueRow,
  type HistoryLine,
  type TakenAnswer,
  type TaskPatch,
  type TaskRow,
  writeBackDue,
} from '@loopwell/store';
import type { Followed } from '../answers/followed-tasks.ts';
import type { Recalled } from '../refer/model.ts';
import { principal } from './our-words.ts';
import type { Outcome } from './outcome.ts';
import type { Look, TrackStep } from './track.ts';

/** What looks at answers change, gathered for a whole batch. */
export type Writes = {
  batch: string;
  /** Changes of Tasks. A round has at most one for each Task. */
  rounds: { id: string; patch: TaskPatch }[][];
  due: DueRow[];
  taken: TakenAnswer[];
  history: HistoryLine[];
  /** Looks that may have brought an outcome or something for a person to see. */
  done: (Followed & { look: Look })[];
};

type Looked = Followed & { look: Look; round: number; isLast: boolean };

/** Adds what one answer changes to the writes. */
export function recordLook(looked: Looked, now: Date, writes: Writes): void {
  const { look, round, isLast } = looked;
  const { row, step, outcome } = look;
  const isStuck = ['illegal', 'unreadable', 'odd', 'waits'].includes(step.kind);
  writes.taken.push({ id: row.id, cameOf: cameOf(step), isTaken: !isStuck || !isLast });
  writes.done.push(looked);
  const patch = patchOf(look);
  if (patch === undefined) {
    if (outcome?.verdict === 'helped') recordLateHelp(looked, writes);
    return;
  }
  addToRound(writes, round, { id: row.task, patch: { changed_at: now, ...patch } });
  const stage = stageAfter(look);
  if (stage) wake(looked, writes, stage);
  const { task, referral } = looked;
  writes.history.push({
    tenant: task.tenant,
    stage: 'track',
    subject: task.id,
    person: task.person,
    outcome: String(patch.status),
    attempt: 1,
    trace: referral.trace,
    principal: row.recorded_by === principal ? row.who : row.recorded_by,
    ...(step.kind === 'completed' ? { facts: factsOf(outcome) } : {}),
  });
}

/** Says what came of an answer, for its row in the inbox. */
const cameOf = (step: TrackStep): string => ('to' in step ? `${step.kind}:${step.to}` : step.kind);

function addToRound(writes: Writes, round: number, move: Writes['rounds'][number][number]): void {
  const moves = writes.rounds[round] ?? [];
  moves.push(move);
  writes.rounds[round] = moves;
}

/** Gives the change of a Task that an answer makes; undefined if it moves nothing. */
function patchOf({ task, step, outcome }: Look): TaskPatch | undefined {
  switch (step.kind) {
    case 'moved':
      return { status: step.to, unseen: JSON.stringify(step.unseen) };
    case 'declined': {
      const end = { status: step.to, live: false, unseen: JSON.stringify(step.unseen) };
      return { ...end, ...cancelledByUs(task, step.reason) };
    }
    case 'ended':
      return {
        status: step.to,
        live: false,
        unseen: JSON.stringify(step.unseen),
        reason: step.why,
      };
    case 'completed':
      return {
        status: 'completed',
        live: false,
        unseen: JSON.stringify(step.unseen),
        reason: outcome?.verdict ?? 'no-outcome',
      };
    default:
      return undefined;
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

/** Gives the stage that goes on with a referral after its Task has ended. */
function stageAfter({ step, outcome }: Look): 'refer' | 'close' | undefined {
  if (step.kind === 'declined' || step.kind === 'ended') return 'refer';
  if (step.kind !== 'completed') return undefined;
  return outcome?.verdict === 'outcome-doubted' ? 'refer' : 'close';
}

/** Makes the referral due at a stage. */
function wake({ task, referral }: Followed, writes: Writes, stage: 'refer' | 'close'): void {
  const { tenant, person } = task;
  const { batch } = writes;
  writes.due.push({
    tenant,
    stage,
    subject: task.referral,
    batch,
    trace: referral.trace,
    person,
  });
}

/** Records help that is shown only after the end: it counts, and is written to the EHR. */
function recordLateHelp({ task, referral, round }: Looked, writes: Writes): void {
  addToRound(writes, round, { id: task.id, patch: { reason: 'helped' } });
  const { tenant, person } = task;
  writes.due.push(...writeBackDue([{ tenant, person, trace: referral.trace }], writes.batch));
}

/** Gives the facts of an outcome for the history: the verdict and counts. */
function factsOf(outcome: Outcome | undefined): Facts {
  const { verdict = 'no-outcome', unread = [], doubts = [] } = outcome ?? {};
  const facts: Record<string, string | number> = { verdict };
  if (unread.length > 0) facts.unread = unread.length;
  if (doubts.length > 0) facts.doubted = doubts.length;
  return facts;
}

/**
 * Adds the end of a silent Task to the writes, before a new one starts: it was cancelled and read
 * again, or the partner was faster.
 */
export function recordSilence(
  followed: Followed,
  recalled: Recalled,
  now: Date,
  writes: Writes,
): void {
  if (recalled.kind !== 'cancelled') return;
  const { status } = recalled;
  const end: TaskPatch = {
    status,
    live: false,
    changed_at: now,
  };
  if (status === 'cancelled') end.reason = 'not-accepted-in-time';
  addToRound(writes, 0, { id: followed.task.id, patch: end });
  wake(followed, writes, 'refer');
}
