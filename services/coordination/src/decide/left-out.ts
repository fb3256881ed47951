import type { AppError } from '@loopwell/kit';
import { waitsForUndo } from '@loopwell/sdoh';
import { peopleInDanger, type ReferralRow, referrals, type Tx, type Viewer } from '@loopwell/store';
import { personNames } from '../person-names.ts';
import { showPeople } from '../shown-people.ts';
import { type ReviewDecision, stepsOf } from './decisions.ts';
import { isStop } from './versions.ts';

/** A referral that a decision about several left out, because its person is to be seen first. */
export type LeftOut = { id: string; category: string; name: string | undefined };

/** Loads the referrals that a decision left out, with names for the page. */
export async function leftOutOf(
  tx: Tx,
  principal: Viewer,
  { skipped }: { skipped: readonly { referral: string }[] },
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

/** Tells whether a request only stops something. A stop goes through for everybody. */
const stops = (decision: ReviewDecision): boolean => {
  const steps = stepsOf(decision);
  return steps.some(isStop) && !steps.some((step) => waitsForUndo(step.decision));
};

/** Lists the people whose referrals a decision about several leaves out. */
export async function endangeredOf(
  tx: Tx,
  locked: readonly ReferralRow[],
  decision: ReviewDecision,
): Promise<Set<string>> {
  const [first] = locked;
  if (!first || locked.length < 2 || stops(decision)) return new Set();
  return peopleInDanger(tx, first.tenant, [...new Set(locked.map((one) => one.person))]);
}
