import type { Facts } from '@loopwell/kit';
import {
  type DueRow,
  type HistoryLine,
  type NewNoRow,
  type NewTryRow,
  type TakenAnswer,
  type TaskMove,
  writeBackDue,
} from '@loopwell/store';
import type { Followed } from '../answers/followed-tasks.ts';
import type { Recalled } from '../refer/model.ts';
import { principal } from './our-words.ts';
import type { Outcome } from './outcome.ts';
import { moveOfLook, moveOfSilence } from './task-moves.ts';
import type { Look, TrackResult, TrackStep } from './track.ts';

/** What looks at answers change, gathered for a whole batch. */
export type Writes = {
  batch: string;
  /** Moves of Tasks. A round has at most one for each Task. */
  rounds: TaskMove[][];
  /** Tasks that ended without an outcome and have shown their help by now. */
  helped: string[];
  due: DueRow[];
  taken: TakenAnswer[];
  history: HistoryLine[];
  /** Nos of people that partners passed on. */
  nos: NewNoRow[];
  /** Tries of partners to reach people. */
  tries: NewTryRow[];
  /** Looks that may have brought an outcome or something for a person to see. */
  done: (Followed & { look: Look })[];
};

type Looked = Followed & { look: Look; round: number; isLast: boolean };

/** Adds what one answer changes to the writes. */
export function recordLook(looked: Looked, writes: Writes): void {
  const { look, round, isLast } = looked;
  const { row, step, outcome } = look;
  const isStuck = ['illegal', 'unreadable', 'odd', 'waits'].includes(step.kind);
  writes.taken.push({ id: row.id, cameOf: cameOf(step), isTaken: !isStuck || !isLast });
  writes.done.push(looked);
  const move = moveOfLook(look);
  if (move) addToRound(writes, round, move);
  if (move === undefined || move.to === look.task.status) {
    if (outcome?.verdict === 'helped') recordLateHelp(looked, writes);
    return;
  }
  const stage = stageAfter(look);
  if (stage) wake(looked, writes, stage);
  const { task, referral } = looked;
  writes.history.push({
    tenant: task.tenant,
    stage: 'track',
    subject: task.id,
    person: task.person,
    outcome: move.to,
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
function recordLateHelp({ task, referral }: Looked, writes: Writes): void {
  writes.helped.push(task.id);
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
  { task, looks }: TrackResult,
  recalled: Recalled,
  writes: Writes,
): void {
  if (recalled.kind !== 'cancelled') return;
  addToRound(writes, looks.length, moveOfSilence(task, recalled));
  wake(followed, writes, 'refer');
}
