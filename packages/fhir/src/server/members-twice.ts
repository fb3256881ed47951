import { keepEarlier, type RepeatedMember, repeatedMembers } from '../json-text.ts';

/**
 * Marks the earlier of two members of one name, so that an object can keep both: the later one
 * under its name, the earlier one under that name, this mark and a number. What is sent has both
 * under the same name again.
 */
const mark = '\u001e';
const markedName = (name: string, count: number) => `${name}${mark}${count}`;

/** Returns JSON with the earlier values of its repeated members, under marked names. */
export const withTwice = (root: object, repeated = repeatedMembers(root)): unknown =>
  keepEarlier(root, repeated, markedName);

/**
 * Repeats the type of a resource in whose entry something is there twice, so that readers do not
 * believe it: it may be about something else.
 */
const notToBeBelieved = <R extends object>(resource: R): R =>
  'resourceType' in resource
    ? { [markedName('resourceType', 0)]: resource.resourceType, ...resource }
    : resource;

/**
 * Writes JSON as text, with marked members under their plain name. No text within JSON can hold an
 * unescaped quotation mark.
 */
export function written(json: unknown): string {
  const text = JSON.stringify(json);
  return text.includes('\\u001e')
    ? text.replace(/"((?:[^"\\]|\\.)*?)\\u001e\d+":/g, '"$1":')
    : text;
}

/**
 * Lists the entries of a Bundle, each with both values of members that came twice. An entry that is
 * unclear itself is marked so that it is not believed.
 */
export function entriesWithTwice(bundle: object): unknown[] {
  const repeated = repeatedMembers(bundle);
  const entriesOf = (one: unknown) => (Array.isArray(one) ? (one as unknown[]) : []);
  const lists = repeated
    .filter(({ path, key }) => path.length === 0 && key === 'entry')
    .map(({ earlier }) => entriesOf(earlier));
  const entries = entriesOf((bundle as { entry?: unknown }).entry);
  const marked = entries.flatMap((bundleEntry, index) =>
    entryWithTwice(bundleEntry, entryMembers(repeated, index)),
  );
  return lists.length === 0 ? marked : [...lists.flat(), ...marked].map(doubted);
}

const entryMembers = (repeated: readonly RepeatedMember[], index: number) =>
  repeated
    .filter(({ path }) => path[0] === 'entry' && path[1] === index)
    .map((one) => ({ ...one, path: one.path.slice(2) }));

function entryWithTwice(bundleEntry: unknown, repeated: readonly RepeatedMember[]): unknown[] {
  if (repeated.length === 0 || typeof bundleEntry !== 'object' || bundleEntry === null)
    return [bundleEntry];
  const others = repeated
    .filter(({ path, key }) => path.length === 0 && key === 'resource')
    .map(({ earlier }) => ({ ...bundleEntry, resource: earlier }));
  const inside = repeated.filter(({ path }) => path[0] === 'resource');
  const both = withTwice(bundleEntry, inside);
  return inside.length === repeated.length ? [both] : [...others, both].map(doubted);
}

function doubted(bundleEntry: unknown): unknown {
  const { resource } = (bundleEntry ?? {}) as { resource?: unknown };
  return typeof resource === 'object' && resource !== null
    ? { ...(bundleEntry as object), resource: notToBeBelieved(resource) }
    : bundleEntry;
}
