import { dayIn, timeOfDayIn } from '@loopwell/kit';
import { z } from 'zod';

const names = (count: number) => z.array(z.string().min(1)).length(count);

/**
 * The months, days and plural forms of a language, as data of our own: `Intl` formats a language
 * that it does not know in English, without an error. DECISIONS D200.
 */
export const calendarSchema = z
  .object({
    /** January first. */
    months: names(12),
    /** Sunday first. */
    days: names(7),
    /** The words for before and after noon. */
    halves: names(2),
    hours: z.union([z.literal(12), z.literal(24)]),
    day: z.string(),
    time: z.string(),
    instant: z.string(),
    /** The numbers that take a form. All others take `other`. */
    plural: z.record(z.string(), z.array(z.number().int())),
  })
  .strict();

export type Calendar = z.output<typeof calendarSchema>;

/** A text in the forms of the language that go with numbers. */
export type CountedText = {
  readonly other: string;
} & Readonly<Record<string, string>>;

/**
 * Puts texts into the places of a text, `{name}`. A place without a text stays empty.
 */
export const fill = (text: string, parts: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (_place, name: string) => String(parts[name] ?? ''));

/** Writes days, times and counts in one language, in the site's time zone. */
export type Dates = {
  /** Writes a day, YYYY-MM-DD. A text that is no day stays as it is. */
  day: (text: string) => string;
  /** Writes the day of an instant. */
  dayOf: (at: Date) => string;
  /** Writes the time of day of an instant. */
  time: (at: Date) => string;
  /** Writes the day and the time of an instant. */
  instant: (at: Date) => string;
  /** Writes a count with the form that goes with it. */
  counted: (n: number, text: CountedText) => string;
};

/** Creates the dates and counts of a language from its own data. */
export function datesOf(calendar: Calendar, timeZone: string): Dates {
  const dayText = (text: string): string => {
    const at = new Date(`${text}T12:00:00Z`);
    if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(at.getTime())) return text;
    const [weekday, month] = [calendar.days[at.getUTCDay()], calendar.months[at.getUTCMonth()]];
    return fill(calendar.day, {
      weekday: weekday ?? '',
      month: month ?? '',
      day: at.getUTCDate(),
    });
  };
  const timeText = (at: Date): string => timeOf(calendar, timeOfDayIn(timeZone, at));
  return {
    day: dayText,
    dayOf: (at) => dayText(dayIn(timeZone, at)),
    time: timeText,
    instant: (at) =>
      fill(calendar.instant, {
        day: dayText(dayIn(timeZone, at)),
        time: timeText(at),
      }),
    counted: (n, text) => fill(text[formOf(calendar, n)] ?? text.other, { n }),
  };
}

function formOf({ plural }: Calendar, n: number): string {
  const [form = 'other'] = Object.entries(plural).find(([, numbers]) => numbers.includes(n)) ?? [];
  return form;
}

const minuteMs = 60_000;

function timeOf({ hours, halves, time }: Calendar, sinceMidnightMs: number): string {
  const minutes = Math.floor(sinceMidnightMs / minuteMs);
  const hour = Math.floor(minutes / 60);
  const [morning = '', afternoon = ''] = halves;
  const half = hour < 12 ? morning : afternoon;
  const shown = hours === 24 ? hour : hour % 12 || 12;
  return fill(time, {
    hour: shown,
    minute: String(minutes % 60).padStart(2, '0'),
    half,
  });
}
