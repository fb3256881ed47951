import type { Request } from '@loopwell/http';
import { partnerProfiles, type Tx } from '@loopwell/store';
import type { SignedInHelper } from '../../shell/helper-door.ts';

/** Whoever looks: a helper of one partner, what the partner is about, and when. */
export type Look = {
  partner: string;
  helper: string;
  kind: string;
  now: Date;
};

/** Finds who looks, and what their partner is about. */
export async function lookOf(
  tx: Tx,
  { partner, helper }: SignedInHelper,
  now: Date,
): Promise<Look> {
  const profiles = await partnerProfiles.loadProfiles(tx);
  const kind = profiles.get(partner)?.profile().kind ?? 'other';
  return {
    partner,
    helper,
    kind,
    now,
  };
}

/** Gives the Task in the address of a request. */
export const taskOf = ({ params }: Request): string => String(params.task ?? '');
