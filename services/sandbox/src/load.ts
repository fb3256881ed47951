import { closeSync, createReadStream, openSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isResourceType, parseJson, pathText, repeatedMembers } from '@loopwell/fhir';
import { linesOf, unzipped } from '@loopwell/fhir/files';
import { AppError } from '@loopwell/kit';
import { deletionIn, resourcesOfBundle } from './bundle.ts';
import { withId } from './content-id.ts';
import type { Incoming } from './fhir-store.ts';
import { entriesWithTwice, withTwice } from './twice.ts';

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
  let whole: { number: number; line: string | undefined }[] | undefined;
  for await (const raw of linesIn(file)) {
    number += 1;
    const text = 'text' in raw ? raw.text : undefined;
    const line = number === 1 ? text?.replace(/^\uFEFF/, '') : text;
    if (line?.trim() === '') continue;
    const parsed = whole || line === undefined ? undefined : parse(line);
    // A first line that is no JSON by itself: a document over many lines, or NDJSON that begins badly.
    if (isEmpty && parsed === undefined) whole = [];
    isEmpty = false;
    if (whole) whole.push({ number, line });
    else if (line === undefined) onProblem({ file, line: number, reason: 'not UTF-8' });
    else yield* take(parsed, { file, line: number }, onProblem);
  }
  if (isEmpty) onProblem({ file, line: 1, reason: 'the file is empty' });
  if (whole) yield* readWhole(whole, file, onProblem);
}

/** @throws whatever ends the reading of the file */
const linesIn = (file: string) => linesOf(unzipped(createReadStream(file)));

function* readWhole(
  lines: readonly { number: number; line: string | undefined }[],
  file: string,
  onProblem: OnProblem,
): Iterable<Incoming> {
  const isText = lines.every((one) => one.line !== undefined);
  const document = isText ? parse(lines.map((one) => one.line).join('\n')) : undefined;
  if (document !== undefined) return yield* take(document, { file, line: lines[0]?.number ?? 1 }, onProblem);
  const parsed = lines.map(({ number, line }) => ({ number, line, value: line === undefined ? undefined : parse(line) }));
  if (!parsed.some(({ value }) => isResource(value)))
    return onProblem({ file, line: 1, reason: isText ? 'neither JSON nor NDJSON' : 'not UTF-8' });
  for (const { number, line, value } of parsed) {
    if (line === undefined) onProblem({ file, line: number, reason: 'not UTF-8' });
    else yield* take(value, { file, line: number }, onProblem);
  }
}

function parse(text: string): unknown {
  try {
    return parseJson(text);
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

function* take(parsed: unknown, place: Place, onProblem: OnProblem): Iterable<Incoming> {
  if (Array.isArray(parsed)) {
    tellRepeated(parsed, place, onProblem);
    for (const one of repeatedMembers(parsed).length > 0 ? (withTwice(parsed) as unknown[]) : parsed) yield* take(one, place, onProblem);
  } else if (!isResource(parsed)) {
    onProblem({ ...place, reason: parsed === undefined ? 'not JSON' : 'not a FHIR resource' });
  } else if (parsed.resourceType === 'Bundle') {
    yield* takeBundle(parsed, place, onProblem);
  } else if (repeatedMembers(parsed).length > 0) {
    tellRepeated(parsed, place, onProblem);
    yield* take({ ...(withTwice(parsed) as Incoming) }, place, onProblem);
  } else if (!isResourceType(parsed.resourceType)) {
    onProblem({ ...place, reason: 'its resourceType is none of FHIR R4' });
  } else if (parsed.id !== undefined && typeof parsed.id !== 'string' && !Number.isSafeInteger(parsed.id)) {
    onProblem({ ...place, reason: 'its id is not text' });
  } else {
    // A number can be one id only.
    yield withId(typeof parsed.id === 'number' ? { ...parsed, id: String(parsed.id) } : parsed);
  }
}

type Place = { file: string; line: number };

/** What is there twice is told, and served as it came: whoever reads it finds both, and believes neither. */
function* takeBundle(bundle: Incoming, place: Place, onProblem: OnProblem): Iterable<Incoming> {
  tellRepeated(bundle, place, onProblem);
  const { entry } = bundle as { entry?: unknown };
  for (const one of Array.isArray(entry) ? (entry as unknown[]) : [])
    if (deletionIn(one) === 'unclear') onProblem({ ...place, reason: 'it deletes by a condition, which is not carried out' });
  for (const one of resourcesOfBundle({ ...bundle, entry: entriesWithTwice(bundle) } as Incoming)) yield* take(one, place, onProblem);
}

/** FHIR names its elements so; another name may be content, and is not quoted. */
const isElement = (key: string | number) => typeof key === 'number' || /^_?[A-Za-z]\w{0,40}$/.test(key);

/** Says which members are there twice. */
function tellRepeated(root: object, place: Place, onProblem: OnProblem): void {
  for (const { path, key } of repeatedMembers(root)) {
    const steps = [...path, key];
    onProblem({ ...place, reason: `${steps.every(isElement) ? pathText(steps) : 'an element'} is there twice` });
  }
}
