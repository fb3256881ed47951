import { isObject, type Loose } from './silent.ts';

/** Questionnaires nest a few levels; this many are an attack or a mistake. */
const deepest = 120;

/**
 * Elements of which R4 allows one type (choice of data types), by the names that their values have.
 */
const choices = [
  { name: 'value[x]', isOneOfThem: (key: string) => /^value[A-Z]/.test(key) },
  { name: 'effective[x]', isOneOfThem: (key: string) => /^effective[A-Z]/.test(key) },
];

/** Lists in which answers stand. */
const lists = ['item', 'answer', 'component'] as const;

/**
 * The path of the first `value[x]` or `effective[x]` of which two types stand beside each other.
 */
export function twoValuesIn(holder: Loose, path = '', depth = 0): string | undefined {
  const keys = Object.keys(holder).filter((key) => holder[key] !== undefined);
  const twice = choices.find(({ isOneOfThem }) => keys.filter(isOneOfThem).length > 1);
  if (twice) return joined(path, twice.name);
  if (depth > deepest) return undefined;
  for (const list of lists) {
    const members = holder[list];
    if (!Array.isArray(members)) continue;
    for (const [index, member] of members.entries()) {
      if (!isObject(member)) continue;
      const inner = twoValuesIn(member, joined(path, `${list}[${index}]`), depth + 1);
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}

const joined = (path: string, name: string) => (path === '' ? name : `${path}.${name}`);
