import { type Clock, sleep } from '@loopwell/kit';
import type { RunPulse } from '@loopwell/store';

/**
 * Waits until no row waits for a worker or the EHR and no Task has changed for `settleMs`, or until
 * the timeout.
 * @returns whether it settled, timed out or was stopped
 */
export async function untilSettled(
  readPulse: () => Promise<RunPulse>,
  options: { settleMs: number; timeoutMs: number; clock: Clock; signal: AbortSignal },
): Promise<'settled' | 'timeout' | 'stopped'> {
  const { settleMs, timeoutMs, clock, signal } = options;
  const startedAt = clock.now().getTime();
  let quietSince: number | undefined;
  while (!signal.aborted) {
    const pulse = await readPulse();
    quietSince = pulse.open > 0 ? undefined : (quietSince ?? pulse.now.getTime());
    if (quietSince !== undefined && hasSettled(pulse, quietSince, settleMs)) return 'settled';
    if (clock.now().getTime() - startedAt >= timeoutMs) return 'timeout';
    await sleep(Math.min(500, settleMs), signal);
  }
  return 'stopped';
}

/**
 * Returns whether a run is at rest. Without a live Task no partner can change anything, so a second
 * is enough.
 */
function hasSettled(pulse: RunPulse, quietSince: number, settleMs: number): boolean {
  const { liveTasks, lastTaskChange, now } = pulse;
  if (liveTasks === 0) return now.getTime() - quietSince >= Math.min(1_000, settleMs);
  const lastChangeAt = Math.max(quietSince, lastTaskChange?.getTime() ?? 0);
  return now.getTime() - lastChangeAt >= settleMs;
}
