import {
  type ContactOverride,
  type SafetyAnswer,
  type SafetyRecord,
  type SafetyStanding,
  type SeenInPerson,
  safetyStanding,
} from '@loopwell/sdoh';
import type { Tx } from '../../database/database.ts';
import { readNow } from '../../database/database-clock.ts';
import type { Rows } from '../../database/rows.generated.ts';
import { safetyAnswers } from './urgent-people.ts';

/** An answer about safety, with the Patient that it is of. */
export type PatientAnswer = SafetyAnswer & { patient: string; source: string; version: string };

/** A record of what was done, as pages show it to whoever opened it. */
export type StoredRecord = SafetyRecord & { id: string; patient: string; by: string };

/** All that is known of the safety of one human, over all of their Patients. */
export type SafetyFacts = {
  answers: readonly PatientAnswer[];
  records: readonly StoredRecord[];
  overrides: readonly ContactOverride[];
  standing: SafetyStanding;
};

/** Writes which answer it is and what it says, as one text. */
export const answerKey = (source: string, version: string): string => `${source} ${version}`;

/**
 * Loads what is known of the safety of some people, over all Patients of each human. Everybody that
 * is asked about has a line, by the Patient's id that was asked.
 */
export async function safetyFacts(
  tx: Tx,
  people: readonly string[],
): Promise<Map<string, SafetyFacts>> {
  const ids = [...new Set(people)];
  if (ids.length === 0) return new Map();
  const patientsOf = await patientsOfPeople(tx, ids);
  const patients = [...new Set([...patientsOf.values()].flat())];
  const answers = await answersOf(tx, patients);
  const records = await recordsOf(tx, patients);
  const overrides = await overridesOf(tx, patients);
  const now = await readNow(tx);
  const factsOf = (id: string): SafetyFacts => {
    const theirs = new Set(patientsOf.get(id));
    const isTheirs = ({ patient }: { patient: string }) => theirs.has(patient);
    const parts = {
      answers: answers.filter(isTheirs),
      records: records.filter(isTheirs),
      overrides: overrides.filter(isTheirs),
    };
    const standing = safetyStanding(parts.answers, parts.records, parts.overrides, now);
    return { ...parts, standing };
  };
  return new Map(ids.map((id) => [id, factsOf(id)]));
}

/**
 * Loads, for those of some people whom nobody may contact freely, since when that is so and the
 * safe way, if one was recorded. `override` is a clinician's decision that stands now.
 */
export async function seeInPersonFacts(
  tx: Tx,
  people: readonly string[],
): Promise<Map<string, SeenInPerson & { override?: ContactOverride }>> {
  const facts = await safetyFacts(tx, people);
  const now = await readNow(tx);
  const blocked = new Map<string, SeenInPerson & { override?: ContactOverride }>();
  for (const [person, { standing, overrides, records }] of facts) {
    const withWay = records.filter(({ safeWay }) => safeWay !== undefined);
    const safeWayAt = withWay.at(-1)?.at;
    if (!standing.isMarked || standing.since === undefined) continue;
    const override = overrides.find(({ at, until }) => at <= now && now < until);
    blocked.set(person, {
      since: standing.since.toISOString(),
      ...(standing.safeWay === undefined ? {} : { safeWay: standing.safeWay }),
      ...(safeWayAt === undefined ? {} : { safeWayAt }),
      ...(override === undefined ? {} : { override }),
    });
  }
  return blocked;
}

/** Lists all Patients of the humans behind some Patients or people, the asked id among them. */
export async function patientsOfPeople(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, string[]>> {
  const { rows } = await tx.query<{ asked: string; patient: string }>(
    `select i.id as asked, i.id as patient from unnest($1::uuid[]) as i(id)
     union
     select i.id, o.patient
       from unnest($1::uuid[]) as i(id)
       join patient_link l
         on l.tenant = $tenant
        and l.patient = i.id
       join patient_link o
         on o.tenant = $tenant
        and o.person = l.person
     union
     select i.id, o.patient
       from unnest($1::uuid[]) as i(id)
       join patient_link o
         on o.tenant = $tenant
        and o.person = i.id
      order by 1, 2`,
    [ids],
  );
  const patients = Map.groupBy(rows, ({ asked }) => asked);
  return new Map([...patients].map(([asked, group]) => [asked, group.map((row) => row.patient)]));
}

async function answersOf(tx: Tx, patients: readonly string[]): Promise<PatientAnswer[]> {
  const { rows } = await tx.query<{
    person: string;
    source: string;
    version: string;
    since: Date;
  }>(
    `select a.person, a.source, a.version, a.since from (${safetyAnswers}) a
      where a.person = any($2::uuid[]) order by a.since, a.source`,
    [tx.tenant, patients],
  );
  return rows.map(({ person: patient, source, version, since }) => ({
    patient,
    source,
    version,
    since,
    key: answerKey(source, version),
  }));
}

async function recordsOf(tx: Tx, patients: readonly string[]): Promise<StoredRecord[]> {
  const { rows } = await tx.query<Rows['safety_record']>(
    `select * from safety_record where tenant = $tenant and person = any($1::uuid[])
      order by at, id, person`,
    [patients],
  );
  return rows.map((row) => ({
    id: row.id,
    patient: row.person,
    by: row.principal,
    action: row.action,
    safeWay: row.safe_way ?? undefined,
    covers: JSON.parse(row.covers) as string[],
    at: row.at,
  }));
}

async function overridesOf(
  tx: Tx,
  patients: readonly string[],
): Promise<(ContactOverride & { patient: string })[]> {
  const { rows } = await tx.query<Rows['contact_override']>(
    `select * from contact_override where tenant = $tenant and person = any($1::uuid[])
      order by at, id`,
    [patients],
  );
  return rows.map(({ person: patient, principal: by, reason, at, until }) => ({
    patient,
    by,
    reason,
    at,
    until,
  }));
}
