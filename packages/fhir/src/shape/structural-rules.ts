import { isResourceType } from './resource-types.ts';
import { isObject, type Loose } from './silent.ts';
import { twoValuesIn } from './two-values.ts';

/** Tells whether a value is an id as FHIR writes it (R4, `id`). */
export const isFhirId = (id: unknown): id is string =>
  typeof id === 'string' && /^[A-Za-z0-9\-.]{1,64}$/.test(id);

/** Types that need a status to tell whether they count. R4 demands it of them. */
const typesWithStatus: ReadonlySet<unknown> = new Set([
  'Encounter',
  'QuestionnaireResponse',
  'Observation',
  'ServiceRequest',
  'Procedure',
]);

/**
 * The deepest JSON that is accepted. Forms are a handful of levels deep, and each level takes four
 * of JSON.
 */
const deepestJson = 250;

type Rule = (resource: Loose, expectedType: string | undefined) => string | undefined;

const breaks = (isBroken: boolean, path = ''): string | undefined => (isBroken ? path : undefined);

/**
 * The structural rules of a resource, in the order in which they are checked. Each entry point
 * checks the rules that it refuses by (`DECISIONS D123`) and has words of its own for them.
 * `readShape` reads the inside of a resource and refuses nothing. A rule gives the path at which it
 * is broken.
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

/** The name of a structural rule. Every entry point checks `not-an-object`. */
export type StructuralRule = 'not-an-object' | keyof typeof rules;

export type BrokenRule = { rule: StructuralRule; path: string };

/** Finds the first of the given rules that a resource breaks. */
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

/**
 * Tells whether JSON is nested too deeply. It goes level by level, because recursion would exhaust
 * the stack.
 */
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
