import { type fhir4, parseReference } from '@loopwell/fhir';
import { flawsOf, withFlaws } from '../fhir-json/flaws.ts';
import { isObject, objectsIn, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Entry } from './bundle-model.ts';

type Reference = Record<string, unknown>;
type Resolve = (resource: fhir4.Resource) => fhir4.Resource;

/**
 * Creates the function that writes a resource's references to other entries as `Type/id`. It reads
 * every form: fullUrl, address on the server, `Type?identifier=…`, or an identifier alone (R4
 * references, logical and conditional ones). An address on another server than the entry's own
 * stays: it is another resource.
 */
export function createResolver(entries: readonly Entry[]): Resolve {
  const keyOf = createNameLookup(entries);
  return (resource) => {
    const isNamed = (reference: Reference) => keyOf(reference, resource) !== undefined;
    if (!findReferences(resource).some(isNamed)) return resource;
    const copy = structuredClone(resource);
    for (const reference of findReferences(copy)) {
      const key = keyOf(reference, resource);
      if (key !== undefined) reference.reference = key;
    }
    return copy;
  };
}

/**
 * Renames references in a resource.
 *
 * @param names the new `Type/id` of each old one
 */
export function renameReferences<R extends fhir4.Resource>(
  resource: R,
  names: ReadonlyMap<string, string>,
): R {
  const nameFor = ({ reference }: Reference) => names.get(localKey(reference) ?? '');
  const isGone = (reference: Reference) => nameFor(reference) !== undefined;
  if (names.size === 0 || !findReferences(resource).some(isGone)) return resource;
  const copy = structuredClone(resource);
  for (const reference of findReferences(copy))
    reference.reference = nameFor(reference) ?? reference.reference;
  return withFlaws(copy, flawsOf(resource));
}

/** Returns the `Type/id` of a reference without a base. */
function localKey(reference: unknown): string | undefined {
  const parsed = parseReference(textOf(reference));
  return parsed && parsed.base === undefined ? `${parsed.type}/${parsed.id}` : undefined;
}

/** Lists the `Type/id` of all resources that a resolved resource refers to. */
export function listReferredKeys(resource: fhir4.Resource): string[] {
  const keys = findReferences(resource).map(({ reference }) => localKey(reference));
  return keys.filter((key) => key !== undefined);
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

/**
 * Finds all references in a resource: objects with a `reference`, or with an identifier and no
 * members that a Reference has not. It walks with a stack, since input may be deep.
 */
function findReferences(root: object): Reference[] {
  const references: Reference[] = [];
  const open: unknown[] = [root];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    if (typeof part !== 'object' || part === null) continue;
    if (isObject(part) && (typeof part.reference === 'string' || isLogical(part)))
      references.push(part);
    for (const member of Object.values(part))
      if (typeof member === 'object' && member !== null) open.push(member);
  }
  return references;
}

const isLogical = (reference: Reference) =>
  isObject(reference.identifier) && Object.keys(reference).every((key) => ofReference.has(key));

const withoutVersion = (reference: string) => reference.replace(/\/_history\/[^/]+$/, '');

/** Writes `urn:uuid:` and `urn:oid:` in small letters: their case has no meaning (RFC 4122). */
const urlWritten = (url: string) => (/^urn:(uuid|oid):/i.test(url) ? url.toLowerCase() : url);

const plainBase = (base: string) => base.replace(/^https?:/, '').replace(/\/+$/, '');

/**
 * Returns the server base of an entry's fullUrl; undefined where the fullUrl is no address.
 */
const baseOf = ({ fullUrl }: Entry): string | undefined => {
  const base = parseReference(fullUrl)?.base;
  return base === undefined ? undefined : plainBase(base);
};

/** Returns `Type?system|value`, the name of the resource that has the identifier. */
function identifierName(type: unknown, identifier: Reference): string | undefined {
  const number = textOf(identifier.value);
  return number === undefined ? undefined : `${type}?${textOf(identifier.system) ?? ''}|${number}`;
}

const identifiersOf = (resource: object) =>
  objectsIn((resource as { identifier?: unknown }).identifier);

type KeyLookup = (reference: Reference, within: fhir4.Resource) => string | undefined;

/** Creates the look-up of the entry that a reference names: by fullUrl, address, or identifier. */
function createNameLookup(entries: readonly Entry[]): KeyLookup {
  const byUrl = new Map<string, string>();
  for (const { fullUrl, key } of entries)
    if (fullUrl !== undefined) byUrl.set(urlWritten(fullUrl), key);
  const findByAddress = createAddressLookup(entries);
  const findByIdentifier = createIdentifierLookup(entries);
  return ({ reference: text, type, identifier }, within) => {
    const reference = textOf(text);
    if (reference === undefined)
      return isObject(identifier)
        ? findByIdentifier(identifierName(textOf(type) ?? 'Patient', identifier))
        : undefined;
    // Most references are `Type/id` already.
    if (!/[:?#]|\/_history\//.test(reference) && !byUrl.has(reference)) return undefined;
    const plain = urlWritten(withoutVersion(reference));
    return (
      byUrl.get(plain) ??
      findByAddress(plain) ??
      findByIdentifier(conditional(plain)) ??
      findByIdentifier(contained(reference, within))
    );
  };
}

/** Creates the look-up of entries by an address with a server base. */
function createAddressLookup(entries: readonly Entry[]) {
  const byKey = Map.groupBy(entries, ({ key }) => key);
  return (reference: string): string | undefined => {
    const parsed = parseReference(reference);
    if (parsed?.base === undefined) return undefined;
    const [key, base] = [`${parsed.type}/${parsed.id}`, plainBase(parsed.base)];
    const isThere = byKey.get(key)?.some((entry) => (baseOf(entry) ?? base) === base);
    return isThere ? key : undefined;
  };
}

/** Creates the look-up of entries by identifier; one that two entries share finds neither. */
function createIdentifierLookup(entries: readonly Entry[]) {
  const keysByName = new Map<string | undefined, Set<string>>();
  for (const { key, resource } of entries)
    for (const identifier of identifiersOf(resource)) {
      const name = identifierName(resource.resourceType, identifier);
      keysByName.set(name, (keysByName.get(name) ?? new Set()).add(key));
    }
  return (name: string | undefined): string | undefined => {
    const keys = name === undefined ? [] : [...(keysByName.get(name) ?? [])];
    return keys.length === 1 ? keys[0] : undefined;
  };
}

/** Reads a conditional reference (`Patient?identifier=system|value`) as an identifier's name. */
function conditional(reference: string): string | undefined {
  const match = /^(?:https?:\/\/.+\/)?([A-Z][A-Za-z]+)\?identifier=([^&]+)$/.exec(reference);
  if (!match?.[2]) return undefined;
  const [, type, encoded = ''] = match;
  const [system = '', ...rest] = decoded(encoded).split('|');
  return rest.length === 0 ? `${type}?|${system}` : `${type}?${system}|${rest.join('|')}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Returns the identifier's name of a contained resource, which stands for the entry with it. */
function contained(reference: string, within: fhir4.Resource): string | undefined {
  if (!reference.startsWith('#')) return undefined;
  const { contained } = within as { contained?: fhir4.Resource[] };
  const resource = objectsOf(contained).find((one) => one.id === reference.slice(1));
  const [identifier] = resource ? identifiersOf(resource) : [];
  return identifier && identifierName(resource?.resourceType, identifier);
}
