import { type Problem, RequestProblems } from './errors.ts';

/** The number of places of one kind that an answer names at most. */
const most = 20;

/**
 * Returns the rule that a text breaks which no database can store: PostgreSQL refuses NUL, and half
 * of a surrogate pair is not a character.
 */
function flawOf(text: string): string | undefined {
  if (text.includes('\0')) return 'no-nul';
  return text.isWellFormed() ? undefined : 'unicode';
}

/**
 * Lists the texts of a value, member names included, that hold NUL or half of a surrogate pair. It
 * works without recursion, so deep nesting overflows nothing.
 */
export function textProblems(root: unknown, at: string): Problem[] {
  const problems: Problem[] = [];
  const check = (text: string, path: string) => {
    const rule = flawOf(text);
    if (rule) problems.push({ path, rule });
  };
  const open: { node: unknown; at: string }[] = [{ node: root, at }];
  for (let next = open.pop(); next && problems.length < most; next = open.pop()) {
    const { node, at: path } = next;
    if (typeof node === 'string') check(node, path);
    if (typeof node !== 'object' || node === null) continue;
    for (const [name, inner] of Object.entries(node)) {
      check(name, path);
      open.push({ node: inner, at: `${path}/${name}` });
    }
  }
  return problems;
}

export type Pairs = Record<string, string | string[]>;

/** The number of pairs that a query or a form has at most. No form of ours needs more. */
const mostPairs = 1_000;

/**
 * Parses `a=1&b=2` of a query or a form. A name that comes twice gives a list.
 * @param at its place in the request: `/query` or `/body`
 * @throws RequestProblems for percent-encoding that is not UTF-8, NUL, or too many pairs
 */
export function parsePairs(text: string, at: string): Pairs {
  const pairs = Object.create(null) as Pairs;
  const parts = text.split('&').filter((part) => part !== '');
  if (parts.length > mostPairs) throw refused([{ path: at, rule: `at-most-${mostPairs}` }]);
  for (const part of parts) {
    const equals = part.indexOf('=');
    const name = decoded(equals < 0 ? part : part.slice(0, equals), at);
    const content = equals < 0 ? '' : decoded(part.slice(equals + 1), `${at}/${name}`);
    const before = pairs[name];
    pairs[name] = before === undefined ? content : [before, content].flat();
  }
  const problems = textProblems(pairs, at);
  if (problems.length > 0) throw refused(problems);
  return pairs;
}

const refused = (problems: readonly Problem[]) =>
  new RequestProblems('The request has text that cannot be taken as it is', problems);

function decoded(text: string, at: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw refused([{ path: at, rule: 'utf-8' }]);
  }
}
