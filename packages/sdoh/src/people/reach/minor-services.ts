import type { AgeStanding } from '../patient-standing.ts';

/** What makes a minor able to agree alone, beside the service itself. */
export const minorSituations = ['any', 'lives-apart', 'married-or-parent'] as const;
export type MinorSituation = (typeof minorSituations)[number];

/** Services that the law of a state speaks of. */
export const minorServices = [
  'health',
  'pregnancy',
  'sexual-health',
  'substance-use',
  'emergency',
  'hepatitis-b-vaccine',
] as const;
export type MinorService = (typeof minorServices)[number];

/** A rule by which a minor agrees to services without a parent or guardian. */
export type MinorRule = {
  statute: string;
  situation: MinorSituation;
  services: readonly MinorService[];
};

/**
 * The services to which minors may agree by themselves, by state. A state without a row lets them
 * agree to none here. Minnesota: sections 144.341 to 144.347 of the statutes. `lives-apart`: apart
 * from parents and managing their own money (144.341).
 */
const rulesByState: Readonly<Record<string, readonly MinorRule[]>> = {
  MN: [
    {
      statute: '144.343',
      situation: 'any',
      services: ['pregnancy', 'sexual-health', 'substance-use'],
    },
    { statute: '144.344', situation: 'any', services: ['emergency'] },
    { statute: '144.3441', situation: 'any', services: ['hepatitis-b-vaccine'] },
    { statute: '144.341', situation: 'lives-apart', services: ['health'] },
    { statute: '144.342', situation: 'married-or-parent', services: ['health'] },
  ],
};

/** Lists the rules of a state, such as `MN`. */
export const minorRules = (state: string): readonly MinorRule[] =>
  Object.hasOwn(rulesByState, state) ? (rulesByState[state] ?? []) : [];

/**
 * Tells whether a minor may agree to a service alone. Then nothing of it goes to a parent, a
 * guardian or the portal. A minor who may agree to all health services may agree to each.
 */
export function mayAgreeAlone(
  state: string,
  service: MinorService,
  situation: MinorSituation,
): boolean {
  const fitting = minorRules(state).filter(
    (rule) => rule.situation === 'any' || rule.situation === situation,
  );
  return fitting.some(({ services }) => services.includes(service) || services.includes('health'));
}

/** By which right somebody says yes to help. */
export type AgreementAuthority = 'self' | 'parent' | 'guardian' | 'agent';

/** Who said yes, and by which law a minor did so alone. */
export type AgreementParts = {
  agreedBy?: AgreementAuthority | undefined;
  minorService?: MinorService | undefined;
  minorSituation?: MinorSituation | undefined;
};

/** The rule that an agreement breaks, and the field that breaks it. */
export type AgreementProblem = {
  field: 'agreedBy' | 'minorService';
  rule: 'required' | 'minor-alone' | 'parent-of-adult' | 'age-unknown' | 'adult' | 'self-only';
};

/**
 * Finds the rule that an agreement breaks; undefined where it holds. For a minor a parent, guardian
 * or agent says yes, or the minor alone to a service that the law of the state of the site lets
 * them. DECISIONS D180.
 */
export function findAgreementProblem(
  { agreedBy, minorService, minorSituation = 'any' }: AgreementParts,
  { age, state = '' }: { age: AgeStanding; state?: string | undefined },
): AgreementProblem | undefined {
  if (minorService !== undefined && agreedBy !== 'self')
    return { field: 'minorService', rule: 'self-only' };
  if (age === 'minor') {
    if (agreedBy === undefined) return { field: 'agreedBy', rule: 'required' };
    if (agreedBy !== 'self') return undefined;
    const isLawful = minorService && mayAgreeAlone(state, minorService, minorSituation);
    return isLawful ? undefined : { field: 'agreedBy', rule: 'minor-alone' };
  }
  if (minorService !== undefined) return { field: 'minorService', rule: 'adult' };
  if (agreedBy !== 'parent') return undefined;
  return { field: 'agreedBy', rule: age === 'adult' ? 'parent-of-adult' : 'age-unknown' };
}

/** Tells whether an agreement as it was recorded holds for a person of this age. */
export const doesAgreementHold = (
  authority: AgreementAuthority | null,
  isAlone: boolean,
  age: AgeStanding,
): boolean => age !== 'minor' || (authority !== null && (authority !== 'self' || isAlone));
