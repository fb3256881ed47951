import { mapDefined } from '@loopwell/fhir';
import { isOurs, ourIdentifier } from '@loopwell/sdoh';
import { altered, type Tx } from '@loopwell/store';
import type { Source } from './check/page-rows.ts';

type Shown = {
  resourceType?: unknown;
  id?: unknown;
  identifier?: unknown;
  meta?: { versionId?: unknown };
};

/**
 * Returns pages without the rows that we wrote and the EHR altered, which come back perhaps without
 * our identifier. They are recognized by their ids, so that they are not new evidence, not an order
 * of the EHR, and not a Condition that another person confirmed. A resource that we took back is
 * dropped too, unless it was changed there since.
 * DECISIONS D68.
 */
export async function withoutLeftByUs<P extends { page: { resources: readonly unknown[] } }>(
  tx: Tx,
  source: Source,
  pages: readonly P[],
): Promise<P[]> {
  const ids = pages.flatMap(({ page }) =>
    mapDefined(page.resources, (resource) =>
      typeof (resource as Shown)?.id === 'string' ? (resource as { id: string }).id : undefined,
    ),
  );
  const left = await altered.alteredAmong(tx, source.connection, [...new Set(ids)]);
  if (left.length === 0) return [...pages];
  const byKey = new Map(left.map((one) => [`${one.type}/${one.ehrId}`, one]));
  const system = source.identity?.system;
  const asOurs = (resource: unknown): unknown[] => {
    const shown = (resource ?? {}) as Shown;
    const leftByUs = byKey.get(`${String(shown.resourceType)}/${String(shown.id)}`);
    if (leftByUs === undefined) return [resource];
    if (leftByUs.type !== 'Condition') return [];
    if (leftByUs.takenBack && `W/"${String(shown.meta?.versionId)}"` === leftByUs.etag) return [];
    if (system === undefined || isOurs(shown, source.identity)) return [resource];
    const identifier = Array.isArray(shown.identifier) ? shown.identifier : [];
    return [{ ...shown, identifier: [...identifier, ourIdentifier(leftByUs.madeId, system)] }];
  };
  return pages.map((page) => ({
    ...page,
    page: { ...page.page, resources: page.page.resources.flatMap(asOurs) },
  }));
}
