import type { Appointment } from '@loopwell/sdoh';
import type { ReviewTexts } from '../texts/en.ts';

/** Writes when and where the next appointment is, and whether somebody typed it in. */
export function appointmentText(appointment: Appointment | undefined, texts: ReviewTexts): string {
  const { safety: words, formats } = texts;
  if (appointment === undefined) return words.noNext;
  const { at, place, source } = appointment;
  const parts = [formats.instant(at), place, source === 'typed' ? words.typedIn : undefined];
  return parts.filter((part) => part !== undefined).join(', ');
}
