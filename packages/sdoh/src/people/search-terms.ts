import type { fhir4 } from '@loopwell/fhir';
import { isObject } from '../fhir-json/tolerant-readers.ts';
import { personProfile } from './person-profile.ts';
import type { PersonProfile, ProfileContact } from './profile-model.ts';

/** What a term finds a person by. */
export type SearchKind = 'name' | 'birth' | 'mrn' | 'phone';

/** A folded text by which a person is found. */
export type SearchTerm = { kind: SearchKind; term: string };

/** The most terms that one Patient is found by. */
const mostTerms = 60;
const longestTerm = 60;

/**
 * Lists the terms by which people find a Patient: each part of each name, former names too; the
 * birth date; identifiers; and the digits of the person's own phone numbers. DECISIONS D156.
 */
export function searchTerms(
  patient: fhir4.Patient,
  profile: PersonProfile = personProfile(patient),
): SearchTerm[] {
  const names = profile.names.flatMap((name) => nameParts(name.text));
  const phones = profile.contacts.filter(isPhone).flatMap(({ address }) => phonesIn(address));
  const born = profile.birthDate;
  const terms = [
    ...termsOf('name', names),
    ...termsOf('birth', born === undefined ? [] : [born]),
    ...termsOf('mrn', identifiersOf(patient)),
    ...termsOf('phone', phones.flatMap(phoneTerms)),
  ];
  return terms.slice(0, mostTerms);
}

const termsOf = (kind: SearchKind, texts: readonly string[]): SearchTerm[] =>
  [...new Set(texts)]
    .filter((text) => text !== '')
    .map((text) => ({ kind, term: text.slice(0, longestTerm) }));

/** A number that is no longer the person's may be somebody else's by now. */
const isPhone = ({ system, use }: ProfileContact): boolean =>
  (system === 'phone' || system === 'sms') && use !== 'old';

function identifiersOf(patient: fhir4.Patient): string[] {
  const list: unknown = patient.identifier;
  const identifiers: readonly unknown[] = Array.isArray(list) ? list : [];
  const values = identifiers.map((one) => (isObject(one) ? one.value : undefined));
  return [patient.id, ...values].flatMap((text) =>
    typeof text === 'string' ? [foldIdentifier(text)] : [],
  );
}

const foldIdentifier = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** Letters that Unicode does not take apart into a base letter and a mark. */
const letters: Readonly<Record<string, string>> = {
  ...{ ø: 'o', đ: 'd', ð: 'd', ł: 'l', ß: 'ss', æ: 'ae', œ: 'oe', þ: 'th', ħ: 'h', ı: 'i' },
};

/** Folds a text for comparison: lower case, without accents. */
const foldText = (text: string): string =>
  withoutAccents(text).replace(/[øđðłßæœþħı]/g, (letter) => letters[letter] ?? letter);

const withoutAccents = (text: string): string =>
  text.toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '');

/** Signs that stand inside one word of a name: O'Brien, Nur-Ali. */
const joiners = /['’ʼ`´\-‐‑.]/g;

/** Splits a name into folded words. A word with a joining sign is found whole and by its parts. */
function nameParts(name: string): string[] {
  const words = foldText(name).split(/[^\p{L}\p{N}'’ʼ`´\-‐‑.]+/u);
  const parts = words.flatMap((word) => [
    word.replace(joiners, ''),
    ...word.split(/[^\p{L}\p{N}]+/u),
  ]);
  return [...new Set(parts)].filter((part) => part !== '');
}

/** Finds the phone numbers in a text, without what follows as an extension. */
function phonesIn(text: string): string[] {
  const withoutExtension = text.replace(/(x|ext\.?|extension|#)\s*\d{1,6}/gi, ' ');
  const runs = withoutExtension.match(/\+?\d[\d\s().\-/]{5,}\d/g) ?? [];
  return runs.map((run) => run.replace(/\D/g, '')).filter((digits) => /[1-9]/.test(digits));
}

/** A number is found whole, without the country's 1, and by its last seven digits. */
function phoneTerms(digits: string): string[] {
  const national = digits.length === 11 && digits.startsWith('1') ? digits.slice(1) : digits;
  return [national, national.slice(-7)];
}

/** A search as a person typed it: words that all have to fit, each by one of these terms. */
export type PersonSearch = readonly (readonly SearchWish[])[];

/** A term that is looked for, whole or as the beginning of a longer one. */
export type SearchWish = SearchTerm & { isStart: boolean };

/**
 * Reads what a person typed into the search: names in any order, a birth date, an MRN or a phone
 * number. Returns undefined where it is too short to look for.
 */
export function personSearch(typed: string): PersonSearch | undefined {
  const text = typed.trim().slice(0, 200);
  const born = birthDateIn(text);
  if (born !== undefined) {
    const rest = text.replace(born.written, ' ');
    return [[wish('birth', born.day)], ...wordsOf(rest)];
  }
  const digits = text.replace(/\D/g, '');
  const isNumber = digits.length >= 7 && /^[\d\s().+\-/x#]+$/i.test(text);
  if (isNumber) {
    const number = phonesIn(text)[0] ?? digits;
    const [phone = number] = phoneTerms(number);
    return [[wish('phone', phone), wish('mrn', foldIdentifier(text))]];
  }
  const words = wordsOf(text);
  return words.length === 0 ? undefined : words;
}

const wish = (kind: SearchKind, term: string, isStart = false): SearchWish => ({
  kind,
  term,
  isStart,
});

function wordsOf(text: string): PersonSearch {
  const words = text.split(/[\s,;]+/).slice(0, 6);
  return words.flatMap((word) => {
    const name = foldText(word)
      .replace(joiners, '')
      .replace(/[^\p{L}\p{N}]/gu, '');
    if (name.length < 2) return [];
    const identifier = foldIdentifier(word);
    const mrn = /\d/.test(identifier) ? [wish('mrn', identifier)] : [];
    return [[wish('name', name, true), ...mrn]];
  });
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Finds a birth date as people in the United States type it, or as charts write it. */
function birthDateIn(text: string): { written: string; day: string } | undefined {
  const iso = /\b(\d{4})-(\d{1,2})-(\d{1,2})\b/.exec(text);
  if (iso) return dayFrom(iso[0], iso[1], iso[2], iso[3]);
  const slashed = /\b(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b/.exec(text);
  if (slashed) return dayFrom(slashed[0], slashed[3], slashed[1], slashed[2]);
  const worded = /\b([a-z]{3})[a-z]*\.?\s+(\d{1,2}),?\s+(\d{4})\b/i.exec(text);
  const month = months.indexOf(worded?.[1]?.toLowerCase() ?? '') + 1;
  return worded && month > 0 ? dayFrom(worded[0], worded[3], String(month), worded[2]) : undefined;
}

function dayFrom(written: string, year = '', month = '', day = '') {
  const isDay = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31;
  const text = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return isDay ? { written, day: text } : undefined;
}
