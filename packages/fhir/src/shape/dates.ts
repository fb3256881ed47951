const fhirDate = /^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/;
const loose =
  /^(\d{4}-\d{2}-\d{2})[Tt ]+(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(?: ?([Zz]|[+-]\d{2}(?::?\d{2})?))?$/;
/** As HL7 v2 and C-CDA write a time: `20261102`, `202611021410-0600`. */
const compact = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?(?:\.\d+)?([+-]\d{4})?)?$/;

/**
 * A date or time as FHIR writes it, where it can mean only one: with a blank or a small letter for
 * T, with an offset without its colon, or as HL7 v2 writes it. An offset that is not there is not
 * added.
 *
 * @returns undefined for what is no date
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
 * Nobody who is alive was born before the first, and nothing that was answered is of a year after
 * the last.
 */
const [firstYear, lastYear] = [1900, 2100];

/** A day of the calendar, in a year that somebody means. */
export function isMeant(date: string): boolean {
  const [, year, month = '01', day = '01', hour = '00', minute = '00', second = '00'] =
    /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?)?)?)?/.exec(date) ?? [];
  if (year === undefined || Number(year) < firstYear || Number(year) > lastYear) return false;
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  const isDay =
    Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= days;
  return isDay && Number(hour) < 24 && Number(minute) < 60 && Number(second) <= 60;
}
