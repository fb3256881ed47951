import { sameContent, withId } from './content-id.ts';
import { type Incoming, isDeletion, type ResourceStore } from './resource-store.ts';

/**
 * Stores resources, and counts those read and those changed. One that says what the store has
 * already keeps its version.
 */
export async function storeResources(
  store: ResourceStore,
  resources: AsyncIterable<Incoming> | Iterable<Incoming>,
): Promise<{ read: number; changed: number }> {
  const count = { read: 0, changed: 0 };
  for await (const incoming of resources) {
    const resource = incoming[isDeletion] ? endedBy(incoming, store) : withId(incoming);
    if (!resource) continue;
    const before = store.get(resource.resourceType, resource.id);
    count.read += 1;
    if (before && sameContent(before, resource)) continue;
    store.put(resource);
    count.changed += 1;
  }
  return count;
}

/**
 * Members by which a resource says that it permits no more. A server that has deleted it would not
 * serve it, and its readers would not learn of it.
 */
const endOfType: Readonly<Record<string, object>> = {
  Consent: { status: 'inactive' },
  ServiceRequest: { status: 'entered-in-error' },
  Goal: { lifecycleStatus: 'entered-in-error' },
  Patient: { active: false },
};

/**
 * Returns the stored resource of a deletion as one that counts no more, for types on which a
 * permission may rest; undefined for others.
 */
function endedBy(
  { resourceType, id = '' }: Incoming,
  store: ResourceStore,
): (Incoming & { id: string }) | undefined {
  const before = store.get(resourceType, id);
  const end = endOfType[resourceType];
  return before && end ? { ...before, ...end } : undefined;
}
