import { isResourceType } from './resource-types.ts';
import { isObject, type Loose } from './silent.ts';
import { twoValuesIn } from './two-values.ts';

/** An id as FHIR writes it (R4, `id`). */
export const isFhirId = (id: unknown): id is string =>
  typeof id === 'string' && /^[A-Za-z0-9\-.]{1,64}$/.test(id);

/** Types without whose status nobody knows whether they count. R4 demands it of them. */
const typesWithStatus: ReadonlySet<unknown> = new Set([
  'Encounter',
  'QuestionnaireResponse',
  'Observation',
  'ServiceRequest',
  'Procedure',
]);

/** Forms are a handful of levels deep, and each level of theirs is four of JSON. */
const deepestJson = 250;

type Rule = (resource: Loose, expectedType: string | undefined) => string | undefined;

const breaks = (isBroken: boolean, path = ''): string | undefined => (isBroken ? path : undefined);

/**
 * The structural rules of a resource, in the order in which they are asked. Each door asks those
 * that it refuses by (`DECISIONS D123`) and says it in words of its own. What is inside a resource
 * is read by `readShape`, which refuses nothing. A rule gives the path at which it is broken.
 */
const rules = {
  'no-type': ({ resourceType }) =>
    breaks(typeof resourceType !== 'string' || resourceType === '', 'resourceType'),
  'unknown-type': ({ resourceType }) => breaks(!isResourceType(resourceType), 'resourceType'),
  'other-type': ({ resourceType }, expected) => breaks(resourceType !== expected, 'resourceType'),
  'too-deep': (resource) => breaks(isTooDeep(resource)),
  'unusable-id': ({ id }) => breaks(!isFhirId(id), 'id'),
  'two-values': (resource) => twoValuesIn(resource),
  'missing-status': ({ resourceType, status }) =>
    breaks(typesWithStatus.has(resourceType) && typeof status !== 'string', 'status'),
} as const satisfies Record<string, Rule>;

/** `not-an-object` is asked at every door. */
export type StructuralRule = 'not-an-object' | keyof typeof rules;

export type BrokenRule = { rule: StructuralRule; path: string };

/** The first rule that a resource breaks, of those that a door asks. */
export function brokenRule(
  resource: unknown,
  asked: readonly (keyof typeof rules)[],
  expectedType?: string,
): BrokenRule | undefined {
  if (!isObject(resource)) return { rule: 'not-an-object', path: '' };
  for (const rule of asked) {
    const path = rules[rule](resource, expectedType);
    if (path !== undefined) return { rule, path };
  }
  return undefined;
}

/** A walk level by level, for what is too deep would exhaust a stack. */
function isTooDeep(resource: object): boolean {
  let level: object[] = [resource];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepestJson) return true;
    level = level.flatMap(childrenOf);
  }
  return false;
}

const childrenOf = (holder: object): object[] =>
  Object.values(holder).filter((value) => typeof value === 'object' && value !== null);
