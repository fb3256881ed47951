import { type Clock, sleep } from '@loopwell/kit';
import type { RunPulse } from '@loopwell/store';

/**
 * Ends when no row waits for a worker or the EHR and no Task has changed for `settleMs`; or at the
 * timeout.
 *
 * @returns whether it settled, rather than running into the timeout or being stopped
 */
export async function untilSettled(
  pulse: () => Promise<RunPulse>,
  options: { settleMs: number; timeoutMs: number; clock: Clock; signal: AbortSignal },
): Promise<'settled' | 'timeout' | 'stopped'> {
  const started = options.clock.now().getTime();
  let quietSince: number | undefined;
  while (!options.signal.aborted) {
    const { open, liveTasks, lastTaskChange, now } = await pulse();
    quietSince = open > 0 ? undefined : (quietSince ?? now.getTime());
    if (quietSince !== undefined) {
      // Without a live Task nobody outside can change anything: a short second look is enough.
      const pauseMs = liveTasks > 0 ? options.settleMs : Math.min(1_000, options.settleMs);
      const changed =
        liveTasks > 0 ? Math.max(quietSince, lastTaskChange?.getTime() ?? 0) : quietSince;
      if (now.getTime() - changed >= pauseMs) return 'settled';
    }
    if (options.clock.now().getTime() - started >= options.timeoutMs) return 'timeout';
    await sleep(Math.min(500, options.settleMs), options.signal);
  }
  return 'stopped';
}
