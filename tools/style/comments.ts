import {
  getLeadingCommentRanges,
  isClassDeclaration,
  isFunctionDeclaration,
  isInterfaceDeclaration,
  isTypeAliasDeclaration,
  isVariableStatement,
  type Node,
  type Statement,
  SyntaxKind,
} from 'typescript/unstable/ast';
import { type Place, placeOf } from './place.ts';
import type { Source } from './source.ts';
import { firstWords } from './statements.ts';

/** The declarations that a file exports, apart by whether a comment stands before them. */
export function sortExports(source: Source): { commented: Place[]; bare: Place[] } {
  const commented: Place[] = [];
  const bare: Place[] = [];
  for (const statement of source.file.statements) {
    if (!isExportedDeclaration(statement)) continue;
    const comments = getLeadingCommentRanges(source.text, statement.pos) ?? [];
    const place = placeOf(source, statement, 1, firstWords(source, statement));
    (comments.length > 0 ? commented : bare).push(place);
  }
  return { commented, bare };
}

function isExportedDeclaration(statement: Statement): boolean {
  const isDeclaration =
    isFunctionDeclaration(statement) ||
    isVariableStatement(statement) ||
    isClassDeclaration(statement) ||
    isTypeAliasDeclaration(statement) ||
    isInterfaceDeclaration(statement);
  return isDeclaration && (statement.modifiers ?? []).some(isExportKeyword);
}

const isExportKeyword = (modifier: Node) => modifier.kind === SyntaxKind.ExportKeyword;
