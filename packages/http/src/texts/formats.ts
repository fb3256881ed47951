import { dayIn, systemClock } from '@loopwell/kit';

type Instant = Date | string;

/** Formats of instants, days, ages and numbers in one language, all in the site's time zone. */
export type Formats = {
  /** `Nov 28, 3:48 pm`, with the year where it is not this year. */
  instant: (at: Instant | null | undefined) => string;
  /** Formats an instant to the second, for events in quick succession. */
  second: (at: Instant) => string;
  /** Formats an instant for `datetime` of a time element. */
  machineInstant: (at: Instant) => string;
  /**
   * Formats the day of a FHIR date or dateTime (YYYY-MM-DD, or less where less is known). An
   * instant is on the site's day.
   */
  day: (text: string) => string;
  /** Writes the same day as `Nov 28`, with the year where it is not this year. */
  shortDay: (text: string) => string;
  /** Formats the time since an instant, in the largest unit that fits. */
  age: (since: Instant | null | undefined) => string;
  count: (n: number) => string;
  /**
   * Returns the form that goes with a number. The forms stand in the language's own order, as CLDR
   * lists them (zero, one, two, few, many, other): in English the singular and the plural. The last
   * form replaces those that are left out.
   */
  plural: (n: number, ...forms: readonly [string, ...string[]]) => string;
};

/**
 * Creates formats from the data that `Intl` has of a language. A language that `Intl` does not know
 * brings its own formats.
 */
export function intlFormats(
  language: string,
  timeZone: string,
  now: () => Date = systemClock.now,
): Formats {
  const numbers = new Intl.NumberFormat(language);
  const place = { language, timeZone, now };
  return {
    instant: (at) => (at ? instantText(place, new Date(at)) : '–'),
    second: (at) => instantText(place, new Date(at), { second: '2-digit' }),
    machineInstant: (at) => new Date(at).toISOString(),
    day: (text) => dayText(timeZone, text),
    shortDay: (text) => shortDayText(place, dayText(timeZone, text)),
    age: (since) => (since ? ageIn(language, now().getTime() - new Date(since).getTime()) : '–'),
    count: (n) => numbers.format(n),
    plural: pluralIn(language),
  };
}

function dayText(timeZone: string, text: string): string {
  if (isInstant(text)) return dayIn(timeZone, new Date(text));
  // A date in a form or a chart may be any text.
  return /^\d{4}(-\d\d){0,2}(T|$)/.test(text) ? text.slice(0, 10) : text;
}

/** Writes a day with the name of its month. What is no whole day stays as it is. */
function shortDayText({ language, timeZone, now }: Place, day: string): string {
  const at = new Date(`${day}T12:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(at.getTime())) return day;
  const isThisYear = day.slice(0, 4) === dayIn(timeZone, now()).slice(0, 4);
  const year: Intl.DateTimeFormatOptions = isThisYear ? {} : { year: 'numeric' };
  const parts: Intl.DateTimeFormatOptions = { month: 'short', day: 'numeric', ...year };
  return new Intl.DateTimeFormat(language, { timeZone: 'UTC', ...parts }).format(at);
}

const isInstant = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(text) && !Number.isNaN(Date.parse(text));

/** The language and time zone that times are written in, and the moment that decides the year. */
type Place = { language: string; timeZone: string; now: () => Date };

function instantText(
  { language, timeZone, now }: Place,
  at: Date,
  more: Intl.DateTimeFormatOptions = {},
): string {
  const isThisYear = dayIn(timeZone, at).slice(0, 4) === dayIn(timeZone, now()).slice(0, 4);
  const year: Intl.DateTimeFormatOptions = isThisYear ? {} : { year: 'numeric' };
  const dayParts: Intl.DateTimeFormatOptions = { month: 'short', day: 'numeric', ...year };
  const timeParts: Intl.DateTimeFormatOptions = { hour: 'numeric', minute: '2-digit', ...more };
  const day = new Intl.DateTimeFormat(language, { timeZone, ...dayParts }).format(at);
  const time = new Intl.DateTimeFormat(language, { timeZone, ...timeParts }).format(at);
  return `${day}, ${time.replace(/\s/g, ' ').toLowerCase()}`;
}

const categories = ['zero', 'one', 'two', 'few', 'many', 'other'] as const;

function pluralIn(language: string): Formats['plural'] {
  const rules = new Intl.PluralRules(language);
  const { pluralCategories } = rules.resolvedOptions();
  const used = categories.filter((category) => pluralCategories.includes(category));
  return (n, ...forms) => forms[used.indexOf(rules.select(n))] ?? forms.at(-1) ?? '';
}

type Age = { amount: number; unit: 'second' | 'minute' | 'hour' | 'day' };

function ageIn(language: string, ms: number): string {
  const { amount, unit } = ageParts(ms);
  const format = { style: 'unit', unit, unitDisplay: 'short' } as const;
  return new Intl.NumberFormat(language, format).format(amount);
}

function ageParts(ms: number): Age {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 90) return { amount: seconds, unit: 'second' };
  if (seconds < 5_400) return { amount: Math.round(seconds / 60), unit: 'minute' };
  if (seconds < 172_800) return { amount: Math.round(seconds / 3_600), unit: 'hour' };
  return { amount: Math.round(seconds / 86_400), unit: 'day' };
}

const symbols = { second: 's', minute: 'min', hour: 'h', day: 'd' } as const;

/** Formats an age for a terminal, in its largest fitting unit: `40 s`, `12 min`, `5 h`, `3 d`. */
export function ageOf(ms: number): string {
  const { amount, unit } = ageParts(ms);
  return `${amount} ${symbols[unit]}`;
}

/** Names a time zone as people say it, such as Central Time. */
export function zoneName(language: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat(language, { timeZone, timeZoneName: 'longGeneric' });
  const name = format.formatToParts().find(({ type }) => type === 'timeZoneName')?.value;
  return name === undefined || name.startsWith('GMT') ? 'Universal Time' : name;
}
