import { type OpenHours, usualHours } from '@loopwell/sdoh';
import { partnerProfiles, type Tx } from '@loopwell/store';

/** Gives the open hours of a partner for a kind of help; the usual ones until its own are known. */
export type HoursOf = (partner: string, category?: string) => OpenHours;

/** Reads the open hours of all partners, as the directory's file and people say them. */
export async function loadHours(tx: Tx): Promise<HoursOf> {
  const profiles = await partnerProfiles.loadProfiles(tx);
  return (partner, category) => profiles.get(partner)?.profile(category).hours ?? usualHours;
}
