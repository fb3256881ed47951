import { localExtensions, mapDefined, withBundleLabels, withBundleModifiers } from '@loopwell/fhir';
import { type Incoming, isDeletion, withId } from '@loopwell/fhir/server';

type Entry = {
  fullUrl?: unknown;
  resource?: unknown;
  request?: { method?: unknown; url?: unknown };
  search?: { mode?: unknown };
};

/**
 * Returns the resources of a Bundle as a server keeps them after it processed the Bundle (R4,
 * "Resolving references in Bundles" and "Transaction processing rules"). An entry without id gets
 * one, from its request, its `urn:uuid` or its content, and references to a `fullUrl` become
 * `Type/id`. Conditional references, and those to nothing in the Bundle, stay unchanged. The
 * security labels of the Bundle go to its answers and Conditions, and its modifiers to resources
 * that may permit something.
 * DECISIONS D51.
 */
export function resourcesOfBundle(bundle: Incoming): unknown[] {
  const entries = (bundle as { entry?: unknown }).entry;
  if (!Array.isArray(entries)) return [];
  // A history lists the newest version first. The last one taken must be the newest.
  const isHistory = (bundle as { type?: unknown }).type === 'history';
  const ordered = isHistory ? entries.toReversed() : entries;
  const named = mapDefined(ordered, (bundleEntry: unknown) =>
    isEntry(bundleEntry) ? identified(bundleEntry, bundle) : undefined,
  );
  const places = new Map(
    mapDefined(named, ({ fullUrl, resource }) =>
      fullUrl !== undefined && hasPlace(resource)
        ? ([fullUrl, `${resource.resourceType}/${resource.id}`] as const)
        : undefined,
    ),
  );
  // An entry without a fullUrl has no address: a reference to its type and id matches it at any
  // address.
  const unplaced = new Set(
    mapDefined(named, ({ fullUrl, resource }) =>
      fullUrl === undefined && hasPlace(resource)
        ? `${resource.resourceType}/${resource.id}`
        : undefined,
    ),
  );
  const get = (reference: string) => {
    const plain = reference.replace(/\/_history\/[^/]+$/, '');
    const [, local = ''] =
      /^https?:\/\/.+\/([A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})$/.exec(plain) ?? [];
    return places.get(reference) ?? places.get(plain) ?? (unplaced.has(local) ? local : undefined);
  };
  const isNamed = places.size + unplaced.size > 0;
  const resources = named.map(({ resource }) =>
    withBundleLabels(isNamed ? rewrite(resource, { get }) : resource, bundle),
  );
  return [
    ...resources.map((one) => withOnlyPatient(one, resources)),
    ...deletionsIn(ordered, isHistory),
  ];
}

/**
 * Returns the type and id that an entry deletes (R4, `request.method`). `unclear` is a deletion by
 * a condition, which is not carried out here.
 */
export function deletionIn(
  bundleEntry: unknown,
): { resourceType: string; id: string } | 'unclear' | undefined {
  const { request, fullUrl, resource } = (
    typeof bundleEntry === 'object' && bundleEntry !== null ? bundleEntry : {}
  ) as Entry;
  if (request?.method !== 'DELETE' || resource !== undefined) return undefined;
  const address = String(request.url ?? fullUrl);
  const [, resourceType = '', id] =
    /([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]+)?$/.exec(address) ?? [];
  return id === undefined ? 'unclear' : { resourceType, id };
}

/**
 * Returns the deletions of a Bundle, which come after its resources, because a deleted resource
 * permits nothing. A history may bring the resource back later; then there is no deletion.
 */
function deletionsIn(ordered: readonly unknown[], isHistory: boolean): Incoming[] {
  return mapDefined(ordered, (bundleEntry, index) => {
    const deleted = deletionIn(bundleEntry);
    if (deleted === undefined || deleted === 'unclear') return undefined;
    const isBack = (other: unknown) => {
      const { resource } = (other ?? {}) as { resource?: unknown };
      return (
        hasPlace(resource) &&
        resource.resourceType === deleted.resourceType &&
        resource.id === deleted.id
      );
    };
    return isHistory && ordered.slice(index + 1).some(isBack)
      ? undefined
      : { ...deleted, [isDeletion]: true as const };
  });
}

/**
 * Adds the only Patient of a Bundle to a Consent that names no patient, as an extension. The
 * Consent may be that person's refusal, which the gates judge. It still permits nothing, because
 * `patient` is unchanged.
 */
function withOnlyPatient(resource: unknown, all: readonly unknown[]): unknown {
  if (!hasType(resource) || resource.resourceType !== 'Consent' || namesPatient(resource))
    return resource;
  const ids = new Set(
    mapDefined(all, (other) =>
      hasPlace(other) && other.resourceType === 'Patient' ? other.id : undefined,
    ),
  );
  const [only] = ids;
  if (ids.size !== 1 || only === undefined) return resource;
  const { extension } = resource as { extension?: unknown };
  const came = {
    url: localExtensions.loadedWith,
    valueReference: { reference: `Patient/${only}` },
  };
  return {
    ...resource,
    extension: [...(Array.isArray(extension) ? (extension as unknown[]) : []), came],
  };
}

/**
 * Returns whether a Consent names a patient by `patient` or, as in R5, by `subject`; also by a
 * member that came twice.
 */
const namesPatient = (consent: object) =>
  Object.entries(consent).some(
    ([name, member]) =>
      /^(patient|subject)\b/.test(name) &&
      /"reference":"[^"#]*Patient\/[^"?]/.test(JSON.stringify(member) ?? ''),
  );

const hasType = (json: unknown): json is Incoming =>
  typeof json === 'object' && json !== null && 'resourceType' in json;

/**
 * Returns whether an entry has a resource of the EHR. Deletions have none, and an outcome of the
 * search is not the EHR's.
 */
function isEntry(json: unknown): json is Entry & { resource: unknown } {
  if (typeof json !== 'object' || json === null) return false;
  const { resource, search } = json as Entry;
  return resource !== undefined && search?.mode !== 'outcome';
}

const hasPlace = (json: unknown): json is Incoming & { id: string } =>
  typeof json === 'object' &&
  json !== null &&
  'resourceType' in json &&
  'id' in json &&
  typeof json.id === 'string';

function identified(
  bundleEntry: Entry & { resource: unknown },
  bundle: object,
): { fullUrl: string | undefined; resource: unknown } {
  const fullUrl =
    typeof bundleEntry.fullUrl === 'string' && bundleEntry.fullUrl !== ''
      ? bundleEntry.fullUrl
      : undefined;
  const resource = withBundleModifiers(
    withTextId(bundleEntry.resource),
    bundleEntry,
    bundleEntry.search,
    bundleEntry.request,
    bundle,
  );
  const lacksId =
    typeof resource === 'object' &&
    resource !== null &&
    'resourceType' in resource &&
    (!('id' in resource) || resource.id === '');
  if (!lacksId) return { fullUrl, resource };
  const put =
    bundleEntry.request?.method === 'PUT'
      ? /^[A-Za-z]+\/([A-Za-z0-9.-]{1,64})$/.exec(String(bundleEntry.request.url))?.[1]
      : undefined;
  const id = put ?? /^urn:uuid:([A-Za-z0-9.-]{1,64})$/.exec(fullUrl ?? '')?.[1];
  return { fullUrl, resource: id ? { ...resource, id } : withId(resource as Incoming) };
}

/** Turns an id that is a number into text, which is unambiguous. */
function withTextId(resource: unknown): unknown {
  const { id } = (typeof resource === 'object' && resource !== null ? resource : {}) as {
    id?: unknown;
  };
  return typeof id === 'number' && Number.isSafeInteger(id)
    ? { ...(resource as object), id: String(id) }
    : resource;
}

/**
 * Replaces references in `reference` elements. An equal text elsewhere, such as an identifier, is
 * unchanged.
 */
function rewrite(
  json: unknown,
  places: { get: (reference: string) => string | undefined },
): unknown {
  if (Array.isArray(json)) return json.map((one) => rewrite(one, places));
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, inner]) => [
      key,
      key === 'reference' && typeof inner === 'string'
        ? (places.get(inner) ?? inner)
        : rewrite(inner, places),
    ]),
  );
}
