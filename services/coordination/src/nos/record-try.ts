import { AppError, newId } from '@loopwell/kit';
import type { ContactAnswer, ContactRule } from '@loopwell/sdoh';
import { contact, type TryRow, type Tx } from '@loopwell/store';
import { findSubject } from '../find-subject.ts';
import { type ReviewDeps, type Reviewer, todayOf } from '../reviewer.ts';
import { requireVisible } from '../shown-people.ts';
import type { TryBody, TryEndBody } from './no-body.ts';

/** A try that somebody may make now, and what may be said in it. */
export type ReservedTry = {
  id: string;
  left: number;
  onlyClinic: boolean;
  mayLeaveMessage: boolean;
  /** The only way that holds, in the words of the person. */
  safeWay?: string;
};

/**
 * Reserves one of a person's tries before anybody contacts them, or records one that was just made.
 *
 * @throws AppError CONFLICT with the rule against it, NOT_FOUND where nobody has this id
 */
export async function makeTry(
  deps: ReviewDeps,
  reviewer: Reviewer,
  person: string,
  body: TryBody,
): Promise<ReservedTry> {
  return deps.tx(async (tx) => {
    const patient = await requirePatient(tx, reviewer, person);
    const id = newId();
    const answer = await contact.reserveTry(tx, {
      id,
      person: patient,
      channel: body.channel,
      category: body.category ?? null,
      by: 'staff',
      today: todayOf(deps),
      principal: reviewer.id,
    });
    if (!answer.may) throw refusal(answer);
    const { outcome, ...rest } = body;
    if (outcome !== undefined)
      await settle(tx, reviewer, id, { ...rest, outcome }, answer.mayLeaveMessage);
    const { may: _, left, ...allowed } = answer;
    return { id, left: Math.max(0, left - 1), ...allowed };
  });
}

async function requirePatient(tx: Tx, reviewer: Reviewer, person: string): Promise<string> {
  const { patients } = await findSubject(tx, person);
  await requireVisible(tx, reviewer, patients, 'There is no such person');
  return patients.includes(person) ? person : (patients[0] ?? person);
}

/** What each rule says to whoever wants to contact somebody. */
const sentences: Readonly<Record<ContactRule, string>> = {
  deceased: 'The chart says that this person has died',
  inactive: 'The chart of this person is not in use, or cannot be read',
  merged: 'The chart of this person was merged with another one',
  changed: 'Their number or address changed in the chart: ask at the next visit how to reach them',
  'see-in-person': 'See this person first, at the next visit',
  'said-no': 'This person said no: wait until they bring it up',
  'way-not-chosen': 'This person did not choose to be reached in this way',
  'not-asked-how': 'Nobody has asked this person how to reach them: ask at the next visit',
  'no-tries-left': 'No tries are left for this person: wait for the next visit',
};

/** Says by which rule, and until when, nobody contacts them. A no itself is on their page. */
function refusal({ rule, until }: Extract<ContactAnswer, { may: false }>): AppError {
  const facts = { field: 'channel', rule, ...(until === undefined ? {} : { until }) };
  return new AppError('CONFLICT', `${sentences[rule]}; nothing was recorded`, { facts });
}

/**
 * Records how a reserved try ended. Somebody else who was told why we called, and a message that
 * they had not allowed, are incidents.
 *
 * @throws AppError NOT_FOUND for a try of somebody else, CONFLICT where its end is recorded already
 */
export async function endTry(
  deps: ReviewDeps,
  reviewer: Reviewer,
  { person, id }: { person: string; id: string },
  body: TryEndBody,
): Promise<void> {
  await deps.tx(async (tx) => {
    const patient = await requirePatient(tx, reviewer, person);
    const tries = (await contact.personTries(tx, [patient])).get(patient) ?? [];
    if (!tries.some((made) => made.id === id))
      throw new AppError('NOT_FOUND', 'There is no such try');
    const facts = (await contact.contactFacts(tx, [patient])).get(patient);
    const isAllowed = facts?.reach?.voicemail === true && facts.seeInPerson === undefined;
    const settled = await settle(tx, reviewer, id, body, isAllowed);
    if (!settled) throw new AppError('CONFLICT', 'The end of this try is recorded already');
  });
}

const settle = (
  tx: Tx,
  reviewer: Reviewer,
  id: string,
  { outcome, saidWhy, note }: TryEndBody,
  mayLeaveMessage: boolean,
): Promise<TryRow | undefined> =>
  contact.settleTry(tx, {
    id,
    outcome,
    note: note ?? null,
    saidWhy: saidWhy ?? null,
    isIncident: saidWhy === true || (outcome === 'left-message' && !mayLeaveMessage),
    principal: reviewer.id,
  });
