/** The statements about a person's no and the tries to reach them, as one group. */
export * from './contact-facts.ts';
export * from './help-answers.ts';
export * from './lock-human.ts';
export * from './nos.ts';
export * from './partner-moves.ts';
export * from './reserve-try.ts';
export * from './tries.ts';
