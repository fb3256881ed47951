import { type ClockEvent, clockEvents } from '@loopwell/sdoh';
import {
  type HistoryLine,
  ledger,
  partnerAlerts,
  type TaskPatch,
  type TaskRow,
  type Tx,
  tasks,
} from '@loopwell/store';
import { clocksOf } from './task-clocks.ts';

/**
 * A Task whose clocks are looked at, the trace of its row in the ledger, and whether its partner was
 * reminded just now.
 */
export type Clocked = { task: TaskRow; trace: string | null; isReminded?: boolean };

/**
 * Tells whoever is on duty of clocks that need a person: half of the time is over, or a partner
 * that said yes says nothing. Each is told once, in the transaction that notes it.
 * DECISIONS D201.
 *
 * @returns the Tasks with what was noted, by id
 */
export async function tellOfClocks(
  tx: Tx,
  clocked: readonly Clocked[],
  now: Date,
): Promise<Map<string, TaskRow>> {
  const noted = new Map<string, TaskRow>();
  const patches: { id: string; patch: TaskPatch }[] = [];
  const history: HistoryLine[] = [];
  const events = new Set<ClockEvent>();
  for (const { task, trace, isReminded } of clocked) {
    const [event] = task.live ? clockEvents(clocksOf(task), now) : [];
    const patch: TaskPatch = isReminded ? { reminded_at: now } : {};
    if (isReminded) history.push(historyLine(task, trace, 'partner-reminded'));
    if (event !== undefined) {
      patch[event === 'half' ? 'half_told_at' : 'late_told_at'] = now;
      history.push(historyLine(task, trace, outcomes[event]));
      events.add(event);
    }
    noted.set(task.id, { ...task, ...patch });
    patches.push({ id: task.id, patch });
  }
  await tasks.patchTasks(tx, patches);
  for (const event of events) await partnerAlerts.raisePartnerAlert(tx, alertKinds[event]);
  await ledger.appendHistory(tx, history);
  return noted;
}

const alertKinds = { half: 'partner-half', late: 'partner-late' } as const;

const outcomes = {
  half: 'told-at-half-time',
  late: 'told-of-late-partner',
} as const satisfies Record<ClockEvent, string>;

function historyLine(task: TaskRow, trace: string | null, outcome: string): HistoryLine {
  const { tenant, id, person } = task;
  return {
    tenant,
    stage: 'track',
    subject: id,
    person,
    outcome,
    trace: trace ?? '',
    principal: 'system:referral',
  };
}
