import { type fhir4, parseReference, parseWritten, trimBase } from '@loopwell/fhir';
import type { FhirClient } from '@loopwell/fhir/client';
import { errorRecord } from '@loopwell/kit';
import type { Output } from '../channel.ts';

type Loose = Readonly<Record<string, unknown>>;

const isObject = (json: unknown): json is Loose =>
  typeof json === 'object' && json !== null && !Array.isArray(json);
function listOf(json: unknown): readonly unknown[] {
  if (Array.isArray(json)) return json;
  return isObject(json) ? [json] : [];
}

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
  const followed: Output[] = [];
  for (const output of flat(task.output).flatMap(outputsOf)) {
    const mayRead = followed.length < readAtMost;
    const leadsSomewhere = output.reference !== null && output.resource === null;
    if (!leadsSomewhere) followed.push(output);
    else followed.push(await follow(client, task, output, { giveUp, mayRead }));
  }
  return followed;
}

/** What stands in a list, in lists within it, or alone; nothing where nothing is written. */
function flat(json: unknown, depth = 0): unknown[] {
  if (Array.isArray(json))
    return depth > deepest ? [] : json.flatMap((inner) => flat(inner, depth + 1));
  return json === undefined || json === null ? [] : [json];
}

/** A part of Task.output: several values in it, or several of one kind, are an output each. */
function outputsOf(part: unknown): Output[] {
  // Words in place of an output are what it says.
  if (!isObject(part)) return [outputOf(undefined, 'valueString', String(part))];
  // A resource, or a reference, in place of an output.
  if (isResource(part)) return [outputOf(undefined, 'valueReference', part)];
  const isValue = (key: string) => /^value([A-Z]|$)/.test(key) && flat(part[key]).length > 0;
  const names = Object.keys(part).filter(isValue);
  if (names.length > 0)
    return names.flatMap((name) =>
      flat(part[name]).map((content) => outputOf(part.type, name, content)),
    );
  const isReference = 'reference' in part;
  return [outputOf(part.type, isReference ? 'valueReference' : null, isReference ? part : null)];
}

const isResource = (json: unknown): json is Loose & { resourceType: string } =>
  isObject(json) && typeof json.resourceType === 'string';

function outputOf(type: unknown, valueName: string | null, content: unknown): Output {
  const empty: Output = {
    type,
    valueName,
    content: null,
    reference: null,
    resource: null,
    unread: null,
  };
  if (isResource(content)) return { ...empty, resource: content };
  const reference = valueName === null ? null : addressIn(valueName, content);
  // Somebody's number for it, and no address: nothing can be read of it.
  const isNumberOnly =
    reference === null &&
    valueName === 'valueReference' &&
    isObject(content) &&
    isObject(content.identifier);
  const unread = isNumberOnly && !isText(content.display) ? 'unreadable' : null;
  return { ...empty, content, reference, unread };
}

const isText = (json: unknown): json is string => typeof json === 'string' && json.trim() !== '';

/** Where a value leads: a reference, one inside R5's CodeableReference, or a bare address. */
function addressIn(name: string, content: unknown): string | null {
  if (typeof content === 'string')
    return isText(content) && isAddress(name, content) ? content : null;
  if (!isObject(content)) return null;
  const { reference } = content;
  const [inner] = flat(isObject(reference) ? reference.reference : reference);
  return isText(inner) ? inner : null;
}

function isAddress(name: string, text: string): boolean {
  if (name === 'valueReference') return true;
  const isUri = ['valueUri', 'valueUrl', 'valueCanonical'].includes(name);
  return isUri && parseReference(text) !== undefined;
}

async function follow(
  client: FhirClient,
  task: fhir4.Task,
  output: Output,
  { giveUp, mayRead }: { giveUp: boolean; mayRead: boolean },
): Promise<Output> {
  const reference = output.reference?.trim() ?? '';
  if (reference.startsWith('#')) return withContained(task, output, reference);
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

function withContained(task: fhir4.Task, output: Output, reference: string): Output {
  const isMeant = (inner: unknown) =>
    isObject(inner) && (inner.id === reference.slice(1) || inner.id === reference);
  const contained = listOf(task.contained).find(isMeant);
  return contained ? { ...output, resource: contained } : { ...output, unread: 'not-there' };
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
