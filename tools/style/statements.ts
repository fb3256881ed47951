import {
  isBlock,
  isFunctionDeclaration,
  isObjectLiteralExpression,
  isStatement,
  isVariableStatement,
  type Node,
  SyntaxKind,
} from 'typescript/unstable/ast';
import { countTokens, type Place, placeOf } from './place.ts';
import { type Source, visit } from './source.ts';

export type Statement = Place & { isTable: boolean };

/**
 * Every statement with its own tokens. Blocks and function declarations are none: they hold some.
 */
export function sizeStatements(source: Source): Statement[] {
  const statements: Statement[] = [];
  visit(source.file, (node) => {
    if (!isStatement(node) || isBlock(node) || isFunctionDeclaration(node)) return;
    const tokens = countOwnTokens(source, node);
    const place = placeOf(source, node, tokens, firstWords(source, node));
    statements.push({ ...place, isTable: isTable(node) });
  });
  return statements;
}

/** A type, or a declaration of rows that decides nothing. */
function isTable(statement: Node): boolean {
  const isType =
    statement.kind === SyntaxKind.TypeAliasDeclaration ||
    statement.kind === SyntaxKind.InterfaceDeclaration;
  if (isType) return true;
  if (!isVariableStatement(statement)) return false;
  let rows = 0;
  let decides = false;
  visit(statement, (node) => {
    if (isObjectLiteralExpression(node) || node.kind === SyntaxKind.ArrayLiteralExpression) rows++;
    decides ||= isStatement(node) || node.kind === SyntaxKind.ConditionalExpression;
  });
  return rows > 1 && !decides;
}

function countOwnTokens(source: Source, statement: Node): number {
  let count = countTokens(source, statement);
  const subtract = (node: Node): void =>
    void node.forEachChild((child) => {
      if (isStatement(child) && !isBlock(child)) count -= countTokens(source, child);
      else subtract(child);
    });
  subtract(statement);
  return count;
}

/** The begin of a node's text on one line, for lists. */
export const firstWords = (source: Source, node: Node): string =>
  source.text.slice(node.getStart(source.file), node.end).replace(/\s+/g, ' ').slice(0, 50);
