/**
 * A clock that stories take as an argument, so that tests decide what time it is, and where.
 * DECISIONS D62.
 */
export type Clock = {
  now: () => Date;
  /** IANA name of the site's time zone, in which "today" is; the machine's when left out. */
  timeZone?: string | undefined;
};

/** The clock of this machine, in its own time zone. */
export const systemClock: Clock = { now: () => new Date() };

/** Returns the system's clock in the time zone of a site. */
export const clockIn = (timeZone: string | undefined): Clock => ({ ...systemClock, timeZone });

/**
 * Checks the name of a time zone and says what is wrong with it; undefined where nothing is. An
 * offset is refused, since it knows no summer time.
 */
export function timeZoneProblem(text: string): string | undefined {
  const problem = 'must be the name of a time zone such as America/Chicago';
  if (!/^[A-Za-z]/.test(text)) return problem;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: text }) && undefined;
  } catch {
    return problem;
  }
}

/** Returns the site's time zone, or the machine's where none was named. */
export const timeZoneOf = ({ timeZone }: Pick<Clock, 'timeZone'>): string =>
  timeZone ?? new Intl.DateTimeFormat('en-US').resolvedOptions().timeZone;

const wallFields = {
  calendar: 'gregory',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
} as const;

/**
 * The formatters by zone. Each is made once, since making one takes longer than a thousand uses.
 */
const writers = new Map<string, Intl.DateTimeFormat>();

/** Returns the formatter of a zone. */
function writerOf(timeZone: string): Intl.DateTimeFormat {
  const writer =
    writers.get(timeZone) ?? new Intl.DateTimeFormat('en-US', { timeZone, ...wallFields });
  writers.set(timeZone, writer);
  return writer;
}

/** Returns the wall time of a zone as if it were UTC, in milliseconds. */
function wallTimeIn(timeZone: string, at: Date): number {
  const parts = writerOf(timeZone).formatToParts(at);
  const numbers = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = numbers;
  return Date.UTC(year, month - 1, day, hour, minute, second) + at.getUTCMilliseconds();
}

/** Returns the day (YYYY-MM-DD) that an instant belongs to in a time zone. */
export const dayIn = (timeZone: string, at: Date): string =>
  new Date(wallTimeIn(timeZone, at)).toISOString().slice(0, 10);

/** Returns today (YYYY-MM-DD) at the site. */
export const todayAt = (clock: Clock): string => dayIn(timeZoneOf(clock), clock.now());

/** Returns how long after midnight an instant is on the wall of a time zone, in milliseconds. */
export function timeOfDayIn(timeZone: string, at: Date): number {
  const wall = wallTimeIn(timeZone, at);
  return wall - Math.floor(wall / units.d) * units.d;
}

/**
 * Returns the instant at which a day begins in a time zone, or so many milliseconds after midnight.
 * A time of day that summer time leaves out becomes the one an hour later; of one that comes twice,
 * the first is taken.
 */
export function instantIn(timeZone: string, day: string, afterMidnightMs = 0): Date {
  const wall = Date.parse(`${day}T00:00:00Z`) + afterMidnightMs;
  const offsets = [-units.d, units.d].map(
    (away) => wallTimeIn(timeZone, new Date(wall + away)) - (wall + away),
  );
  const candidates = offsets
    .map((offset) => new Date(wall - offset))
    .sort((a, b) => a.getTime() - b.getTime());
  const [first = new Date(wall), last = first] = candidates;
  return candidates.find((at) => wallTimeIn(timeZone, at) === wall) ?? last;
}

/**
 * Adds a zone's offset to a time of day that was written without one: `2026-09-30T23:40` in
 * America/Chicago becomes `2026-09-30T23:40:00-05:00`. Times that summer time leaves out, or gives
 * twice, are taken as in `instantIn`.
 *
 * @param text a FHIR dateTime with a time of day and without an offset
 * @returns undefined for any other text, for a day or time that there is not, and where the zone's
 *   offset was no whole minute, which FHIR cannot write
 */
export function withOffsetOf(timeZone: string, text: string): string | undefined {
  const [, day, hour, minute, second = '0'] = timeWithoutZone.exec(text) ?? [];
  if (day === undefined || !isDay(day)) return undefined;
  const wholeMinutesMs = Number(hour) * units.h + Number(minute) * units.m;
  const at = instantIn(timeZone, day, wholeMinutesMs + Math.round(Number(second) * units.s));
  const wall = wallTimeIn(timeZone, at);
  const minutes = (wall - at.getTime()) / units.m;
  if (!Number.isInteger(minutes)) return undefined;
  return `${new Date(wall).toISOString().replace(/(\.000)?Z$/, '')}${offsetText(minutes)}`;
}

const timeWithoutZone =
  /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):([0-5]\d)(?::((?:[0-5]\d|60)(?:\.\d+)?))?$/;

/** Tells whether a day is in the calendar: `2026-02-30` is not. */
function isDay(day: string): boolean {
  const midnight = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}

/** Writes an offset in minutes as FHIR does. */
function offsetText(minutes: number): string {
  const twoDigits = (count: number) => String(Math.trunc(count)).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${twoDigits(size / 60)}:${twoDigits(size % 60)}`;
}

/** Waits some milliseconds. It resolves early (without error) when the signal is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done, { once: true });
  });
}

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Reads durations such as `500ms`, `15s`, `10m`, `2h`, `3d`.
 *
 * @returns milliseconds, or undefined when the text is not a duration
 */
export function parseDurationMs(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim());
  if (!match) return undefined;
  return Number(match[1]) * units[match[2] as keyof typeof units];
}
