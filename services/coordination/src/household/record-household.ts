import { AppError, newId } from '@loopwell/kit';
import { type PersonProfile, profileOn } from '@loopwell/sdoh';
import { contact, ledger, people, referrals, type Tx, work } from '@loopwell/store';
import { dueRows } from '../decide/own-referrals.ts';
import { findSubject, type PersonSubject } from '../find-subject.ts';
import { type ReviewDeps, type Reviewer, todayOf } from '../reviewer.ts';
import { requireVisible } from '../shown-people.ts';
import { badField } from '../work/typed-words.ts';
import type { HouseholdBody } from './household-body.ts';

const patientOf = ({ person, patients }: PersonSubject): string =>
  patients.includes(person) ? person : (patients[0] ?? person);

async function visibleSubject(tx: Tx, reviewer: Reviewer, id: string): Promise<PersonSubject> {
  const subject = await findSubject(tx, id);
  await requireVisible(tx, reviewer, subject.patients, 'There is no such person');
  return subject;
}

/**
 * Records what a person says of their household: how many live there, and how old they are.
 *
 * @throws AppError NOT_FOUND for a person that is not known
 */
export async function recordHousehold(
  deps: ReviewDeps,
  reviewer: Reviewer,
  id: string,
  { size, ages = [], saidOn }: HouseholdBody,
): Promise<void> {
  await deps.tx(async (tx) => {
    const person = patientOf(await visibleSubject(tx, reviewer, id));
    await work.recordHousehold(tx, { person, size, ages, saidOn, by: reviewer.id });
  });
}

/**
 * Links a minor child to their guardian, as somebody was told. It is the only link between charts:
 * nobody is linked by address or phone. Siblings then have one referral for the same need, and
 * share the tries to reach the family. DECISIONS D177.
 *
 * @throws AppError NOT_FOUND, REQUEST_INVALID for a child who is no minor or a guardian who is one
 */
export async function linkGuardian(
  deps: ReviewDeps,
  reviewer: Reviewer,
  id: string,
  { guardian, saidOn }: { guardian: string; saidOn: string },
): Promise<void> {
  const batch = newId();
  await deps.tx(async (tx) => {
    const child = await visibleSubject(tx, reviewer, id);
    const adult = await guardianSubject(tx, reviewer, guardian);
    if (adult.person === child.person)
      throw badField('guardian', 'other', 'Nobody is their own guardian');
    await requireAges(tx, deps, child, adult);
    const open = await openOf(tx, child.patients);
    await ledger.due(tx, dueRows('refer', open, batch));
    await contact.lockHumans(tx, [...child.patients, ...adult.patients]);
    const link = { child: patientOf(child), guardian: patientOf(adult), saidOn, by: reviewer.id };
    if (!(await work.linkGuardian(tx, link)))
      throw new AppError('CONFLICT', 'They are linked already; nothing was recorded', {
        facts: { field: 'guardian', rule: 'same' },
      });
  });
  await deps.nudge([{ stage: 'refer', batch }]);
}

async function guardianSubject(tx: Tx, reviewer: Reviewer, id: string): Promise<PersonSubject> {
  try {
    return await visibleSubject(tx, reviewer, id);
  } catch (error) {
    if (error instanceof AppError && error.code === 'NOT_FOUND')
      throw badField('guardian', 'unknown', 'There is no such guardian');
    throw error;
  }
}

const openOf = async (tx: Tx, patients: readonly string[]) =>
  (await referrals.referralsOfPeople(tx, patients)).filter(
    ({ state }) => state === 'waiting' || state === 'partner',
  );

/** Requires that a child is a minor by the chart, and that the guardian is not. */
async function requireAges(
  tx: Tx,
  deps: ReviewDeps,
  child: PersonSubject,
  adult: PersonSubject,
): Promise<void> {
  const minorAge = deps.minorAge ?? 18;
  const [childAge, adultAge] = [await ageOf(tx, deps, child), await ageOf(tx, deps, adult)];
  if (childAge === undefined || childAge >= minorAge)
    throw badField('guardian', 'no-minor', 'The chart does not say that this person is a minor');
  if (adultAge === undefined || adultAge < minorAge)
    throw badField('guardian', 'no-adult', 'The chart does not say that the guardian is an adult');
}

async function ageOf(
  tx: Tx,
  deps: ReviewDeps,
  { patients }: PersonSubject,
): Promise<number | undefined> {
  const profiles = await people.profilesOf(tx, patients);
  for (const body of profiles.values()) {
    const { age } = profileOn(JSON.parse(body) as PersonProfile, todayOf(deps));
    if (age !== undefined) return age;
  }
  return undefined;
}

/**
 * Ends the links of a child to their guardians.
 *
 * @throws AppError NOT_FOUND, CONFLICT where there is none
 */
export async function endGuardian(deps: ReviewDeps, reviewer: Reviewer, id: string): Promise<void> {
  const batch = newId();
  await deps.tx(async (tx) => {
    const { patients } = await visibleSubject(tx, reviewer, id);
    await ledger.due(tx, dueRows('refer', await openOf(tx, patients), batch));
    if (!(await work.endGuardians(tx, patients, reviewer.id)))
      throw new AppError('CONFLICT', 'No guardian is linked; nothing was recorded', {
        facts: { field: 'guardian', rule: 'none' },
      });
  });
  await deps.nudge([{ stage: 'refer', batch }]);
}
