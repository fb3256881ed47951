const fhirDate = /^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/;
const loose =
  /^(\d{4}-\d{2}-\d{2})[Tt ]+(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(?: ?([Zz]|[+-]\d{2}(?::?\d{2})?))?$/;
/** Matches a time as HL7 v2 and C-CDA write it: `20261102`, `202611021410-0600`. */
const compact = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?(?:\.\d+)?([+-]\d{4})?)?$/;

/**
 * Writes a date or time as FHIR does, if it can mean only one. It may have a blank or a small
 * letter for T, an offset without its colon, or HL7 v2's form. A missing offset is not added.
 *
 * @returns undefined if the text is no date
 */
export function dateWritten(text: string): string | undefined {
  if (fhirDate.test(text)) return text;
  const trimmed = text.trim();
  if (fhirDate.test(trimmed)) return trimmed;
  const [, day, time, offset] = loose.exec(trimmed) ?? [];
  if (day !== undefined) return `${day}T${time}${offsetWritten(offset)}`;
  const [all, year, month, date, hour, minute, second, zone] = compact.exec(trimmed) ?? [];
  if (all === undefined) return undefined;
  const written = `${year}-${month}-${date}`;
  return hour === undefined
    ? written
    : `${written}T${hour}:${minute}${second === undefined ? '' : `:${second}`}${offsetWritten(zone)}`;
}

function offsetWritten(offset: string | undefined): string {
  if (offset === undefined) return '';
  if (offset.toUpperCase() === 'Z') return 'Z';
  return `${offset.slice(0, 3)}:${offset.slice(3).replace(':', '') || '00'}`;
}

/**
 * The first and last year of a plausible date: no living person was born before, and no answer was
 * given after.
 */
const [firstYear, lastYear] = [1900, 2100];

/** Tells whether a date is a day of the calendar in a plausible year. */
export function isMeant(date: string): boolean {
  const year = Number(date.slice(0, 4));
  return year >= firstYear && year <= lastYear && isOnCalendar(date);
}

/** Matches a whole day, or a time with seconds and an offset, as a FHIR dateTime has them. */
const whole = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d))?$/;

/**
 * Tells whether a text is a FHIR date or dateTime that names a real day, and a real time if it has
 * one. A partial date names no day, and `Date` cannot read a leap second.
 */
export const isRealDate = (text: string): boolean => whole.test(text) && isOnCalendar(text);

/** Tells whether the day and the time of a text exist. A leap second does. */
function isOnCalendar(date: string): boolean {
  const [, year, month = '01', day = '01', hour = '00', minute = '00', second = '00'] =
    /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?)?)?)?/.exec(date) ?? [];
  if (year === undefined) return false;
  const isDay = Number(day) >= 1 && Number(day) <= daysIn(Number(year), Number(month));
  return isDay && Number(hour) < 24 && Number(minute) < 60 && Number(second) <= 60;
}

const daysOfMonths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Counts the days of a month; 0 if there is no such month. */
function daysIn(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeap ? 29 : (daysOfMonths[month - 1] ?? 0);
}
