import { startOf } from '../../fhir-json/dates.ts';
import { isObject, plainText } from '../../fhir-json/tolerant-readers.ts';
import { choices, elementTables, requiredElements, valueSets } from './r4-elements.ts';

/**
 * Why a resource cannot be believed, and the element that says so, such as
 * `Consent.provision.period._start`.
 * DECISIONS D47.
 */
export type Misform = { problem: MisformProblem; path: string };

export type MisformProblem =
  | 'not-defined'
  | 'modifier'
  | 'implicit-rules'
  | 'list'
  | 'no-list'
  | 'form'
  | 'masked'
  | 'value-set'
  | 'missing'
  | 'two-values'
  | 'left-out';

type Place = { json: unknown; kind: string; path: string };
type Members = Readonly<Record<string, unknown>>;

/**
 * Finds the first element of a Consent, ServiceRequest or Goal that is not as FHIR R4 defines it,
 * outermost first: one that R4 does not have, a modifier, a list where one value belongs or the
 * other way round, another type, a value that is withheld, a code outside its value set. Undefined
 * where the whole can be read.
 *
 * Element order, ids, plain extensions, narrative and displays change nothing. Never throws; the
 * walk is a loop, since the nesting may have any depth.
 */
export function misformOf(
  resource: unknown,
  type: 'Consent' | 'ServiceRequest' | 'Goal',
): Misform | undefined {
  if (!isObject(resource) || resource.resourceType !== type)
    return { problem: 'form', path: `${type}.resourceType` };
  return misformIn(resource, type, type);
}

/** Does what `misformOf` does for one element of a resource: `kind` names its table. */
export function misformIn(json: unknown, kind: string, path: string): Misform | undefined {
  const queue: Place[] = [{ json, kind, path }];
  // The queue grows on the way.
  for (const place of queue) {
    const misform = inPlace(place, queue);
    if (misform) return misform;
  }
  return undefined;
}

function inPlace(place: Place, queue: Place[]): Misform | undefined {
  const { json, kind, path } = place;
  if (kind === 'Contained' && !isObject(json)) return { problem: 'form', path };
  if (kind === 'Any' || kind === 'Contained') return inAny(json, path, queue);
  const table = elementTables.get(kind);
  if (!table) return inPrimitive(place);
  if (!isObject(json)) return { problem: Array.isArray(json) ? 'list' : 'form', path };
  if (kind === 'Extension' && isLaterElement(json.url)) return { problem: 'not-defined', path };
  if (kind === 'Extension' && takesValueAway(json.url))
    return { problem: 'masked', path: parentOf(path) };
  return (
    inElements(json, path, table, queue) ??
    missingIn(json, kind, path) ??
    twoValuesIn(json, kind, path) ??
    leftOutIn(json, kind, path)
  );
}

function inPrimitive({ json, kind, path }: Place): Misform | undefined {
  return isPrimitive(json, kind) ? outsideValueSet(json, kind, path) : { problem: 'form', path };
}

function inElements(
  members: Members,
  path: string,
  table: ReadonlyMap<string, string>,
  queue: Place[],
): Misform | undefined {
  for (const [name, json] of Object.entries(members)) {
    if (json === undefined) continue;
    const element = { json, kind: name, path: `${path}.${nameOf(name)}` };
    const misform = inElement(element, members, table, queue);
    if (misform) return misform;
  }
  return undefined;
}

/**
 * Checks one member of an object whose elements are known. `kind` of the place is the member's
 * name.
 */
function inElement(
  place: Place,
  owner: Members,
  table: ReadonlyMap<string, string>,
  queue: Place[],
): Misform | undefined {
  const { json, kind: name, path } = place;
  if (name === 'modifierExtension')
    return saysNothing(json) ? undefined : { problem: 'modifier', path };
  if (name === 'implicitRules' || name === '_implicitRules')
    return { problem: 'implicit-rules', path };
  const sibling = name.startsWith('_') ? table.get(name.slice(1)) : undefined;
  if (sibling !== undefined && !elementTables.has(sibling.replace('[]', '')))
    return inSibling(place, owner[name.slice(1)], sibling.endsWith('[]'), queue);
  const kind = table.get(name);
  if (kind === undefined) return { problem: 'not-defined', path };
  if (kind.endsWith('[]'))
    return inList(json, owner[`_${name}`], { kind: kind.slice(0, -2), path }, queue);
  if (Array.isArray(json)) return { problem: 'list', path };
  if (json === null) return { problem: 'form', path };
  queue.push({ json, kind, path });
  return undefined;
}

/**
 * Checks that an element is a list, and queues its members.
 *
 * @param masks what stands beside a list of primitives: a member that is null may be withheld there
 */
function inList(
  json: unknown,
  masks: unknown,
  { kind, path }: Omit<Place, 'json'>,
  queue: Place[],
): Misform | undefined {
  if (!Array.isArray(json)) return { problem: json === null ? 'form' : 'no-list', path };
  for (const [index, member] of json.entries()) {
    const isMasked = member === null && Array.isArray(masks) && isObject(masks[index]);
    if (isMasked) return { problem: 'masked', path: path.replace(/([^.]*)$/, '_$1') };
    queue.push({ json: member, kind, path });
  }
  return undefined;
}

const saysNothing = (json: unknown) => Array.isArray(json) && json.length === 0;

/**
 * Checks `_x`, which holds the id and extensions of a primitive `x`. Without the value it says that
 * there is one which is not told; beside a value it is harmless unless it says that the value is
 * absent.
 */
function inSibling(
  { json, path }: Place,
  primitive: unknown,
  isList: boolean,
  queue: Place[],
): Misform | undefined {
  if (primitive === undefined || primitive === null) return { problem: 'masked', path };
  if (isList !== Array.isArray(json)) return { problem: isList ? 'no-list' : 'list', path };
  for (const member of Array.isArray(json) ? json : [json])
    if (!isList || member !== null) queue.push({ json: member, kind: 'Sibling', path });
  return undefined;
}

/**
 * Checks what nothing here reads: contained resources and rare types of extensions. Modifiers and
 * implicit rules count there, too.
 */
function inAny(json: unknown, path: string, queue: Place[]): Misform | undefined {
  if (!isObject(json) && !Array.isArray(json)) return undefined;
  for (const [name, member] of Object.entries(json)) {
    const at = Array.isArray(json) ? path : `${path}.${nameOf(name)}`;
    if (name === 'modifierExtension' && !saysNothing(member))
      return { problem: 'modifier', path: at };
    if (name === 'implicitRules' || name === '_implicitRules')
      return { problem: 'implicit-rules', path: at };
    queue.push({ json: member, kind: 'Any', path: at });
  }
  return undefined;
}

/** Matches the last part of an extension's address that says that a value is there and not told. */
const takingAway = /(data-?absent|absent-?reason|null-?flavou?r|masked)/i;
const takesValueAway = (url: unknown) =>
  typeof url === 'string' && takingAway.test(url.split('/').at(-1) ?? '');

/**
 * Matches how an element of another version of FHIR is written in R4 (R5's `decision`, say): R4
 * does not define it.
 */
const laterElement = /^https?:\/\/hl7\.org\/fhir\/\d+\.\d+\/StructureDefinition\/extension-/i;
const isLaterElement = (url: unknown) => typeof url === 'string' && laterElement.test(url);

const parentOf = (path: string) => path.replace(/\.extension$/, '');

/** Returns an element's name as it is shown to people: a text that is no name is not repeated. */
const nameOf = (name: string) => (/^_?[A-Za-z][A-Za-z0-9]{0,63}$/.test(name) ? name : '(no name)');

function isPrimitive(json: unknown, kind: string): boolean {
  const isText = (form: RegExp) => typeof json === 'string' && form.test(json);
  switch (kind.split(':')[0]) {
    case 'boolean':
      return typeof json === 'boolean';
    case 'decimal':
      return typeof json === 'number';
    case 'integer':
      return Number.isInteger(json);
    case 'date':
    case 'dateTime':
    case 'instant':
      return startOf(json) !== undefined;
    case 'code':
      return isText(/^[^\s]+( [^\s]+)*$/);
    case 'id':
      return isText(/^[A-Za-z0-9\-.]{1,64}$/);
    case 'string':
      return typeof json === 'string';
    default:
      return isText(/^\S+$/);
  }
}

function outsideValueSet(json: unknown, kind: string, path: string): Misform | undefined {
  const name = kind.split(':')[1];
  const codes = name === undefined ? undefined : valueSets.get(name);
  return codes && !codes.has(plainText(json)) ? { problem: 'value-set', path } : undefined;
}

function missingIn(members: Members, kind: string, path: string): Misform | undefined {
  const isMissing = (name: string) => members[name] === undefined || saysNothing(members[name]);
  const missing = requiredElements.get(kind)?.find(isMissing);
  return missing === undefined ? undefined : { problem: 'missing', path: `${path}.${missing}` };
}

function twoValuesIn(members: Members, kind: string, path: string): Misform | undefined {
  const choice = choices.get(kind)?.find((name) => chosenIn(members, name).length > 1);
  return choice === undefined ? undefined : { problem: 'two-values', path: `${path}.${choice}` };
}

const chosenIn = (members: Members, choice: string) =>
  Object.keys(members).filter(
    (name) => name.startsWith(choice) && /^[A-Z]/.test(name.slice(choice.length)),
  );

/** Tags and labels by which a server says that it left something out (v3-ObservationValue). */
const leftOutCodes = new Set(['SUBSETTED', 'MASKED', 'REDACTED']);

function leftOutIn(members: Members, kind: string, path: string): Misform | undefined {
  if (kind !== 'Meta') return undefined;
  const isLeftOut = (coding: unknown) =>
    isObject(coding) && leftOutCodes.has(plainText(coding.code));
  const labels = ['tag', 'security'].find((name) => {
    const codings = members[name];
    return Array.isArray(codings) && codings.some(isLeftOut);
  });
  return labels === undefined ? undefined : { problem: 'left-out', path: `${path}.${labels}` };
}
