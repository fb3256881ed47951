/** The kinds of partners, those about which most care is taken first. */
export const partnerKinds = [
  'violence',
  'crisis-shelter',
  'substance-use',
  'health',
  'legal',
  'food',
  'housing',
  'transport',
  'utilities',
  'money',
  'work',
  'education',
  'company',
  'other',
] as const;

/** What a partner is about, such as food or legal help. */
export type PartnerKind = (typeof partnerKinds)[number];

/** The kind of a service that says none, by the guide's category of its help. */
const kindsByCategory: Readonly<Record<string, PartnerKind>> = {
  'intimate-partner-violence': 'violence',
  'elder-abuse': 'violence',
  'food-insecurity': 'food',
  homelessness: 'housing',
  'housing-instability': 'housing',
  'inadequate-housing': 'housing',
  'transportation-insecurity': 'transport',
  'utility-insecurity': 'utilities',
  'financial-insecurity': 'money',
  'material-hardship': 'money',
  'medical-cost-burden': 'money',
  'employment-status': 'work',
  'educational-attainment': 'education',
  'social-connection': 'company',
};

/** Tells whether a text is a kind of partners. */
export const isPartnerKind = (text: unknown): text is PartnerKind =>
  partnerKinds.some((kind) => kind === text);

/** Gives the kind of which most care is taken. Of none it is `other`. */
export const mostCareful = (kinds: readonly PartnerKind[]): PartnerKind =>
  partnerKinds.find((kind) => kinds.includes(kind)) ?? 'other';

/** Derives the kind of a service from the guide's categories of its help. */
export function kindOfCategories(categories: readonly string[]): PartnerKind {
  const kinds = categories.map((category) =>
    Object.hasOwn(kindsByCategory, category) ? kindsByCategory[category] : undefined,
  );
  return mostCareful(kinds.filter((kind) => kind !== undefined));
}

/** Tells whether partners of a kind are confidential as long as nobody says otherwise. */
export const isConfidentialKind = (kind: PartnerKind): boolean =>
  kind === 'violence' || kind === 'crisis-shelter';

/** Tells whether a service is confidential: it says so, or its kind or one of its categories is. */
export function isConfidentialService(service: {
  categories: readonly string[];
  kind?: PartnerKind;
  isConfidential?: boolean;
}): boolean {
  const { categories, kind, isConfidential } = service;
  const kinds = [kind ?? 'other', kindOfCategories(categories)];
  return isConfidential ?? kinds.some(isConfidentialKind);
}

/**
 * Tells whether the helpers of partners of a kind need a one-time code besides their own. A partner of
 * more than one kind counts as the one of which most care is taken, so those before health do.
 */
export const needsSecondFactor = (kind: PartnerKind): boolean =>
  partnerKinds.indexOf(kind) <= partnerKinds.indexOf('legal');
