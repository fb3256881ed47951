import { type fhir4, isFhirId, localId } from '@loopwell/fhir';
import { deriveId, fingerprint } from '@loopwell/kit';
import type { Identity } from '@loopwell/sdoh';
import type { EhrResource, QuarantineRow } from '@loopwell/store';
import type { PulledType } from './pulled-types.ts';

/** The origin of a pulled resource. DECISIONS D105. */
export type Source = {
  tenant: string;
  connection: string;
  base: string;
  /** How to recognize our own resources that come back. The documented system when left out. */
  identity?: Identity;
  /** Id of the one Patient whose resources were requested; empty when all were. */
  patient?: string | undefined;
};

export type Resource = fhir4.Resource & Record<string, unknown>;

/**
 * Returns our id of a person. The same Patient id in two EHRs means two people until they are
 * merged.
 */
export function personId(source: Source, patientId: string): string {
  const { tenant, connection } = source;
  const key = JSON.stringify([tenant, connection, patientId]);
  const remembered = people.get(key);
  if (remembered !== undefined) return remembered;
  const id = deriveId(tenant, 'person', connection, patientId);
  if (people.size >= mostPeople) people.clear();
  people.set(key, id);
  return id;
}

/** Ids of people whose resources came lately, since most come several times. */
const people = new Map<string, string>();
const mostPeople = 20_000;

/**
 * The number of characters of a body that is kept. A larger resource is not a screening: it is
 * listed in the quarantine, without its body.
 */
const mostCharacters = 4_000_000;

/**
 * Matches U+0000 as JSON escapes it, when it is not itself escaped. It is not a FHIR character, and
 * PostgreSQL cannot store it.
 */
const nullCharacter = /(?<!\\)(?:\\\\)*\\u0000/;

/** Returns why the database cannot store a body; undefined when it can. */
export function unkeptReason(body: string): 'too-large' | 'null-character' | undefined {
  if (body.length > mostCharacters) return 'too-large';
  const isNull = body.includes('\\u0000') && nullCharacter.test(body);
  return isNull ? 'null-character' : undefined;
}

/** Creates the row of a kept resource, under the version that its EHR gives it. */
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
 * Returns the trace that begins with a resource: the one of the Encounter that it is or names, or
 * else of the resource itself.
 */
function traceOf(resource: Resource, { tenant, connection, base }: Source): string {
  const itself = `${resource.resourceType}/${resource.id}`;
  const { reference } = (resource.encounter ?? {}) as { reference?: unknown };
  const named = typeof reference === 'string' ? localId(reference, 'Encounter', base) : undefined;
  const start = named === undefined ? itself : `Encounter/${named}`;
  return deriveId(tenant, 'trace', connection, start);
}

/**
 * Creates the quarantine row of something that could not be read. Its body is kept, so that nothing
 * is lost.
 */
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

/** Returns the id of a resource; undefined when it is invalid or repeated (`id (1)` beside it). */
function usableId(resource: unknown): string | undefined {
  if (typeof resource !== 'object' || resource === null) return undefined;
  if (!('id' in resource) || 'id (1)' in resource) return undefined;
  return isFhirId(resource.id) ? resource.id : undefined;
}

/** Returns the JSON text; null when it is nested deeper than JSON can be written. */
function textOf(resource: unknown): string | null {
  try {
    return JSON.stringify(resource) ?? null;
  } catch {
    return null;
  }
}
