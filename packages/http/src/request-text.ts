import { type Problem, RequestProblems } from './errors.ts';

/** How many places of one kind an answer names. */
const most = 20;

/**
 * A text that no store takes as it is: PostgreSQL refuses NUL, and half of a surrogate pair is no
 * character.
 */
function flawOf(text: string): string | undefined {
  if (text.includes('\0')) return 'no-nul';
  return text.isWellFormed() ? undefined : 'unicode';
}

/**
 * Every text in a value, names of members included, that holds NUL or half of a surrogate pair.
 * Goes through it without recursion: what is nested deeply overflows nothing.
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

/** Names of one text more than this mean nothing that anybody asked for. */
const mostPairs = 1_000;

/**
 * `a=1&b=2` as a query or a form has it. A name that comes twice gives a list.
 *
 * @param at where it stands in the request: `/query` or `/body`
 * @throws RequestProblems for what is no UTF-8 in percent-encoding, holds NUL, or has too many
 *   pairs
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
