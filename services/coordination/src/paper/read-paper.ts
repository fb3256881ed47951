import { isSafetyCategory, type PersonProfile, type ProfileOnDay, profileOn } from '@loopwell/sdoh';
import {
  type HouseholdRow,
  type ListedRow,
  listedReferrals,
  people,
  type TaskRow,
  type Tx,
  tasks,
  work,
} from '@loopwell/store';
import type { PersonSubject } from '../find-subject.ts';
import { partnerNames } from '../read/lists.ts';

/** What may stand on paper and in a copy for the chart. */
export type Paper = {
  person: string;
  profile: ProfileOnDay | undefined;
  needs: readonly ListedRow[];
  attempts: ReadonlyMap<string, readonly TaskRow[]>;
  partners: ReadonlyMap<string, string>;
  household: HouseholdRow | undefined;
};

/** The most needs of a page. */
const mostNeeds = 20;

/**
 * Reads what may stand on paper: needs and where they stand. Nothing about safety is read, and no
 * mark, no note of the team and no word of a partner.
 */
export async function readPaper(
  tx: Tx,
  { person, patients }: PersonSubject,
  { tenant, today }: { tenant: string; today: string },
): Promise<Paper> {
  const ask = { state: 'all', limit: mostNeeds, person } as const;
  const rows = await listedReferrals.listReferrals(tx, tenant, ask);
  const needs = rows.filter(({ category }) => !isSafetyCategory(category));
  const ids = needs.map(({ id }) => id);
  const profiles = [...(await people.profilesOf(tx, patients)).values()];
  const [body] = profiles;
  return {
    person,
    profile: body === undefined ? undefined : profileOn(JSON.parse(body) as PersonProfile, today),
    needs,
    attempts: await tasks.tasksOfReferrals(tx, ids),
    partners: await partnerNames(tx, tenant),
    household: await work.householdOf(tx, patients),
  };
}
