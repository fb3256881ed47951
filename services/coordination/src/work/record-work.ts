import { AppError, newId } from '@loopwell/kit';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import { contact, type HistoryLine, ledger, type Tx, work } from '@loopwell/store';
import { findSubject, type PersonSubject } from '../find-subject.ts';
import { type ReviewDeps, type Reviewer, todayOf } from '../reviewer.ts';
import { requireVisible } from '../shown-people.ts';
import { badField } from './typed-words.ts';

type Schemas = components['schemas'];

/** Who can look after a person. */
const teamRoles = ['reviewer', 'lead', 'admin'];

/** Finds a person that somebody may act for, and locks them. */
async function subjectOf(
  tx: Tx,
  reviewer: Reviewer,
  id: string,
): Promise<PersonSubject & { patient: string }> {
  const subject = await findSubject(tx, id);
  const { person, patients } = subject;
  await requireVisible(tx, reviewer, patients, 'There is no such person');
  await contact.lockHumans(tx, patients);
  return { ...subject, patient: patients.includes(person) ? person : (patients[0] ?? person) };
}

/**
 * Gives the principal of somebody of the care team: `ada`, `person:ada`, or `me`.
 *
 * @throws AppError REQUEST_INVALID naming the field, for anybody else
 */
export async function teamMember(
  tx: Tx,
  reviewer: Reviewer,
  { field, name }: { field: string; name: string },
): Promise<string> {
  const principal = name === 'me' ? reviewer.id : `person:${name.replace(/^person:/, '')}`;
  const team = await work.careTeam(tx, teamRoles);
  if (team.includes(principal)) return principal;
  throw badField(field, 'unknown', 'Nobody of the care team has this name');
}

const lineOf = (tx: Tx, reviewer: Reviewer, patient: string, outcome: string): HistoryLine => ({
  tenant: tx.tenant,
  stage: 'refer',
  subject: patient,
  person: patient,
  outcome,
  trace: newId(),
  principal: reviewer.id,
});

/**
 * Hands a person over to somebody of the care team, or to nobody. History says that it happened,
 * and nothing of the note.
 *
 * @throws AppError NOT_FOUND for a person that is not known, REQUEST_INVALID for an owner that is
 *   not of the care team
 */
export async function handOver(
  deps: ReviewDeps,
  reviewer: Reviewer,
  id: string,
  { owner, note }: Schemas['NewOwner'],
): Promise<void> {
  await deps.tx(async (tx) => {
    const { patient } = await subjectOf(tx, reviewer, id);
    const principal =
      owner === undefined ? null : await teamMember(tx, reviewer, { field: 'owner', name: owner });
    await work.handOver(tx, {
      person: patient,
      owner: principal,
      note: note ?? null,
      by: reviewer.id,
    });
    await ledger.appendHistory(tx, [lineOf(tx, reviewer, patient, 'handed-over')]);
  });
}

/**
 * Records the one next step for a person, in place of the one before.
 *
 * @throws AppError NOT_FOUND for a person that is not known
 */
export async function planStep(
  deps: ReviewDeps,
  reviewer: Reviewer,
  id: string,
  { step, on }: Schemas['NewStep'],
): Promise<void> {
  await deps.tx(async (tx) => {
    const { patient, patients } = await subjectOf(tx, reviewer, id);
    await work.planStep(tx, patients, { person: patient, step, dueOn: on, by: reviewer.id });
    await ledger.appendHistory(tx, [lineOf(tx, reviewer, patient, 'step-planned')]);
  });
}

/**
 * Says that the next step of a person is done.
 *
 * @throws AppError NOT_FOUND for a person that is not known, CONFLICT where there is no next step
 */
export async function endStep(deps: ReviewDeps, reviewer: Reviewer, id: string): Promise<void> {
  await deps.tx(async (tx) => {
    const { patient, patients } = await subjectOf(tx, reviewer, id);
    if (!(await work.endSteps(tx, patients, reviewer.id)))
      throw new AppError('CONFLICT', 'There is no next step any more; nothing was recorded', {
        facts: { field: 'step', rule: 'none' },
      });
    await ledger.appendHistory(tx, [lineOf(tx, reviewer, patient, 'step-done')]);
  });
}

/**
 * Adds a note about a person, for the care team only.
 *
 * @throws AppError NOT_FOUND for a person that is not known
 */
export async function addNote(
  deps: ReviewDeps,
  reviewer: Reviewer,
  id: string,
  { text }: Schemas['NewNote'],
): Promise<string> {
  return deps.tx(async (tx) => {
    const { patient } = await subjectOf(tx, reviewer, id);
    const note = await work.addNote(tx, { person: patient, body: text, by: reviewer.id });
    await ledger.appendHistory(tx, [lineOf(tx, reviewer, patient, 'note-added')]);
    return note;
  });
}

/**
 * Records who covers for somebody who is away. Their people are on the list of the one who covers,
 * too, until that day is over.
 *
 * @throws AppError REQUEST_INVALID naming the field
 */
export async function addCover(
  deps: ReviewDeps,
  reviewer: Reviewer,
  { away, cover, until }: Schemas['NewCover'],
): Promise<string> {
  return deps.tx(async (tx) => {
    const gone = await teamMember(tx, reviewer, { field: 'away', name: away });
    const stays = await teamMember(tx, reviewer, { field: 'cover', name: cover });
    if (gone === stays) throw badField('cover', 'other', 'Nobody covers for themselves');
    return work.addCover(tx, { away: gone, cover: stays, until, by: reviewer.id });
  });
}

/**
 * Ends a cover before its day.
 *
 * @throws AppError NOT_FOUND for one that has ended or never was
 */
export async function endCover(deps: ReviewDeps, reviewer: Reviewer, id: string): Promise<void> {
  const ended = await deps.tx((tx) => work.endCover(tx, id, reviewer.id));
  if (!ended) throw new AppError('NOT_FOUND', 'There is no such cover');
}

/** What the page and the API show of the work for a person. */
export type WorkView = {
  person: string;
  today: string;
  owners: readonly Awaited<ReturnType<typeof work.ownersOf>>[number][];
  cover: Awaited<ReturnType<typeof work.coversOn>>[number] | undefined;
  step: Awaited<ReturnType<typeof work.nextStepOf>>;
  notes: Awaited<ReturnType<typeof work.notesOf>>;
  /** A report of their death that stands. */
  death: Awaited<ReturnType<typeof work.deathOf>>;
  /** Who can look after them. */
  team: readonly string[];
};

/** Reads who looks after a person, the next step and the notes. */
export async function readWork(
  tx: Tx,
  { person, patients }: PersonSubject,
  deps: Pick<ReviewDeps, 'clock'>,
): Promise<WorkView> {
  const today = todayOf(deps);
  const owners = await work.ownersOf(tx, patients);
  const owner = owners[0]?.owner;
  const [cover] = owner ? await work.coversOn(tx, today, owner) : [];
  const step = await work.nextStepOf(tx, patients);
  const notes = await work.notesOf(tx, patients);
  const team = await work.careTeam(tx, teamRoles);
  const death = await work.deathOf(tx, patients);
  return { person, today, owners, cover, step, notes, death, team };
}

/** Lists who can look after a person. */
export const readTeam = (tx: Tx): Promise<string[]> => work.careTeam(tx, teamRoles);
