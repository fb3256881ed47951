import {
  isNoSubstitutionTemplateLiteral,
  isStringLiteral,
  isTemplateExpression,
  type Node,
} from 'typescript/unstable/ast';
import { parseFiles, visit } from '../style/source.ts';

/** Clocks of PostgreSQL that are written out in a statement. */
const bareClock =
  /\b(?:now|(?:clock|statement|transaction)_timestamp|timeofday)\s*\(\s*\)|\b(?:current_(?:timestamp|date|time)|localtime(?:stamp)?)\b|'(?:now|today|tomorrow|yesterday)'::/i;

const isHeld = (file: string) =>
  /^packages\/store\/src\/.*\.ts$/.test(file) &&
  !/\.(test|generated)\.ts$|\/clock-sql\.ts$/.test(file);

/** Returns the fixed parts of a literal; none for other nodes. */
function textsOf(node: Node): string[] {
  if (isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node)) return [node.text];
  if (!isTemplateExpression(node)) return [];
  return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)];
}

/**
 * Lists the statements of the store that name a clock of PostgreSQL. Deadlines are on the clock
 * `loopwell_now()`; whoever needs the real one takes `realNow` of `clock-sql.ts` (DECISIONS D136).
 * @param texts of files that are not on the disk, by their paths
 */
export function bareClocksInSql(
  root: string,
  files: readonly string[],
  texts: Readonly<Record<string, string>> = {},
): { file: string; line: number }[] {
  const paths = files.filter(isHeld);
  return parseFiles(root, paths, texts).flatMap((parsed, index) => {
    const lines = new Set<number>();
    visit(parsed, (node) => {
      if (textsOf(node).some((text) => bareClock.test(text)))
        lines.add(parsed.text.slice(0, node.getStart(parsed)).split('\n').length);
    });
    return [...lines].map((line) => ({ file: paths[index] ?? '', line }));
  });
}
