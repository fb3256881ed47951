import { startOf } from '../../fhir-json/dates.ts';
import { isObject } from '../../fhir-json/tolerant-readers.ts';
import { elementTables } from './r4-elements.ts';
import { choices, requiredElements, valueSets } from './r4-values.ts';

/** Why a resource cannot be believed, and the element that says so, such as `Consent.provision.period._start`. */
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

type Place = { value: unknown; kind: string; path: string };

/**
 * The first element of a Consent, ServiceRequest or Goal that is not as FHIR R4 defines it, outermost first: one that R4
 * does not have, a modifier, a list where one value belongs or the other way round, another type, a value that is
 * withheld, a code outside its value set. Undefined where the whole can be read.
 *
 * Element order, ids, plain extensions, narrative and displays change nothing. Never throws; the walk is a loop, for the
 * nesting is as deep as whoever wrote it liked.
 */
export function misformOf(
  resource: unknown,
  type: 'Consent' | 'ServiceRequest' | 'Goal',
): Misform | undefined {
  if (!isObject(resource) || resource.resourceType !== type)
    return { problem: 'form', path: `${type}.resourceType` };
  return misformIn(resource, type, type);
}

/** As `misformOf`, for one element of a resource: `kind` names its table. */
export function misformIn(value: unknown, kind: string, path: string): Misform | undefined {
  const queue: Place[] = [{ value, kind, path }];
  for (let next = 0; next < queue.length; next += 1) {
    const place = queue[next] as Place;
    const misform = inPlace(place, queue);
    if (misform) return misform;
  }
  return undefined;
}

function inPlace(place: Place, queue: Place[]): Misform | undefined {
  const { value, kind, path } = place;
  if (kind === 'Contained' && !isObject(value)) return { problem: 'form', path };
  if (kind === 'Any' || kind === 'Contained') return inAny(value, path, queue);
  const table = elementTables.get(kind);
  if (!table)
    return isPrimitive(value, kind)
      ? outsideValueSet(value, kind, path)
      : { problem: 'form', path };
  if (!isObject(value)) return { problem: Array.isArray(value) ? 'list' : 'form', path };
  if (kind === 'Extension' && isLaterElement(value.url)) return { problem: 'not-defined', path };
  if (kind === 'Extension' && takesValueAway(value.url))
    return { problem: 'masked', path: parentOf(path) };
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const misform = inElement(
      { value: member, kind: name, path: `${path}.${nameOf(name)}` },
      value,
      table,
      queue,
    );
    if (misform) return misform;
  }
  return (
    missingIn(value, kind, path) ?? twoValuesIn(value, kind, path) ?? leftOutIn(value, kind, path)
  );
}

/** One member of an object whose elements are known. `kind` of the place is the member's name. */
function inElement(
  place: Place,
  owner: Record<string, unknown>,
  table: ReadonlyMap<string, string>,
  queue: Place[],
): Misform | undefined {
  const { value, kind: name, path } = place;
  if (name === 'modifierExtension')
    return saysNothing(value) ? undefined : { problem: 'modifier', path };
  if (name === 'implicitRules' || name === '_implicitRules')
    return { problem: 'implicit-rules', path };
  const sibling = name.startsWith('_') ? table.get(name.slice(1)) : undefined;
  if (sibling !== undefined && !elementTables.has(sibling.replace('[]', ''))) {
    return inSibling(place, owner[name.slice(1)], sibling.endsWith('[]'), queue);
  }
  const kind = table.get(name);
  if (kind === undefined) return { problem: 'not-defined', path };
  if (!kind.endsWith('[]')) {
    if (Array.isArray(value)) return { problem: 'list', path };
    if (value === null) return { problem: 'form', path };
    queue.push({ value, kind, path });
    return undefined;
  }
  if (!Array.isArray(value)) return { problem: value === null ? 'form' : 'no-list', path };
  const masks = owner[`_${name}`];
  for (const [index, member] of value.entries()) {
    const isMasked = member === null && Array.isArray(masks) && isObject(masks[index]);
    if (isMasked) return { problem: 'masked', path: path.replace(/([^.]*)$/, '_$1') };
    queue.push({ value: member, kind: kind.slice(0, -2), path });
  }
  return undefined;
}

const saysNothing = (value: unknown) => Array.isArray(value) && value.length === 0;

/**
 * `_x` beside a primitive `x` holds its id and extensions. Without the value it says that there is one which is not told;
 * beside a value it is harmless unless it says that the value is absent.
 */
function inSibling(
  { value, path }: Place,
  primitive: unknown,
  isList: boolean,
  queue: Place[],
): Misform | undefined {
  if (primitive === undefined || primitive === null) return { problem: 'masked', path };
  if (isList !== Array.isArray(value)) return { problem: isList ? 'no-list' : 'list', path };
  for (const member of Array.isArray(value) ? value : [value]) {
    if (member === null && isList) continue;
    queue.push({ value: member, kind: 'Sibling', path });
  }
  return undefined;
}

/** What nothing here reads: contained resources and rare types of extensions. Modifiers and implicit rules count there, too. */
function inAny(value: unknown, path: string, queue: Place[]): Misform | undefined {
  if (!isObject(value) && !Array.isArray(value)) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const at = Array.isArray(value) ? path : `${path}.${nameOf(name)}`;
    if (name === 'modifierExtension' && !saysNothing(member))
      return { problem: 'modifier', path: at };
    if (name === 'implicitRules' || name === '_implicitRules')
      return { problem: 'implicit-rules', path: at };
    queue.push({ value: member, kind: 'Any', path: at });
  }
  return undefined;
}

/** Extensions by which a value is there and not told; the last part of their address. */
const takingAway = /(data-?absent|absent-?reason|null-?flavou?r|masked)/i;
const takesValueAway = (url: unknown) =>
  typeof url === 'string' && takingAway.test(url.split('/').at(-1) ?? '');

/** How an element of another version of FHIR is written in R4 (R5's `decision`, say): it is one that R4 does not define. */
const laterElement = /^https?:\/\/hl7\.org\/fhir\/\d+\.\d+\/StructureDefinition\/extension-/i;
const isLaterElement = (url: unknown) => typeof url === 'string' && laterElement.test(url);

const parentOf = (path: string) => path.replace(/\.extension$/, '');

/** Names of elements are shown to people: what is none is not repeated. */
const nameOf = (name: string) => (/^_?[A-Za-z][A-Za-z0-9]{0,63}$/.test(name) ? name : '(no name)');

function isPrimitive(value: unknown, kind: string): boolean {
  switch (kind.split(':')[0]) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'decimal':
      return typeof value === 'number';
    case 'integer':
      return Number.isInteger(value);
    case 'date':
    case 'dateTime':
    case 'instant':
      return startOf(value) !== undefined;
    case 'code':
      return typeof value === 'string' && /^[^\s]+( [^\s]+)*$/.test(value);
    case 'id':
      return typeof value === 'string' && /^[A-Za-z0-9\-.]{1,64}$/.test(value);
    case 'string':
      return typeof value === 'string';
    default:
      return typeof value === 'string' && /^\S+$/.test(value);
  }
}

function outsideValueSet(value: unknown, kind: string, path: string): Misform | undefined {
  const name = kind.split(':')[1];
  const codes = name === undefined ? undefined : valueSets.get(name);
  return codes && !codes.has(String(value)) ? { problem: 'value-set', path } : undefined;
}

function missingIn(
  value: Record<string, unknown>,
  kind: string,
  path: string,
): Misform | undefined {
  const missing = requiredElements
    .get(kind)
    ?.find((name) => value[name] === undefined || saysNothing(value[name]));
  return missing === undefined ? undefined : { problem: 'missing', path: `${path}.${missing}` };
}

function twoValuesIn(
  value: Record<string, unknown>,
  kind: string,
  path: string,
): Misform | undefined {
  const choice = choices.get(kind)?.find((name) => givenOf(value, name).length > 1);
  return choice === undefined ? undefined : { problem: 'two-values', path: `${path}.${choice}` };
}

const givenOf = (value: Record<string, unknown>, choice: string) =>
  Object.keys(value).filter(
    (name) => name.startsWith(choice) && /^[A-Z]/.test(name.slice(choice.length)),
  );

/** Tags and labels by which a server says that it left something out (v3-ObservationValue). */
const leftOutCodes = new Set(['SUBSETTED', 'MASKED', 'REDACTED']);

function leftOutIn(
  value: Record<string, unknown>,
  kind: string,
  path: string,
): Misform | undefined {
  if (kind !== 'Meta') return undefined;
  const labels = ['tag', 'security'].find(
    (name) =>
      Array.isArray(value[name]) &&
      value[name].some((coding) => isObject(coding) && leftOutCodes.has(String(coding.code))),
  );
  return labels === undefined ? undefined : { problem: 'left-out', path: `${path}.${labels}` };
}
