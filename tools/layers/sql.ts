import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Where SQL may stand: the store; what makes test databases; tests; the bench; and BullMQ's file, which asks PostgreSQL for a
 * privilege of the queue's own role.
 */
const mayHoldSql =
  /^packages\/(store|testing)\/|^packages\/pipeline\/src\/queue\/postgres-queues\.ts$|^tools\/(bench|layers)\/|^tests\/|\.test\.ts$/;

const name = String.raw`(?:[\w."]|\$\{[^}]*\})+`;
const beginnings = [
  String.raw`select\s+(?:distinct\s+)?(?:\*|\(\s*select\b|exists\b|case\s|\d+\s*(?:as\b|from\b|where\b|['"\`])|${name}\*|${name}\s*[(,:]|${name}\s+(?:as|from)\s)`,
  String.raw`insert\s+into\s+${name}`,
  String.raw`update\s+${name}\s+(?:as\s+)?(?:${name}\s+)?set\s+\S+\s*=`,
  String.raw`delete\s+from\s+${name}`,
  String.raw`with\s+(?:recursive\s+)?${name}\s*(?:\([^)]*\)\s*)?as\s+(?:(?:not\s+)?materialized\s+)?\(`,
];
/** A quote and what stands behind it; keywords in one case, so that "Select a partner" is a sentence. */
const openings = beginnings.flatMap((text) => [text, upperKeywords(text)]);
const statement = new RegExp(String.raw`['"\`]\s*(?:${openings.join('|')})`, 'g');
/** A call of a transaction, or of what writes rows of a table, whatever it is given. */
const queryCall = /(?:\.query|\binsertRows)\s*(?:<[^;(]*>)?\(/g;

/** The words of a statement in capitals, the escapes of the regular expression as they are. */
function upperKeywords(text: string): string {
  return text.replace(/\\.|\$\{[^}]*\}|[a-z]+/g, (part) =>
    /^[a-z]+$/.test(part) ? part.toUpperCase() : part,
  );
}

/** Lines of a source file in which SQL begins, from 1 (DECISIONS D127). */
export function sqlLines(text: string): number[] {
  const places = [...text.matchAll(statement), ...text.matchAll(queryCall)];
  const lines = places.map(({ index }) => text.slice(0, index).split('\n').length);
  return [...new Set(lines)].toSorted((a, b) => a - b);
}

/** The places outside the store that begin a statement of their own, or call a transaction's `query`. */
export function sqlOutsideTheStore(
  root: string,
  files: readonly string[],
): { file: string; line: number }[] {
  const places: { file: string; line: number }[] = [];
  for (const file of files) {
    if (mayHoldSql.test(file)) continue;
    const lines = sqlLines(readFileSync(join(root, file), 'utf8'));
    places.push(...lines.map((line) => ({ file, line })));
  }
  return places;
}
