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

/** The most outputs of one Task that are looked up. More of them are named and not read. */
const readAtMost = 50;

/** The depth to which lists within lists are taken apart. */
const deepest = 5;

/**
 * Lists the outputs of a Task (R4 Task.output, `value[x]` of any type). References into the
 * partner's server are read, contained resources are taken from the Task, and other content is kept
 * as it is. No other server is asked.
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

/**
 * Lists the members of a list, of lists within it, or a single value; an empty list if there is
 * none.
 */
function flat(json: unknown, depth = 0): unknown[] {
  if (Array.isArray(json))
    return depth > deepest ? [] : json.flatMap((inner) => flat(inner, depth + 1));
  return json === undefined || json === null ? [] : [json];
}

/**
 * Makes outputs from a part of Task.output. Several values in it, or several of one kind, become an
 * output each.
 */
function outputsOf(part: unknown): Output[] {
  // A text in place of an output is kept as a string value.
  if (!isObject(part)) return [outputOf(undefined, 'valueString', String(part))];
  // This is a resource, or a reference, in place of an output.
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
  // An identifier without an address cannot be read.
  const isNumberOnly =
    reference === null &&
    valueName === 'valueReference' &&
    isObject(content) &&
    isObject(content.identifier);
  const unread = isNumberOnly && !isText(content.display) ? 'unreadable' : null;
  return { ...empty, content, reference, unread };
}

const isText = (json: unknown): json is string => typeof json === 'string' && json.trim() !== '';

/**
 * Gives the reference of a value: a Reference, one inside R5's CodeableReference, or a bare
 * address; null if there is none.
 */
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
  // An address that is not a reference to read is kept as it is written.
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
 * Finds the resource at the partner's own base that a reference means, whichever way it is written;
 * otherwise the reason why it is not read.
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
 * Tells whether two bases are the same, in whatever way host and port are written. The scheme is
 * ignored, because a server behind a proxy may name itself with plain http.
 */
function isBase(written: string, base: string): boolean {
  if (!URL.canParse(written)) return false;
  const [a, b] = [new URL(written), new URL(base)];
  return a.host === b.host && trimBase(a.pathname) === trimBase(b.pathname);
}
