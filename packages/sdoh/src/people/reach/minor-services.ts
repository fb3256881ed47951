/** What makes a minor able to agree alone, beside the service itself. */
export type MinorSituation = 'any' | 'lives-apart' | 'married-or-parent';

/** Services that the law of a state speaks of. */
export type MinorService =
  | 'health'
  | 'pregnancy'
  | 'sexual-health'
  | 'substance-use'
  | 'emergency'
  | 'hepatitis-b-vaccine';

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
