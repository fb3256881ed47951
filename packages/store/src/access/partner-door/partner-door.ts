/** The statements about the door of partners, as one group. DECISIONS D195. */
export * from './codes.ts';
export * from './door-events.ts';
export * from './helpers.ts';
export * from './links.ts';
export * from './opened-requests.ts';
export * from './people-changes.ts';
export * from './second-codes.ts';
export * from './sessions.ts';
export * from './wrong-codes.ts';
