import {
  isAsExpression,
  isAwaitExpression,
  isBinaryExpression,
  isCallExpression,
  isConditionalExpression,
  isElementAccessExpression,
  isIdentifier,
  isNonNullExpression,
  isParameterDeclaration,
  isParenthesizedExpression,
  isPropertyAccessExpression,
  isPropertySignatureDeclaration,
  isSatisfiesExpression,
  isTypeAssertion,
  isVariableDeclaration,
  type Node,
  type SourceFile,
} from 'typescript/unstable/ast';
import { visit } from '../style/source.ts';
import { isListType, isPatientType } from './patient-types.ts';

/** Names of a file that stand for Patients. */
export type Names = {
  /** Types that are another name of Patient, in any file. */
  aliases: ReadonlySet<string>;
  patients: Set<string>;
  lists: Set<string>;
  /** Members whose declared type is a Patient. */
  members: Set<string>;
};

/** Collects what a file declares as a Patient, or makes from one. */
export function declaredPatients(file: SourceFile, aliases: ReadonlySet<string>): Names {
  const names: Names = {
    aliases,
    patients: new Set<string>(),
    lists: new Set<string>(),
    members: new Set<string>(),
  };
  const size = () => names.patients.size + names.lists.size + names.members.size;
  for (let before = -1; before !== size(); ) {
    before = size();
    visit(file, (node) => addDeclared(node, names));
  }
  return names;
}

function addDeclared(node: Node, names: Names): void {
  const isMember = isPropertySignatureDeclaration(node);
  if (!isMember && !isVariableDeclaration(node) && !isParameterDeclaration(node)) return;
  if (!isIdentifier(node.name)) return;
  const { text } = node.name;
  if (node.type) {
    if (isPatientType(node.type, names.aliases))
      (isMember ? names.members : names.patients).add(text);
    else if (isListType(node.type, names.aliases)) names.lists.add(text);
    return;
  }
  if (isVariableDeclaration(node) && isPatient(node.initializer, names)) names.patients.add(text);
}

/** Tells whether an expression is a list of Patients. */
export const isList = (node: Node, names: Names): boolean => {
  if (isIdentifier(node)) return /patients$/i.test(node.text) || names.lists.has(node.text);
  return isPropertyAccessExpression(node) && /patients$/i.test(node.name.text);
};

/** Tells whether an expression is a Patient, by its type, its cast or its name. */
export function isPatient(node: Node | undefined, names: Names): boolean {
  if (!node) return false;
  if (isIdentifier(node)) return isCalledPatient(node) || names.patients.has(node.text);
  if (isPropertyAccessExpression(node))
    return isCalledPatient(node.name) || names.members.has(node.name.text);
  if (isElementAccessExpression(node))
    return isPatient(node.expression, names) || isList(node.expression, names);
  if (isBinaryExpression(node)) return isPatient(node.left, names) || isPatient(node.right, names);
  if (isCallExpression(node)) {
    const typed = node.typeArguments ?? [];
    return typed.some((type) => isPatientType(type, names.aliases));
  }
  return isPatientInside(node, names);
}

/** Looks through casts, parentheses and choices at what they hold. */
function isPatientInside(node: Node, names: Names): boolean {
  if (isAsExpression(node) || isSatisfiesExpression(node) || isTypeAssertion(node))
    return isPatientType(node.type, names.aliases) || isPatient(node.expression, names);
  if (isParenthesizedExpression(node) || isNonNullExpression(node) || isAwaitExpression(node))
    return isPatient(node.expression, names);
  if (!isConditionalExpression(node)) return false;
  return isPatient(node.whenTrue, names) || isPatient(node.whenFalse, names);
}

/** Tells whether a name says that it holds a Patient. */
export const isCalledPatient = (node: Node | undefined): boolean =>
  node !== undefined && isIdentifier(node) && /patient$/i.test(node.text);
