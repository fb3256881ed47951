import { AppError, newId } from '@loopwell/kit';
import {
  contact,
  type DueRow,
  ledger,
  type NewNoRow,
  type NoRow,
  type ReferralRow,
  referrals,
  type Tx,
} from '@loopwell/store';
import { requirePlace } from '../decide/said-no/decided-nos.ts';
import { lineOf, stopAgainst } from '../decide/said-no/stop-against.ts';
import type { PersonSubject } from '../find-subject.ts';
import { findSubject } from '../find-subject.ts';
import { type ReviewDeps, type Reviewer, todayOf } from '../reviewer.ts';
import { requireVisible } from '../shown-people.ts';
import type { NoBody } from './no-body.ts';

/** `same`: this no stood already. */
export type RecordedNo = { id: string; result: 'recorded' | 'same' };

const missing = 'There is no such person';

/** Finds a person that somebody may act for, with their referrals that are not at an end. */
async function openOf(tx: Tx, reviewer: Reviewer, person: string) {
  const subject = await findSubject(tx, person);
  await requireVisible(tx, reviewer, subject.patients, missing);
  const rows = await referrals.referralsOfPeople(tx, subject.patients);
  const open = rows.filter(({ state }) => state === 'waiting' || state === 'partner');
  return { subject, open };
}

/**
 * Records a person's no. What is out against it is taken back: its reads end in this transaction,
 * and the gates of all open referrals of the person are due.
 *
 * @throws AppError NOT_FOUND where nobody has this id, or the chart is restricted
 */
export async function recordNo(
  deps: ReviewDeps,
  reviewer: Reviewer,
  person: string,
  body: NoBody,
): Promise<RecordedNo> {
  const batch = newId();
  const result = await deps.tx(async (tx) => {
    const { subject, open } = await openOf(tx, reviewer, person);
    // The ledger's rows are locked before the referrals, in the order in which workers lock them.
    await ledger.due(tx, dueRows(open, batch));
    await lock(tx, open);
    if (body.partner !== undefined) await requirePlace(tx, body.partner);
    const row = rowOf(tx, reviewer, subject, body);
    const [written] = await contact.addNos(tx, [row]);
    if (written === undefined) return sameNo(tx, row);
    const today = todayOf(deps);
    const against = await stopAgainst(tx, [row], { open, reviewer, today });
    const lines = against.map(({ referral }) => lineOf(referral, reviewer, 'said-no', row.kind));
    await ledger.appendHistory(tx, lines);
    return { id: written, result: 'recorded' as const };
  });
  await deps.nudge([{ stage: 'refer', batch }]);
  return result;
}

/** Finds the no that stood already. */
async function sameNo(tx: Tx, row: NewNoRow): Promise<RecordedNo> {
  const nos = (await contact.personNos(tx, [row.person])).get(row.person) ?? [];
  const same = nos.find((no) => no.brought_up_on === null && no.kind === row.kind);
  return { id: same?.id ?? row.id, result: 'same' };
}

async function lock(tx: Tx, rows: readonly ReferralRow[]): Promise<void> {
  await referrals.lockReferrals(
    tx,
    rows.map(({ id }) => id),
  );
}

function rowOf(
  tx: Tx,
  reviewer: Reviewer,
  { person, patients }: PersonSubject,
  body: NoBody,
): NewNoRow {
  const { kind, saidOn, saidBy = 'person', saidTo = reviewer.id } = body;
  return {
    tenant: tx.tenant,
    id: newId(),
    person: patients.includes(person) ? person : (patients[0] ?? person),
    kind,
    category: body.category ?? null,
    partner: body.partner ?? null,
    until: body.until ?? null,
    said_on: saidOn,
    said_by: saidBy,
    said_to: saidTo.replace(/^person:/, ''),
    note: body.note ?? null,
    referral: null,
    recorded_by: reviewer.id,
  };
}

const dueRows = (rows: readonly ReferralRow[], batch: string): DueRow[] =>
  rows.map(({ tenant, id, person, trace }) => ({
    tenant,
    stage: 'refer',
    subject: id,
    person,
    trace,
    batch,
  }));

/**
 * Ends a no because the person brought it up on a day. A signed-in person writes that down, and no
 * machine.
 *
 * @throws AppError FORBIDDEN for a token, NOT_FOUND, CONFLICT where the no has ended already,
 *   REQUEST_INVALID for a day before it was said
 */
export async function bringUp(
  deps: ReviewDeps,
  reviewer: Reviewer,
  { person, no: id, on }: { person: string; no: string; on: string },
): Promise<void> {
  if (reviewer.kind !== 'person')
    throw new AppError('FORBIDDEN', 'A signed-in person writes down that somebody brought it up');
  const batch = newId();
  await deps.tx(async (tx) => {
    const { subject, open } = await openOf(tx, reviewer, person);
    await ledger.due(tx, dueRows(open, batch));
    await lock(tx, open);
    const [patient = person] = subject.patients;
    const nos = (await contact.personNos(tx, [patient])).get(patient) ?? [];
    requireBefore(
      nos.find((no) => no.id === id),
      on,
    );
    const lift = { person: patient, ids: [id], broughtUpOn: on, by: reviewer.id };
    const [lifted] = await contact.liftNos(tx, lift);
    if (!lifted) throw new AppError('CONFLICT', 'This no has ended already; nothing was recorded');
    const lines = open.map((referral) => lineOf(referral, reviewer, 'brought-up', lifted.kind));
    await ledger.appendHistory(tx, lines);
  });
  await deps.nudge([{ stage: 'refer', batch }]);
}

function requireBefore(no: NoRow | undefined, on: string): void {
  if (no === undefined) throw new AppError('NOT_FOUND', 'There is no such no');
  if (no.said_on <= on) return;
  const facts = { field: 'on', rule: 'before-said' };
  throw new AppError('REQUEST_INVALID', 'This day is before the no was said', { facts });
}
