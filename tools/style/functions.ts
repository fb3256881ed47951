import {
  type FunctionLikeDeclaration,
  isArrowFunction,
  isBlock,
  isFunctionLikeDeclaration,
  isIdentifier,
  isVariableDeclaration,
  type Node,
} from 'typescript/unstable/ast';
import { countTokens, lineAt, type Place, placeOf } from './place.ts';
import { type Source, visit } from './source.ts';
import { firstWords } from './statements.ts';

export type FunctionSize = Place & { lines: number };

/**
 * Every function with a block as its body, nested ones included, from its first token to its
 * closing brace.
 */
export function sizeFunctions(source: Source): FunctionSize[] {
  const sizes: FunctionSize[] = [];
  visit(source.file, (node) => {
    if (!isBlockFunction(node)) return;
    const place = placeOf(source, node, countTokens(source, node), nameOfFunction(source, node));
    const lines = lineAt(source, node.end - 1) - place.line + 1;
    sizes.push({ ...place, lines });
  });
  return sizes;
}

export const isBlockFunction = (node: Node): node is FunctionLikeDeclaration =>
  isFunctionLikeDeclaration(node) && node.body !== undefined && isBlock(node.body);

export function nameOfFunction(source: Source, node: FunctionLikeDeclaration): string {
  if ('name' in node && node.name) return node.name.getText(source.file);
  const { parent } = node;
  if (isArrowFunction(node) && isVariableDeclaration(parent) && isIdentifier(parent.name))
    return parent.name.text;
  return firstWords(source, node);
}
