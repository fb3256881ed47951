import { hasRole, type Principal } from '@loopwell/http';
import { AppError, newId, timeZoneOf, withOffsetOf } from '@loopwell/kit';
import { findRecordProblem, isSafetyAction } from '@loopwell/sdoh';
import { ledger, safety, type Tx } from '@loopwell/store';
import { lineOf } from '../decide/decisions.ts';
import type { ReviewDeps, Reviewer } from '../reviewer.ts';

/** The texts of a form, as they were typed. */
export type SafetyForm = Readonly<Record<string, string>>;

/** Reads the texts of a form; everything else in it counts for nothing. */
export function safetyFormOf(body: unknown): SafetyForm {
  const fields = Object.entries(typeof body === 'object' && body !== null ? body : {});
  return Object.fromEntries(
    fields.filter((field): field is [string, string] => typeof field[1] === 'string'),
  );
}

/** Makes the error of a field. Its words are the page's: `field` names them. */
const problemAt = (field: string, rule: string) =>
  new AppError('REQUEST_INVALID', rule, { facts: { field } });

/** Who acts, and for whom: the derived id of the person, whichever Patient the page named. */
type Acting = { person: string; reviewer: Reviewer & Pick<Principal, 'roles'> };

/**
 * Records what somebody did for a person to be seen first. History has the kind alone, never words.
 *
 * @throws AppError REQUEST_INVALID naming the field, or CONFLICT where an answer is new
 */
export async function recordWhatWasDone(
  tx: Tx,
  { person, reviewer }: Acting,
  form: SafetyForm,
): Promise<void> {
  const { action, seen = '' } = form;
  const safeWay = form.safeWay?.trim() || undefined;
  const problem = findRecordProblem({ action, safeWay, toldAlone: form.toldAlone === 'yes' });
  if (problem) throw problemAt(problem.field, problem.rule);
  if (safeWay !== undefined && lineOf(safeWay, 200) === undefined)
    throw problemAt('safeWay', 'A safe way is one line');
  if (!isSafetyAction(action)) throw problemAt('action', 'Choose what you did');
  const record = { person, action, safeWay, principal: reviewer.id, seen: seen.split(',') };
  if (!(await safety.recordSafety(tx, record)))
    throw new AppError('CONFLICT', 'Something new is known; nothing was recorded', {
      facts: { field: 'changed' },
    });
  await noteInHistory(tx, { person, reviewer }, 'safety-recorded');
}

/**
 * Records that a clinician lets others contact a person because their life is in danger. The
 * clinician is whoever has signed in, and never a name that somebody typed.
 *
 * @throws AppError FORBIDDEN for anybody else, REQUEST_INVALID naming the field
 */
export async function recordOverride(
  tx: Tx,
  { person, reviewer }: Acting,
  form: SafetyForm,
): Promise<void> {
  if (!mayOverride(reviewer))
    throw new AppError('FORBIDDEN', 'Only a clinician who has signed in decides this');
  const reason = lineOf(form.reason, 300);
  if (reason === undefined) throw problemAt('reason', 'The reason is one line');
  await safety.overrideContact(tx, { person, principal: reviewer.id, reason });
  await noteInHistory(tx, { person, reviewer }, 'contact-allowed');
}

/**
 * Writes down the next appointment of a person.
 *
 * @throws AppError REQUEST_INVALID naming the field
 */
export async function recordAppointment(
  tx: Tx,
  { person, reviewer }: Acting,
  form: SafetyForm,
  { clock }: Pick<ReviewDeps, 'clock'>,
): Promise<void> {
  const text = withOffsetOf(timeZoneOf(clock), form.at ?? '');
  const at = new Date(text ?? Number.NaN);
  if (Number.isNaN(at.getTime()) || at <= clock.now())
    throw problemAt('at', 'The appointment is still to come');
  const place = form.place?.trim() || undefined;
  if (place !== undefined && lineOf(place, 200) === undefined)
    throw problemAt('place', 'A place is one line');
  await safety.typeAppointment(tx, { person, at, place, principal: reviewer.id });
}

/** Tells whether somebody may decide that a person is contacted because their life is in danger. */
export const mayOverride = ({ roles }: Pick<Principal, 'roles'>): boolean =>
  hasRole(roles, 'clinician');

const noteInHistory = (tx: Tx, { person, reviewer }: Acting, outcome: string): Promise<void> =>
  ledger.appendHistory(tx, [
    {
      tenant: reviewer.tenant,
      stage: 'code',
      subject: person,
      person,
      outcome,
      trace: newId(),
      principal: reviewer.id,
    },
  ]);
