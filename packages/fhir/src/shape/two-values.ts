import { isObject, type Loose } from './silent.ts';

/** The depth at which the search stops. Questionnaires nest only a few levels. */
const deepest = 120;

/** Elements for which R4 allows one type (choice of data types), by the names of their values. */
const choices = [
  { name: 'value[x]', isOneOfThem: (key: string) => /^value[A-Z]/.test(key) },
  { name: 'effective[x]', isOneOfThem: (key: string) => /^effective[A-Z]/.test(key) },
];

/** The lists that answers are in. */
const lists = ['item', 'answer', 'component'] as const;

/** Finds the path of the first `value[x]` or `effective[x]` that has two types side by side. */
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
