/** The statements about people, as one group. */
export * from './follow-links.ts';
export * from './move-patients.ts';
export * from './patient-links.ts';
export * from './patient-statements.ts';
export * from './person-profiles.ts';
