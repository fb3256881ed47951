import { type Flaw, readShape } from '@loopwell/fhir';

/**
 * What is not as FHIR says travels with the resource; no JSON shows it, and copies of the resource
 * keep it.
 */
const flawsKey = Symbol('flaws');

type Flawed = { [flawsKey]?: readonly Flaw[] };

const none: readonly Flaw[] = [];

export const flawsOf = (resource: object): readonly Flaw[] =>
  (resource as Flawed)[flawsKey] ?? none;

export const withFlaws = <R extends object>(resource: R, flaws: readonly Flaw[]): R =>
  flaws.length === 0 ? resource : { ...resource, [flawsKey]: [...flawsOf(resource), ...flaws] };

/**
 * A resource as it is read everywhere: mended where that is certain, with all that is not as FHIR
 * says.
 *
 * @param timeZone the site's, where somebody has set it
 */
export function readable<R extends object>(received: R, timeZone?: string): R {
  const { resource, flaws } = readShape(received, timeZone);
  return withFlaws(resource, flaws);
}

/** Nothing follows from it: it is not understood, or what it says cannot be told. */
export const isUnclear = (resource: object): boolean =>
  flawsOf(resource).some((one) => one.voids?.unit === '');

/** A modifier that is not known, on the resource itself or on what it takes to read it. */
export const isNotUnderstood = (resource: object): boolean =>
  flawsOf(resource).some((one) => one.kind === 'not-understood' && one.voids?.unit === '');

const severities = {
  mended: 'information',
  unreadable: 'error',
  'not-understood': 'warning',
  invalid: 'warning',
} as const;

export const codeOf = (kind: Flaw['kind']): string => (kind === 'invalid' ? 'invalid-value' : kind);
export const severityOf = (kind: Flaw['kind']): 'information' | 'error' | 'warning' =>
  severities[kind];
