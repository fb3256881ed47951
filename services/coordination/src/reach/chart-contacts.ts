import { type PersonProfile, profileOn } from '@loopwell/sdoh';
import { people, type Tx } from '@loopwell/store';

/**
 * Lists phone numbers and e-mail addresses of the chart that are current, as they are written with
 * every word beside them. They are a proposal: nothing is sent to them.
 *
 * @param today the site's day, YYYY-MM-DD
 */
export async function chartContacts(
  tx: Tx,
  patients: readonly string[],
  today: string,
): Promise<string[]> {
  const profiles = [...(await people.profilesOf(tx, patients)).values()];
  const contacts = profiles.flatMap((body) => {
    const profile = JSON.parse(body) as PersonProfile;
    return profileOn(profile, today).contacts.filter(({ isOld }) => !isOld);
  });
  return [...new Set(contacts.map(({ address }) => address))];
}
