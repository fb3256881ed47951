import {
  type FunctionLikeDeclaration,
  type IfStatement,
  isBinaryExpression,
  isBreakStatement,
  isContinueStatement,
  isFunctionLikeDeclaration,
  isIfStatement,
  isParenthesizedExpression,
  type Node,
  SyntaxKind,
} from 'typescript/unstable/ast';
import { nameOfFunction } from './functions.ts';
import { type Place, placeOf } from './place.ts';
import type { Source } from './source.ts';

/**
 * Every function with its cognitive complexity, as Biome counts it: an inner function counts for
 * itself, and begins one level deeper than where it stands.
 */
export function rateFunctions(source: Source): Place[] {
  const places: Place[] = [];
  const rateInner = (node: Node, depth: number): void => {
    const inner: Inner[] = [];
    const score = scoreOf(node, depth, inner);
    if (isFunctionLikeDeclaration(node) && node.body)
      places.push(placeOf(source, node, score, nameOfFunction(source, node)));
    for (const { declaration, at } of inner) rateInner(declaration, at);
  };
  rateInner(source.file, -1);
  return places;
}

/** A function inside another, and the depth at which its own statements stand. */
type Inner = { declaration: FunctionLikeDeclaration; at: number };

const nesting = new Set([
  SyntaxKind.ConditionalExpression,
  SyntaxKind.SwitchStatement,
  SyntaxKind.ForStatement,
  SyntaxKind.ForInStatement,
  SyntaxKind.ForOfStatement,
  SyntaxKind.WhileStatement,
  SyntaxKind.DoStatement,
  SyntaxKind.CatchClause,
]);
const logical = new Set([
  SyntaxKind.AmpersandAmpersandToken,
  SyntaxKind.BarBarToken,
  SyntaxKind.QuestionQuestionToken,
]);

/** Complexity of what stands below `node`; functions below it are added to `inner` instead. */
function scoreOf(node: Node, depth: number, inner: Inner[]): number {
  let score = 0;
  node.forEachChild((child) => {
    score += scoreOfNode(child, depth, inner);
  });
  return score;
}

function scoreOfNode(node: Node, depth: number, inner: Inner[]): number {
  if (isFunctionLikeDeclaration(node)) {
    inner.push({ declaration: node, at: depth + 1 });
    return 0;
  }
  if (isIfStatement(node)) return scoreOfIf(node, depth, inner);
  if (nesting.has(node.kind)) return 1 + depth + scoreOf(node, depth + 1, inner);
  return Number(isJump(node) || beginsLogicalRun(node)) + scoreOf(node, depth, inner);
}

function scoreOfIf(node: IfStatement, depth: number, inner: Inner[]): number {
  const { expression, thenStatement, elseStatement } = node;
  const isElseIf = isIfStatement(node.parent) && node.parent.elseStatement === node;
  let score = isElseIf ? 1 : 1 + depth;
  score += scoreOfNode(expression, depth, inner);
  score += scoreOfNode(thenStatement, depth + 1, inner);
  if (!elseStatement) return score;
  if (isIfStatement(elseStatement)) return score + scoreOfIf(elseStatement, depth, inner);
  return score + 1 + scoreOfNode(elseStatement, depth + 1, inner);
}
/** A jump to a label. */
const isJump = (node: Node): boolean =>
  (isBreakStatement(node) || isContinueStatement(node)) && node.label !== undefined;

/** `a && b && c` counts once, `a && b || c` twice. */
function beginsLogicalRun(node: Node): boolean {
  if (!isBinaryExpression(node) || !logical.has(node.operatorToken.kind)) return false;
  let { parent } = node;
  while (isParenthesizedExpression(parent)) parent = parent.parent;
  return !isBinaryExpression(parent) || parent.operatorToken.kind !== node.operatorToken.kind;
}
