/** A member that a JSON text names twice in one object: which of the two is meant nobody knows. */
export type RepeatedMember = { path: readonly (string | number)[]; key: string };

const repeatedByRoot = new WeakMap<object, readonly RepeatedMember[]>();
const repeatedByHolder = new WeakMap<object, Set<string>>();

/**
 * JSON.parse that notices members of one name in one object, at any depth (RFC 8259 leaves their meaning open; JSON.parse
 * takes the last one in silence). What it noticed is asked for with `repeatedMembers` and `isRepeated`.
 *
 * @throws SyntaxError as JSON.parse does
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) return value;
  const repeated = findRepeated(text);
  if (repeated.length === 0) return value;
  repeatedByRoot.set(value, repeated);
  for (const { path, key } of repeated) {
    const holder = at(value, path);
    if (typeof holder !== 'object' || holder === null) continue;
    repeatedByHolder.set(holder, (repeatedByHolder.get(holder) ?? new Set()).add(key));
  }
  return value;
}

/** Members that came twice, anywhere in what `parseJson` gave. */
export const repeatedMembers = (root: unknown): readonly RepeatedMember[] =>
  typeof root === 'object' && root !== null ? (repeatedByRoot.get(root) ?? []) : [];

/** True when this member of this object came twice. */
export const isRepeated = (holder: object, key: string): boolean => repeatedByHolder.get(holder)?.has(key) === true;

/** A place as FHIRPath writes it: `entry[3].resource.id`. */
export const pathText = (path: readonly (string | number)[]): string =>
  path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');

function at(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((one, step) => (one as Record<string | number, unknown> | undefined)?.[step], value);
}

/** One object or array that is open where the scan stands. */
type Frame = { keys: string[] | undefined; names: Set<string> | undefined; step: string | number };

/** Few members are compared one by one, which is faster than a set; many are not. */
const few = 12;

/** One pass over a text that is JSON: only braces, commas and strings matter. */
function findRepeated(text: string): RepeatedMember[] {
  const found: RepeatedMember[] = [];
  const open: Frame[] = [];
  let top: Frame | undefined;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x22) {
      const end = endOfString(text, index);
      const after = skipBlank(text, end + 1);
      if (text.charCodeAt(after) === 0x3a && top?.keys) {
        const key = keyIn(text, index, end);
        if (isKnown(top, key)) found.push({ path: open.slice(0, -1).map((one) => one.step), key });
        top.step = key;
      }
      index = after - 1;
    } else if (code === 0x7b || code === 0x5b) {
      top = code === 0x7b ? { keys: [], names: undefined, step: '' } : { keys: undefined, names: undefined, step: 0 };
      open.push(top);
    } else if (code === 0x7d || code === 0x5d) {
      open.pop();
      top = open[open.length - 1];
    } else if (code === 0x2c && top && typeof top.step === 'number') top.step += 1;
  }
  return found;
}

/** Adds the name, and tells whether it was there. */
function isKnown(frame: Frame, key: string): boolean {
  const { keys = [], names } = frame;
  if (names) {
    if (names.has(key)) return true;
    names.add(key);
    return false;
  }
  if (keys.includes(key)) return true;
  keys.push(key);
  if (keys.length > few) frame.names = new Set(keys);
  return false;
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

/** An odd number of backslashes before it. */
function isEscaped(text: string, index: number): boolean {
  let count = 0;
  while (text.charCodeAt(index - 1 - count) === 0x5c) count += 1;
  return count % 2 === 1;
}

function skipBlank(text: string, from: number): number {
  let index = from;
  while (text.charCodeAt(index) <= 0x20) index += 1;
  return index;
}

/** A name may be written with escapes: `\u0069d` is `id`. */
function keyIn(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end);
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
}
