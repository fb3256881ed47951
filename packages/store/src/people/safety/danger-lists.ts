import type { Tx } from '../../database/database.ts';
import type { Rows } from '../../database/rows.generated.ts';
import { isDated, isEnded, safetyAnswers } from './urgent-people.ts';

/** A person of a list: the human, the Patients of theirs that put them there, and since when. */
export type EndangeredPerson = {
  human: string;
  since: Date;
  /** The same instant to the microsecond, as the place of the next page. */
  at: string;
};

/** A page of a list; `after` is the last person of the page before. */
export type DangerAsk = { limit: number; after?: { at: string; human: string } | undefined };

const humanOf = (patient: string) =>
  `coalesce((select l.person from patient_link l where l.tenant = $1 and l.patient = ${patient}),
    ${patient})`;

/**
 * Selects the humans ($1: the tenant) whom nobody may call, and whether something is to be done.
 */
const seenFirst = `select ${humanOf('a.person')} as human,
    min(a.since) as since,
    bool_or(not ${isEnded('a', 'ends_work')}) as listed,
    bool_or(not ${isEnded('a', 'ends_block')}) as blocked
  from (${safetyAnswers}) a
  where not ${isEnded('a', 'ends_mark')}
  group by 1`;

/** Selects the open needs with a date or a danger to call about, by human. */
const datedNeeds = `select ${humanOf('r.person')} as human,
    r.id,
    r.must_by,
    r.danger_since,
    left(r.since, 10) as since,
    coalesce(r.must_by, to_char(r.danger_since, 'YYYY-MM-DD')) as day
  from referral r
  where r.tenant = $1
    and r.state = 'waiting'
    and r.given_up_by is null
    and coalesce(r.postponed_until, '') <= $2
    and ${isDated}`;

/**
 * Lists the people to see first, longest first: an answer about safety stands for which nobody has
 * recorded an end. Somebody with a dated need whom nobody may call is here, too, and on no list of
 * people to call.
 */
export async function seeFirstPeople(
  tx: Tx,
  today: string,
  { limit, after }: DangerAsk,
): Promise<EndangeredPerson[]> {
  const { rows } = await tx.query<EndangeredPerson>(
    `with seen as materialized (${seenFirst}), dated as materialized (${datedNeeds})
     select s.human, s.since, s.since::text as at from seen s
      where (s.listed or (s.blocked and s.human in (select human from dated)))
        and ($4::timestamptz is null or (s.since, s.human) > ($4, $5::uuid))
      order by s.since, s.human limit $3`,
    [tx.tenant, today, limit, after?.at ?? null, after?.human ?? null],
  );
  return rows;
}

/** A person whom somebody calls today, with the first day by which something must happen. */
export type PersonToCall = { human: string; day: string; mustBy: string | null };

/**
 * Lists the people to call today, by the date that comes first. Nobody is on it who may not be
 * called.
 */
export async function callTodayPeople(
  tx: Tx,
  today: string,
  { limit, after }: DangerAsk,
): Promise<PersonToCall[]> {
  const { rows } = await tx.query<PersonToCall>(
    `with seen as materialized (${seenFirst}), dated as materialized (${datedNeeds}),
       first as (select human, min(day) as day, min(must_by) as "mustBy" from dated group by human)
     select f.human, f.day, f."mustBy" from first f
      where not exists (select 1 from seen s where s.human = f.human and s.blocked)
        and ($4::text is null or (f.day, f.human) > ($4, $5::uuid))
      order by f.day, f.human limit $3`,
    [tx.tenant, today, limit, after?.at ?? null, after?.human ?? null],
  );
  return rows;
}

/** Selects the people of both lists, each once for each list that they are on, and since which day. */
const onEitherList = `select s.human, to_char(s.since, 'YYYY-MM-DD') as since
    from seen s
   where s.listed
      or (s.blocked and s.human in (select human from dated))
  union all
  select d.human, d.since
    from dated d
   where not exists (select 1 from seen s where s.human = d.human and s.blocked)`;

/** A person of either list, with the day since which they are on it. */
export type PersonToMeet = { human: string; since: string };

/**
 * Lists the people to see first and those to call today together, by their ids, so that whoever reads
 * when they come next cannot tell which of the two they are. `after` is the last of the page before.
 */
export async function peopleToMeet(
  tx: Tx,
  today: string,
  { limit, after }: { limit: number; after?: string | undefined },
): Promise<PersonToMeet[]> {
  const { rows } = await tx.query<PersonToMeet>(
    `with seen as materialized (${seenFirst}), dated as materialized (${datedNeeds})
     select human, min(since) as since
       from (${onEitherList}) e
      where ($4::uuid is null or human > $4)
      group by human order by human limit $3`,
    [tx.tenant, today, limit, after ?? null],
  );
  return rows;
}

/** How many people are on each list, and on either of the two. */
export type DangerCounts = { seeFirst: number; callToday: number; toMeet: number };

/** Counts the people of both lists, without some who are hidden from the viewer. */
export async function countDanger(
  tx: Tx,
  today: string,
  hidden: readonly string[] = [],
): Promise<DangerCounts> {
  const { rows } = await tx.query<DangerCounts>(
    `with seen as materialized (${seenFirst}), dated as materialized (${datedNeeds})
     select
       (select count(*)
          from seen s
         where s.human <> all($3::uuid[])
           and (s.listed or (s.blocked and s.human in (select human from dated)))) as "seeFirst",
       (select count(distinct d.human)
          from dated d
         where d.human <> all($3::uuid[])
           and not exists
             (select 1 from seen s where s.human = d.human and s.blocked)) as "callToday",
       (select count(distinct e.human)
          from (${onEitherList}) e where e.human <> all($3::uuid[])) as "toMeet"`,
    [tx.tenant, today, hidden],
  );
  const [counts] = rows;
  return counts ?? { seeFirst: 0, callToday: 0, toMeet: 0 };
}

/** What an opened record shows of the answers about safety: the screenings as they were read. */
export type OpenedScreening = Pick<
  Rows['screening'],
  'id' | 'person' | 'instrument' | 'authored' | 'issues' | 'sources'
> & { isAboutSafety: boolean };

/**
 * Loads the screenings of some Patients that have an answer about safety, or another one that is
 * read alone, latest first.
 */
export async function openedScreenings(
  tx: Tx,
  patients: readonly string[],
): Promise<OpenedScreening[]> {
  const { rows } = await tx.query<OpenedScreening>(
    `select id, person, instrument, authored, issues, sources, (safety or danger) as "isAboutSafety"
       from screening where tenant = $tenant and person = any($1::uuid[])
        and (safety or danger or issues like '%"code":"sensitive"%')
      order by authored desc, id`,
    [patients],
  );
  return rows;
}

/** An open need that cannot wait. */
export type DatedNeed = Pick<Rows['referral'], 'id' | 'category' | 'danger' | 'must_by'>;

/** Loads the open needs of some Patients that cannot wait, by date. */
export async function datedNeedsOf(tx: Tx, patients: readonly string[]): Promise<DatedNeed[]> {
  const { rows } = await tx.query<DatedNeed>(
    `select id, category, danger, must_by from referral
      where tenant = $tenant and person = any($1::uuid[]) and ${isDated}
      order by must_by nulls first, id`,
    [patients],
  );
  return rows;
}
