/** The statements about people, as one group. */
export * from './consent-withdrawals.ts';
export * from './find-people.ts';
export * from './follow-links.ts';
export * from './keep-outs.ts';
export * from './move-patients.ts';
export * from './patient-links.ts';
export * from './patient-statements.ts';
export * from './person-profiles.ts';
export * from './person-terms.ts';
export * from './reach-choices.ts';
export { lockHuman, samePeople } from './same-human.ts';
