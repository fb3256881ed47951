/**
 * The kinds of help that are given where the person lives: a ride starts there, a bill is for it,
 * and a repair is made in it. For all others a partner needs no address. DECISIONS D199.
 */
const atHome: readonly string[] = [
  'transportation-insecurity',
  'utility-insecurity',
  'inadequate-housing',
];

/** Tells whether a kind of help, by its category of the guide, needs the person's address. */
export const needsAddress = (category: string): boolean => atHome.includes(category);
