import type { Log } from '@loopwell/kit';
import { type TellDeps, tellOnDuty } from './tell-on-duty.ts';

/** Tells people on duty for as long as the process lives. */
export type AlertLoop = { start: () => void; close: () => Promise<void> };

/**
 * Makes the loop that looks every few seconds for alerts that are due. What fails is tried at the
 * next look; the rows keep what is due meanwhile.
 */
export function createAlertLoop(deps: TellDeps & { log: Log }): AlertLoop {
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<unknown> | undefined;
  let isClosed = false;
  const look = () => {
    working = tellOnDuty(deps)
      .catch((error: unknown) => {
        deps.log.error('People on duty could not be told; it is tried again', error);
      })
      .then(lookAgain);
  };
  const lookAgain = () => {
    if (!isClosed) timer = setTimeout(look, deps.timing.lookMs);
  };
  return {
    start: look,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await working;
    },
  };
}
