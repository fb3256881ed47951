import type { ConsentAuthority, ConsentElement, ConsentMethod } from './consent-scope.ts';

/** The parts of a consent beside its words, as somebody wants to record them. */
export type ConsentParts = {
  signer?: string | undefined;
  authority?: ConsentAuthority | undefined;
  method?: ConsentMethod | undefined;
  document?: string | undefined;
  places?: readonly string[] | undefined;
  kind?: string | undefined;
  except?: readonly string[] | undefined;
  elements?: readonly ConsentElement[] | undefined;
  householdSize?: number | undefined;
  partTwo?: boolean | undefined;
};

/** Means, as a kind of place, the category of each referral that the consent is recorded for. */
export const eachNeed = 'each-need';

/** What the parts of a consent are checked by. */
export type ConsentCheck = {
  partners: readonly { id: string; categories: readonly string[] }[];
  /**
   * The need of each referral that the consent is recorded for, and the age of its person.
   * `agreedAlone`: a minor who agreed alone as the law lets them, and so signs alone.
   */
  subjects: readonly {
    category: string;
    age: 'adult' | 'minor' | 'unknown';
    agreedAlone?: boolean;
  }[];
  /** The site's written policy lets a spoken yes count as a consent. */
  isSpokenEnough: boolean;
};

/** A field of a consent that breaks a rule. It never holds what was typed. */
export type ConsentProblem = { field: keyof ConsentParts; rule: string };

const partNames = [
  'signer',
  'authority',
  'method',
  'document',
  'places',
  'kind',
  'except',
  'elements',
  'householdSize',
  'partTwo',
] as const satisfies readonly (keyof ConsentParts)[];

/** Tells whether a consent has more than words, so that it has to be whole. */
export const isStructured = (parts: ConsentParts): boolean =>
  partNames.some((name) => parts[name] !== undefined);

/**
 * Lists what is wrong with the parts of a consent. A consent in words alone has no parts, and
 * nothing is wrong with it.
 */
export function consentProblems(parts: ConsentParts, check: ConsentCheck): ConsentProblem[] {
  if (!isStructured(parts)) return [];
  return [
    ...missingParts(parts),
    ...authorityProblems(parts, check),
    ...methodProblems(parts, check),
    ...placeProblems(parts, check),
    ...elementProblems(parts),
  ];
}

const required = 'required';

function missingParts(parts: ConsentParts): ConsentProblem[] {
  const always = ['signer', 'authority', 'method', 'elements'] as const;
  const missing: (keyof ConsentParts)[] = always.filter((name) => parts[name] === undefined);
  if (parts.document === undefined && parts.method !== 'spoken') missing.push('document');
  if (parts.places === undefined && parts.kind === undefined) missing.push('places');
  return missing.map((field) => ({ field, rule: required }));
}

/**
 * A parent signs for a minor only, and nobody is a minor whose birth date is not known. A minor
 * signs alone for what they agreed to alone.
 */
function authorityProblems(
  { authority }: ConsentParts,
  { subjects }: ConsentCheck,
): ConsentProblem[] {
  if (authority === 'self') {
    const isBarred = subjects.some((one) => one.age === 'minor' && one.agreedAlone !== true);
    return isBarred ? [{ field: 'authority', rule: 'minor-alone' }] : [];
  }
  if (authority !== 'parent') return [];
  const ages = subjects.map(({ age }) => age);
  if (ages.includes('adult')) return [{ field: 'authority', rule: 'parent-of-adult' }];
  return ages.includes('unknown') ? [{ field: 'authority', rule: 'age-unknown' }] : [];
}

function methodProblems(
  { method, partTwo }: ConsentParts,
  { isSpokenEnough }: ConsentCheck,
): ConsentProblem[] {
  if (method !== 'spoken') return [];
  if (partTwo) return [{ field: 'method', rule: 'part-2-in-writing' }];
  return isSpokenEnough ? [] : [{ field: 'method', rule: 'no-policy' }];
}

function placeProblems(parts: ConsentParts, check: ConsentCheck): ConsentProblem[] {
  const { places, kind, except = [], partTwo } = parts;
  const problems: ConsentProblem[] = [];
  const isUnknown = (id: string) => check.partners.every((partner) => partner.id !== id);
  if (places?.some(isUnknown)) problems.push({ field: 'places', rule: 'unknown-place' });
  else if (places && !doesHelp(places, check))
    problems.push({ field: 'places', rule: 'other-need' });
  if (except.some(isUnknown)) problems.push({ field: 'except', rule: 'unknown-place' });
  if (places !== undefined && kind !== undefined)
    problems.push({ field: 'kind', rule: 'places-or-kind' });
  if (kind !== undefined) problems.push(...kindProblems(kind, check));
  if (partTwo && places === undefined)
    problems.push({ field: 'places', rule: 'part-2-names-partner' });
  if (places?.every((id) => except.includes(id)))
    problems.push({ field: 'except', rule: 'nobody-left' });
  return problems;
}

/** Tells whether each place helps with one of the needs, and each need has a place. */
function doesHelp(places: readonly string[], { partners, subjects }: ConsentCheck): boolean {
  const needs = subjects.map(({ category }) => category);
  const helpsWith = (place: string, need: string) =>
    partners.some(({ id, categories }) => id === place && categories.includes(need));
  return (
    places.every((place) => needs.some((need) => helpsWith(place, need))) &&
    needs.every((need) => places.some((place) => helpsWith(place, need)))
  );
}

function kindProblems(kind: string, { partners, subjects }: ConsentCheck): ConsentProblem[] {
  const kinds = kind === eachNeed ? subjects.map(({ category }) => category) : [kind];
  const isGiven = (one: string) => partners.some(({ categories }) => categories.includes(one));
  if (!kinds.every(isGiven)) return [{ field: 'kind', rule: 'no-such-place' }];
  if (kind === eachNeed) return [];
  const isForAll = subjects.every(({ category }) => category === kind);
  return isForAll ? [] : [{ field: 'kind', rule: 'other-need' }];
}

function elementProblems({ elements, householdSize }: ConsentParts): ConsentProblem[] {
  if (elements === undefined) return [];
  // A partner cannot help somebody without a name.
  if (!elements.includes('name')) return [{ field: 'elements', rule: 'name' }];
  return householdSize !== undefined && !elements.includes('household')
    ? [{ field: 'householdSize', rule: 'not-shared' }]
    : [];
}
