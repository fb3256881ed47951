import type { AppError } from '@loopwell/kit';
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
  { skipped }: { skipped: readonly Pick<Decided['skipped'][number], 'referral'>[] },
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

/**
 * Finds the referral that stands against a request about several, so that the page can name it. The
 * reviewer has to look at it before choosing it again. Undefined for any other problem.
 */
export async function culpritOf(
  tx: Tx,
  principal: Viewer,
  { problem, chosen, today }: { problem: AppError; chosen: readonly string[]; today: string },
): Promise<LeftOut | undefined> {
  const { referral } = problem.facts;
  if (problem.code !== 'CONFLICT' || typeof referral !== 'string') return undefined;
  if (chosen.length < 2 || !chosen.includes(referral)) return undefined;
  const [culprit] = await leftOutOf(tx, principal, { skipped: [{ referral }] }, today);
  return culprit;
}
