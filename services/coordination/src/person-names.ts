import type { fhir4 } from '@loopwell/fhir';
import { type PersonProfile, personProfile, profileOn } from '@loopwell/sdoh';
import { ehrResources, people, type Tx } from '@loopwell/store';

type PersonName = { name: string; birthDate: string };

/** Names by person, for pages only. Names are sent only to signed-in reviewers. */
export type PersonNames = ReadonlyMap<string, PersonName>;

/**
 * Reads names and birth dates from the profiles of Patients, for a whole list at once.
 *
 * @param today the site's day, YYYY-MM-DD
 */
export async function personNames(
  tx: Tx,
  patients: readonly string[],
  today: string,
): Promise<PersonNames> {
  const ids = [...new Set(patients)];
  const profiles = new Map<string, PersonProfile>();
  for (const [id, body] of await people.profilesOf(tx, ids)) profiles.set(id, JSON.parse(body));
  const others = ids.filter((id) => !profiles.has(id));
  for (const [id, profile] of await unreadProfiles(tx, others)) profiles.set(id, profile);
  return new Map([...profiles].map(([id, profile]) => [id, nameOf(profile, today)]));
}

/** Reads the profiles of Patients that an earlier version stored and intake has not read yet. */
async function unreadProfiles(
  tx: Tx,
  patients: readonly string[],
): Promise<Map<string, PersonProfile>> {
  if (patients.length === 0) return new Map();
  const rows = await ehrResources.ehrResourcesOfPeople(tx, patients, ['Patient']);
  const read = (body: string) => personProfile(JSON.parse(body) as fhir4.Patient);
  return new Map(rows.map(({ person, body }) => [person, read(body)]));
}

/** What stands in place of a name that the chart does not have. */
export const noNameOnFile = 'No name on file';

function nameOf(profile: PersonProfile, today: string): PersonName {
  const { name = noNameOnFile, preferredName, birthDate = '' } = profileOn(profile, today);
  return { name: preferredName ? `${name} (“${preferredName}”)` : name, birthDate };
}
