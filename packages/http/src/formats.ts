import { dayIn } from '@loopwell/kit';

/** How pages write instants, days, ages and numbers, all in the site's time zone. */
export function formatsIn(timeZone: string) {
  const instant = (at: Date | string | null | undefined): string =>
    at ? instantText(timeZone, new Date(at)) : '–';
  return {
    instant,
    /** The same to the second, for what happens in quick succession. */
    second: (at: Date | string): string =>
      instantText(timeZone, new Date(at), { second: '2-digit' }),
    machineInstant: (at: Date | string): string => new Date(at).toISOString(),
    /** The day of a FHIR date or dateTime (YYYY-MM-DD, or less where less is known); an instant is on the site's day. */
    day: (text: string): string =>
      isInstant(text) ? dayIn(timeZone, new Date(text)) : text.slice(0, 10),
    age: (since: Date | string | null | undefined): string =>
      since ? ageOf(Date.now() - new Date(since).getTime()) : '–',
    count: (n: number): string => n.toLocaleString('en-US'),
  };
}

const isInstant = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(text) && !Number.isNaN(Date.parse(text));

/** `Nov 28, 3:48 pm`, with the year where it is not this year. */
function instantText(timeZone: string, at: Date, more: Intl.DateTimeFormatOptions = {}): string {
  const isThisYear = dayIn(timeZone, at).slice(0, 4) === dayIn(timeZone, new Date()).slice(0, 4);
  const year = isThisYear ? {} : ({ year: 'numeric' } as const);
  const day = new Intl.DateTimeFormat('en-US', {
    timeZone,
    month: 'short',
    day: 'numeric',
    ...year,
  }).format(at);
  const time = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hour: 'numeric',
    minute: '2-digit',
    ...more,
  }).format(at);
  return `${day}, ${time.replace(/\s/g, ' ').toLowerCase()}`;
}

/** An age in its largest fitting unit: `40 s`, `12 min`, `5 h`, `3 d`. */
export function ageOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
