import { type fhir4, isFhirId, localId } from '@loopwell/fhir';
import { deriveId, fingerprint } from '@loopwell/kit';
import type { Identity } from '@loopwell/sdoh';
import type { EhrResource, QuarantineRow } from '@loopwell/store';
import type { PulledType } from './pulled-types.ts';

/** Where a pulled resource belongs. DECISIONS D105. */
export type Source = {
  tenant: string;
  connection: string;
  base: string;
  /** What tells our own resources that come back; the documented one when left out. */
  identity?: Identity;
  /** Id of the one Patient whose resources were asked for; empty where all were. */
  patient?: string | undefined;
};

export type Resource = fhir4.Resource & Record<string, unknown>;

/** Our id of a person: the same Patient id in two EHRs is two people until somebody merges them. */
export function personId(source: Source, patientId: string): string {
  return deriveId(source.tenant, 'person', source.connection, patientId);
}

/** Larger resources are no screening: they are named in the quarantine, and not kept. */
const mostCharacters = 4_000_000;

/**
 * U+0000 is no character of a FHIR string, and PostgreSQL keeps none; escaped as JSON does, and not
 * itself escaped.
 */
const nullCharacter = /(?<!\\)(?:\\\\)*\\u0000/;

/** Why the database cannot keep a body; undefined where it can. */
export function unkeptReason(body: string): 'too-large' | 'null-character' | undefined {
  if (body.length > mostCharacters) return 'too-large';
  return nullCharacter.test(body) ? 'null-character' : undefined;
}

/** The row of a resource that is kept, under the version that its EHR gives it. */
export function resourceRow(
  resource: Resource,
  body: string,
  patientId: string,
  source: Source,
): EhrResource {
  const { lastUpdated, versionId }: { lastUpdated?: unknown; versionId?: unknown } =
    resource.meta ?? {};
  const updated = typeof lastUpdated === 'string' ? new Date(lastUpdated) : null;
  const isTime = updated !== null && !Number.isNaN(updated.getTime());
  return {
    tenant: source.tenant,
    connection: source.connection,
    type: resource.resourceType,
    sourceId: resource.id ?? '',
    // A server without versions still changes its content.
    versionId: typeof versionId === 'string' ? versionId : `sha-${fingerprint(body).slice(0, 16)}`,
    person: personId(source, patientId),
    lastUpdated: isTime ? updated : null,
    body,
    trace: traceOf(resource, source),
  };
}

/**
 * A trace begins here: with the Encounter that a resource is of or names, or with the resource
 * itself.
 */
function traceOf(resource: Resource, { tenant, connection, base }: Source): string {
  const itself = `${resource.resourceType}/${resource.id}`;
  const { reference } = (resource.encounter ?? {}) as { reference?: unknown };
  const named = typeof reference === 'string' ? localId(reference, 'Encounter', base) : undefined;
  const start = named === undefined ? itself : `Encounter/${named}`;
  return deriveId(tenant, 'trace', connection, start);
}

/** The row of something that could not be read. Its body is kept, for nothing may be lost. */
export function quarantineRow(
  resource: unknown,
  asked: PulledType,
  source: Source,
  code: string,
  facts?: object,
): QuarantineRow {
  const text = textOf(resource);
  const row = {
    tenant: source.tenant,
    connection: source.connection,
    type: asked,
    sourceId: usableId(resource) ?? `unknown-${fingerprint(text ?? '').slice(0, 12)}`,
    code,
    body: text !== null && text.length > mostCharacters ? null : text,
  };
  return facts ? { ...row, facts: JSON.stringify(facts) } : row;
}

/** An id that is there twice (`id (1)` beside it) is none. */
function usableId(resource: unknown): string | undefined {
  if (typeof resource !== 'object' || resource === null) return undefined;
  if (!('id' in resource) || 'id (1)' in resource) return undefined;
  return isFhirId(resource.id) ? resource.id : undefined;
}

/** Nested deeper than JSON can be written again, it has no text. */
function textOf(resource: unknown): string | null {
  try {
    return JSON.stringify(resource) ?? null;
  } catch {
    return null;
  }
}
