import { isRealDate } from '@loopwell/fhir';
import { AppError } from '@loopwell/kit';

/** Removes the blanks around typed words. What is left blank is left out. */
export function trimmed(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  const fields: [string, unknown][] = [];
  for (const [name, field] of Object.entries(input)) {
    const text = typeof field === 'string' ? field.trim() : field;
    if (text !== '') fields.push([name, text]);
  }
  return Object.fromEntries(fields);
}

/** Makes the error of a field, which never holds what was typed. */
export const badField = (field: string, rule: string, says: string): AppError =>
  new AppError('REQUEST_INVALID', `${says}; nothing was recorded`, { facts: { field, rule } });

/**
 * Requires that a database and a page can hold typed words: line breaks, no other control
 * character, no half of a character.
 */
export function requireWords(field: string, text = ''): void {
  if (!/[^\P{Cc}\n\r\t]|\p{Cs}/u.test(text)) return;
  throw badField(field, 'characters', 'The words have a character that no page can show');
}

/** Requires a day of the calendar that is not over and at most a year ahead. */
export function requireComing(field: string, day: string, today: string): void {
  if (!isRealDate(day)) throw badField(field, 'date', 'This is no day of the calendar');
  if (day < today) throw badField(field, 'past', 'This day has passed');
  if (Date.parse(day) - Date.parse(today) > longestMs)
    throw badField(field, 'too-far', 'This day is more than a year ahead');
}

const longestMs = 366 * 86_400_000;

/** Requires a day of the calendar that has come. */
export function requirePast(field: string, day: string, today: string): void {
  if (!isRealDate(day)) throw badField(field, 'date', 'This is no day of the calendar');
  if (day > today) throw badField(field, 'future', 'This day is in the future');
}
