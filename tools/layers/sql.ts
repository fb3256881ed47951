import {
  isBinaryExpression,
  isBindingElement,
  isElementAccessExpression,
  isIdentifier,
  isNoSubstitutionTemplateLiteral,
  isObjectLiteralExpression,
  isPropertyAccessExpression,
  isStringLiteral,
  isTemplateExpression,
  isVariableDeclaration,
  type Node,
  type SourceFile,
  SyntaxKind,
} from 'typescript/unstable/ast';
import { parseFiles, visit } from '../style/source.ts';
import { hole, isStatement } from './statement.ts';

/**
 * Where SQL may stand: the store; what makes test databases; tests; the bench; and BullMQ's file,
 * which asks PostgreSQL for a privilege of the queue's own role.
 */
const mayHoldSql = new RegExp(
  [
    '^packages/(store|testing)/',
    String.raw`^packages/pipeline/src/queue/postgres-queues\.ts$`,
    '^tools/(bench|layers)/',
    '^tests/',
    String.raw`\.test\.ts$`,
  ].join('|'),
);

/**
 * Whose `query` is none of a transaction: Express keeps the address's query in `request.query`, and
 * sections of a page get it in their context.
 */
const otherOwners = new Set(['request', 'context']);

/** Lines of a source file in which SQL begins or a transaction's `query` is taken, from 1. */
function sqlLines(file: SourceFile): number[] {
  const lines = new Set<number>();
  visit(file, (node) => {
    if (isStatement(textOf(node)) || takesQuery(node))
      lines.add(file.text.slice(0, node.getStart(file)).split('\n').length);
  });
  return [...lines].toSorted((a, b) => a - b);
}

/** Returns a literal's text, with a hole for what is computed; empty for other nodes. */
export function textOf(node: Node): string {
  if (isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (isTemplateExpression(node))
    return (
      node.head.text + node.templateSpans.map(({ literal }) => `${hole}${literal.text}`).join('')
    );
  if (isBinaryExpression(node) && node.operatorToken.kind === SyntaxKind.PlusToken)
    return (textOf(node.left) || hole) + (textOf(node.right) || hole);
  return '';
}

/** Tells whether a node takes `query` from something, or names what writes rows of a table. */
function takesQuery(node: Node): boolean {
  if (isIdentifier(node)) return node.text === 'insertRows';
  if (isPropertyAccessExpression(node))
    return node.name.text === 'query' && !isOtherOwner(node.expression);
  if (isElementAccessExpression(node))
    return textOf(node.argumentExpression) === 'query' && !isOtherOwner(node.expression);
  if (isBindingElement(node)) return takesQueryApart(node);
  if (!isBinaryExpression(node) || node.operatorToken.kind !== SyntaxKind.EqualsToken) return false;
  if (!isObjectLiteralExpression(node.left) || isOtherOwner(node.right)) return false;
  return node.left.properties.some(
    (property) => 'name' in property && nameOf(property.name) === 'query',
  );
}

function takesQueryApart(node: Node): boolean {
  if (!isBindingElement(node) || node.parent.kind !== SyntaxKind.ObjectBindingPattern) return false;
  if (node.dotDotDotToken || nameOf(node.propertyName ?? node.name) !== 'query') return false;
  const declaration = node.parent.parent;
  return !(isVariableDeclaration(declaration) && isOtherOwner(declaration.initializer));
}

const nameOf = (node: Node | undefined) =>
  node && (isIdentifier(node) || isStringLiteral(node)) ? node.text : '';

const isOtherOwner = (node: Node | undefined) => otherOwners.has(nameOf(node));

/**
 * Lists the places outside the store that hold SQL or take a transaction's `query`
 * (DECISIONS D127).
 * @param texts of files that are not on the disk, by their paths
 */
export function sqlOutsideTheStore(
  root: string,
  files: readonly string[],
  texts: Readonly<Record<string, string>> = {},
): { file: string; line: number }[] {
  const paths = files.filter((file) => !mayHoldSql.test(file));
  return parseFiles(root, paths, texts).flatMap((parsed, index) =>
    sqlLines(parsed).map((line) => ({ file: paths[index] ?? '', line })),
  );
}
