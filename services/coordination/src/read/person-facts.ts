import { type PersonProfile, profileOn } from '@loopwell/sdoh';
import { people, peopleLists, type Tx } from '@loopwell/store';

/** Who somebody is, as a row of a list says it. Text of the chart, for signed-in people only. */
export type PersonFacts = {
  human: string;
  /** The derived ids of all Patients of the person. */
  patients: readonly string[];
  name?: string | undefined;
  birthDate?: string | undefined;
  age?: number | undefined;
  /** The preferred language: its code, and its name as the chart writes it. */
  language?: { code?: string | undefined; text?: string | undefined } | undefined;
  needsInterpreter: boolean;
};

/**
 * Reads who some people are, with two queries, however many they are. Where a person has several
 * Patients, the one that is the person's own counts first.
 */
export async function readPersonFacts(
  tx: Tx,
  humans: readonly string[],
  today: string,
): Promise<ReadonlyMap<string, PersonFacts>> {
  const links = Map.groupBy(await peopleLists.patientsOf(tx, humans), ({ human }) => human);
  const patientsOf = (human: string) => links.get(human)?.map(({ patient }) => patient) ?? [human];
  const profiles = await people.profilesOf(tx, humans.flatMap(patientsOf));
  return new Map(
    humans.map((human) => {
      const patients = patientsOf(human);
      const body = patients.map((patient) => profiles.get(patient)).find((text) => text);
      const profile = body === undefined ? undefined : (JSON.parse(body) as PersonProfile);
      return [human, { human, patients, ...factsIn(profile, today) }];
    }),
  );
}

function factsIn(profile: PersonProfile | undefined, today: string) {
  if (!profile) return { needsInterpreter: false };
  const { name, preferredName, birthDate, age, languages, interpreter } = profileOn(profile, today);
  const [language] = languages;
  const shown = preferredName && name ? `${name} (“${preferredName}”)` : name;
  return { name: shown, birthDate, age, language, needsInterpreter: interpreter === 'needed' };
}
