import { startOf } from '../fhir-json/dates.ts';
import { isObject, objectsOf } from '../fhir-json/tolerant-readers.ts';
import { isReadablePeriod } from './current-period.ts';
import type { ProfilePeriod } from './profile-model.ts';

/** How long a text of a profile may be. A name or an address is shorter; the rest is cut. */
const mostCharacters = 200;

/** How many notes a profile keeps. */
const mostNotes = 20;

/** The paths of elements that were left out; a note never holds a value. */
export type Notes = string[];

type Json = Record<string, unknown>;

/** Notes that the element at a path is left out, and returns undefined in its place. */
export function leaveOut(notes: Notes, path: string): undefined {
  if (notes.length < mostNotes && !notes.includes(path)) notes.push(path);
}

/** Returns a text without blanks around it and no longer than a profile keeps. */
export function cutText(text: string): string {
  const cut = text.trim().slice(0, mostCharacters);
  // A character of two halves is not kept by halves.
  return cut.replace(/[\uD800-\uDBFF]$/, '').trim();
}

/** Reads a text; an empty one is absent. */
export function readText(json: unknown, path: string, notes: Notes): string | undefined {
  if (json === undefined) return undefined;
  if (typeof json !== 'string') return leaveOut(notes, path);
  return cutText(json) || undefined;
}

/** Reads the texts of a list. */
export function readTexts(json: unknown, path: string, notes: Notes): string[] {
  // A null stands for a part that has only extensions (R4 json.html#null).
  const present = itemsOf(json, path, notes).filter((part) => part !== null);
  const texts = present.map((part, index) => readText(part, `${path}[${index}]`, notes));
  return texts.filter((text) => text !== undefined);
}

/** Reads the members of a list, up to a number of them. */
export function readList<T>(
  list: unknown,
  at: { path: string; most: number },
  notes: Notes,
  read: (member: Json, path: string, notes: Notes) => T | undefined,
): T[] {
  const all = itemsOf(list, at.path, notes);
  if (all.length > at.most) leaveOut(notes, `${at.path}: more than ${at.most}`);
  const members: T[] = [];
  for (const [index, json] of all.slice(0, at.most).entries()) {
    const path = `${at.path}[${index}]`;
    const member = isObject(json) ? read(json, path, notes) : leaveOut(notes, path);
    if (member !== undefined) members.push(member);
  }
  return members;
}

function itemsOf(json: unknown, path: string, notes: Notes): readonly unknown[] {
  if (Array.isArray(json)) return json;
  if (json !== undefined) leaveOut(notes, path);
  return [];
}

/** Reads a code of a closed value set. */
export function readCode(
  json: unknown,
  path: string,
  notes: Notes,
  allowed: readonly string[],
): string | undefined {
  if (json === undefined) return undefined;
  if (typeof json === 'string' && allowed.includes(json)) return json;
  return leaveOut(notes, path);
}

/** Reads a Period. One that cannot be read makes unclear whether its owner is current. */
export function readPeriod(
  json: unknown,
  path: string,
  notes: Notes,
): { period?: ProfilePeriod; isUnclear?: true } {
  if (json === undefined) return {};
  if (isReadablePeriod(json)) return { period: { start: json.start, end: json.end } };
  leaveOut(notes, path);
  return { isUnclear: true };
}

/** Reads a date without a time of day, which may be partial. */
export function readDate(json: unknown, path: string, notes: Notes): string | undefined {
  if (json === undefined) return undefined;
  const isDate = typeof json === 'string' && json.length <= 10 && startOf(json) !== undefined;
  return isDate ? json : leaveOut(notes, path);
}

/** Reads a whole number from 1. */
export function readPositive(json: unknown, path: string, notes: Notes): number | undefined {
  if (json === undefined) return undefined;
  if (typeof json === 'number' && Number.isSafeInteger(json) && json > 0) return json;
  return leaveOut(notes, path);
}

/** Reads a CodeableConcept: its first code, and its words or else the words of a code. */
export function readConcept(
  json: unknown,
  path: string,
  notes: Notes,
): { code?: string | undefined; text?: string | undefined } {
  if (json === undefined) return {};
  if (!isObject(json)) {
    leaveOut(notes, path);
    return {};
  }
  const codings = objectsOf(json.coding as Json[]);
  const codes = codings.map((coding) => readText(coding.code, `${path}.coding.code`, notes));
  const displays = codings.map(({ display }) => readText(display, `${path}.coding.display`, notes));
  const words = readText(json.text, `${path}.text`, notes) ?? displays.find(isPresent);
  return { code: codes.find(isPresent), text: words };
}

const isPresent = (part: string | undefined): part is string => part !== undefined;
