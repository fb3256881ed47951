import type { Node } from 'typescript/unstable/ast';
import type { Source, Token } from './source.ts';

/** Something that a measure counted: where it stands, how large it is, and what it is called. */
export type Place = {
  path: string;
  line: number;
  amount: number;
  what: string;
};

export function placeOf(source: Source, node: Node, amount: number, what: string): Place {
  const line = lineAt(source, node.getStart(source.file));
  return { path: source.path, line, amount, what };
}

/** The line (from 1) on which the token at `position` stands. */
export const lineAt = (source: Source, position: number): number =>
  source.tokens[tokensBefore(source.tokens, position)]?.line ?? source.lines.length;

export const countTokens = (source: Source, node: Node): number =>
  tokensBefore(source.tokens, node.end) - tokensBefore(source.tokens, node.getStart(source.file));

/** How many tokens begin before `position`. */
function tokensBefore(tokens: readonly Token[], position: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle] as Token).start < position) low = middle + 1;
    else high = middle;
  }
  return low;
}
