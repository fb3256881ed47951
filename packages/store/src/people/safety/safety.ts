/** The statements about the safety of people, as one group. */
export * from './appointments.ts';
export * from './danger-lists.ts';
export * from './late-help.ts';
export * from './safety-facts.ts';
export * from './safety-records.ts';
export * from './unsafe-to-ask.ts';
