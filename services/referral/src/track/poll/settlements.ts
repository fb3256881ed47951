import { isTaskStatus, isUntaken, nextClockEvent } from '@loopwell/sdoh';
import { type Settled, type Settlement, type TaskRow, tellByHandCode } from '@loopwell/store';
import { clocksOf } from '../../clocks/task-clocks.ts';
import { toTell } from '../../refer/record/record-recall.ts';
import { firstLook, isLookedAtAfterward, nextLook } from '../late.ts';
import { oddWords, principal } from '../our-words.ts';
import type { TrackResult, TrackStep } from '../track.ts';
import { notAskedYet, type Polled, type TrackStageDeps } from './polled-task.ts';

/** Decides when the ledger's row of a Task is worked again, and who has to act until then. */
export function settledOf(
  deps: TrackStageDeps,
  polled: Polled,
  result: TrackResult | undefined,
): Settled {
  const { row } = polled;
  const settlement = result ? settlementOf(deps, polled, result) : ended;
  return {
    row,
    settlement,
    principal,
  };
}

const ended: Settlement = { kind: 'done', outcome: 'ended' };

function settlementOf(deps: TrackStageDeps, polled: Polled, result: TrackResult): Settlement {
  const { looks, next } = result;
  const before = looks[0]?.task ?? result.task;
  if (polled.heldUntil) return waitForHeld(deps, polled.heldUntil);
  if (!before.live) return lateSettlement(deps, result.task);
  if (!result.task.live) return endSettlement(deps, result);
  const stuck = stuckSettlement(before, next);
  if (stuck) return stuck;
  const { poll } = polled;
  if (poll.kind === 'gone') return parked('The partner no longer shows the Task');
  if (poll.kind === 'failed') return notAskedYet(deps, polled, poll.error);
  const again = waitForReminder(waitAgain(deps, result.task, polled.consentUntil), polled);
  return polled.recalled === undefined ? again : silenceSettlement(polled.recalled, next, again);
}

/** Lists a silent Task that was ended here until somebody says that its partner was told. */
const tellPartner: Settlement = {
  kind: 'park',
  code: tellByHandCode,
  facts: { rule: toTell },
  waitsFor: 'reviewer',
};

/** Parks a Task for an operator. */
const parked = (rule: string, more: Record<string, string> = {}): Settlement => ({
  kind: 'park',
  code: 'REMOTE_INVALID',
  facts: { rule, ...more },
  waitsFor: 'operator',
});

/** Gives a Task to an operator if its last answer cannot be acted on. */
function stuckSettlement({ status: from }: TaskRow, step: TrackStep): Settlement | undefined {
  switch (step.kind) {
    case 'illegal': {
      const facts = { from, to: statusCode(step.reported) };
      return {
        kind: 'park',
        code: 'TASK_MOVE_ILLEGAL',
        facts,
        waitsFor: 'operator',
      };
    }
    case 'unreadable':
      return parked(
        'The partner shows a status that the guide does not know, and the deadline has passed',
        { from },
      );
    case 'odd':
      return parked(step.oddities.map((oddity) => oddWords[oddity]).join('. '));
    default:
      return undefined;
  }
}

/**
 * Gives a status of FHIR's as it is, and `unknown` for other text, which must not get into the
 * history.
 */
const statusCode = (text: unknown): string =>
  typeof text === 'string' && isTaskStatus(text) ? text : 'unknown';

/** Schedules the look at which an answer counts that can be undone until then. */
const waitForHeld = ({ clock }: TrackStageDeps, until: Date): Settlement => ({
  kind: 'wait',
  outcome: 'answer-held',
  waitsFor: 'partner',
  delayMs: Math.max(0, until.getTime() - clock.now().getTime()),
  quiet: true,
});

/** Schedules the next look at a Task that had ended before. */
function lateSettlement({ settings, clock, isPolled }: TrackStageDeps, task: TaskRow): Settlement {
  const isLookedAt = isPolled(task) && isLookedAtAfterward(task);
  return isLookedAt ? nextLook(task, clock.now(), settings.pollMs) : ended;
}

/** Schedules the first look at a Task that an answer has just ended. */
function endSettlement({ settings, isPolled }: TrackStageDeps, result: TrackResult): Settlement {
  const { task, looks } = result;
  const isEndedByUs = looks.some(
    ({ step }) => step.kind === 'declined' && step.reason !== undefined,
  );
  return isPolled(task) && !isEndedByUs ? firstLook(task.status, settings.pollMs) : ended;
}

/**
 * Schedules the next look at an open Task: at the next poll, or, where nobody is polled, when its
 * clocks ask for something or its consent ends. A Task of which a person was told that it is late
 * has none: its next answer makes it due.
 */
function waitAgain(
  { settings, clock, isPolled }: TrackStageDeps,
  task: TaskRow,
  consentUntil: Date | undefined,
): Settlement {
  const wait = {
    kind: 'wait',
    outcome: 'unchanged',
    waitsFor: 'partner',
    quiet: true,
  } as const;
  if (isPolled(task)) return { ...wait, delayMs: settings.pollMs };
  const now = clock.now();
  const untilEnd = isUntaken(task.status) ? consentUntil : undefined;
  const due = [nextClockEvent(clocksOf(task), now), untilEnd].filter((at) => at !== undefined);
  if (due.length === 0) return wait;
  const leftMs = Math.min(...due.map((at) => at.getTime())) - now.getTime();
  return { ...wait, delayMs: Math.max(settings.pollMs, leftMs) };
}

/** Looks again sooner where a reminder goes out later, with others. */
function waitForReminder(again: Settlement, { reminded }: Polled): Settlement {
  if (again.kind !== 'wait' || reminded?.state !== 'waiting') return again;
  return { ...again, delayMs: Math.min(again.delayMs ?? reminded.ms, reminded.ms) };
}

/**
 * Settles a silent Task that was taken back: it has ended, or the partner took it meanwhile, or a
 * person is told that the end could not be proved.
 */
function silenceSettlement(
  recalled: NonNullable<Polled['recalled']>,
  next: TrackStep,
  again: Settlement,
): Settlement {
  // Another door moved the Task meanwhile. The next look, at once, sees both.
  if (next.kind !== 'silent') return { ...again, delayMs: 0 } as Settlement;
  switch (recalled.kind) {
    case 'cancelled': {
      const isOurs = recalled.status === 'cancelled';
      if (recalled.byHand) return tellPartner;
      return { kind: 'done', outcome: isOurs ? 'cancelled:silent' : recalled.status };
    }
    // The next poll, at once, accepts by the table of moves that the partner took it.
    case 'kept':
      return {
        kind: 'wait',
        outcome: 'kept-by-partner',
        waitsFor: 'partner',
        delayMs: 0,
      };
    case 'cannot-prove':
      return {
        kind: 'park',
        code: 'OUTCOME_UNKNOWN',
        facts: { rule: recalled.code },
        waitsFor: 'operator',
      };
  }
}
