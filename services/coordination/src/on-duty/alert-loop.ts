import { type Clock, type Log, timeZoneOf } from '@loopwell/kit';
import { safety } from '@loopwell/store';
import { type TellDeps, tellOnDuty } from './tell-on-duty.ts';

/** Tells people on duty for as long as the process lives. */
export type AlertLoop = { start: () => void; close: () => Promise<void> };

/** What the loop needs: `helpLimit` is how long somebody may be without help. */
export type AlertLoopDeps = TellDeps & { log: Log; helpLimit: () => safety.HelpLimit };

/** Gives the site's limit for the time without help, as it counts now. */
export const helpLimitOf = (
  site: { settings: () => { tellWithoutHelpMs: number } },
  clock: Clock,
): safety.HelpLimit => ({
  limitMs: site.settings().tellWithoutHelpMs,
  timeZone: timeZoneOf(clock),
});

/**
 * Makes the loop that looks every few seconds for alerts that are due. What fails is tried at the
 * next look; the rows keep what is due meanwhile.
 */
export function createAlertLoop(deps: AlertLoopDeps): AlertLoop {
  let lookedLate = Number.NEGATIVE_INFINITY;
  const raiseLate = async () => {
    if (performance.now() - lookedLate < deps.timing.lateMs) return;
    lookedLate = performance.now();
    await safety.raiseLateHelp(deps.db, deps.helpLimit());
    await safety.noteUnsafeToAsk(deps.db);
  };
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<unknown> | undefined;
  let isClosed = false;
  const look = () => {
    working = raiseLate()
      .then(() => tellOnDuty(deps))
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
