import { type Flaw, readShape } from '@loopwell/fhir';

/**
 * Key of a resource's flaws (deviations from FHIR). JSON leaves it out, and spread copies of the
 * resource keep it.
 */
const flawsKey = Symbol('flaws');

type Flawed = { [flawsKey]?: readonly Flaw[] };

const none: readonly Flaw[] = [];

/** Returns the flaws that a resource carries. */
export const flawsOf = (resource: object): readonly Flaw[] =>
  (resource as Flawed)[flawsKey] ?? none;

/** Returns a copy of a resource with more flaws; the resource itself where there are none. */
export const withFlaws = <R extends object>(resource: R, flaws: readonly Flaw[]): R =>
  flaws.length === 0 ? resource : { ...resource, [flawsKey]: [...flawsOf(resource), ...flaws] };

/**
 * Returns a resource ready to be read: mended where that is certain, and with its flaws.
 *
 * @param timeZone the site's, where it is set
 */
export function readable<R extends object>(received: R, timeZone?: string): R {
  const { resource, flaws } = readShape(received, timeZone);
  return withFlaws(resource, flaws);
}

/** Tells whether a flaw voids a whole resource: nothing may follow from it. */
export const isUnclear = (resource: object): boolean =>
  flawsOf(resource).some((one) => one.voids?.unit === '');

/** Tells whether an unknown modifier voids a whole resource. */
export const isNotUnderstood = (resource: object): boolean =>
  flawsOf(resource).some((one) => one.kind === 'not-understood' && one.voids?.unit === '');

const severities = {
  mended: 'information',
  unreadable: 'error',
  'not-understood': 'warning',
  invalid: 'warning',
} as const;

/** Returns the issue code of a kind of flaw. */
export const codeOf = (kind: Flaw['kind']): string => (kind === 'invalid' ? 'invalid-value' : kind);
/** Returns the issue severity of a kind of flaw. */
export const severityOf = (kind: Flaw['kind']): 'information' | 'error' | 'warning' =>
  severities[kind];
