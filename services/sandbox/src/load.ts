import { closeSync, createReadStream, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { AppError } from '@loopwell/kit';
import { resourcesOfBundle } from './bundle.ts';
import { withId } from './content-id.ts';
import type { Incoming } from './fhir-store.ts';

export type LoadProblem = { file: string; line: number; reason: string };

type OnProblem = (problem: LoadProblem) => void;

/**
 * Files to read, folders replaced by the JSON and NDJSON files in them (`.gz` too), in the order of their names.
 *
 * @throws AppError CONFIG_INVALID for the first that cannot be opened, before anything is read
 */
export function filesOf(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    try {
      if (!statSync(path).isDirectory()) {
        closeSync(openSync(path, 'r'));
        return [path];
      }
      const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(json|ndjson|jsonl)(\.gz)?$/i.test(name));
      return names.sort().map((name) => join(path, name));
    } catch {
      throw new AppError('CONFIG_INVALID', `${path} cannot be read`);
    }
  });
}

/**
 * Reads resources from Bundle or NDJSON files, gzipped or not, NDJSON a line at a time. What cannot be read is told by
 * file and line, never by content.
 */
export async function* readResources(files: readonly string[], onProblem: OnProblem): AsyncIterable<Incoming> {
  for (const file of files) {
    try {
      yield* readFile(file, onProblem);
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw new AppError('CONFIG_INVALID', `${file} cannot be read to its end`, { cause: error });
    }
  }
}

async function* readFile(file: string, onProblem: OnProblem): AsyncIterable<Incoming> {
  let number = 0;
  let isEmpty = true;
  let whole: { number: number; line: string }[] | undefined;
  for await (const raw of linesOf(file)) {
    number += 1;
    const line = number === 1 ? raw.replace(/^\uFEFF/, '') : raw;
    if (line.trim() === '') continue;
    const parsed = whole ? undefined : parse(line);
    // A first line that is no JSON by itself: a document over many lines, or NDJSON that begins badly.
    if (isEmpty && parsed === undefined) whole = [];
    isEmpty = false;
    if (whole) whole.push({ number, line });
    else yield* take(parsed, { file, line: number }, onProblem);
  }
  if (isEmpty) onProblem({ file, line: 1, reason: 'the file is empty' });
  if (whole) yield* readWhole(whole, file, onProblem);
}

async function* linesOf(file: string): AsyncIterable<string> {
  const raw = createReadStream(file);
  const input = isGzip(file) ? raw.pipe(createGunzip()) : raw;
  // An error of the file itself ends what is piped from it, which tells nobody by itself.
  raw.once('error', (error) => input.destroy(error));
  const failed = new Promise<never>((_, reject) => input.once('error', reject));
  failed.catch(() => {});
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  while (true) {
    const next = await Promise.race([lines.next(), failed]);
    if (next.done) break;
    yield next.value;
  }
  if (input.errored) throw input.errored;
}

/** By its first two bytes: a name promises nothing. */
function isGzip(file: string): boolean {
  const handle = openSync(file, 'r');
  try {
    const start = Buffer.alloc(2);
    return readSync(handle, start, 0, 2, 0) === 2 && start.readUInt16BE(0) === 0x1f8b;
  } finally {
    closeSync(handle);
  }
}

function* readWhole(lines: readonly { number: number; line: string }[], file: string, onProblem: OnProblem): Iterable<Incoming> {
  const document = parse(lines.map((one) => one.line).join('\n'));
  if (document !== undefined) return yield* take(document, { file, line: lines[0]?.number ?? 1 }, onProblem);
  const parsed = lines.map(({ number, line }) => ({ number, value: parse(line) }));
  if (!parsed.some(({ value }) => isResource(value))) return onProblem({ file, line: 1, reason: 'neither JSON nor NDJSON' });
  for (const { number, value } of parsed) yield* take(value, { file, line: number }, onProblem);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const isResource = (value: unknown): value is Incoming =>
  typeof value === 'object' &&
  value !== null &&
  'resourceType' in value &&
  typeof value.resourceType === 'string' &&
  value.resourceType !== '';

function* take(parsed: unknown, place: { file: string; line: number }, onProblem: OnProblem): Iterable<Incoming> {
  if (Array.isArray(parsed)) {
    for (const one of parsed) yield* take(one, place, onProblem);
  } else if (!isResource(parsed)) {
    onProblem({ ...place, reason: parsed === undefined ? 'not JSON' : 'not a FHIR resource' });
  } else if (parsed.resourceType === 'Bundle') {
    for (const one of resourcesOfBundle(parsed)) yield* take(one, place, onProblem);
  } else if (parsed.id !== undefined && typeof parsed.id !== 'string') {
    onProblem({ ...place, reason: 'its id is not text' });
  } else {
    yield withId(parsed);
  }
}
