import { type fhir4, mapDefined, parseReference } from '@loopwell/fhir';
import { flawsOf, withFlaws } from '../fhir-json/flaws.ts';
import { isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Entry } from './bundle-model.ts';

type Loose = Record<string, unknown>;
type Resolve = (resource: fhir4.Resource) => fhir4.Resource;

/**
 * Writes the references of a resource to other entries as `Type/id`, whatever form they came in: fullUrl, address on the
 * server, `Type?identifier=…`, or an identifier alone (R4 references, logical and conditional ones). An address on another
 * server than the entry's own is left: it is another resource. A walk with a stack: input may be deep.
 */
export function createResolver(entries: readonly Entry[]): Resolve {
  const keyOf = createNameLookup(entries);
  return (resource) => {
    const found = findReferences(resource).some((one) => keyOf(one, resource) !== undefined);
    if (!found) return resource;
    const copy = structuredClone(resource);
    for (const loose of findReferences(copy)) {
      const key = keyOf(loose, resource);
      if (key !== undefined) loose.reference = key;
    }
    return copy;
  };
}

/** @param names of entries that go by another name now */
export function renameReferences<R extends fhir4.Resource>(
  resource: R,
  names: ReadonlyMap<string, string>,
): R {
  const nameFor = ({ reference }: Loose) => {
    const parsed = parseReference(textOf(reference));
    return parsed && parsed.base === undefined
      ? names.get(`${parsed.type}/${parsed.id}`)
      : undefined;
  };
  if (names.size === 0 || !findReferences(resource).some((one) => nameFor(one) !== undefined))
    return resource;
  const copy = structuredClone(resource);
  for (const loose of findReferences(copy)) loose.reference = nameFor(loose) ?? loose.reference;
  return withFlaws(copy, flawsOf(resource));
}

/** `Type/id` of all that a resolved resource refers to. */
export function listReferredKeys(resource: fhir4.Resource): string[] {
  return findReferences(resource).flatMap(({ reference }) => {
    const parsed = parseReference(textOf(reference));
    return parsed && parsed.base === undefined ? `${parsed.type}/${parsed.id}` : undefined;
  });
}

const ofReference: ReadonlySet<string> = new Set([
  'id',
  'extension',
  'reference',
  'type',
  'identifier',
  'display',
  '_reference',
  '_display',
]);

/** Objects that refer to something: by a text, or by an identifier and by nothing else. */
function findReferences(root: object): Loose[] {
  const looses: Loose[] = [];
  const open: unknown[] = [root];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (typeof one !== 'object' || one === null) continue;
    if (isObject(one) && (typeof one.reference === 'string' || isLogical(one))) looses.push(one);
    for (const value of Object.values(one))
      if (typeof value === 'object' && value !== null) open.push(value);
  }
  return looses;
}

const isLogical = (loose: Loose) =>
  isObject(loose.identifier) && Object.keys(loose).every((key) => ofReference.has(key));

const withoutVersion = (reference: string) => reference.replace(/\/_history\/[^/]+$/, '');

/** A UUID is the same one in capital letters (RFC 4122). */
const urlWritten = (url: string) => (/^urn:(uuid|oid):/i.test(url) ? url.toLowerCase() : url);

const plainBase = (base: string) => base.replace(/^https?:/, '').replace(/\/+$/, '');

/** The base of the server that an entry says it is from; undefined where its fullUrl is no address. */
const baseOf = ({ fullUrl }: Entry): string | undefined => {
  const base = parseReference(fullUrl)?.base;
  return base === undefined ? undefined : plainBase(base);
};

const identifierName = (type: unknown, { system, value }: Loose) =>
  typeof value === 'string' && value !== ''
    ? `${type}?${typeof system === 'string' ? system : ''}|${value}`
    : undefined;

const identifiersOf = (resource: object) => {
  const { identifier } = resource as { identifier?: unknown };
  return (Array.isArray(identifier) ? identifier : [identifier]).filter(isObject);
};

function createNameLookup(
  entries: readonly Entry[],
): (reference: Loose, within: fhir4.Resource) => string | undefined {
  const byUrl = new Map(
    mapDefined(entries, (one) =>
      one.fullUrl === undefined ? undefined : ([urlWritten(one.fullUrl), one.key] as const),
    ),
  );
  const bases = Map.groupBy(entries, (one) => one.key);
  const named = entries.flatMap((one) =>
    identifiersOf(one.resource).map(
      (identifier) => [identifierName(one.resource.resourceType, identifier), one.key] as const,
    ),
  );
  const byIdentifier = Map.groupBy(named, ([name]) => name);
  /** Where one identifier stands for two entries, nothing tells which is meant. */
  const identified = (name: string | undefined) => {
    const keys = new Set(
      name === undefined ? [] : (byIdentifier.get(name) ?? []).map(([, key]) => key),
    );
    return keys.size === 1 ? [...keys][0] : undefined;
  };
  const byAddress = (reference: string) => {
    const parsed = parseReference(reference);
    if (parsed?.base === undefined) return undefined;
    const [key, base] = [`${parsed.type}/${parsed.id}`, plainBase(parsed.base)];
    return bases.get(key)?.some((one) => (baseOf(one) ?? base) === base) ? key : undefined;
  };
  return (loose, within) => {
    const reference = textOf(loose.reference);
    if (reference === undefined)
      return isObject(loose.identifier)
        ? identified(identifierName(textOf(loose.type) ?? 'Patient', loose.identifier))
        : undefined;
    // Most are written as they shall be.
    if (!/[:?#]|\/_history\//.test(reference) && !byUrl.has(reference)) return undefined;
    const plain = urlWritten(withoutVersion(reference));
    return (
      byUrl.get(plain) ??
      byAddress(plain) ??
      identified(conditional(plain)) ??
      identified(contained(reference, within))
    );
  };
}

/** `Patient?identifier=system|value`, as the name of what it asks for. */
function conditional(reference: string): string | undefined {
  const match = /^(?:https?:\/\/.+\/)?([A-Z][A-Za-z]+)\?identifier=([^&]+)$/.exec(reference);
  if (!match?.[2]) return undefined;
  const [system = '', ...value] = decoded(match[2]).split('|');
  return value.length === 0 ? `${match[1]}?|${system}` : `${match[1]}?${system}|${value.join('|')}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A contained resource is the entry that has its identifier. */
function contained(reference: string, within: fhir4.Resource): string | undefined {
  if (!reference.startsWith('#')) return undefined;
  const { contained } = within as { contained?: fhir4.Resource[] };
  const resource = objectsOf(contained).find((one) => one.id === reference.slice(1));
  const [identifier] = resource ? identifiersOf(resource) : [];
  return identifier && identifierName(resource?.resourceType, identifier);
}
