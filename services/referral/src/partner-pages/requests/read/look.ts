import type { Request } from '@loopwell/http';
import type { OpenHours } from '@loopwell/sdoh';
import { partnerProfiles, type Tx } from '@loopwell/store';
import type { SignedInHelper } from '../../shell/helper-door.ts';

/**
 * Whoever looks: a helper of one partner, what the partner is about, and when. `hasTickets`: people
 * come with a short code.
 */
export type Look = {
  partner: string;
  helper: string;
  kind: string;
  hasTickets: boolean;
  /** Gives the open hours for a kind of help, where they are known. */
  hoursFor: (category: string) => OpenHours | undefined;
  now: Date;
};

/** Finds who looks, and what their partner is about. */
export async function lookOf(
  tx: Tx,
  { partner, helper }: SignedInHelper,
  now: Date,
): Promise<Look> {
  const profiles = await partnerProfiles.loadProfiles(tx);
  const edited = profiles.get(partner);
  const profile = edited?.profile();
  return {
    partner,
    helper,
    kind: profile?.kind ?? 'other',
    hasTickets: profile?.arrival === 'ticket',
    hoursFor: (category) => edited?.profile(category).hours,
    now,
  };
}

/** Gives the Task in the address of a request. */
export const taskOf = ({ params }: Request): string => String(params.task ?? '');
