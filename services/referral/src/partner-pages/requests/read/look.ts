import type { Request } from '@loopwell/http';
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
  now: Date;
};

/** Finds who looks, and what their partner is about. */
export async function lookOf(
  tx: Tx,
  { partner, helper }: SignedInHelper,
  now: Date,
): Promise<Look> {
  const profiles = await partnerProfiles.loadProfiles(tx);
  const profile = profiles.get(partner)?.profile();
  return {
    partner,
    helper,
    kind: profile?.kind ?? 'other',
    hasTickets: profile?.arrival === 'ticket',
    now,
  };
}

/** Gives the Task in the address of a request. */
export const taskOf = ({ params }: Request): string => String(params.task ?? '');
