import {
  type Identifier,
  isArrowFunction,
  isAsExpression,
  isBindingElement,
  isBindingPattern,
  isBlock,
  isFunctionDeclaration,
  isFunctionExpression,
  isGetAccessorDeclaration,
  isIdentifier,
  isMethodDeclaration,
  isMethodSignatureDeclaration,
  isObjectLiteralExpression,
  isParameterDeclaration,
  isPropertyDeclaration,
  isPropertySignatureDeclaration,
  isTypeLiteralNode,
  isTypeNode,
  isVariableDeclaration,
  type Node,
} from 'typescript/unstable/ast';
import { lineAt, type Place, placeOf } from './place.ts';
import { type Source, visit } from './source.ts';

const words =
  'one some own told said known found given heard spoken fresh thing it data info value item entry';
const banned = new Set(words.split(' '));

/** Declarations under a name that says nothing. */
export function findBannedNames(source: Source): Place[] {
  const places: Place[] = [];
  visit(source.file, (node) => {
    if (!isIdentifier(node) || !banned.has(node.text)) return;
    if (declares(source, node)) places.push(placeOf(source, node, 1, node.text));
  });
  return places;
}

function declares(source: Source, name: Identifier): boolean {
  const { parent } = name;
  if (isBindingElement(parent) && parent.name === name)
    return !isOfOneLineCallback(source, outermostPattern(parent));
  if (isParameterDeclaration(parent) && parent.name === name)
    return !isOfOneLineCallback(source, parent);
  if (isMember(parent)) return parent.name === name && isOwnType(parent);
  const isDeclaration =
    isVariableDeclaration(parent) || isFunctionDeclaration(parent) || isFunctionExpression(parent);
  return isDeclaration && parent.name === name;
}

const isMember = (node: Node) =>
  isPropertySignatureDeclaration(node) ||
  isMethodSignatureDeclaration(node) ||
  isPropertyDeclaration(node) ||
  isGetAccessorDeclaration(node) ||
  isMethodDeclaration(node);

/**
 * FHIR's own members apart: a type literal with a `resourceType`, or the shape that a cast assumes.
 */
function isOwnType(member: Node): boolean {
  const { parent } = member;
  if (isObjectLiteralExpression(parent)) return false;
  if (!isTypeLiteralNode(parent)) return true;
  const names = parent.members.map((other) => isMember(other) && other.name.getText());
  return !names.includes('resourceType') && !isInCast(parent);
}

const isInCast = (type: Node): boolean => {
  if (isAsExpression(type.parent)) return true;
  return isTypeNode(type.parent) && isInCast(type.parent);
};

function outermostPattern(node: Node): Node {
  const { parent } = node;
  const isInPattern = isBindingPattern(parent) || isBindingElement(parent);
  return isInPattern ? outermostPattern(parent) : parent;
}

/** A parameter of an arrow function that stands on one line and has an expression as its body. */
function isOfOneLineCallback(source: Source, parameter: Node): boolean {
  const { parent } = parameter;
  if (!isParameterDeclaration(parameter) || !isArrowFunction(parent)) return false;
  const start = lineAt(source, parent.getStart(source.file));
  return !isBlock(parent.body) && lineAt(source, parent.end - 1) === start;
}
