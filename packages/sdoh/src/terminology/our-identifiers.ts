import { type fhir4, systems } from '@loopwell/fhir';
import { objectsOf } from '../fhir-json/tolerant-readers.ts';
import type { Identity } from '../model.ts';

/** All values that we give are version 5 UUIDs. DECISIONS D64. */
const hasOurForm = (id: string) =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id);

/** Where nothing is stored (`loopwell code`), a value counts as ours by its form. */
export const identityOf = (system: string = systems.loopwellId): Identity => ({
  system,
  gave: hasOurForm,
});

const documented = identityOf();

export const identityOr = (identity: Identity | undefined): Identity => identity ?? documented;

export const ourIdentifier = (id: string, system: string): fhir4.Identifier => ({
  system,
  value: id,
});

/**
 * Values that a resource carries in our system, whoever gave them. A resource may have a list of
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

/** True for what this installation made. */
export function isOurs(resource: object, identity: Identity | undefined): boolean {
  const { system, gave } = identityOr(identity);
  return valuesInSystem(resource, system).some(gave);
}

/**
 * True for a resource that uses our system and that we did not make: it counts as somebody else's,
 * and a person is told.
 */
export function isUnderOurName(resource: object, identity: Identity | undefined): boolean {
  const { system, gave } = identityOr(identity);
  const values = valuesInSystem(resource, system);
  return values.length > 0 && !values.some(gave);
}

/** It may be ours, of a database that was lost: as permission it does not count. */
export function mayBeOurs(resource: object, identity: Identity | undefined): boolean {
  const { system, gave } = identityOr(identity);
  return valuesInSystem(resource, system).some((value) => gave(value) || hasOurForm(value));
}
