import { AppError, newId } from '@loopwell/kit';
import type { Nudge } from '@loopwell/pipeline';
import { judgeReported } from '@loopwell/sdoh';
import {
  answers,
  contact,
  type DueRow,
  installation,
  ledger,
  moveTasks,
  pageAnswers,
  type TaskMove,
  type TaskPatch,
  type TaskRow,
  type Tx,
  tasks,
} from '@loopwell/store';
import { type Followed, loadFollowed } from '../answers/followed-tasks.ts';
import type { InboxContext } from '../answers/inbox-answer.ts';
import { loadHours } from '../clocks/partner-hours.ts';
import { clocksOfMove } from '../clocks/task-clocks.ts';
import type { Clocked } from '../clocks/tell-clocks.ts';
import { tellNotSeen } from '../clocks/tell-not-seen.ts';
import type { Recalled } from '../refer/model.ts';
import { dueAgain, endReads, noOfAnswer, referralsAgainst, tryOfAnswer } from './partners-words.ts';
import { pauseFull } from './pause-full.ts';
import { recordLook, recordSilence, type Writes } from './record-looks.ts';
import { saveOutcomes } from './record-outcomes.ts';
import { type TrackResult, track } from './track.ts';

/** What came of the answers about some Tasks, by Task, and the nudges to give after the commit. */
export type Taken = { results: Map<string, TrackResult>; nudges: Nudge[] };

type Around = {
  recalls?: ReadonlyMap<string, Recalled>;
  alsoRefer?: readonly Omit<DueRow, 'stage' | 'batch'>[];
};

/**
 * Takes the answers that wait in the inbox: moves their Tasks, keeps outcomes, makes refer, close
 * and write-back due, and writes the history. The caller holds the rows of `track` of these Tasks.
 *
 * @param around `recalls`: how Tasks that were silent too long were taken back from their partners;
 *   `alsoRefer`: referrals that `refer` has to look at whatever was said
 */
export async function takeWaiting(
  tx: Tx,
  { clock }: InboxContext,
  ids: readonly string[],
  { recalls = new Map(), alsoRefer = [] }: Around = {},
): Promise<Taken> {
  const followed = await loadFollowed(tx, ids);
  const waiting = await answers.waitingAnswers(tx, ids);
  const held = await pageAnswers.heldUntil(tx, ids);
  const now = clock.now();
  const results = new Map<string, TrackResult>();
  const writes = noWrites();
  for (const [id, subject] of followed) {
    const { task, referral } = subject;
    const serviceRequest = referral.service_request;
    const tracked = { task, serviceRequest, heldUntil: held.get(id) };
    const result = track(tracked, waiting.get(id) ?? [], judgeReported, now);
    results.set(id, result);
    const nos = result.looks.map((look) => noOfAnswer(subject, look, clock));
    writes.nos.push(...nos.filter((no) => no !== undefined));
    const tries = result.looks.map((look) => tryOfAnswer(subject, look, clock));
    writes.tries.push(...tries.filter((made) => made !== undefined));
    for (const [round, look] of result.looks.entries())
      recordLook({ ...subject, look, round, isLast: round === result.looks.length - 1 }, writes);
    const recalled = result.next.kind === 'silent' ? recalls.get(id) : undefined;
    if (recalled) recordSilence(subject, result, recalled, writes);
  }
  const { batch } = writes;
  addDue(
    writes,
    alsoRefer.map((row) => ({ ...row, stage: 'refer', batch })),
  );
  // Before rows of `refer` are locked, as whoever edits a partner's profile does.
  await pauseFull(tx, writes.done, clock);
  const moved = await save(tx, ids, writes);
  await setClocks(tx, { followed, results, moved }, clock);
  const notSeen = notSeenAmong(writes, results);
  for (const [id, task] of await tellNotSeen(tx, notSeen, now)) setTask(results, id, task);
  return { results, nudges: nudgesOf(writes) };
}

const noWrites = (): Writes => ({
  batch: newId(),
  rounds: [],
  helped: [],
  due: [],
  taken: [],
  history: [],
  nos: [],
  tries: [],
  done: [],
});

/** Lists the open Tasks whose partner says by a button that it has not seen the person yet. */
function notSeenAmong({ done }: Writes, results: Taken['results']): Clocked[] {
  const notSeen = done.filter(({ look }) => look.row.button === 'notSeenYet');
  const clocked = notSeen.map(({ task, referral }) => ({
    task: results.get(task.id)?.task ?? task,
    trace: referral.trace,
  }));
  return clocked.filter(({ task }) => task.live);
}

function setTask(results: Taken['results'], id: string, task: TaskRow): void {
  const result = results.get(id);
  if (result) results.set(id, { ...result, task });
}

/** Adds rows that are not due already. */
function addDue(writes: Writes, rows: readonly DueRow[]): void {
  const asked = new Set(writes.due.map(({ stage, subject }) => `${stage} ${subject}`));
  writes.due.push(...rows.filter(({ stage, subject }) => !asked.has(`${stage} ${subject}`)));
}

/**
 * Moves Tasks as was decided.
 *
 * @returns the Tasks of which something new was said
 * @throws AppError CONFLICT when another mover was faster; what was decided is decided again
 */
async function moveAll(tx: Tx, moves: readonly TaskMove[]): Promise<string[]> {
  const outcomes = [...(await moveTasks(tx, moves))];
  for (const [, { kind }] of outcomes)
    if (kind === 'moved-meanwhile' || kind === 'not-allowed')
      throw new AppError('CONFLICT', 'The Task was moved meanwhile', { retryable: true });
  return outcomes.filter(([, { kind }]) => kind === 'moved').map(([id]) => id);
}

/** Lets the clocks of Tasks follow what was said of them, and notes them with the results. */
async function setClocks(
  tx: Tx,
  { followed, results, moved }: Pick<Taken, 'results'> & Moved,
  clock: InboxContext['clock'],
): Promise<void> {
  if (moved.size === 0) return;
  const hoursOf = await loadHours(tx);
  const patches: { id: string; patch: TaskPatch }[] = [];
  for (const id of moved) {
    const before = followed.get(id);
    const result = results.get(id);
    if (before === undefined || result === undefined) continue;
    const hours = hoursOf(result.task.partner, before.referral.category);
    const patch = clocksOfMove(before, result.task, { clock, hours });
    if (patch === undefined) continue;
    patches.push({ id, patch });
    results.set(id, { ...result, task: { ...result.task, ...patch } });
  }
  await tasks.patchTasks(tx, patches);
}

type Moved = { followed: ReadonlyMap<string, Followed>; moved: ReadonlySet<string> };

/**
 * Saves what was decided. The ledger's rows are locked before referrals, Tasks and copies.
 *
 * @returns the Tasks of which something new was said
 */
async function save(tx: Tx, ids: readonly string[], writes: Writes): Promise<Set<string>> {
  const moved = new Set<string>();
  const against = await referralsAgainst(tx, writes.nos);
  addDue(writes, dueAgain(against, writes.batch));
  await ledger.due(tx, writes.due);
  await tasks.lockWithReferrals(tx, ids);
  for (const moves of writes.rounds) {
    for (const id of moves ? await moveAll(tx, moves) : []) moved.add(id);
  }
  const helped = writes.helped.map((id) => ({ id, patch: { reason: 'helped' } }));
  await tasks.patchTasks(tx, helped);
  await contact.addNos(tx, writes.nos);
  await contact.addTries(tx, writes.tries);
  await answers.takeAnswers(tx, writes.taken);
  const identifierSystem = await installation.identifierSystem(tx);
  await saveOutcomes(tx, writes.done, identifierSystem);
  // After Tasks and people, in the order of locks.
  await endReads(tx, against, writes.nos);
  await ledger.appendHistory(tx, writes.history);
  return moved;
}

function nudgesOf({ due, batch }: Writes): Nudge[] {
  const woken = new Set(due.map((row) => row.stage));
  return (['refer', 'close', 'write-back'] as const)
    .filter((stage) => woken.has(stage))
    .map((stage) => ({ stage, batch }));
}
