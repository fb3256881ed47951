/** The statements about the care team's work for people, as one group. DECISIONS D171. */
export * from './added-needs.ts';
export * from './care-notes.ts';
export * from './covers.ts';
export * from './deaths.ts';
export * from './given-lists.ts';
export * from './households.ts';
export * from './needs-under-way.ts';
export * from './next-steps.ts';
export * from './owners.ts';
