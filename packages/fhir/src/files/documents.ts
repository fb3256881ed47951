import { mapDefined } from '../defined.ts';
import { parseJson } from '../json-text.ts';
import { type Decoded, linesOf, longestLine } from './lines.ts';

/** One JSON value of a file and the line where it begins, or the reason why there is none. */
export type Document =
  | { line: number; value: unknown; bytes: number }
  | { line: number; problem: string };

type Line = { line: number } & Decoded;

/** The problem of a line that is not JSON. */
export const notJson = 'It is no JSON.';
const broken = 'It is neither JSON nor NDJSON: it may be cut off.';

/**
 * Reads the JSON values of a file: one for each line, or one over many lines. The content decides,
 * not the name. One line is held at a time. Of a value over many lines, and of a file whose first
 * line cannot be read, at most `limit` bytes are held.
 */
export async function* documentsOf(
  input: AsyncIterable<unknown>,
  limit = longestLine,
): AsyncIterable<Document> {
  let held: Line[] | undefined;
  let bytes = 0;
  let number = 0;
  let isFirst = true;
  for await (const raw of linesOf(input, limit)) {
    number += 1;
    const line: Line = { line: number, ...raw };
    if ('text' in line && line.text.trim() === '') continue;
    const document = held ? undefined : documentIn(line);
    // A first line that is not JSON alone begins a value over many lines, or lines of which the
    // first is bad.
    if (isFirst && document && 'problem' in document) held = [];
    isFirst = false;
    if (held) {
      held.push(line);
      bytes += 'text' in line ? line.text.length : 0;
      if (bytes <= limit) continue;
      // One value is never this long, so these are lines.
      yield* held.map(documentIn);
      held = undefined;
    } else if (document) yield document;
  }
  if (held) yield* heldTogether(held);
}

function documentIn(line: Line): Document {
  if ('problem' in line) return line;
  const parsed = parse(line.text);
  return parsed
    ? { line: line.line, ...parsed, bytes: line.text.length }
    : { line: line.line, problem: notJson };
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: parseJson(text) };
  } catch {
    return undefined;
  }
}

/** Reads held lines, of which the first is not JSON alone, as one value or as separate lines. */
function heldTogether(held: readonly Line[]): Document[] {
  const line = held[0]?.line ?? 1;
  const texts = mapDefined(held, (one) => ('text' in one ? one.text : undefined));
  const whole = texts.length === held.length ? parse(texts.join('\n')) : undefined;
  if (whole) return [{ line, ...whole, bytes: texts.reduce((sum, one) => sum + one.length, 0) }];
  const documents = held.map(documentIn);
  if (documents.some((one) => 'value' in one && isResource(one.value))) return documents;
  if (!texts.some(isInside) && texts.some((one) => /^\s*[[{]/.test(one))) return documents;
  // This is one value over many lines, or no JSON at all. The problem is reported once, at its line
  // if that is known.
  const bad = held.filter((one) => 'problem' in one);
  return bad.length === held.length
    ? bad
    : [bad[0] ?? { line, problem: texts.length === 1 ? notJson : broken }];
}

const isResource = (json: unknown) =>
  typeof json === 'object' && json !== null && 'resourceType' in json;

/**
 * Tells whether a line is from within a value over many lines: indented, or the end of a part that
 * another line began.
 */
const isInside = (text: string) => /^(\s|[\]}])/.test(text) || /^[[{]\s*$/.test(text);
