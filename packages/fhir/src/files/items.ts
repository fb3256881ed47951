import { unreadBundle } from '../bundle-kinds.ts';
import { elementsOf } from '../json-text.ts';
import { brokenRule } from '../shape/index.ts';
import { documentsOf } from './documents.ts';
import { longestLine } from './lines.ts';
import { unzipped } from './unzipped.ts';

/**
 * What one file holds: Bundles, resources that stand alone (Bulk Data), and what is neither, each
 * with the line where it begins.
 * DECISIONS D107.
 */
export type FileItem = FilePlace &
  (
    | { kind: 'bundle' | 'resource'; value: FileResource; bytes: number }
    | { kind: 'problem'; problem: string; value?: unknown }
  );

export type FileResource = { resourceType: string; [element: string]: unknown };

export type FilePlace = { line: number };

/**
 * Reads a file the one way that `code`, `load` and the API read one: gzip, byte order mark, line
 * ends and encoding are told by the bytes, one value or one for each line by the content. Nothing
 * is quoted of what cannot be read.
 *
 * @param limit bytes of one value
 * @throws whatever ends the reading of the input
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

/** What one JSON value holds: a list is read like the lines of a file. */
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
