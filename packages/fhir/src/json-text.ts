import { withoutUndefined } from './defined.ts';
/**
 * A member that a JSON text names twice in one object. It is unknown which of the two is meant.
 * `earlier`: the value that came first. DECISIONS D92.
 */
export type RepeatedMember = { path: readonly (string | number)[]; key: string; earlier?: unknown };

const repeatedByRoot = new WeakMap<object, readonly RepeatedMember[]>();
const repeatedByHolder = new WeakMap<object, Set<string>>();

/**
 * Parses JSON and notices members of one name in one object, at any depth. RFC 8259 leaves their
 * meaning open, and JSON.parse takes the last one in silence. `repeatedMembers` and `isRepeated`
 * give what was noticed.
 *
 * @throws SyntaxError as JSON.parse does
 */
export function parseJson(text: string): unknown {
  const json: unknown = JSON.parse(text);
  noticeRepeated(json, text);
  return json;
}

/**
 * Notices repeated members, as `parseJson` does, in a value that was already parsed from this very
 * text.
 */
export function noticeRepeated(json: unknown, text: string): void {
  if (typeof json !== 'object' || json === null) return;
  const repeated = findRepeated(text);
  if (repeated.length === 0) return;
  repeatedByRoot.set(json, repeated);
  for (const { path, key } of repeated) {
    const holder = at(json, path);
    if (typeof holder !== 'object' || holder === null) continue;
    repeatedByHolder.set(holder, (repeatedByHolder.get(holder) ?? new Set()).add(key));
  }
}

/**
 * Puts the earlier value of a repeated member beside it (`patient`, `patient (1)`), so that a
 * person who looks at the kept JSON sees both.
 */
export function keepEarlier(
  root: unknown,
  repeated = repeatedMembers(root),
  nameOf = (key: string, count: number) => `${key} (${count})`,
): unknown {
  for (const [index, { path, key, earlier }] of repeated.entries()) {
    const holder = at(root, path);
    if (typeof holder !== 'object' || holder === null || earlier === undefined) continue;
    (holder as Record<string, unknown>)[nameOf(key, index + 1)] = earlier;
  }
  return root;
}

/** Lists the members that came twice, anywhere in a value that `parseJson` gave. */
export const repeatedMembers = (root: unknown): readonly RepeatedMember[] =>
  typeof root === 'object' && root !== null ? (repeatedByRoot.get(root) ?? []) : [];

/** Tells whether this member of this object came twice. */
export const isRepeated = (holder: object, key: string): boolean =>
  repeatedByHolder.get(holder)?.has(key) === true;

/** Gives the members of this object that came twice; undefined if there is none. */
export const repeatedIn = (holder: object): ReadonlySet<string> | undefined =>
  repeatedByHolder.get(holder);

/**
 * Gives the elements of a list that `parseJson` gave, each as if its text had been parsed alone.
 */
export function elementsOf(list: readonly unknown[]): readonly unknown[] {
  const inside = Map.groupBy(repeatedMembers(list), ({ path }) => path[0]);
  for (const [index, members] of inside) {
    const element = typeof index === 'number' ? list[index] : undefined;
    if (typeof element !== 'object' || element === null) continue;
    repeatedByRoot.set(
      element,
      members.map((one) => ({ ...one, path: one.path.slice(1) })),
    );
  }
  return list;
}

/** Notes repeated members of separately parsed parts at the object that holds the parts now. */
export function holdRepeated(
  root: object,
  parts: readonly { path: readonly (string | number)[]; json: unknown }[],
): void {
  const members = parts.flatMap(({ path, json: member }) =>
    repeatedMembers(member).map((one) => ({ ...one, path: [...path, ...one.path] })),
  );
  if (members.length > 0) repeatedByRoot.set(root, members);
}

/** Writes a path as FHIRPath does: `entry[3].resource.id`. */
export function pathText(path: readonly (string | number)[]): string {
  const written = path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('');
  return typeof path[0] === 'string' ? written.slice(1) : written;
}

function at(json: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (one, step) => (one as Record<string | number, unknown> | undefined)?.[step],
    json,
  );
}

/**
 * One object or array that is open where the scan is. `ends`: where in the text the name of each
 * key ends.
 */
type Frame = {
  keys: string[] | undefined;
  ends: number[];
  names: Map<string, number> | undefined;
  step: string | number;
};

/**
 * The number of members up to which names are compared one by one, which is faster than a map for
 * so few.
 */
const few = 12;

/**
 * Finds repeated members in one pass over a text that is valid JSON. Only braces, commas and
 * strings matter.
 */
function findRepeated(text: string): RepeatedMember[] {
  const repeated: RepeatedMember[] = [];
  const open: Frame[] = [];
  let spared = mostEarlier;
  let top: Frame | undefined;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x22) {
      const end = endOfString(text, index);
      const after = skipBlank(text, end + 1);
      if (text.charCodeAt(after) === 0x3a && top?.keys) {
        const key = keyIn(text, index, end);
        const before = earlierOf(top, key, after);
        if (before !== undefined) {
          const earlier = valueAt(text, before + 1, spared);
          spared -= earlier?.length ?? 0;
          repeated.push(repeatedAt(open, key, earlier));
          // A text with this many is not credible as a whole.
          if (repeated.length === mostFound) return [...repeated, { path: [], key: '' }];
        }
        top.step = key;
      }
      index = after - 1;
    } else if (code === 0x7b || code === 0x5b) {
      top =
        code === 0x7b
          ? { keys: [], ends: [], names: undefined, step: '' }
          : { keys: undefined, ends: [], names: undefined, step: 0 };
      open.push(top);
    } else if (code === 0x7d || code === 0x5d) {
      open.pop();
      top = open[open.length - 1];
    } else if (code === 0x2c && top && typeof top.step === 'number') top.step += 1;
  }
  return repeated;
}

function repeatedAt(
  open: readonly Frame[],
  key: string,
  earlier: string | undefined,
): RepeatedMember {
  const path = open.slice(0, Math.min(open.length - 1, longestPath)).map((one) => one.step);
  return {
    path,
    key,
    ...withoutUndefined({
      earlier: earlier === undefined ? undefined : (JSON.parse(earlier) as unknown),
    }),
  };
}

/**
 * The number of characters of earlier values that are parsed again in one text, so that no text
 * takes long.
 */
const mostEarlier = 4_000_000;

/**
 * Limits of time and memory for one text. A place that is deeper than `longestPath` is named by the
 * object that holds it.
 */
const [mostFound, longestPath] = [100_000, 200];

/** Adds a name to a frame, and gives where the same name ended before; undefined if it is new. */
function earlierOf(frame: Frame, key: string, end: number): number | undefined {
  const { keys = [], ends, names } = frame;
  if (names) {
    const before = names.get(key);
    names.set(key, end);
    return before;
  }
  const index = keys.indexOf(key);
  const before = index < 0 ? undefined : ends[index];
  ends[index < 0 ? keys.length : index] = end;
  if (index < 0) keys.push(key);
  if (keys.length > few) frame.names = new Map(keys.map((one, at) => [one, ends[at] ?? end]));
  return before;
}

/**
 * Gives the text of the value that begins at `from`; undefined if it is longer than `most`
 * characters.
 */
function valueAt(text: string, from: number, most: number): string | undefined {
  const limit = Math.min(text.length, from + most);
  let depth = 0;
  for (let index = from; index < limit; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x22) index = endOfString(text, index);
    else if (code === 0x7b || code === 0x5b) depth += 1;
    else if (depth === 0 && (code === 0x2c || code === 0x7d || code === 0x5d))
      return text.slice(from, index);
    else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

/** Tells whether an odd number of backslashes stands before a quote. */
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

/** Gives the name of a member, without its escapes: `\u0069d` is `id`. */
function keyIn(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end);
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
}
