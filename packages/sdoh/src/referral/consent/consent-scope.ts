/**
 * What a consent lets partners read of a person, beside the need itself. `contact` is the way to be
 * reached that the person chose; `language` has the need for an interpreter.
 */
export const consentElements = [
  'name',
  'contact',
  'language',
  'household',
  'address',
  'birth-date',
] as const;
export type ConsentElement = (typeof consentElements)[number];

/** By which right the signer signed: for themselves, or for the person. */
export const consentAuthorities = ['self', 'parent', 'guardian', 'agent'] as const;
export type ConsentAuthority = (typeof consentAuthorities)[number];

/** How a consent was given. `spoken` counts only under a written policy of the site. */
export const consentMethods = ['paper', 'e-signature', 'in-chart', 'spoken'] as const;
export type ConsentMethod = (typeof consentMethods)[number];

/**
 * What a recorded consent permits, as a machine reads it: to whom, and what. Either `places` or
 * `kind` is there. DECISIONS D154.
 */
export type ConsentScope = {
  /** Organization ids of the partners that the form names. */
  places?: readonly string[];
  /** A category of help: every partner of the directory that gives it. */
  kind?: string;
  /** Organization ids of the partners that the person excluded. */
  except: readonly string[];
  elements: readonly ConsentElement[];
  /** The form names substance use treatment records (42 CFR Part 2). */
  partTwo?: boolean;
};

/** Tells whether a scope excludes a partner by name. */
const isExcepted = (scope: ConsentScope | undefined, partner: string): boolean =>
  scope?.except.includes(partner) ?? false;

/**
 * Tells whether a scope lets Part 2 data go to a partner: the form is about such data, and it names
 * the partner. A kind of place names nobody (42 CFR 2.31).
 */
export const namesForPartTwo = (scope: ConsentScope | undefined, partner: string): boolean =>
  scope?.partTwo === true && (scope.places ?? []).includes(partner) && !isExcepted(scope, partner);

/** What a consent lets out that says nothing of single elements. DECISIONS D55. */
const fixedElements = ['name', 'age', 'place', 'language'] as const;

/** The parts of a Patient in the order in which grants list them. */
const patientParts = [...fixedElements, 'contact', 'household', 'address', 'birth-date'] as const;

/**
 * Lists the parts of a Patient that a partner may read: those of the scope, or those that were
 * fixed before there were scopes.
 *
 * @param scope undefined for a consent in words alone, or one of an EHR
 * @param mayShowContact nothing speaks against the person's contact
 */
export function patientElements(
  scope: ConsentScope | undefined,
  mayShowContact: boolean,
): string[] {
  const permitted: readonly string[] = scope?.elements ?? [...fixedElements, 'contact'];
  return patientParts.filter(
    (part) => permitted.includes(part) && (part !== 'contact' || mayShowContact),
  );
}
