import type { Tx } from '../database/database.ts';
import { isDated, markedPatients } from '../people/safety/urgent-people.ts';
import type { ReferralRow } from '../referral/referrals.ts';

/**
 * The lists by work: one row for each human being. Everything here is personal data, for signed-in
 * people of the care team only. DECISIONS D156.
 */

/** Lists of what the care team does next. */
export const workLists = ['decide', 'ask', 'signature', 'service'] as const;

/** The lists of people, by what has to be done for them next. */
export const peopleLists = [...workLists, 'later', 'waiting', 'withoutHelp', 'helped'] as const;
export type PeopleList = (typeof peopleLists)[number];

/** A place in a list. It has no name and nothing that a person answered. */
export type PeopleCursor = { rank: number; at: string; human: string };

export type PeopleAsk = {
  list: PeopleList;
  limit: number;
  /** Today at the site (YYYY-MM-DD). */
  today: string;
  /** Who is marked *See first*, as `markedPeople` lists them. */
  marked: readonly string[];
  after?: PeopleCursor | undefined;
  category?: string | undefined;
  /** Only these people, such as those whom somebody looks after. */
  among?: readonly string[] | undefined;
};

/** A person's row: 0 ranks people to see first, 1 the others. */
export type PeopleRow = PeopleCursor;

/**
 * Lists the people who are marked *See first*, whichever Patient of theirs it is known of. A page
 * reads them once for everything that it asks.
 */
export async function markedPeople(tx: Tx): Promise<string[]> {
  const { rows } = await tx.query<{ human: string }>(
    `select distinct coalesce((select l.person from patient_link l
         where l.tenant = $tenant and l.patient = m.person), m.person) as human
       from (${markedPatients}) m`,
    [tx.tenant],
  );
  return rows.map((row) => row.human);
}

/** Tells in SQL whether a person is among those marked *See first* ($3). */
const isFirst = (row: string) => `${row}.human = any($3::uuid[])`;

/**
 * Tells in SQL whether a referral is postponed. One of a person to be seen first is postponed for
 * one night at most.
 */
const isPutOff = (row: string, today: string) =>
  `(${row}.postponed_until is not null and ${row}.postponed_until > ${today}::text
    and not (${row}.postponed_until > to_char(${today}::text::date + 1, 'YYYY-MM-DD')
      and ${isFirst(row)}))`;

/** What a list is sorted by, as SQL and its type. */
const keyOf = (list: PeopleList, row: string) => {
  if (list === 'later') return { sql: `${row}.later_day`, type: 'text' };
  if (list === 'waiting' || list === 'helped')
    return { sql: `${row}.gate_since`, type: 'timestamptz' };
  return { sql: `left(${row}.since, 10)`, type: 'text' };
};

/**
 * What those to be seen first are sorted by: the first date by which something must happen, then as
 * the others are. Who has no date comes as if it were today, so that the order does not tell why
 * somebody is marked.
 */
function markedKeyOf(list: PeopleList): string {
  const { sql, type } = keyOf(list, 'r');
  if (list === 'helped') return `max(${sql})`;
  if (type !== 'text') return `min(${sql})`;
  return `coalesce(min(r.must_by), case when count(*) > 0 then $2 end) || ' ' || min(${sql})`;
}

/**
 * Tells in SQL whether a referral is on a list. $2 is today. What waits for the day of a no, or for
 * the person to bring it up, is later whatever else was put off.
 */
const isOn = (list: PeopleList, row: string) =>
  list === 'later'
    ? `${row}.later_day is not null and ${row}.work_list is not null
       and (${row}.work_list = 'later' or (${isPutOff(row, '$2')}
         and ${row}.work_list in ('decide', 'ask', 'signature', 'service', 'withoutHelp')))`
    : `${row}.work_list = '${list}' and not ${isPutOff(row, '$2')}`;

/**
 * Lists a page of people: those to be seen first, then as the list is sorted. Each person stands
 * where their first referral on the list does. One row more than `limit` says that there are
 * others.
 */
export async function listPeople(tx: Tx, ask: PeopleAsk): Promise<PeopleRow[]> {
  const { after } = ask;
  // The planner does not see that a page ends early, and would sort the whole list for it.
  await setPlanner(tx, 'off');
  const { rows } = await tx.query<PeopleRow>(pageOf(ask), [
    tx.tenant,
    ask.today,
    ask.marked,
    ask.limit + 1,
    after?.rank ?? null,
    after?.at ?? null,
    after?.human ?? null,
    ...(ask.category === undefined ? [] : [ask.category]),
    ...(ask.among === undefined ? [] : [ask.among]),
  ]);
  await setPlanner(tx, 'on');
  return rows;
}

function pageOf({ list, after, category, among }: PeopleAsk): string {
  const [direction, beyond, before] = list === 'helped' ? ['desc', '<', '>'] : ['asc', '>', '<'];
  const key = keyOf(list, 'r');
  const ofNeed = (row: string) => (category === undefined ? 'true' : `${row}.category = $8::text`);
  const amongAt = category === undefined ? '$8' : '$9';
  const isAmong = (row: string) =>
    among === undefined ? 'true' : `${row}.human = any(${amongAt}::uuid[])`;
  const on = (row: string) => `${isOn(list, row)} and ${ofNeed(row)} and ${isAmong(row)}`;
  const isLater = (at: string, human: string) =>
    `(${at}, ${human}) ${beyond} ($6::text::${key.type}, $7::uuid)`;
  const place = after?.rank === 1 ? isLater(key.sql, 'r.human') : 'true';
  return `with marked as (select 0 as rank, m.at, f.human
       from unnest($3::uuid[]) as f(human) cross join lateral
        (select ${markedKeyOf(list)} as at from referral r
          where r.tenant = $1 and ${on('r')} and r.human = f.human offset 0) m
        where m.at is not null),
     others as (select 1 as rank, r.at, r.human
         from (select r.id, r.human, ${key.sql} as at from referral r
           where r.tenant = $1 and ${on('r')} and ${place}
           order by ${key.sql} ${direction}, r.human ${direction}, r.id ${direction}) r
        where not ${isFirst('r')} and (select true from referral o
            where o.tenant = $1 and ${on('o')} and o.human = r.human
              and (${keyOf(list, 'o').sql}, o.id) ${before} (r.at, r.id) limit 1) is null
        limit $4)
     select rank, at::text as at, human from (
         (select * from marked m where $5::int is null or ($5::int = 0
           and ${isLater('m.at', 'm.human')}))
         union all select * from others) x
      order by x.rank, x.at ${direction}, x.human ${direction} limit $4`;
}

/** Has a page read in the order of its index, without sorting. */
async function setPlanner(tx: Tx, sorts: 'on' | 'off'): Promise<void> {
  await tx.query(
    `select set_config('enable_sort', $1, true), set_config('enable_bitmapscan', $1, true)`,
    [sorts],
  );
}

/**
 * Has a transaction that reads for a page compile nothing and start no processes: the planner
 * expects more rows than a page reads, and both would take longer than the page.
 */
export async function readForPage(tx: Tx): Promise<void> {
  await tx.query(
    `select set_config('jit', 'off', true),
       set_config('max_parallel_workers_per_gather', '0', true)`,
  );
}

/** A referral on a list, with the person and what the row shows. */
export type ListedNeed = ReferralRow & { human: string; gate_since: Date };

/** Reads the referrals of some people that stand on a list. */
export async function needsOnList(
  tx: Tx,
  { list, today, marked }: Pick<PeopleAsk, 'list' | 'today' | 'marked'>,
  humans: readonly string[],
): Promise<ListedNeed[]> {
  if (humans.length === 0) return [];
  const { rows } = await tx.query<ListedNeed>(
    `select r.* from unnest($4::uuid[]) as f(human)
       join referral r on r.tenant = $1 and r.human = f.human
      where ${isOn(list, 'r')} order by r.since, r.id`,
    [tx.tenant, today, marked, humans],
  );
  return rows;
}

/** Reads the needs of some people that put them on the list of people to call today. */
export async function datedNeeds(
  tx: Tx,
  today: string,
  humans: readonly string[],
): Promise<ListedNeed[]> {
  if (humans.length === 0) return [];
  const { rows } = await tx.query<ListedNeed>(
    `select * from referral where tenant = $tenant and human = any($2::uuid[])
        and state = 'waiting' and given_up_by is null and coalesce(postponed_until, '') <= $1
        and ${isDated} order by must_by, since, id`,
    [today, humans],
  );
  return rows;
}

/** Counts are exact up to this many people. */
export const mostCounted = 1_000;

/** How many people stand on each list. */
export type ListCounts = Readonly<Record<PeopleList, number>>;

/**
 * Counts the people of all lists, each up to `mostCounted`, without some who are hidden from the
 * viewer. It reads the people of each list in the order of an index and ends at the most, so that
 * it takes the same time at any size.
 */
export async function countLists(
  tx: Tx,
  { today, marked }: Pick<PeopleAsk, 'today' | 'marked'>,
  hidden: readonly string[] = [],
): Promise<ListCounts> {
  const counted = (name: PeopleList) =>
    `select '${name}' as list, count(*) as n from (select distinct r.human
       from ${name === 'later' ? 'put_off' : 'referral'} r
      where r.tenant = $1 and ${isOn(name, 'r')} and r.human <> all($4::uuid[])
      limit ${mostCounted}) x`;
  const { rows } = await tx.query<{ list: string; n: number }>(
    `with put_off as materialized (select tenant, human, work_list, postponed_until, later_day
         from referral where tenant = $1 and later_day > $2 and work_list is not null)
     ${peopleLists.map(counted).join(' union all ')}`,
    [tx.tenant, today, marked, hidden],
  );
  const countOf = (name: PeopleList) => Number(rows.find(({ list }) => list === name)?.n ?? 0);
  return Object.fromEntries(peopleLists.map((name) => [name, countOf(name)])) as ListCounts;
}

/** Counts all people, up to `mostCounted`. */
export async function countAll(tx: Tx, hidden: readonly string[] = []): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    `select count(*) as n from (select distinct person from patient_link
       where tenant = $tenant and person <> all($1::uuid[]) limit ${mostCounted}) x`,
    [hidden],
  );
  return Number(rows[0]?.n ?? 0);
}

/** Counts the needs of each kind on one list, each up to `mostCounted`. */
export async function countNeeds(
  tx: Tx,
  { list, today, marked }: Pick<PeopleAsk, 'list' | 'today' | 'marked'>,
  categories: readonly string[],
): Promise<{ category: string; count: number }[]> {
  const { rows } = await tx.query<{ category: string; n: number }>(
    `select c.category, (select count(*) from (select 1 from referral r
         where r.tenant = $1 and ${isOn(list, 'r')} and r.category = c.category
         limit ${mostCounted}) x) as n
       from unnest($4::text[]) as c(category)`,
    [tx.tenant, today, marked, categories],
  );
  const counts = rows.map(({ category, n }) => ({ category, count: Number(n) }));
  return counts.filter(({ count }) => count > 0);
}

/** The people of Patients, by the Patients' derived ids. A Patient without a link is its own. */
export async function humansOf(tx: Tx, patients: readonly string[]): Promise<Map<string, string>> {
  if (patients.length === 0) return new Map();
  const { rows } = await tx.query<{ patient: string; person: string }>(
    `select patient, person from patient_link
      where tenant = $tenant and patient = any($1::uuid[])`,
    [patients],
  );
  return new Map(rows.map((row) => [row.patient, row.person]));
}

/** The Patients of some people, each with its person; a person's own Patient comes first. */
export async function patientsOf(
  tx: Tx,
  humans: readonly string[],
): Promise<{ patient: string; human: string }[]> {
  if (humans.length === 0) return [];
  const { rows } = await tx.query<{ patient: string; human: string }>(
    `select patient, person as human from patient_link
      where tenant = $tenant and person = any($1::uuid[])
      order by person, (patient = person) desc, patient`,
    [humans],
  );
  return rows;
}
