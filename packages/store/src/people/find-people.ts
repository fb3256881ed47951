import { newId } from '@loopwell/kit';
import type { PersonSearch, SearchWish } from '@loopwell/sdoh';
import { nowOnce } from '../database/clock-sql.ts';
import type { Tx } from '../database/database.ts';

/** How long a search stays behind its address. */
const searchMinutes = 30;

/** A person has a few Patients at most, and each fits by a few terms. */
const patientsOfOne = 10;

/** Values of a statement, which writes `$n` for each one that is added. */
class Values {
  readonly list: unknown[] = [];
  add(parameter: unknown): string {
    this.list.push(parameter);
    return `$${this.list.length}`;
  }
}

/** Up to this many rows of a word are counted, to begin with the word that fits the fewest. */
const mostCounted = 2_000;

/**
 * Finds people by names, birth date, MRN and phone number: each word of the search has to fit some
 * Patient of the person. Whole words come first, then their beginnings, then letters within them.
 *
 * @returns ids of people, at most `limit`
 */
export async function findPeople(tx: Tx, search: PersonSearch, limit: number): Promise<string[]> {
  const [first, ...others] = await fewestFirst(tx, search);
  if (first === undefined) return [];
  const values = new Values();
  const most = values.add(limit * patientsOfOne);
  const more = others.map(
    (word) => `exists (select 1 from patient_link o join person_term t
      on t.tenant = o.tenant and t.patient = o.patient
    where o.tenant = $tenant and t.tenant = $tenant and o.person = l.person
      and (${word.map((wish) => fits(wish, values)).join(' or ')}))`,
  );
  const parts = first.map(
    (wish, rank) => `(select l.person, ${rank} as rank, t.term from person_term t
      join patient_link l on l.tenant = $tenant and l.patient = t.patient
     where t.tenant = $tenant and ${[fits(wish, values), ...more].join(' and ')}
     order by t.term limit ${most})`,
  );
  const { rows } = await tx.query<{ person: string }>(
    `select x.person from (${parts.join(' union all ')}) x group by x.person
      order by min(x.rank), min(x.term), x.person limit ${values.add(limit)}`,
    values.list,
  );
  return rows.map((row) => row.person);
}

/** Puts the word that fits the fewest people first, since the others are looked up for each of them. */
async function fewestFirst(tx: Tx, search: PersonSearch): Promise<PersonSearch> {
  if (search.length < 2) return search;
  const values = new Values();
  const counts = search.map((word) => {
    const parts = word.map(
      (wish) => `(select 1 from person_term t where t.tenant = $tenant and ${fits(wish, values)}
        limit ${mostCounted})`,
    );
    return `(select count(*) from (${parts.join(' union all ')}) x)`;
  });
  const { rows } = await tx.query<{ counts: string[] }>(
    `select array[${counts.join(', ')}] as counts`,
    values.list,
  );
  const countOf = (word: PersonSearch[number]) => Number(rows[0]?.counts[search.indexOf(word)]);
  return search.toSorted((a, b) => countOf(a) - countOf(b));
}

function fits({ kind, term, isStart }: SearchWish, values: Values): string {
  const of = `t.kind = ${values.add(kind)} and`;
  if (!isStart) return `(${of} t.term = ${values.add(term)})`;
  // No letter is behind this one in the order of bytes.
  const end = `${term}\u{10FFFF}`;
  return `(${of} t.term >= ${values.add(term)} and t.term < ${values.add(end)})`;
}

/**
 * Keeps what a person searched for, for half an hour, and forgets what is older.
 *
 * @returns the random id of its address
 */
export async function keepSearch(tx: Tx, principal: string, typed: string): Promise<string> {
  const id = newId();
  await tx.query(`delete from person_search where tenant = $tenant and until < ${nowOnce}`);
  await tx.query(
    `insert into person_search (tenant, id, principal, typed, until)
     values ($tenant, $1, $2, $3, ${nowOnce} + make_interval(mins => $4))`,
    [id, principal, typed, searchMinutes],
  );
  return id;
}

/** Reads what a person searched for; undefined for another person, and once it is too old. */
export async function readSearch(
  tx: Tx,
  principal: string,
  id: string,
): Promise<string | undefined> {
  const { rows } = await tx.query<{ typed: string }>(
    `select typed from person_search
      where tenant = $tenant and id = $1::uuid and principal = $2 and until >= ${nowOnce}`,
    [id, principal],
  );
  return rows[0]?.typed;
}
