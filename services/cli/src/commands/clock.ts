import { AppError, parseDurationMs, sleep } from '@loopwell/kit';
import { type ClockState, clockMoves, type Database } from '@loopwell/store';
import type { CommandGroup } from '../command-line/definition.ts';
import type { Environment } from '../command-line/environment.ts';
import { requirePrincipal } from '../command-line/principal.ts';
import {
  byOption,
  jsonOption,
  lookIntoHelp,
  lookIntoOption,
} from '../command-line/shared-options.ts';
import { withDatabase } from '../run/data-directory.ts';
import { printLine } from '../terminal/standard-streams.ts';

type ClockOptions = { dataDir?: string; json: boolean };

/** The commands that show the clock of deadlines and move it. DECISIONS D136. */
export const clockCommands: CommandGroup = {
  name: 'clock',
  description: 'the clock of deadlines beside `start`: show it, move it ahead',
  commands: [
    {
      name: 'show',
      description: 'what time deadlines go by, and how far that is ahead of the real time',
      options: [lookIntoOption, jsonOption],
      helpText: lookIntoHelp,
      run: showClock,
    },
    {
      name: 'advance',
      description: 'move it ahead; what comes due by then happens within seconds',
      arguments: [{ name: '<duration>', description: 'such as 15m, 2h or 3d' }],
      options: [lookIntoOption, jsonOption, byOption('moves it')],
      helpText: `
Only the clock of \`loopwell start\` moves, and it never goes back; start over with --fresh for the real time.
Leases, retries and the clocks of other servers stay on the real time.
${lookIntoHelp}`,
      run: advance,
    },
  ],
};

/** `loopwell clock show`: prints the clock of deadlines. */
function showClock(options: ClockOptions, environment: Environment): Promise<number> {
  return withDatabase(options, environment, async (db) => {
    print(await readMovedClock(db), options);
    return 0;
  });
}

/** `loopwell clock advance 3d`: moves the clock of deadlines ahead and prints the new time. */
function advance(
  duration: string,
  options: ClockOptions & { by?: string },
  environment: Environment,
): Promise<number> {
  const by = requirePrincipal(options);
  const ms = parseDurationMs(duration);
  if (ms === undefined || ms === 0)
    throw new AppError(
      'REQUEST_INVALID',
      'Give a duration such as 15m, 2h or 3d; the clock never goes back',
    );
  return withDatabase(options, environment, async (db) => {
    await clockMoves.advanceClock(db, { ms, by });
    print(await readMovedClock(db), options);
    return 0;
  });
}

/** How often it is looked whether an announced move has been made. */
const lookMs = 100;

/** Reads the clock as soon as no announced move is left. */
async function readMovedClock(db: Database): Promise<ClockState> {
  while (true) {
    const state = await clockMoves.readClock(db);
    if (!state.isMoving) return state;
    await sleep(lookMs);
  }
}

function print({ now, realNow, aheadMs }: ClockState, { json }: ClockOptions): void {
  if (json) {
    const aheadSeconds = aheadMs / 1_000;
    printLine(JSON.stringify({ now, realNow, aheadSeconds }));
    return;
  }
  if (aheadMs === 0) printLine(`${now.toISOString()}, the real time`);
  else printLine(`${now.toISOString()}, ${spanText(aheadMs)} ahead of the real time`);
}

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
] as const;

/** Writes a span in days, hours, minutes and seconds, without those that are none. */
function spanText(ms: number): string {
  const parts: string[] = [];
  let left = ms / 1_000;
  for (const [unit, seconds] of units) {
    const count = Math.floor(left / seconds);
    if (count > 0) parts.push(`${count} ${unit}`);
    left -= count * seconds;
  }
  if (left > 0) parts.push(`${left} s`);
  return parts.join(' ');
}
