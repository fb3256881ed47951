import { AppError, newId } from '@loopwell/kit';
import {
  type ContactStanding,
  contactStanding,
  type PatientStanding,
  type ReachChoice,
  type RecordedReach,
} from '@loopwell/sdoh';
import type { Tx } from '../database/database.ts';
import { appendHistory } from '../database/history.ts';
import { insertRows } from '../database/insert-rows.ts';
import { lockHuman, samePeople } from './same-human.ts';

/** What the record of a Patient says of what may go out, as it is stored with the Patient. */
export type StandingRow = { patient: string; standing: PatientStanding; recordKey: string };

/** Saves how Patients stand, in the transaction that stores them. */
export async function saveStandings(tx: Tx, rows: readonly StandingRow[]): Promise<void> {
  const sorted = rows.toSorted((a, b) => (a.patient < b.patient ? -1 : 1));
  await insertRows(
    tx,
    'person_standing as s',
    ['tenant', 'person', 'standing', 'record_key'],
    sorted.map((row) => [tx.tenant, row.patient, row.standing, row.recordKey]),
    `on conflict (tenant, person) do update set standing = excluded.standing,
      record_key = excluded.record_key, changed_at = (select loopwell_now())
      where (s.standing, s.record_key) is distinct from (excluded.standing, excluded.record_key)`,
  );
}

/** How a person may be reached, as far as they and their records say. */
export type Reach = {
  /** Undefined where the person was never asked. */
  recorded: RecordedReach | undefined;
  standing: ContactStanding;
  /** What all Patients of the person say now of numbers and addresses. */
  recordKey: string;
};

/**
 * Loads how people may be reached, by the Patients that were asked about. An answer counts for all
 * Patients of the same person.
 */
export async function reachOf(tx: Tx, people: readonly string[]): Promise<Map<string, Reach>> {
  if (people.length === 0) return new Map();
  const records = await recordsOf(tx, people);
  const answers = await latestAnswers(tx, people);
  return new Map(
    people.map((person): [string, Reach] => {
      const { standings = [], record_key: recordKey = '' } = records.get(person) ?? {};
      const recorded = answers.get(person);
      const hasChanged = recorded !== undefined && recorded.recordKey !== recordKey;
      return [person, { recorded, standing: contactStanding(standings, hasChanged), recordKey }];
    }),
  );
}

type RecordRow = { asked: string; standings: PatientStanding[]; record_key: string };

async function recordsOf(tx: Tx, people: readonly string[]): Promise<Map<string, RecordRow>> {
  const { rows } = await tx.query<RecordRow>(
    `with same as (${samePeople('$1')})
     select n.asked, array_agg(case when exists (select 1 from reported_death d
                where d.tenant = $tenant and d.person = n.patient and d.corrected_at is null)
              then 'died' else coalesce(s.standing, 'unclear') end) as standings,
            string_agg(coalesce(s.record_key, ''), ' ' order by s.record_key) as record_key
       from same n
       left join person_standing s on s.tenant = $tenant and s.person = n.patient
      group by n.asked`,
    [people],
  );
  return new Map(rows.map((row) => [row.asked, row]));
}

type AnswerRow = {
  asked: string;
  id: string;
  body: string;
  record_key: string;
  answered_at: Date;
  asked_by: string;
  asked_alone: boolean;
};

async function latestAnswers(
  tx: Tx,
  people: readonly string[],
): Promise<Map<string, RecordedReach>> {
  const { rows } = await tx.query<AnswerRow>(
    `with same as (${samePeople('$1')})
     select distinct on (n.asked) n.asked, c.id, c.body, c.record_key, c.answered_at, c.asked_by,
        c.asked_alone
       from same n join reach_choice c on c.tenant = $tenant and c.person = n.patient
      order by n.asked, c.recorded_at desc, c.id`,
    [people],
  );
  return new Map(rows.map((row) => [row.asked, recordedOf(row)]));
}

const recordedOf = (row: AnswerRow): RecordedReach => ({
  id: row.id,
  choice: JSON.parse(row.body) as ReachChoice,
  answeredAt: row.answered_at,
  askedBy: row.asked_by,
  askedAlone: row.asked_alone,
  recordKey: row.record_key,
});

/** An answer of a person about how to reach them. */
export type NewReach = {
  /** The Patient's derived id. */
  person: string;
  choice: ReachChoice;
  answeredAt: Date;
  askedBy: string;
  /** They were alone with whoever asked; not known counts as no. */
  askedAlone?: boolean;
  /** Id of the answer that counted when the person was asked; null where there was none. */
  instead: string | null;
};

/**
 * Records how a person wants to be reached. History says that they were asked, and no word of the
 * answer.
 *
 * @throws AppError CONFLICT where somebody has recorded another answer meanwhile
 */
export async function recordReach(tx: Tx, answer: NewReach): Promise<RecordedReach> {
  const { person, choice, answeredAt, askedBy, askedAlone = false } = answer;
  await lockHuman(tx, person);
  const before = (await reachOf(tx, [person])).get(person);
  if ((before?.recorded?.id ?? null) !== answer.instead)
    throw new AppError('CONFLICT', 'Somebody recorded another answer meanwhile: look at it again', {
      facts: { field: 'instead' },
    });
  const [id, recordKey] = [newId(), before?.recordKey ?? ''];
  await insertRows(
    tx,
    'reach_choice',
    [
      'tenant',
      'person',
      'id',
      'body',
      'phone',
      'record_key',
      'answered_at',
      'asked_by',
      'asked_alone',
    ],
    [
      [
        ...[tx.tenant, person, id, JSON.stringify(choice), choice.phone?.number ?? null],
        ...[recordKey, answeredAt.toISOString(), askedBy, askedAlone],
      ],
    ],
  );
  await appendHistory(tx, [historyOf(tx.tenant, person, askedBy)]);
  return { id, choice, answeredAt, askedBy, askedAlone, recordKey };
}

const historyOf = (tenant: string, person: string, principal: string) => ({
  ...{ tenant, subject: person, person, principal },
  ...{ stage: 'code' as const, outcome: 'reach-recorded', trace: newId(), facts: {} },
});
