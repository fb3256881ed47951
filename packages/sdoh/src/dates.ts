/**
 * FHIR dates and dateTimes may be partial (`2026`, `2026-05`, `2026-05-04`). They are compared as spans: a partial date
 * stands for all of it, in UTC where no offset is written.
 */
export function startOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const partial = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(text);
  if (partial) return Date.UTC(Number(partial[1]), Number(partial[2] ?? 1) - 1, Number(partial[3] ?? 1));
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** The last millisecond that a date stands for. */
export function endOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const partial = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(text);
  if (!partial) return startOf(text);
  const [year, month, day] = [Number(partial[1]), partial[2], partial[3]];
  if (day !== undefined) return Date.UTC(year, Number(month) - 1, Number(day) + 1) - 1;
  if (month !== undefined) return Date.UTC(year, Number(month), 1) - 1;
  return Date.UTC(year + 1, 0, 1) - 1;
}

/** True when the instant lies in the period; an open end is open. */
export function contains(period: { start?: string | undefined; end?: string | undefined }, instant: number): boolean {
  const start = startOf(period.start);
  const end = endOf(period.end);
  return (start === undefined || start <= instant) && (end === undefined || instant <= end);
}

/** Writes a dateTime as an instant (R4 `instant` demands seconds and an offset). */
export function instantOf(text: string): string {
  return /T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(text) ? text : new Date(startOf(text) ?? 0).toISOString();
}
