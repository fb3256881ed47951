import {
  isArrayTypeNode,
  isIdentifier,
  isInterfaceDeclaration,
  isIntersectionTypeNode,
  isParenthesizedTypeNode,
  isQualifiedName,
  isTypeAliasDeclaration,
  isTypeOperatorNode,
  isTypeReferenceNode,
  isUnionTypeNode,
  type Node,
  type SourceFile,
} from 'typescript/unstable/ast';
import { visit } from '../style/source.ts';

/** Types that keep what a Patient has. */
const wrappers: ReadonlySet<string> = new Set([
  ...['Partial', 'Readonly', 'Required', 'NonNullable', 'Pick', 'Omit', 'DeepPartial', 'Promise'],
]);

/** Tells whether a written type is a Patient, or a union or wrapper of one. */
export function isPatientType(type: Node, aliases: ReadonlySet<string>): boolean {
  if (isTypeReferenceNode(type)) {
    const { typeName } = type;
    const name = isQualifiedName(typeName) ? typeName.right.text : typeName.text;
    if (name === 'Patient' || aliases.has(name)) return true;
    const parts = wrappers.has(name) ? (type.typeArguments ?? []) : [];
    return parts.some((part) => isPatientType(part, aliases));
  }
  if (isUnionTypeNode(type) || isIntersectionTypeNode(type))
    return type.types.some((part) => isPatientType(part, aliases));
  return isParenthesizedTypeNode(type) && isPatientType(type.type, aliases);
}

/** Tells whether a written type is a list of Patients. */
export function isListType(type: Node, aliases: ReadonlySet<string>): boolean {
  if (isArrayTypeNode(type)) return isPatientType(type.elementType, aliases);
  if (isTypeOperatorNode(type)) return isListType(type.type, aliases);
  if (!isTypeReferenceNode(type) || !isIdentifier(type.typeName)) return false;
  const isArray = /^(Readonly)?(Array|Set)$|^Iterable$/.test(type.typeName.text);
  return isArray && (type.typeArguments ?? []).some((part) => isPatientType(part, aliases));
}

/** Lists the names that files give to the type of a Patient, also through other such names. */
export function listAliases(files: readonly SourceFile[]): Set<string> {
  const aliases = new Set<string>();
  for (let before = -1; before !== aliases.size; ) {
    before = aliases.size;
    for (const file of files) visit(file, (node) => addAlias(node, aliases));
  }
  return aliases;
}

function addAlias(node: Node, aliases: Set<string>): void {
  if (isTypeAliasDeclaration(node) && isPatientType(node.type, aliases))
    aliases.add(node.name.text);
  if (!isInterfaceDeclaration(node)) return;
  const extended = (node.heritageClauses ?? []).flatMap((clause) => [...clause.types]);
  const names = extended.map((type) => type.expression.getText().split('.').at(-1) ?? '');
  if (names.some((name) => name === 'Patient' || aliases.has(name))) aliases.add(node.name.text);
}
