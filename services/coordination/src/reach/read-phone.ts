import { findPhoneNumbersInText } from 'libphonenumber-js/max';

/** What stands in a field for a phone number. */
export type ReadPhone =
  | {
      kind: 'number';
      /** The number as E.164 has it. */
      number: string;
      extension?: string;
      /** What is written beside the number: a warning, or whose number it is. */
      words?: string;
    }
  | { kind: 'none'; why: 'empty' | 'several' | 'invalid' };

/** The longest text that is searched for numbers. */
const mostCharacters = 200;

/**
 * Reads a field for a phone number, as people fill it in. One number that is valid counts, with its
 * extension. Two numbers may be two people’s, so they are none; nor is one without an area code.
 * DECISIONS D163.
 */
export function readPhone(text: string): ReadPhone {
  const typed = text.trim();
  if (typed === '') return { kind: 'none', why: 'empty' };
  if (typed.length > mostCharacters) return { kind: 'none', why: 'invalid' };
  const matches = findPhoneNumbersInText(typed, { defaultCountry: 'US', extended: false });
  const [match] = matches;
  if (match === undefined || !match.number.isValid()) return { kind: 'none', why: 'invalid' };
  if (matches.length > 1) return { kind: 'none', why: 'several' };
  const around = `${typed.slice(0, match.startsAt)} ${typed.slice(match.endsAt)}`;
  if (/\d{4}/.test(around)) return { kind: 'none', why: 'several' };
  return numberOf(String(match.number.number), match.number.ext, wordsIn(around));
}

function numberOf(number: string, extension: string | undefined, words: string): ReadPhone {
  const read: ReadPhone = { kind: 'number', number };
  if (extension !== undefined) read.extension = extension;
  if (words !== '') read.words = words;
  return read;
}

/** Returns what is written beside a number, without the marks around it. */
const wordsIn = (around: string): string => around.replace(/[\s()[\],;:.-]+/g, ' ').trim();
