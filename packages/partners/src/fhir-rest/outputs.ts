import { type fhir4, parseReference, parseWritten, trimBase } from '@loopwell/fhir';
import type { FhirClient } from '@loopwell/fhir/client';
import { errorRecord } from '@loopwell/kit';
import type { Output } from '../channel.ts';

type Loose = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : isObject(value) ? [value] : [];

/** Outputs of one Task that are looked up; more of them are named and not read. */
const readAtMost = 50;

/** Lists within lists are taken apart so deep. */
const deepest = 5;

/**
 * What a Task led to (R4 Task.output, `value[x]` of any type): references into the partner's server
 * are read, contained resources are taken from the Task, everything else is kept as it is. Nothing
 * that lies elsewhere is asked for.
 */
export async function outputs(
  client: FhirClient,
  task: fhir4.Task,
  giveUp: boolean,
): Promise<Output[]> {
  const found: Output[] = [];
  for (const output of flat(task.output).flatMap(outputsOf)) {
    const mayRead = found.length < readAtMost;
    found.push(
      output.reference === null || output.resource !== null
        ? output
        : await follow(client, task, output, { giveUp, mayRead }),
    );
  }
  return found;
}

/** What stands in a list, in lists within it, or alone; nothing where nothing is written. */
function flat(value: unknown, depth = 0): unknown[] {
  if (Array.isArray(value))
    return depth > deepest ? [] : value.flatMap((one) => flat(one, depth + 1));
  return value === undefined || value === null ? [] : [value];
}

/** One entry of Task.output: several values in it, or several of one kind, are an output each. */
function outputsOf(entry: unknown): Output[] {
  // Words in place of an output are what it says.
  if (!isObject(entry)) return [outputOf(undefined, 'valueString', String(entry))];
  // A resource, or a reference, in place of an output.
  if (isResource(entry)) return [outputOf(undefined, 'valueReference', entry)];
  const names = Object.keys(entry).filter(
    (key) => /^value([A-Z]|$)/.test(key) && flat(entry[key]).length > 0,
  );
  if (names.length === 0)
    return [
      outputOf(
        entry.type,
        'reference' in entry ? 'valueReference' : null,
        'reference' in entry ? entry : null,
      ),
    ];
  return names.flatMap((name) =>
    flat(entry[name]).map((value) => outputOf(entry.type, name, value)),
  );
}

const isResource = (value: unknown): value is Loose & { resourceType: string } =>
  isObject(value) && typeof value.resourceType === 'string';

function outputOf(type: unknown, valueName: string | null, value: unknown): Output {
  if (isResource(value))
    return { type, valueName, value: null, reference: null, resource: value, unread: null };
  const reference = valueName === null ? null : addressIn(valueName, value);
  // Somebody's number for it, and no address: nothing can be read of it.
  const isNumberOnly =
    reference === null &&
    valueName === 'valueReference' &&
    isObject(value) &&
    isObject(value.identifier);
  return {
    type,
    valueName,
    value,
    reference,
    resource: null,
    unread: isNumberOnly && !isText(value.display) ? 'unreadable' : null,
  };
}

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '';

/** Where a value leads: a reference, one inside R5's CodeableReference, or a bare address. */
function addressIn(name: string, value: unknown): string | null {
  if (typeof value === 'string') {
    const isAddress =
      ['valueUri', 'valueUrl', 'valueCanonical'].includes(name) &&
      parseReference(value) !== undefined;
    return isText(value) && (isAddress || name === 'valueReference') ? value : null;
  }
  const [inner] = isObject(value)
    ? flat(isObject(value.reference) ? value.reference.reference : value.reference)
    : [];
  return isText(inner) ? inner : null;
}

async function follow(
  client: FhirClient,
  task: fhir4.Task,
  output: Output,
  { giveUp, mayRead }: { giveUp: boolean; mayRead: boolean },
): Promise<Output> {
  const reference = output.reference?.trim() ?? '';
  if (reference.startsWith('#')) {
    const inner = listOf(task.contained).find(
      (some) => isObject(some) && (some.id === reference.slice(1) || some.id === reference),
    );
    return inner ? { ...output, resource: inner } : { ...output, unread: 'not-there' };
  }
  const place = placeOf(reference, client.base);
  // What was never meant to be read by us (an address beside a reference) is kept as it is written.
  if (typeof place === 'string')
    return { ...output, unread: output.valueName === 'valueReference' ? place : null };
  if (!mayRead) return { ...output, unread: 'too-many' };
  try {
    return { ...output, resource: (await client.read(place.type, place.id)).resource };
  } catch (error) {
    const { code } = errorRecord(error);
    if (code === 'REMOTE_REFUSED') return { ...output, unread: 'not-there' };
    if (code !== 'REMOTE_INVALID' && !giveUp) throw error;
    return { ...output, unread: 'unreadable' };
  }
}

/**
 * What a reference means at the partner's own base, whichever way it is written; else why it is not
 * read.
 */
function placeOf(
  reference: string,
  base: string,
): { type: string; id: string } | 'elsewhere' | 'unreadable' {
  const { protocol, pathname } = new URL(base);
  const parsed = parseWritten(reference.startsWith('//') ? `${protocol}${reference}` : reference);
  if (parsed === undefined) return URL.canParse(reference) ? 'elsewhere' : 'unreadable';
  if (parsed.base !== undefined) return isBase(parsed.base, base) ? parsed : 'elsewhere';
  const isOfBase = parsed.path === undefined || `${pathname}/`.endsWith(`/${parsed.path}/`);
  return isOfBase ? parsed : 'elsewhere';
}

/**
 * The same base in whatever way its host and port are written. Behind a proxy a server may take
 * itself for plain http.
 */
function isBase(written: string, base: string): boolean {
  if (!URL.canParse(written)) return false;
  const [a, b] = [new URL(written), new URL(base)];
  return a.host === b.host && trimBase(a.pathname) === trimBase(b.pathname);
}
