import { closeSync, createReadStream, openSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  brokenRule,
  localExtensions,
  pathText,
  repeatedMembers,
  unreadWithin,
} from '@loopwell/fhir';
import { type FileItem, itemsOf } from '@loopwell/fhir/files';
import { entriesWithTwice, type Incoming, withId, withTwice } from '@loopwell/fhir/server';
import { AppError } from '@loopwell/kit';
import { deletionIn, resourcesOfBundle } from './bundle-resources.ts';

export type LoadProblem = { file: string; line: number; reason: string };

type OnProblem = (problem: LoadProblem) => void;

/**
 * Lists the files to read. Folders are replaced by the JSON and NDJSON files in them (`.gz` too),
 * in the order of their names.
 * @throws AppError CONFIG_INVALID for the first that cannot be opened, before anything is read
 */
export function filesOf(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    try {
      if (!statSync(path).isDirectory()) {
        closeSync(openSync(path, 'r'));
        return [path];
      }
      const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) =>
        /\.(json|ndjson|jsonl)(\.gz)?$/i.test(name),
      );
      return names.sort().map((name) => join(path, name));
    } catch {
      throw new AppError('CONFIG_INVALID', `${path} cannot be read`);
    }
  });
}

/**
 * Reads resources from files with Bundles, resources or lists of them, as one value or one per line
 * (`itemsOf`). Unreadable content is reported by file and line, never quoted.
 */
export async function* readResources(
  files: readonly string[],
  onProblem: OnProblem,
): AsyncIterable<Incoming> {
  for (const file of files) {
    try {
      let isEmpty = true;
      for await (const fileItem of itemsOf(createReadStream(file))) {
        isEmpty = false;
        yield* takeItem(fileItem, { file, line: fileItem.line }, onProblem);
      }
      if (isEmpty) onProblem({ file, line: 1, reason: 'The file is empty.' });
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw new AppError('CONFIG_INVALID', `${file} cannot be read to its end`, { cause: error });
    }
  }
}

type Place = { file: string; line: number };

function* takeItem(fileItem: FileItem, place: Place, onProblem: OnProblem): Iterable<Incoming> {
  if (fileItem.kind === 'problem') {
    onProblem({ ...place, reason: fileItem.problem });
    yield* possibleNoes(fileItem.value);
  } else if (fileItem.kind === 'bundle') yield* takeBundle(fileItem.value, place, onProblem);
  else yield* take(fileItem.value, place, onProblem);
}

function* take(incoming: Incoming, place: Place, onProblem: OnProblem): Iterable<Incoming> {
  tellRepeated(incoming, place, onProblem);
  const resource =
    repeatedMembers(incoming).length > 0 ? { ...(withTwice(incoming) as Incoming) } : incoming;
  const id: unknown = resource.id;
  if (brokenRule(resource, ['unknown-type']))
    onProblem({ ...place, reason: 'Its resourceType is none of FHIR R4.' });
  else if (id !== undefined && typeof id !== 'string' && !Number.isSafeInteger(id))
    onProblem({ ...place, reason: 'Its id is no text.' });
  // A number can mean one id only.
  else yield withId(typeof id === 'number' ? { ...resource, id: String(id) } : resource);
}

/**
 * Yields the resources of a Bundle. Members that are there twice are reported and kept as they
 * came, so a reader finds both values and trusts neither.
 */
function* takeBundle(bundle: Incoming, place: Place, onProblem: OnProblem): Iterable<Incoming> {
  tellRepeated(bundle, place, onProblem);
  const { entry: entries } = bundle as { entry?: unknown };
  for (const listed of Array.isArray(entries) ? (entries as unknown[]) : [])
    if (deletionIn(listed) === 'unclear')
      onProblem({ ...place, reason: 'It deletes by a condition, which is not carried out.' });
  for (const resource of resourcesOfBundle({
    ...bundle,
    entry: entriesWithTwice(bundle),
  } as Incoming)) {
    const problem = isResource(resource)
      ? unreadWithin(resource.resourceType)
      : 'An entry holds what is no FHIR resource.';
    if (problem === undefined) yield* take(resource as Incoming, place, onProblem);
    else {
      onProblem({ ...place, reason: problem });
      yield* possibleNoes(resource);
    }
  }
}

const isResource = (json: unknown): json is Incoming =>
  typeof json === 'object' &&
  json !== null &&
  'resourceType' in json &&
  typeof json.resourceType === 'string' &&
  json.resourceType !== '';

/**
 * Yields the Consents in content that is not read. Each may be a person's refusal, so it is kept,
 * but permits nothing.
 */
function* possibleNoes(unread: unknown): Iterable<Incoming> {
  const bundle = unreadBundleOf(unread);
  for (const resource of bundle ? resourcesOfBundle(bundle) : []) {
    if (!isResource(resource)) continue;
    if (resource.resourceType === 'Consent') yield* take(resource, { file: '', line: 0 }, () => {});
    else yield* possibleNoes(resource);
  }
}

/** Returns a Bundle or Parameters that is not read as a Bundle with a modifier that says so. */
function unreadBundleOf(unread: unknown): Incoming | undefined {
  if (
    !isResource(unread) ||
    (unread.resourceType !== 'Bundle' && unread.resourceType !== 'Parameters')
  )
    return undefined;
  const { modifierExtension: ownModifiers, parameter } = unread as Incoming & {
    modifierExtension?: unknown;
    parameter?: unknown;
  };
  const others = [ownModifiers]
    .flat()
    .filter((one) => (one as { url?: unknown } | undefined)?.url !== localExtensions.notRead);
  const modifierExtension = [
    ...(ownModifiers === undefined ? [] : others),
    { url: localExtensions.notRead, valueBoolean: true },
  ];
  const partWithEntries = parameter === undefined ? {} : { entry: partsOf(parameter) };
  return { ...unread, ...partWithEntries, modifierExtension } as unknown as Incoming;
}

const partsOf = (parameter: unknown): unknown[] =>
  [parameter]
    .flat()
    .flatMap((part) =>
      typeof part === 'object' && part !== null
        ? [part, ...('part' in part ? partsOf(part.part) : [])]
        : [],
    );

/**
 * Returns whether a name is formed like a FHIR element. Another name may be content and is not
 * quoted.
 */
const isElement = (key: string | number) =>
  typeof key === 'number' || /^_?[A-Za-z]\w{0,40}$/.test(key);

/** Reports the members that are there twice. */
function tellRepeated(root: object, place: Place, onProblem: OnProblem): void {
  for (const { path, key } of repeatedMembers(root)) {
    const steps = [...path, key];
    onProblem({
      ...place,
      reason: `${steps.every(isElement) ? pathText(steps) : 'an element'} is there twice.`,
    });
  }
}
