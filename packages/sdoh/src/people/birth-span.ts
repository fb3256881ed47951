import { endOf, startOf } from '../fhir-json/dates.ts';

const dayOf = (instant: number) => new Date(instant).toISOString().slice(0, 10);

/**
 * Returns the first and last day on which a person may be born; undefined where the birth date
 * cannot be read, or is not in the past 130 years.
 *
 * @param today the site's day, YYYY-MM-DD
 */
export function birthSpan(
  birthDate: unknown,
  today: string,
): { earliest: string; latest: string } | undefined {
  const [start, end] = [startOf(birthDate), endOf(birthDate)];
  if (
    typeof birthDate !== 'string' ||
    birthDate.length > 10 ||
    start === undefined ||
    end === undefined
  )
    return undefined;
  const [earliest, latest] = [dayOf(start), dayOf(end)];
  return earliest <= today && turns(earliest, 130) > today ? { earliest, latest } : undefined;
}

/**
 * Returns the day of a birthday. A person born on February 29 has it on March 1 in other years,
 * since text is compared.
 */
export const turns = (birth: string, age: number): string =>
  `${String(Number(birth.slice(0, 4)) + age).padStart(4, '0')}${birth.slice(4)}`;

/** Returns the age in whole years on a day; undefined where the birth date leaves it open. */
export function ageOn(birthDate: unknown, today: string): number | undefined {
  const span = birthSpan(birthDate, today);
  if (!span) return undefined;
  const [oldest, youngest] = [yearsSince(span.earliest, today), yearsSince(span.latest, today)];
  return oldest === youngest ? oldest : undefined;
}

function yearsSince(birth: string, today: string): number {
  const years = Number(today.slice(0, 4)) - Number(birth.slice(0, 4));
  return turns(birth, years) <= today ? years : years - 1;
}
