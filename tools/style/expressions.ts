import {
  isArrayLiteralExpression,
  isAsExpression,
  isBinaryExpression,
  isCallExpression,
  isConditionalExpression,
  isObjectLiteralExpression,
  isParenthesizedExpression,
  isPropertyAccessExpression,
  isReturnStatement,
  isSatisfiesExpression,
  isSpreadAssignment,
  type Node,
  SyntaxKind,
} from 'typescript/unstable/ast';
import { type Place, placeOf } from './place.ts';
import { type Source, visit } from './source.ts';
import { firstWords } from './statements.ts';

const chainedCallsFrom = 4;

type Counted = {
  chains: Place[];
  ternaries: Place[];
  spreads: Place[];
  flatMaps: Place[];
};

/** Lists the expressions that ask much of a reader: see the definitions in `tools/style.ts`. */
export function findExpressions(source: Source): Counted {
  const counted: Counted = { chains: [], ternaries: [], spreads: [], flatMaps: [] };
  visit(source.file, (node) => {
    const add = (places: Place[], amount = 1) =>
      places.push(placeOf(source, node, amount, firstWords(source, node)));
    const calls = countChainedCalls(node);
    if (calls >= chainedCallsFrom) add(counted.chains, calls);
    if (hasNestedTernary(node)) add(counted.ternaries);
    if (isConditionalSpread(node)) add(counted.spreads);
    if (isFilteringFlatMap(node)) add(counted.flatMaps);
  });
  return counted;
}

/**
 * Calls of the chain that ends at `node`: `a.b().c()` has two. Zero where the chain goes on after
 * `node`.
 */
function countChainedCalls(node: Node): number {
  if (!isCallExpression(node) || goesOn(node)) return 0;
  let calls = 0;
  let at: Node = node;
  while (isCallExpression(at) || isPropertyAccessExpression(at)) {
    if (isCallExpression(at)) calls++;
    at = at.expression;
  }
  return calls;
}

function goesOn(node: Node): boolean {
  let { parent } = node;
  if (isCallExpression(parent)) return parent.expression === node;
  while (isPropertyAccessExpression(parent)) parent = parent.parent;
  return parent !== node.parent && isCallExpression(parent) && parent.expression.end > node.end;
}

const hasNestedTernary = (node: Node): boolean =>
  isConditionalExpression(node) &&
  [node.whenTrue, node.whenFalse].some((branch) => isConditionalExpression(unwrap(branch)));

function isConditionalSpread(node: Node): boolean {
  if (!isSpreadAssignment(node)) return false;
  const spread = unwrap(node.expression);
  return isConditionalExpression(spread) || isAnd(spread);
}

const isAnd = (node: Node): boolean =>
  isBinaryExpression(node) && node.operatorToken.kind === SyntaxKind.AmpersandAmpersandToken;

/**
 * A flatMap that drops elements: somewhere in its callback a condition ends in an empty list or
 * object.
 */
function isFilteringFlatMap(node: Node): boolean {
  if (!isCallExpression(node) || !isPropertyAccessExpression(node.expression)) return false;
  if (node.expression.name.getText() !== 'flatMap') return false;
  let filters = false;
  for (const argument of node.arguments)
    visit(argument, (inner) => {
      filters ||= isConditionalExpression(inner) && [inner.whenTrue, inner.whenFalse].some(isEmpty);
      filters ||= isReturnStatement(inner) && !!inner.expression && isEmpty(inner.expression);
    });
  return filters;
}

function isEmpty(node: Node): boolean {
  const inner = unwrap(node);
  if (isArrayLiteralExpression(inner)) return inner.elements.length === 0;
  return isObjectLiteralExpression(inner) && inner.properties.length === 0;
}

function unwrap(node: Node): Node {
  if (isParenthesizedExpression(node) || isAsExpression(node) || isSatisfiesExpression(node))
    return unwrap(node.expression);
  return node;
}
