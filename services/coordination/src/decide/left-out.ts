import { referrals, type Tx, type Viewer } from '@loopwell/store';
import { personNames } from '../person-names.ts';
import { showPeople } from '../shown-people.ts';
import type { Decided } from './review.ts';

/** A referral that a decision about several left out, because its person is to be seen first. */
export type LeftOut = { id: string; category: string; name: string | undefined };

/** Loads the referrals that a decision left out, with names for the page. */
export async function leftOutOf(
  tx: Tx,
  principal: Viewer,
  { skipped }: Decided,
  today: string,
): Promise<LeftOut[]> {
  const ids = skipped.map(({ referral }) => referral);
  const rows = [...(await referrals.loadReferrals(tx, ids)).values()];
  const people = rows.map(({ person }) => person);
  await showPeople(tx, { principal, page: '/review/decisions' }, people);
  const names = await personNames(tx, people, today);
  return rows.map(({ id, category, person }) => ({
    id,
    category,
    name: names.get(person)?.name,
  }));
}
