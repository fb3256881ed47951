import { createHash } from 'node:crypto';
import { getLeadingCommentRanges, isVariableStatement, type Node } from 'typescript/unstable/ast';
import { isBlockFunction, nameOfFunction } from './functions.ts';
import { type Place, placeOf } from './place.ts';
import { type Source, visit } from './source.ts';

/** A function without its comments, and the first sentence of the comment that stood before it. */
export type Drawn = Place & { code: string; sentence: string };

/**
 * Draws functions for a reader to explain: block functions with a docstring, chosen by `seed` (a
 * commit's hash), so that everybody draws the same ones.
 */
export function drawFunctions(sources: readonly Source[], seed: string, count: number): Drawn[] {
  const lot = ({ path, what }: Place) =>
    createHash('sha256').update(`${seed} ${path} ${what}`).digest('hex');
  const all = sources.flatMap(documentedFunctions).map((drawn) => ({ drawn, lot: lot(drawn) }));
  const inOrder = all.toSorted((a, b) => (a.lot < b.lot ? -1 : 1));
  return inOrder.slice(0, count).map(({ drawn }) => drawn);
}

/** The functions as a reader gets them, or the answers under the same numbers. */
export function drawnText(drawn: readonly Drawn[], seed: string, isAnswers: boolean): string {
  const texts = drawn.map((each, index) => {
    const { path, line, what, sentence, code } = each;
    if (isAnswers) return `${index + 1}. ${path}:${line} ${what}\n   ${sentence}`;
    return `--- ${index + 1} ---\n${code}\n`;
  });
  return [`Drawn by ${seed}`, ...texts].join('\n');
}

function documentedFunctions(source: Source): Drawn[] {
  const functions: Drawn[] = [];
  visit(source.file, (node) => {
    if (!isBlockFunction(node)) return;
    const statement = statementOf(node);
    const docstring = docstringBefore(source, statement);
    if (!docstring) return;
    const place = placeOf(source, statement, 1, nameOfFunction(source, node));
    const code = withoutComments(source, statement);
    functions.push({ ...place, code, sentence: firstSentence(docstring) });
  });
  return functions;
}

/** `const f = () => {…}` is shown as a whole. */
function statementOf(node: Node): Node {
  const declaration = node.parent?.parent?.parent;
  return declaration && isVariableStatement(declaration) ? declaration : node;
}

function docstringBefore(source: Source, node: Node): string | undefined {
  const comments = getLeadingCommentRanges(source.text, node.pos) ?? [];
  const last = comments.at(-1);
  const text = last && source.text.slice(last.pos, last.end);
  return text?.startsWith('/**') ? text : undefined;
}

/** What stands before the first full stop that ends a sentence. */
function firstSentence(docstring: string): string {
  const lines = docstring.slice(3, -2).replace(/^[ \t]*\* ?/gm, '');
  const text = lines.replace(/\s+/g, ' ').trim();
  return /^.*?[.:;](?= [A-Z`]|$)/.exec(text)?.[0] ?? text;
}

const comments = /\/\*[\s\S]*?\*\/|\/\/.*/g;

function withoutComments(source: Source, node: Node): string {
  const start = node.getStart(source.file);
  const tokens = source.tokens.filter((token) => token.start >= start && token.end <= node.end);
  let code = '';
  let written = start;
  for (const token of tokens) {
    const gap = source.text.slice(written, token.start);
    code += gap.replace(comments, '') + source.text.slice(token.start, token.end);
    written = token.end;
  }
  return code.replace(/\n(\s*\n)+/g, '\n');
}
