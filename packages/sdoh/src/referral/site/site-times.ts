import { parseDurationMs } from '@loopwell/kit';

/** A time limit, as milliseconds or as business days. */
export type Deadline = { ms: number } | { businessDays: number };

/** Reads a duration, or business days such as `2bd`; undefined for any other text. */
export function parseDeadline(text: string): Deadline | undefined {
  const days = /^(\d{1,3})bd$/.exec(text)?.[1];
  if (days !== undefined) return { businessDays: Number(days) };
  const ms = parseDurationMs(text);
  return ms === undefined ? undefined : { ms };
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** Writes milliseconds as a duration, in the largest unit of which they are a whole number. */
export function durationText(ms: number): string {
  const [unit, size] = units.find(([, unitMs]) => ms > 0 && ms % unitMs === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

/** Writes a time limit as `parseDeadline` reads it. */
export const deadlineText = (deadline: Deadline): string =>
  'ms' in deadline ? durationText(deadline.ms) : `${deadline.businessDays}bd`;

/** The longest time limit that a site may set: what is longer is a mistake. */
export const longestLimitMs = 3_650 * 86_400_000;

/** Tells whether a time limit is one; a limit of nothing is none. */
export function isLimit(text: string): boolean {
  const deadline = parseDeadline(text);
  if (deadline === undefined) return false;
  if ('businessDays' in deadline) return deadline.businessDays > 0;
  return deadline.ms > 0 && deadline.ms <= longestLimitMs;
}

/** The longest wait for an undo: somebody counts on the help. */
const longestUndoMs = 86_400_000;

/** Tells whether a wait for an undo is one; a wait of nothing is. */
export function isUndoWait(text: string): boolean {
  const ms = parseDurationMs(text);
  return ms !== undefined && ms <= longestUndoMs;
}

/** The shortest time for which views and people are kept: nobody could look into what is younger. */
const shortestKeepMs = 30 * 86_400_000;

/** Tells whether a time for which something is kept is one. */
export function isKeepTime(text: string): boolean {
  const ms = parseDurationMs(text);
  return ms !== undefined && ms >= shortestKeepMs && ms <= 10 * longestLimitMs;
}

/** The rule of such a time. */
export const keepRule = 'must be a duration of days such as 3650d, of 30 days at least';

/** The rule of a time limit. */
export const limitRule =
  'must be a duration such as 15s, 2h or 3d, or business days such as 2bd, up to ten years';
