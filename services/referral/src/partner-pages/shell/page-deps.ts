import type { Clock } from '@loopwell/kit';
import type { Database, Secrets } from '@loopwell/store';
import type { Clinic } from './door-texts.ts';

/** What the pages of partners need. */
export type PartnerPageDeps = {
  db: Database;
  secrets: Secrets;
  clock: Clock;
  /** The clinic as partners know it. */
  clinic: () => Clinic;
  /** The address at which partners reach us begins with https. */
  isHttps: boolean;
};
