import { deriveId } from '@loopwell/kit';
import type { Incoming } from './resource-store.ts';

/**
 * Gives a resource without an id one that is made of its content: loading it again loads the same
 * one. The scope `sandbox` is the one that earlier ids were derived with, so it stays.
 */
export function withId<R extends Incoming>(resource: R): R & { id: string } {
  const id =
    resource.id === undefined || resource.id === ''
      ? deriveId('sandbox', resource.resourceType, canonical(resource))
      : resource.id;
  return { ...resource, id };
}

/**
 * Tells whether two versions of a resource say the same, apart from what a server adds when it
 * stores one.
 */
export function sameContent(a: Incoming, b: Incoming): boolean {
  return canonical(withoutServerMeta(a)) === canonical(withoutServerMeta(b));
}

function withoutServerMeta({ meta, ...rest }: Incoming): object {
  const { versionId: _version, lastUpdated: _updated, ...kept } = meta ?? {};
  return Object.keys(kept).length > 0 ? { ...rest, meta: kept } : rest;
}

/** Writes JSON with its keys in order, so that only its content counts. */
function canonical(json: unknown): string {
  return JSON.stringify(json, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
