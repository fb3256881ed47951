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

/** A Task whose clocks are looked at, and the trace of its row in the ledger. */
export type Clocked = { task: TaskRow; trace: string | null };

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
  for (const { task, trace } of clocked) {
    const [event] = task.live ? clockEvents(clocksOf(task), now) : [];
    if (event === undefined) continue;
    const patch = event === 'half' ? { half_told_at: now } : { late_told_at: now };
    noted.set(task.id, { ...task, ...patch });
    patches.push({ id: task.id, patch });
    history.push(historyLine(task, trace, event));
    events.add(event);
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

function historyLine(task: TaskRow, trace: string | null, event: ClockEvent): HistoryLine {
  const { tenant, id, person } = task;
  return {
    tenant,
    stage: 'track',
    subject: id,
    person,
    outcome: outcomes[event],
    trace: trace ?? '',
    principal: 'system:referral',
  };
}
