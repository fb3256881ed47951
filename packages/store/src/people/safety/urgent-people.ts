import type { Tx } from '../../database/database.ts';

/**
 * Selects the answers about safety of a tenant ($1), one row for each screening, and for each
 * referral that names such a danger. `version` changes with what an answer says. A danger whose
 * kind is not known counts. DECISIONS D155.
 */
export const safetyAnswers = `select s.person, s.id as source,
    coalesce(s.safety_says, md5(s.issues)) as version, s.asks_since as since
  from screening s where s.tenant = $1 and (s.safety or s.danger)
  union all
  select r.person, r.id, md5(r.danger), r.danger_since from referral r
   where r.tenant = $1 and r.danger is not null and r.danger_kind is distinct from 'call-today'`;

/** Tells in SQL whether a record has ended something for an answer of `safetyAnswers` ($1). */
export const isEnded = (answer: string, what: 'ends_mark' | 'ends_work' | 'ends_block') =>
  `exists (select 1 from safety_cover c where c.tenant = $1 and c.source = ${answer}.source
    and c.version = ${answer}.version and c.${what})`;

/** Tells in SQL whether help of a referral is useless after a date, and the referral is open. */
export const isDated =
  "((danger is not null and danger_kind = 'call-today') or must_by is not null) " +
  "and state in ('waiting', 'partner') and approval is distinct from 'refused'";

/** Selects the Patients of a tenant ($1) that have an answer about safety or a dated need. */
export const markedPatients = `select a.person from (${safetyAnswers}) a
   where not ${isEnded('a', 'ends_mark')}
  union select person from referral where tenant = $1 and ${isDated}`;

/**
 * Selects the people of a tenant ($1) who bear the mark *See first*, as part of a statement: every
 * Patient of a person of whom one Patient has an answer about safety or a dated need.
 * DECISIONS D25. DECISIONS D80.
 */
export const endangeredPeople = `with marked as materialized (${markedPatients})
  select person from marked
  union
  select o.patient
    from marked m
    join patient_link l
      on l.tenant = $1
     and l.patient = m.person
    join patient_link o
      on o.tenant = $1
     and o.person = l.person
   where exists
     (select 1
        from patient_link x
       where x.tenant = $1
         and x.person = l.person
         and x.patient <> x.person)`;

/**
 * Conditions that rank a list: an urgent danger first, then other referrals of people to be seen
 * first, then the rest. They are parts of a statement over `referral r` beside which `endangered`
 * holds the people of `endangeredPeople`.
 */
export const seeFirstRanks = [
  'r.danger is not null',
  'r.danger is null and r.person in (select person from endangered)',
  'r.danger is null and r.person not in (select person from endangered)',
] as const;

/**
 * Finds those of some people who have an answer about safety that marks them, on any of their
 * Patients. A date by which something must happen counts for nothing here.
 */
export async function peopleWithSafetyAnswers(
  tx: Tx,
  persons: readonly string[],
): Promise<Set<string>> {
  if (persons.length === 0) return new Set();
  const { rows } = await tx.query<{ person: string }>(
    `with same as (
       select p.id as person, p.id as patient from unnest($2::uuid[]) as p(id)
       union
       select l.patient, o.patient
         from patient_link l
         join patient_link o
           on o.tenant = $1
          and o.person = l.person
        where l.tenant = $1
          and l.patient = any($2)),
     answers as (${safetyAnswers})
     select distinct s.person
       from same s
       join answers a on a.person = s.patient
      where not ${isEnded('a', 'ends_mark')}`,
    [tx.tenant, persons],
  );
  return new Set(rows.map((row) => row.person));
}

/**
 * Finds those of some people who bear the mark *See first*: one of their Patients has an answer
 * about safety that warns or cannot be read, or an open referral with a date or a danger. A review
 * of the screening ends no danger. A record that the answer was a mistake does, and so does a chart
 * that says otherwise. A harmless answer ("never hurt") marks no person.
 */
export async function peopleInDanger(
  tx: Tx,
  tenant: string,
  persons: readonly string[],
): Promise<Set<string>> {
  if (persons.length === 0) return new Set();
  const { rows } = await tx.query<{ person: string }>(
    `with same as (
       select p.id as person, p.id as patient from unnest($2::uuid[]) as p(id)
       union
       select l.patient, o.patient
         from patient_link l
         join patient_link o
           on o.tenant = $1
          and o.person = l.person
        where l.tenant = $1
          and l.patient = any($2)),
     answers as (${safetyAnswers})
     select distinct s.person
       from same s
      where exists (select 1 from answers a where a.person = s.patient
          and not ${isEnded('a', 'ends_mark')})
        or exists (select 1 from referral where tenant = $1 and person = s.patient and ${isDated})`,
    [tenant, persons],
  );
  return new Set(rows.map((row) => row.person));
}
