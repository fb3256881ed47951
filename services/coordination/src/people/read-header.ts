import type { fhir4 } from '@loopwell/fhir';
import {
  insuranceAnswer,
  type PersonProfile,
  type ProfileOnDay,
  profileOn,
  recordNumbers,
  type Screener,
  screenerOf,
  shownAddresses,
} from '@loopwell/sdoh';
import { ehrResources, people, referrals, type Tx } from '@loopwell/store';
import type { PersonSubject } from '../find-subject.ts';
import { patientOf } from '../reach/reach-view.ts';

/** What the header of a person's page says. */
export type PersonHeader = {
  profile: ProfileOnDay | undefined;
  /** Where the person lives; the protected address alone where there is one. */
  addresses: ProfileOnDay['addresses'];
  recordNumbers: readonly string[];
  insurance: string | undefined;
  screener: Screener | undefined;
  /** Needs with which a partner has helped. */
  helped: readonly { category: string }[];
};

type Context = { today: string; protectedAddress: string };

/** Reads the header of a person from the records of all their Patients. */
export async function readHeader(
  tx: Tx,
  subject: PersonSubject,
  { today, protectedAddress }: Context,
): Promise<PersonHeader> {
  const types = ['Patient', 'QuestionnaireResponse', 'Observation', 'Encounter'] as const;
  const rows = await ehrResources.ehrResourcesOfPeople(tx, subject.patients, types);
  const parsed = <T>(type: string): T[] =>
    rows.filter((row) => row.type === type).map((row) => JSON.parse(row.body) as T);
  const responses = parsed<fhir4.QuestionnaireResponse>('QuestionnaireResponse').toSorted(byLatest);
  const referralRows = await referrals.referralsOfPeople(tx, subject.patients);
  const profiles = await people.profilesOf(tx, subject.patients);
  const body = profiles.get(patientOf(subject));
  const profile =
    body === undefined ? undefined : profileOn(JSON.parse(body) as PersonProfile, today);
  return {
    profile,
    addresses: currentAddresses(profiles, { today, protectedAddress }),
    recordNumbers: parsed<fhir4.Patient>('Patient').flatMap(recordNumbers),
    insurance: insuranceAnswer(responses, parsed<fhir4.Observation>('Observation')),
    screener: screenerIn(responses, parsed<fhir4.Encounter>('Encounter')),
    helped: referralRows.filter(({ state }) => state === 'closed'),
  };
}

const byLatest = (a: fhir4.QuestionnaireResponse, b: fhir4.QuestionnaireResponse): number =>
  String(b.authored ?? '').localeCompare(String(a.authored ?? ''));

/** Lists the current addresses of all Patients of a person. A protected one hides all others. */
function currentAddresses(
  profiles: ReadonlyMap<string, string>,
  { today, protectedAddress }: Context,
): ProfileOnDay['addresses'] {
  const addresses = [...profiles.values()].flatMap(
    (body) => profileOn(JSON.parse(body) as PersonProfile, today).addresses,
  );
  return shownAddresses(addresses, protectedAddress).filter(({ isOld }) => !isOld);
}

function screenerIn(
  [latest]: readonly fhir4.QuestionnaireResponse[],
  encounters: readonly fhir4.Encounter[],
): Screener | undefined {
  if (latest === undefined) return undefined;
  const visit = encounters.find(({ id }) => latest.encounter?.reference?.endsWith(`/${id}`));
  return screenerOf(latest, visit);
}
