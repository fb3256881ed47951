import { type Clock, dayIn, deriveId, timeZoneOf } from '@loopwell/kit';
import { type PersonReason, personReasonAnywhere, type TryOutcome } from '@loopwell/sdoh';
import {
  contact,
  type DueRow,
  grants,
  type NewNoRow,
  type NewTryRow,
  type ReferralRow,
  referrals,
  type Tx,
} from '@loopwell/store';
import type { Followed } from '../answers/followed-tasks.ts';
import { principal } from './our-words.ts';
import { saysPersonsNoIn } from './persons-no.ts';
import type { Look } from './track.ts';

/** Steps on which nothing is done: the answer cannot be read, or is not about this Task. */
const unread: readonly string[] = ['odd', 'waits', 'illegal', 'unreadable'];

const codesOf = ({ row }: Look) => JSON.parse(row.codes) as { system: string; code: string }[];

const isRead = ({ row, step }: Look): boolean => !row.is_partial && !unread.includes(step.kind);

const recorderOf = ({ row }: Look): string =>
  row.recorded_by === principal ? row.who : row.recorded_by;

const dayOf = ({ row }: Look, clock: Clock): string =>
  dayIn(timeZoneOf(clock), row.said_at ?? row.received_at);

/**
 * Makes the person's no of an answer by which a partner says that the person declined; undefined
 * for any other answer. It counts whether the Task has ended, ends or goes on. Nobody calls to
 * check. DECISIONS D173.
 */
export function noOfAnswer(
  { task, referral }: Followed,
  look: Look,
  clock: Clock,
): NewNoRow | undefined {
  const isCoded = personReasonAnywhere(codesOf(look), ['person-declined']) !== undefined;
  const hasDeclined = isCoded || saysPersonsNoIn(look.row);
  if (!hasDeclined || !isRead(look) || look.row.status === 'completed') return undefined;
  return {
    tenant: task.tenant,
    id: deriveId(task.tenant, 'no', task.id),
    person: task.person,
    kind: 'not-this-help',
    category: referral.category,
    partner: null,
    until: null,
    said_on: dayOf(look, clock),
    said_by: 'person',
    said_to: `partner:${task.partner}`,
    note: null,
    referral: referral.id,
    recorded_by: recorderOf(look),
  };
}

/** How a try ended by what a partner says of the person. */
const tryOutcomes: Partial<Record<PersonReason, TryOutcome>> = {
  'unable-to-reach': 'no-answer',
  'wrong-contact': 'wrong-number',
};

/**
 * Makes the try of an answer by which a partner says that it tried to reach the person; undefined
 * for any other answer. It takes from the person's one budget. Of one Task, one a day counts.
 */
export function tryOfAnswer(
  { task, referral }: Followed,
  look: Look,
  clock: Clock,
): NewTryRow | undefined {
  const reason = personReasonAnywhere(codesOf(look), ['unable-to-reach', 'wrong-contact']);
  const outcome = reason && tryOutcomes[reason];
  if (outcome === undefined || !isRead(look)) return undefined;
  const day = dayOf(look, clock);
  return {
    tenant: task.tenant,
    id: deriveId(task.tenant, 'try', task.id, day),
    person: task.person,
    day,
    channel: 'call',
    outcome,
    category: referral.category,
    partner: task.partner,
    referral: referral.id,
    reserved_by: recorderOf(look),
  };
}

/**
 * Lists the open referrals that nos of partners are against, over all records of each human. They
 * are judged again with the one that the partner answered about.
 */
export async function referralsAgainst(tx: Tx, nos: readonly NewNoRow[]): Promise<ReferralRow[]> {
  if (nos.length === 0) return [];
  const people = nos.map(({ person }) => person);
  const humans = await contact.patientsOfHumans(tx, people);
  const patients = [...new Set([...humans.values()].flat())];
  const isAgainst = ({ person, category, state }: ReferralRow) =>
    (state === 'waiting' || state === 'partner') &&
    nos.some((no) => no.category === category && humans.get(no.person)?.includes(person));
  return (await referrals.referralsOfPeople(tx, patients)).filter(isAgainst);
}

/** Makes the rows by which the gates look at referrals again. */
export const dueAgain = (rows: readonly ReferralRow[], batch: string): DueRow[] =>
  rows.map(({ tenant, id, person, trace }) => ({
    ...{ tenant, stage: 'refer' as const, subject: id, person, trace, batch },
  }));

/** Ends what partners read of referrals against nos of the person. */
export async function endReads(
  tx: Tx,
  rows: readonly ReferralRow[],
  nos: readonly NewNoRow[],
): Promise<void> {
  const by = nos[0]?.recorded_by ?? principal;
  await grants.endGrantsOfReferrals(tx, { referrals: rows.map(({ id }) => id), by });
}
