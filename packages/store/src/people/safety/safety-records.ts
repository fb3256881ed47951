import { newId } from '@loopwell/kit';
import { type SafetyAction, whatRecordEnds } from '@loopwell/sdoh';
import type { Tx } from '../../database/database.ts';
import { insertRows } from '../../database/insert-rows.ts';
import { type PatientAnswer, safetyFacts } from './safety-facts.ts';

/** What somebody did for a person, and the answers that they saw. */
export type NewSafetyRecord = {
  /** Any Patient of the person, or the person's own id. */
  person: string;
  action: SafetyAction;
  safeWay?: string | undefined;
  principal: string;
  /** The answers that the page knew (`answerKey`). Later ones are not covered. */
  seen: readonly string[];
};

/**
 * Records what was done for a person: a row for each Patient with an answer, so that a link that is
 * moved takes along what belongs to it. Only answers that the page knew are covered, as they were.
 *
 * @returns false where an answer is new or has changed since; nothing is recorded then
 */
export async function recordSafety(tx: Tx, entered: NewSafetyRecord): Promise<boolean> {
  const facts = (await safetyFacts(tx, [entered.person])).get(entered.person);
  const answers = facts?.answers ?? [];
  const seen = new Set(entered.seen);
  if (answers.some(({ key }) => !seen.has(key))) return false;
  const byPatient = Map.groupBy(answers, ({ patient }) => patient);
  if (byPatient.size === 0) byPatient.set(entered.person, []);
  const id = newId();
  await insertRows(
    tx,
    'safety_record',
    ['tenant', 'id', 'person', 'action', 'safe_way', 'covers', 'principal'],
    [...byPatient].map(([patient, theirs]) => [
      tx.tenant,
      id,
      patient,
      entered.action,
      entered.safeWay ?? null,
      JSON.stringify(theirs.map(({ key }) => key)),
      entered.principal,
    ]),
  );
  await coverAnswers(tx, id, entered, answers);
  await markSeen(tx, answers, entered.principal);
  return true;
}

async function coverAnswers(
  tx: Tx,
  record: string,
  entered: NewSafetyRecord,
  answers: readonly PatientAnswer[],
): Promise<void> {
  const ends = whatRecordEnds(entered);
  await insertRows(
    tx,
    'safety_cover',
    ['tenant', 'source', 'version', 'record', 'ends_mark', 'ends_work', 'ends_block'],
    answers.map(({ source, version }) => [
      tx.tenant,
      source,
      version,
      record,
      ends.mark,
      ends.work,
      ends.block,
    ]),
  );
}

/** Marks the screenings as seen, so that nobody is told that they still wait for a person. */
async function markSeen(
  tx: Tx,
  answers: readonly PatientAnswer[],
  principal: string,
): Promise<void> {
  await tx.query(
    `update screening set seen_at = loopwell_now(), seen_by = $2
      where tenant = $tenant and id = any($1::uuid[]) and seen_at is null`,
    [answers.map(({ source }) => source), principal],
  );
}

/** How long a clinician's decision counts that a person may be contacted. */
const overrideHours = 24;

/**
 * Records a clinician's decision that a person may be contacted, because their life is in danger.
 */
export async function overrideContact(
  tx: Tx,
  { person, principal, reason }: { person: string; principal: string; reason: string },
): Promise<void> {
  await tx.query(
    `insert into contact_override (tenant, id, person, principal, reason, until)
     values ($tenant, $1, $2, $3, $4, loopwell_now() + make_interval(hours => $5))`,
    [newId(), person, principal, reason, overrideHours],
  );
}
