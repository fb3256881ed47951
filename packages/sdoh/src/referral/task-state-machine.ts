/** Both sides of a Task. */
const all = ['requester', 'target'] as const;
/**
 * The referral Task's states and who may move it (SDOH Clinical Care 3.0.0, referral Task state
 * diagram). `ready` and `received` are outside the guide's value set; a target that acknowledges a
 * Task by `received`, as R4 allows, has not taken it yet, and is believed as long as it only goes
 * on from there.
 */
export const taskMoves = {
  draft: { requested: ['requester'], 'entered-in-error': ['requester'] },
  requested: {
    received: ['target'],
    accepted: ['target'],
    rejected: ['target'],
    cancelled: all,
    'entered-in-error': ['requester'],
  },
  received: {
    accepted: ['target'],
    rejected: ['target'],
    cancelled: all,
    'entered-in-error': ['requester'],
  },
  accepted: {
    'in-progress': ['target'],
    'on-hold': ['target'],
    cancelled: all,
    completed: ['target'],
    failed: ['target'],
    'entered-in-error': ['requester'],
  },
  'in-progress': {
    'on-hold': ['target'],
    cancelled: all,
    completed: ['target'],
    failed: ['target'],
    'entered-in-error': ['requester'],
  },
  'on-hold': {
    'in-progress': ['target'],
    cancelled: all,
    completed: ['target'],
    failed: ['target'],
    'entered-in-error': ['requester'],
  },
  rejected: { 'entered-in-error': ['requester'] },
  cancelled: { 'entered-in-error': ['requester'] },
  completed: { 'entered-in-error': ['requester'] },
  failed: { 'entered-in-error': ['requester'] },
  'entered-in-error': {},
} as const satisfies Record<string, Record<string, readonly ('requester' | 'target')[]>>;

type Side = (typeof all)[number];
export type TaskStatus = keyof typeof taskMoves;
/** The side that moves a Task. A coordinator passes on the word of the target. */
export type TaskMover = 'requester' | 'target' | 'coordinator';

const movesFrom = (from: string): Readonly<Record<string, readonly Side[]>> =>
  Object.hasOwn(taskMoves, from) ? taskMoves[from as TaskStatus] : {};

/**
 * Tells whether JSON is a status of the referral Task. A list or a number is none, though
 * JavaScript would read some of them as the word.
 */
export const isTaskStatus = (text: unknown): text is TaskStatus =>
  typeof text === 'string' && Object.hasOwn(taskMoves, text);

/** Tells whether a status is terminal: nothing but `entered-in-error` follows. */
export const isFinal = (status: string): boolean =>
  ['rejected', 'cancelled', 'completed', 'failed', 'entered-in-error'].includes(status);

/** Tells whether a Task waits to be taken: it may fall silent, and be cancelled for that. */
export const isUntaken = (status: string): boolean =>
  status === 'requested' || status === 'received';

/** Tells whether the partner has taken a Task and not ended it. */
export const isTaken = (status: string): boolean =>
  ['accepted', 'in-progress', 'on-hold'].includes(status);

/**
 * Tells whether `by` may move a Task from one status to the next: one step, by the diagram. A
 * coordinator's word moves as the target does.
 */
export function canMoveTask(from: string, to: string, by: TaskMover): boolean {
  const moves = movesFrom(from);
  const side = by === 'coordinator' ? 'target' : by;
  return Object.hasOwn(moves, to) && (moves[to] ?? []).includes(side);
}

/**
 * Finds the shortest legal path of the target from one status to another, both ends included;
 * undefined when there is none.
 */
export function pathOf(from: string, to: string): string[] | undefined {
  const queue: string[][] = [[from]];
  const seen = new Set([from]);
  for (let path = queue.shift(); path; path = queue.shift()) {
    const last = path.at(-1) ?? '';
    if (last === to) return path;
    for (const next of Object.keys(movesFrom(last))) {
      if (!seen.has(next) && canMoveTask(last, next, 'target')) {
        seen.add(next);
        queue.push([...path, next]);
      }
    }
  }
  return undefined;
}

/**
 * How a reported status relates to the last known one. `unknown`: no status of the referral Task,
 * or a word in its place; nothing is concluded from it.
 */
export type Judgment =
  | { kind: 'same' }
  | { kind: 'believed'; unseen: string[] }
  | { kind: 'illegal' }
  | { kind: 'unknown' };

/**
 * Judges how a status that a partner reports relates to the last known one. What the target can
 * have reached is believed, with the steps between marked as not seen; so is a partner that
 * declines what it had accepted, though the diagram has no such arrow: it does not help any more.
 * Out of a terminal state, or back to `requested` or `received`, is illegal.
 */
export function judgeReported(from: string, to: string): Judgment {
  if (from === to) return { kind: 'same' };
  if (!isTaskStatus(to)) return { kind: 'unknown' };
  if (to === 'rejected' && isTaken(from)) return { kind: 'believed', unseen: [] };
  const path = isFinal(from) ? undefined : pathOf(from, to);
  return path ? { kind: 'believed', unseen: path.slice(1, -1) } : { kind: 'illegal' };
}

/** Whether a Task may be moved, and which steps between were not seen. */
export type MoveJudgment =
  | { kind: 'same' }
  | { kind: 'moved'; unseen: readonly string[] }
  | { kind: 'not-allowed' };

/**
 * Judges a move of our Task. The requester moves it one step at a time. A target may have gone
 * several steps since it was heard last, on its own copy or before a coordinator was told.
 * DECISIONS D131.
 */
export function judgeMove(from: string, to: string, by: TaskMover): MoveJudgment {
  if (from === to) return isTaskStatus(to) ? { kind: 'same' } : { kind: 'not-allowed' };
  if (canMoveTask(from, to, by)) return { kind: 'moved', unseen: [] };
  if (by === 'requester') return { kind: 'not-allowed' };
  const judged = judgeReported(from, to);
  return judged.kind === 'believed'
    ? { kind: 'moved', unseen: judged.unseen }
    : { kind: 'not-allowed' };
}
