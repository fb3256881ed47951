import { type fhir4, systems } from '@loopwell/fhir';
import { objectsOf } from '../fhir-json/tolerant-readers.ts';
import type { Identity } from '../model.ts';

/** Tells whether an id has the form of those that we give: a version 5 UUID. DECISIONS D64. */
const hasOurForm = (id: string) =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id);

/**
 * Returns an Identity that counts a value as ours by its form, for use where nothing is stored
 * (`loopwell code`).
 */
export const identityOf = (system: string = systems.loopwellId): Identity => ({
  system,
  gave: hasOurForm,
});

const documented = identityOf();

/** Returns the identity, or the documented one where none is given. */
export const identityOr = (identity: Identity | undefined): Identity => identity ?? documented;

/** Builds an Identifier of ours. */
export const ourIdentifier = (id: string, system: string): fhir4.Identifier => ({
  system,
  value: id,
});

/**
 * Lists the values that a resource carries in a system, ours or not. A resource may have a list of
 * identifiers, or one.
 */
export function valuesInSystem(resource: object, system: string): string[] {
  const { identifier } = resource as { identifier?: unknown };
  const all = objectsOf(
    (Array.isArray(identifier) ? identifier : [identifier]) as fhir4.Identifier[],
  );
  return all
    .filter((one) => one.system === system)
    .map((one) => (typeof one.value === 'string' ? one.value : ''));
}

/** Tells whether this installation made a resource. */
export function isOurs(resource: object, identity: Identity | undefined): boolean {
  const { system, gave } = identityOr(identity);
  return valuesInSystem(resource, system).some(gave);
}

/**
 * Tells whether a resource uses our system and was not made here. It counts as received, and a
 * person is told.
 */
export function isUnderOurName(resource: object, identity: Identity | undefined): boolean {
  const { system, gave } = identityOr(identity);
  const values = valuesInSystem(resource, system);
  return values.length > 0 && !values.some(gave);
}

/**
 * Tells whether a resource may be ours, of a database that was lost: as permission it does not
 * count.
 */
export function mayBeOurs(resource: object, identity: Identity | undefined): boolean {
  const { system, gave } = identityOr(identity);
  return valuesInSystem(resource, system).some((value) => gave(value) || hasOurForm(value));
}
