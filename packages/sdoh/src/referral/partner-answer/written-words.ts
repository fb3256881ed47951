import { isObject } from '../../fhir-json/tolerant-readers.ts';
import { cut, type Loose, listOf, textsAmong } from './answer-words.ts';

/** The sentence in place of words that are there and cannot be read. */
export const unreadableWords = 'Something was written here that could not be read.';

/**
 * Returns the words of text, a concept, a Coding, an annotation, R5's CodeableReference, or a list
 * of them; null where nothing is written.
 */
export function wordsOf(json: unknown): string | null {
  const pieces = listOf(json);
  if (pieces.length === 0) return null;
  const words = [...new Set(pieces.flatMap(pieceWords))];
  return cut(words.length > 0 ? words.join('\n') : unreadableWords);
}

function pieceWords(json: unknown): string[] {
  if (typeof json === 'string') return textsAmong([json]);
  if (typeof json === 'number' || typeof json === 'boolean') return [String(json)];
  if (!isObject(json)) return [];
  const codings = listOf(json.coding).filter(isObject);
  const words = [
    ...textsAmong([json.text, json.display, ...codings.map(({ display }) => display)]),
    ...listOf(json.concept).flatMap(pieceWords),
    ...referenceWords(json.reference),
  ];
  if (words.length > 0) return [...new Set(words)];
  const codes = textsAmong([json, ...codings].map(({ code }) => code));
  return codes.length > 0 ? codes : numberWords(json);
}

const referenceWords = (json: unknown): string[] =>
  isObject(json) ? textsAmong([json.display, json.reference]).slice(0, 1) : [];

const numberKeys = [
  'value',
  'unit',
  'currency',
  'start',
  'end',
  'title',
  'url',
  'reference',
  'contentType',
];

/** Returns the words of a Quantity, Period, Money and their like. */
function numberWords(part: Loose): string[] {
  const members = numberKeys.map((key) => part[key]);
  const parts = textsAmong(
    members.map((member) => (typeof member === 'number' ? String(member) : member)),
  );
  return parts.length > 0 ? [parts.join(' ')] : [];
}
