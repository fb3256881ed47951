import { compareTexts } from './text-matching.ts';

/**
 * FHIR dates and dateTimes, which may be partial (`2026`, `2026-05`, `2026-05-04`). A partial date
 * is compared as the span of all its time, in UTC where no offset is written.
 */
const dateTime =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/;

/**
 * Returns the first millisecond that a FHIR date or dateTime stands for. Any other text gives
 * undefined, never a guess by the machine's own clock or time zone.
 */
export function startOf(text: unknown): number | undefined {
  // The answers of a screening share one date, so the last result is kept.
  if (text !== last.text) last = { text, start: parse(text) };
  return last.start;
}

let last: { text: unknown; start: number | undefined } = { text: undefined, start: undefined };

function parse(text: unknown): number | undefined {
  const match = typeof text === 'string' ? dateTime.exec(text) : null;
  if (!match || typeof text !== 'string') return undefined;
  const [, year, month = '01', day = '01', time, seconds = ':00', offset = 'Z'] = match;
  const midnight = Date.parse(`${year}-${month}-${day}T00:00:00Z`);
  // Some engines read `2026-02-30` as a day in March; here it is no date.
  if (Number.isNaN(midnight) || new Date(midnight).getUTCDate() !== Number(day)) return undefined;
  if (time === undefined) return midnight;
  // FHIR allows the second 60, a leap second; JavaScript knows none.
  const isLeap = seconds.startsWith(':60');
  const instant = Date.parse(
    `${year}-${month}-${day}T${time}${isLeap ? `:59${seconds.slice(3)}` : seconds}${offset}`,
  );
  return Number.isNaN(instant) ? undefined : instant + (isLeap ? 1_000 : 0);
}

/** Returns the last millisecond that a FHIR date or dateTime stands for. */
export function endOf(text: unknown): number | undefined {
  const start = startOf(text);
  if (start === undefined || !isPartial(text)) return start;
  const from = new Date(start);
  const [year, month, day] = [from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate()];
  if (text.length === 4) return Date.UTC(year + 1, 0, 1) - 1;
  if (text.length === 7) return Date.UTC(year, month + 1, 1) - 1;
  return Date.UTC(year, month, day + 1) - 1;
}

/** Tells whether a text is a date without a time of day. */
export function isPartial(text: unknown): text is string {
  return typeof text === 'string' && text.length <= 10;
}

/** Tells whether an instant lies in a period. A missing start or end is no limit. */
export function contains(
  period: { start?: string | undefined; end?: string | undefined },
  instant: number,
): boolean {
  const start = startOf(period.start);
  const end = endOf(period.end);
  return (start === undefined || start <= instant) && (end === undefined || instant <= end);
}

/**
 * Returns the calendar day of a timestamp, as its own offset writes it; the first day of a partial
 * date. It decides which edition of a yearly code system is in force: 2025-09-30T23:30-05:00 is
 * still September.
 */
export function localDateOf(text: string): string {
  return `${text}-01-01`.slice(0, 10);
}

/**
 * Compares two FHIR times: as instants where both are, else by the days that they write, as coarse
 * as the coarser of the two. 0 means that they may be the same.
 */
export function compareTimes(a: string, b: string): number {
  if (!isPartial(a) && !isPartial(b)) return (startOf(a) ?? 0) - (startOf(b) ?? 0);
  const length = Math.min(a.length, b.length, 10);
  const [left, right] = [a.slice(0, length), b.slice(0, length)];
  return compareTexts(left, right);
}

/**
 * Writes a time as an FHIR R4 dateTime, which has seconds and an offset, or no time of day. A time
 * without an offset becomes its day.
 */
export function dateTimeOf(text: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$/.exec(
    text,
  );
  if (!match) return text;
  const [, day = '', time, seconds = ':00', offset] = match;
  return offset === undefined ? day : `${day}T${time}${seconds}${offset}`;
}

/** Writes a dateTime as an instant (R4 `instant` demands seconds and an offset). */
export function instantOf(text: string): string {
  return /T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(text)
    ? text
    : new Date(startOf(text) ?? 0).toISOString();
}
