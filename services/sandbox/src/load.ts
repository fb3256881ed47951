import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { Incoming } from './fhir-store.ts';

export type LoadProblem = { file: string; line: number; reason: string };

/**
 * Reads resources from Bundle or NDJSON files, `.gz` too, a line at a time. What cannot be read is told by file and
 * line, never by content.
 */
export async function* readResources(files: readonly string[], onProblem: (problem: LoadProblem) => void): AsyncIterable<Incoming> {
  for (const file of files) yield* readFile(file, onProblem);
}

async function* readFile(file: string, onProblem: (problem: LoadProblem) => void): AsyncIterable<Incoming> {
  const raw = createReadStream(file);
  const input = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  let number = 0;
  let whole: string[] | undefined;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (line.trim() === '') continue;
    if (whole) {
      whole.push(line);
      continue;
    }
    const parsed = parse(line);
    if (parsed === undefined && number === 1) whole = [line];
    else if (parsed === undefined) onProblem({ file, line: number, reason: 'not JSON' });
    else yield* resourcesOf(parsed, file, number, onProblem);
  }
  if (!whole) return;
  const parsed = parse(whole.join('\n'));
  if (parsed === undefined) onProblem({ file, line: 1, reason: 'neither JSON nor NDJSON' });
  else yield* resourcesOf(parsed, file, 1, onProblem);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function* resourcesOf(parsed: unknown, file: string, line: number, onProblem: (problem: LoadProblem) => void): Iterable<Incoming> {
  if (Array.isArray(parsed)) {
    for (const one of parsed) yield* resourcesOf(one, file, line, onProblem);
    return;
  }
  const resource = parsed as Partial<Incoming> & { entry?: { resource?: unknown }[] };
  if (typeof resource !== 'object' || resource === null || typeof resource.resourceType !== 'string') {
    onProblem({ file, line, reason: 'not a FHIR resource' });
  } else if (resource.resourceType === 'Bundle') {
    for (const entry of resource.entry ?? []) if (entry.resource !== undefined) yield* resourcesOf(entry.resource, file, line, onProblem);
  } else {
    yield resource as Incoming;
  }
}
