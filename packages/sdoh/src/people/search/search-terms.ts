import type { fhir4 } from '@loopwell/fhir';
import { isObject } from '../../fhir-json/tolerant-readers.ts';
import { personProfile } from '../person-profile.ts';
import type { PersonProfile, ProfileContact } from '../profile-model.ts';

/** What a term finds a person by. */
export type SearchKind = 'name' | 'inside' | 'birth' | 'mrn' | 'phone';

/** A folded text by which a person is found. */
export type SearchTerm = { kind: SearchKind; term: string };

/** The most terms that one Patient is found by, and the most letters within names among them. */
const mostTerms = 60;
const mostInside = 200;
const longestTerm = 60;

/**
 * Lists the terms by which people find a Patient: each part of each name, former names too; the
 * birth date; identifiers; the digits of the person's own phone numbers; and each part of a name
 * without its first letters, so that letters within it are found as the beginning of one of these.
 * DECISIONS D156. DECISIONS D159.
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
  const inside = termsOf('inside', names.flatMap(withoutFirstLetters));
  return [...terms.slice(0, mostTerms), ...inside.slice(0, mostInside)];
}

/** Lists what is left of a part of a name without its first letter, its first two, and so on. */
function withoutFirstLetters(part: string): string[] {
  const letters = [...part.slice(0, longestTerm)];
  return letters.slice(1, -1).map((_, index) => letters.slice(index + 1).join(''));
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

export const foldIdentifier = (text: string): string =>
  text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** Letters that Unicode does not take apart into a base letter and a mark. */
const letters: Readonly<Record<string, string>> = {
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
  ħ: 'h',
  ı: 'i',
};

/** Folds a text for comparison: lower case, without accents. */
export const foldText = (text: string): string =>
  withoutAccents(text).replace(/[øđðłßæœþħı]/g, (letter) => letters[letter] ?? letter);

const withoutAccents = (text: string): string =>
  text.toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '');

/** Signs that stand inside one word of a name: O'Brien, Nur-Ali. */
export const joiners = /['’ʼ`´\-‐‑.]/g;

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
export function phonesIn(text: string): string[] {
  const withoutExtension = text.replace(/(x|ext\.?|extension|#)\s*\d{1,6}/gi, ' ');
  const runs = withoutExtension.match(/\+?\d[\d\s().\-/]{5,}\d/g) ?? [];
  return runs.map((run) => run.replace(/\D/g, '')).filter((digits) => /[1-9]/.test(digits));
}

/** A number is found whole, without the country's 1, and by its last seven digits. */
export function phoneTerms(digits: string): string[] {
  const national = digits.length === 11 && digits.startsWith('1') ? digits.slice(1) : digits;
  return [national, national.slice(-7)];
}
