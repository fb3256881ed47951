import { type fhir4, parseReference } from '@loopwell/fhir';
import { flawsOf, withFlaws } from '../fhir-json/flaws.ts';
import { isObject, objectsIn, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Entry } from './bundle-model.ts';

type Reference = Record<string, unknown>;
type Resolve = (resource: fhir4.Resource) => fhir4.Resource;

/**
 * Writes the references of a resource to other entries as `Type/id`, whatever form they came in:
 * fullUrl, address on the server, `Type?identifier=…`, or an identifier alone (R4 references,
 * logical and conditional ones). An address on another server than the entry's own is left: it is
 * another resource. A walk with a stack: input may be deep.
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

/** @param names of entries that go by another name now */
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

/** `Type/id` of a reference without a base. */
function localKey(reference: unknown): string | undefined {
  const parsed = parseReference(textOf(reference));
  return parsed && parsed.base === undefined ? `${parsed.type}/${parsed.id}` : undefined;
}

/** Lists `Type/id` of all that a resolved resource refers to. */
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

/** Finds objects that refer to something: by a text, or by an identifier and by nothing else. */
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

/** A UUID is the same one in capital letters (RFC 4122). */
const urlWritten = (url: string) => (/^urn:(uuid|oid):/i.test(url) ? url.toLowerCase() : url);

const plainBase = (base: string) => base.replace(/^https?:/, '').replace(/\/+$/, '');

/**
 * The base of the server that an entry says it is from; undefined where its fullUrl is no address.
 */
const baseOf = ({ fullUrl }: Entry): string | undefined => {
  const base = parseReference(fullUrl)?.base;
  return base === undefined ? undefined : plainBase(base);
};

/** `Type?system|value`, the name of what has the identifier. */
function identifierName(type: unknown, identifier: Reference): string | undefined {
  const number = textOf(identifier.value);
  return number === undefined ? undefined : `${type}?${textOf(identifier.system) ?? ''}|${number}`;
}

const identifiersOf = (resource: object) =>
  objectsIn((resource as { identifier?: unknown }).identifier);

type KeyLookup = (reference: Reference, within: fhir4.Resource) => string | undefined;

/** Finds the entry that a reference names: by fullUrl, by address, or by identifier. */
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
    // Most are written as they shall be.
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

/** Where one identifier stands for two entries, nothing tells which is meant. */
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

/** `Patient?identifier=system|value`, as the name of what it asks for. */
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

/** A contained resource is the entry that has its identifier. */
function contained(reference: string, within: fhir4.Resource): string | undefined {
  if (!reference.startsWith('#')) return undefined;
  const { contained } = within as { contained?: fhir4.Resource[] };
  const resource = objectsOf(contained).find((one) => one.id === reference.slice(1));
  const [identifier] = resource ? identifiersOf(resource) : [];
  return identifier && identifierName(resource?.resourceType, identifier);
}
