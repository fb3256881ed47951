import type { fhir4 } from '@loopwell/fhir';
import {
  insuranceAnswer,
  isSafetyCategory,
  type PersonProfile,
  type ProfileOnDay,
  profileOn,
  recordNumbers,
  type Screener,
  screenerOf,
  shownAddresses,
} from '@loopwell/sdoh';
import {
  ehrResources,
  people,
  type ReferralRow,
  referrals,
  type TaskRow,
  type Tx,
  tasks,
} from '@loopwell/store';
import type { PersonSubject } from '../find-subject.ts';
import { patientOf } from '../reach/reach-view.ts';
import { partnerNames } from '../read/lists.ts';
import { ownPlaceCheck } from '../safety/own-place.ts';

/** What the header of a person's page says. */
export type PersonHeader = {
  profile: ProfileOnDay | undefined;
  /** Where the person lives; the protected address alone where there is one. */
  addresses: ProfileOnDay['addresses'];
  recordNumbers: readonly string[];
  insurance: string | undefined;
  screener: Screener | undefined;
  /** Earlier needs that have ended, with or without help, the latest first. */
  helped: readonly EarlierHelp[];
  /** Names of partners by Organization id. */
  partners: ReadonlyMap<string, string>;
};

/** A need that has ended, with what was tried. */
export type EarlierHelp = { referral: ReferralRow; tasks: readonly TaskRow[] };

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
    screener: await screenerIn(tx, responses, parsed<fhir4.Encounter>('Encounter')),
    helped: await earlierHelp(tx, referralRows),
    partners: await partnerNames(tx, tx.tenant),
  };
}

/** A need whose name tells a safety answer is left out, since its outcome would name the place. */
async function earlierHelp(tx: Tx, rows: readonly ReferralRow[]): Promise<EarlierHelp[]> {
  const ended = rows.filter(
    ({ state, category }) =>
      (state === 'closed' || state === 'failed') && !isSafetyCategory(category),
  );
  const attempts = await tasks.tasksOfReferrals(
    tx,
    ended.map(({ id }) => id),
  );
  const latest = ended.toSorted((a, b) => b.since.localeCompare(a.since));
  return latest.map((referral) => ({ referral, tasks: attempts.get(referral.id) ?? [] }));
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

/** Tells who screened the person last. Of the place only the site's own name is given. */
async function screenerIn(
  tx: Tx,
  [latest]: readonly fhir4.QuestionnaireResponse[],
  encounters: readonly fhir4.Encounter[],
): Promise<Screener | undefined> {
  if (latest === undefined) return undefined;
  const visit = encounters.find(({ id }) => latest.encounter?.reference?.endsWith(`/${id}`));
  const screener = screenerOf(latest, visit);
  const isOwn = await ownPlaceCheck(tx);
  return { ...screener, at: isOwn(screener.at) ? screener.at : undefined };
}
