/** The kinds of no that a person can say. DECISIONS D152. */
export const noKinds = ['not-now', 'not-this-help', 'not-this-place', 'dont-ask-again'] as const;
export type NoKind = (typeof noKinds)[number];

/** Who can say a no for the person. A no that anybody else passes on is not the person's. */
export const noSayers = ['person', 'guardian', 'agent'] as const;
export type NoSayer = (typeof noSayers)[number];

/** A no as it was recorded. It belongs to a human, whichever of their records it stands in. */
export type PersonNo = {
  id: string;
  kind: NoKind;
  /** The category of help that it is about; null for every help. */
  category: string | null;
  /** The Organization that the person does not want; `not-this-place` only. */
  partner: string | null;
  /** The first day (YYYY-MM-DD) on which they may be asked again; `not-now` only. */
  until: string | null;
  /** The site's day (YYYY-MM-DD) on which it was said. */
  saidOn: string;
  saidBy: NoSayer;
  /** The one that it was said to: a person here by name, or `partner:<id>`. */
  saidTo: string;
  /** The day on which the person brought it up again; null while it stands. */
  broughtUpOn: string | null;
  /** Helps that the person brought up since, where the no was about every help. */
  except?: readonly string[] | undefined;
};

/** What somebody wants to do: the help that it is about, the place, and the day at the site. */
export type NoQuestion = {
  /** The category of help; null for a contact that is about no help in particular. */
  category: string | null;
  /** The Organization that is to help, where there is one. */
  partner?: string | undefined;
  /** The site's day, YYYY-MM-DD. */
  today: string;
};

/** Tells whether a no still counts on a day, whatever it is about. */
export const doesNoStand = (no: PersonNo, today: string): boolean =>
  no.broughtUpOn === null && !(no.kind === 'not-now' && no.until !== null && no.until <= today);

/** Tells whether a no is about this category of help. */
export const isNoAbout = (
  no: Pick<PersonNo, 'category' | 'except'>,
  category: string | null,
): boolean =>
  no.category === null
    ? category === null || !(no.except ?? []).includes(category)
    : no.category === category;

/** The order in which kinds are named: the one that lasts longest first. */
const strength: readonly NoKind[] = [
  'dont-ask-again',
  'not-this-help',
  'not-now',
  'not-this-place',
];

/**
 * Finds the no that a contact or a referral would go against; undefined where none does. A new
 * answer, a visit, another EHR or another partner changes nothing about it: only the day of a
 * *not now*, and the person who brings it up, end a no.
 */
export function findNo(nos: readonly PersonNo[], question: NoQuestion): PersonNo | undefined {
  const standing = nos.filter((no) => doesNoStand(no, question.today) && isHit(no, question));
  const later = (a: PersonNo, b: PersonNo) => (a.saidOn < b.saidOn ? 1 : -1);
  const byStrength = (a: PersonNo, b: PersonNo) =>
    strength.indexOf(a.kind) - strength.indexOf(b.kind);
  return standing.toSorted((a, b) => byStrength(a, b) || later(a, b))[0];
}

/** Tells whether a no that stands is against what is asked. */
function isHit(no: PersonNo, { category, partner }: NoQuestion): boolean {
  if (no.kind === 'not-this-place')
    return partner !== undefined && no.partner === partner && isNoAbout(no, category);
  return isNoAbout(no, category);
}

/** Finds the no to a help itself, whoever would give it; undefined where there is none. */
export const findNoToHelp = (
  nos: readonly PersonNo[],
  category: string,
  today: string,
): PersonNo | undefined => findNo(nos, { category, today });

/** Tells whether the person said that they do not want this Organization for this help. */
export const isPlaceRefused = (
  nos: readonly PersonNo[],
  { category, partner, today }: { category: string; partner: string; today: string },
): boolean =>
  nos.some(
    (no) =>
      no.kind === 'not-this-place' &&
      doesNoStand(no, today) &&
      isHit(no, { category, partner, today }),
  );

/** The next day on which one of these nos ends by itself; undefined where none does. */
export function nextNoEnd(nos: readonly PersonNo[], today: string): string | undefined {
  const ends = nos.filter((no) => doesNoStand(no, today)).map(({ until }) => until);
  const days = ends.filter((day) => day !== null);
  return days.toSorted()[0];
}

/** A no as somebody records it. */
export type NewNo = {
  kind: string;
  category?: string | undefined;
  partner?: string | undefined;
  until?: string | undefined;
  saidOn: string;
};

/** The rule that a no breaks, and the field that breaks it. */
export type NoProblem = {
  field: 'kind' | 'category' | 'partner' | 'until' | 'saidOn';
  rule: 'unknown' | 'required' | 'not-with-this-kind' | 'past' | 'future' | 'too-far';
};

/** The last day to which a *not now* may reach, in days from today. */
const farthestDays = 366;
const dayMs = 86_400_000;

/** Finds the rule that a no breaks; undefined if it breaks none. Days are real days already. */
export function brokenNoRule(no: NewNo, today: string): NoProblem | undefined {
  if (!isNoKind(no.kind)) return { field: 'kind', rule: 'unknown' };
  if (no.saidOn > today) return { field: 'saidOn', rule: 'future' };
  if (no.kind === 'not-this-help' && no.category === undefined)
    return { field: 'category', rule: 'required' };
  return brokenPlaceRule(no) ?? brokenUntilRule(no, today);
}

/** Tells whether a text is a kind of no. */
export const isNoKind = (text: string): text is NoKind => noKinds.some((kind) => kind === text);

function brokenPlaceRule({ kind, partner }: NewNo): NoProblem | undefined {
  const isPlace = kind === 'not-this-place';
  if (isPlace && partner === undefined) return { field: 'partner', rule: 'required' };
  if (!isPlace && partner !== undefined) return { field: 'partner', rule: 'not-with-this-kind' };
  return undefined;
}

function brokenUntilRule({ kind, until }: NewNo, today: string): NoProblem | undefined {
  if (kind !== 'not-now')
    return until === undefined ? undefined : { field: 'until', rule: 'not-with-this-kind' };
  if (until === undefined) return { field: 'until', rule: 'required' };
  if (until <= today) return { field: 'until', rule: 'past' };
  const days = (Date.parse(until) - Date.parse(today)) / dayMs;
  return days > farthestDays ? { field: 'until', rule: 'too-far' } : undefined;
}
