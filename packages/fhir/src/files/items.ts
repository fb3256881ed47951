import { unreadBundle } from '../bundle-kinds.ts';
import { elementsOf } from '../json-text.ts';
import { brokenRule } from '../shape/index.ts';
import { documentsOf } from './documents.ts';
import { longestLine } from './lines.ts';
import { unzipped } from './unzipped.ts';

/**
 * One item of a file: a Bundle, a resource that stands alone (Bulk Data), or a problem, each with
 * the line where it begins. DECISIONS D107.
 */
export type FileItem = FilePlace &
  (
    | { kind: 'bundle' | 'resource'; value: FileResource; bytes: number }
    | { kind: 'problem'; problem: string; value?: unknown }
  );

export type FileResource = { resourceType: string; [element: string]: unknown };

export type FilePlace = { line: number };

/**
 * Reads the items of a file, in the same way for `code`, `load` and the API. The bytes decide on
 * gzip, byte order mark, line ends and encoding; the content decides whether it is one value or one
 * for each line. Problems quote nothing of the content.
 *
 * @param limit bytes of one value
 * @throws any error that ends the reading of the input
 */
export async function* itemsOf(
  input: AsyncIterable<unknown>,
  limit = longestLine,
): AsyncIterable<FileItem> {
  for await (const document of documentsOf(unzipped(input), limit)) {
    if ('problem' in document) yield { kind: 'problem', ...document };
    else yield* itemsIn(document.value, document.line, document.bytes);
  }
}

/** Gives the items of one JSON value. A list is read like the lines of a file. */
export function itemsIn(json: unknown, line = 1, bytes = 0): readonly FileItem[] {
  return Array.isArray(json)
    ? elementsOf(json).map((one) => itemIn(one, line, bytes / json.length))
    : [itemIn(json, line, bytes)];
}

function itemIn(json: unknown, line: number, bytes: number): FileItem {
  const problem = problemOf(json);
  if (problem !== undefined) return { kind: 'problem', line, problem, value: json };
  const resource = json as FileResource;
  return {
    kind: resource.resourceType === 'Bundle' ? 'bundle' : 'resource',
    line,
    value: resource,
    bytes,
  };
}

function problemOf(json: unknown): string | undefined {
  const broken = brokenRule(json, ['no-type', 'unknown-type']);
  if (broken?.rule === 'unknown-type') return 'Its resourceType is none of FHIR R4.';
  if (broken) return 'It is no FHIR resource.';
  const { resourceType, type } = json as Record<string, unknown>;
  if (resourceType === 'Bundle') return unreadBundle(type);
  if (resourceType === 'Parameters')
    return 'Parameters are not read: give what they hold as a Bundle.';
  return undefined;
}
