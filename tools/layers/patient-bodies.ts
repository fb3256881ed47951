import {
  isArrowFunction,
  isAsExpression,
  isBinaryExpression,
  isBindingElement,
  isCallExpression,
  isComputedPropertyName,
  isElementAccessExpression,
  isForOfStatement,
  isFunctionExpression,
  isIdentifier,
  isNoSubstitutionTemplateLiteral,
  isObjectBindingPattern,
  isObjectLiteralExpression,
  isParameterDeclaration,
  isPropertyAccessExpression,
  isStringLiteral,
  isVariableDeclaration,
  type Node,
  type SourceFile,
  SyntaxKind,
} from 'typescript/unstable/ast';
import { parseFiles, visit } from '../style/source.ts';
import {
  declaredPatients,
  isCalledPatient,
  isList,
  isPatient,
  type Names,
} from './patient-names.ts';
import { isPatientType, listAliases } from './patient-types.ts';

/** Elements of a Patient that say who and where a person is, and how to reach them. */
const elements: ReadonlySet<string> = new Set([
  ...['name', 'telecom', 'contact', 'address', 'birthDate', 'communication'],
]);

/** Elements that no other JSON has under these names, so far as this house reads any. */
const onlyOfPatients: ReadonlySet<string> = new Set(['telecom', 'birthDate', 'communication']);

/** Folders of people, what is generic for all of FHIR, what makes up people, and tests. */
const mayReadPatients = new RegExp(
  [
    '/people/',
    '^packages/(fhir|testing)/',
    '^services/sandbox/',
    '^(tests|tools|openapi|docker)/',
    '/test/',
    String.raw`\.(test|d|generated)\.ts$`,
  ].join('|'),
);

/**
 * Lists the places outside folders `people/` that read name, contact, address, birth date or
 * language from a Patient body (DECISIONS D135). It goes by written types and by names, so a
 * Patient is what is typed or cast as one, or is called one.
 * @param texts of files that are not on the disk, by their paths
 */
export function patientBodiesRead(
  root: string,
  files: readonly string[],
  texts: Readonly<Record<string, string>> = {},
): { file: string; line: number }[] {
  const isSource = (file: string) => /\.[cm]?[jt]s$/.test(file) && !mayReadPatients.test(file);
  const paths = files.filter(isSource);
  const parsed = parseFiles(root, paths, texts);
  const aliases = listAliases(parsed);
  return parsed.flatMap((source, index) =>
    linesIn(source, aliases).map((line) => ({ file: paths[index] ?? '', line })),
  );
}

function linesIn(file: SourceFile, aliases: ReadonlySet<string>): number[] {
  const names = declaredPatients(file, aliases);
  const constants = stringConstants(file);
  const lines = new Set<number>();
  visit(file, (node) => {
    if (readsPatient(node, { names, constants }))
      lines.add(file.text.slice(0, node.getStart(file)).split('\n').length);
  });
  return [...lines].toSorted((a, b) => a - b);
}

type Scope = { names: Names; constants: ReadonlyMap<string, string> };

function readsPatient(node: Node, scope: Scope): boolean {
  if (isPropertyAccessExpression(node)) return readsMember(node.expression, node.name.text, scope);
  if (isElementAccessExpression(node)) {
    const member = textOf(node.argumentExpression, scope);
    const isIndex = node.argumentExpression.kind === SyntaxKind.NumericLiteral;
    if (member !== undefined) return readsMember(node.expression, member, scope);
    return !isIndex && isPatient(node.expression, scope.names);
  }
  return isBindingElement(node) ? takesApart(node, scope) : assignsParts(node, scope);
}

/** Tells whether `({ name } = patient)` takes an element. */
function assignsParts(node: Node, scope: Scope): boolean {
  if (!isBinaryExpression(node) || node.operatorToken.kind !== SyntaxKind.EqualsToken) return false;
  if (!isObjectLiteralExpression(node.left) || !isPatient(node.right, scope.names)) return false;
  const parts = node.left.properties.map((part) => ('name' in part ? part.name : undefined));
  return parts.some((part) => part !== undefined && isElement(part, scope));
}

function readsMember(owner: Node, member: string, { names }: Scope): boolean {
  if (elements.has(member) && isPatient(owner, names)) return true;
  return onlyOfPatients.has(member) && isParsedJson(owner);
}

/** Tells whether `const { name } = patient`, or a parameter of that form, takes an element. */
function takesApart(node: Node, scope: Scope): boolean {
  if (!isBindingElement(node) || !isObjectBindingPattern(node.parent)) return false;
  const member = node.propertyName ?? node.name;
  if (node.dotDotDotToken || !member || !isElement(member, scope)) return false;
  const holder = node.parent.parent;
  if (isBindingElement(holder)) return isCalledPatient(holder.propertyName);
  if (isVariableDeclaration(holder)) {
    if (holder.type) return isPatientType(holder.type, scope.names.aliases);
    if (isPatient(holder.initializer, scope.names)) return true;
    return isMemberOfPatients(holder, scope.names);
  }
  if (!isParameterDeclaration(holder)) return false;
  if (holder.type) return isPatientType(holder.type, scope.names.aliases);
  return isCallbackOfPatients(holder.parent, scope.names);
}

/** Tells whether a variable goes through a list of Patients: `for (const { name } of patients)`. */
function isMemberOfPatients(declaration: Node, names: Names): boolean {
  const loop = declaration.parent?.parent;
  return loop !== undefined && isForOfStatement(loop) && isList(loop.expression, names);
}

/** Tells whether a function is given to a list of Patients: `patients.map(({ name }) => …)`. */
function isCallbackOfPatients(callback: Node | undefined, names: Names): boolean {
  if (!callback || !(isArrowFunction(callback) || isFunctionExpression(callback))) return false;
  const call = callback.parent;
  if (!isCallExpression(call) || !isPropertyAccessExpression(call.expression)) return false;
  return isList(call.expression.expression, names);
}

/** Tells whether an expression is JSON that was parsed and given no type. */
function isParsedJson(node: Node): boolean {
  if (!isCallExpression(node)) return false;
  const called = node.expression;
  return (
    isPropertyAccessExpression(called) &&
    isIdentifier(called.expression) &&
    called.expression.text === 'JSON'
  );
}

function isElement(node: Node, scope: Scope): boolean {
  if (isComputedPropertyName(node)) {
    const member = textOf(node.expression, scope);
    return member === undefined || elements.has(member);
  }
  if (isIdentifier(node)) return elements.has(node.text);
  return isStringLiteral(node) && elements.has(node.text);
}

/** Returns the text of a literal, or of a constant that holds one. */
function textOf(node: Node, { constants }: Scope): string | undefined {
  if (isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node)) return node.text;
  return isIdentifier(node) ? constants.get(node.text) : undefined;
}

function stringConstants(file: SourceFile): Map<string, string> {
  const constants = new Map<string, string>();
  visit(file, (node) => {
    if (!isVariableDeclaration(node) || !isIdentifier(node.name) || !node.initializer) return;
    const { initializer } = node;
    const literal = isAsExpression(initializer) ? initializer.expression : initializer;
    if (isStringLiteral(literal)) constants.set(node.name.text, literal.text);
  });
  return constants;
}
