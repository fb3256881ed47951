import { localExtensions, mapDefined, withBundleLabels, withBundleModifiers } from '@loopwell/fhir';
import { type Incoming, isDeletion, withId } from '@loopwell/fhir/server';

type Entry = {
  fullUrl?: unknown;
  resource?: unknown;
  request?: { method?: unknown; url?: unknown };
  search?: { mode?: unknown };
};

/**
 * The resources of a Bundle as a server keeps them that has carried it out (R4, "Resolving
 * references in Bundles" and "Transaction processing rules"): an entry without id gets one, from
 * its request, its `urn:uuid` or its content, and references to a `fullUrl` become `Type/id`.
 * Conditional references, and those to nothing in the Bundle, stay as they are. The security labels
 * of the Bundle stay with its answers and Conditions, and its modifiers with what may permit
 * something.
 * DECISIONS D51.
 */
export function resourcesOfBundle(bundle: Incoming): unknown[] {
  const entries = (bundle as { entry?: unknown }).entry;
  if (!Array.isArray(entries)) return [];
  // A history comes newest first: the last one taken has to be the newest.
  const isHistory = (bundle as { type?: unknown }).type === 'history';
  const ordered = isHistory ? entries.toReversed() : entries;
  const named = mapDefined(ordered, (one: unknown) =>
    isEntry(one) ? identified(one, bundle) : undefined,
  );
  const places = new Map(
    mapDefined(named, ({ fullUrl, resource }) =>
      fullUrl !== undefined && hasPlace(resource)
        ? ([fullUrl, `${resource.resourceType}/${resource.id}`] as const)
        : undefined,
    ),
  );
  // Without a fullUrl nothing says at which address an entry stands: a reference to its type and id
  // at any means it.
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
 * Type and id of what an entry deletes (R4, `request.method`). `unclear`: by a condition, which
 * nobody here can carry out.
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
 * After what the Bundle brings, for what is deleted says yes to nothing; a history may bring it
 * back later.
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
 * A Consent that does not say whose it is may be a no of the one Patient with whom it came: that is
 * kept with it, for the gates to judge. It still permits nothing, for `patient` stays as it is.
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

/** By `patient`, or as R5 does by `subject`; a value that came twice, too. */
const namesPatient = (consent: object) =>
  Object.entries(consent).some(
    ([name, member]) =>
      /^(patient|subject)\b/.test(name) &&
      /"reference":"[^"#]*Patient\/[^"?]/.test(JSON.stringify(member) ?? ''),
  );

const hasType = (json: unknown): json is Incoming =>
  typeof json === 'object' && json !== null && 'resourceType' in json;

/** Deletions have no resource, and what a search says about itself is none of the EHR's. */
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

/** A number can be one id only. */
function withTextId(resource: unknown): unknown {
  const { id } = (typeof resource === 'object' && resource !== null ? resource : {}) as {
    id?: unknown;
  };
  return typeof id === 'number' && Number.isSafeInteger(id)
    ? { ...(resource as object), id: String(id) }
    : resource;
}

/**
 * Only `reference` elements are references; an equal text elsewhere, such as an identifier, is left
 * alone.
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
