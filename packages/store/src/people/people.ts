/** The statements about people, as one group. */
export * from './patient-links.ts';
export * from './person-profiles.ts';
