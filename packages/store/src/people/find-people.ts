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

/**
 * Finds people by names, birth date, MRN and phone number: each word of the search has to fit some
 * Patient of the person. Whole words come first, then their beginnings, then letters within them.
 *
 * @returns ids of people, at most `limit`
 */
export async function findPeople(tx: Tx, search: PersonSearch, limit: number): Promise<string[]> {
  const [first, ...others] = longestFirst(search);
  if (first === undefined) return [];
  const values = new Values();
  // One word fits as many people as there are; of several, few fit all.
  const most = values.add(others.length === 0 ? limit * patientsOfOne : null);
  const parts = first.map(
    (wish, rank) => `(select ${human} as person, ${rank} as rank, t.term
      from person_term t ${moved}
     where t.tenant = $tenant and ${fits(wish, values)}
     order by t.term limit ${most})`,
  );
  const more = others.map(
    (word) => `x.person in (select ${human} from person_term t ${moved}
       where t.tenant = $tenant and (${word.map((wish) => fits(wish, values)).join(' or ')}))`,
  );
  const { rows } = await tx.query<{ person: string }>(
    `select x.person from (${parts.join(' union all ')}) x
      where ${['true', ...more].join(' and ')} group by x.person
      order by min(x.rank), min(x.term), x.person limit ${values.add(limit)}`,
    values.list,
  );
  return rows.map((row) => row.person);
}

/** The person of a term's Patient: its own id, but for the few Patients that were moved to another. */
const moved = `left join patient_link m on m.tenant = $tenant and m.patient = t.patient
  and m.person <> m.patient`;
const human = 'coalesce(m.person, t.patient)';

/** The longest word fits the fewest people. */
const longestFirst = (search: PersonSearch) =>
  search.toSorted((a, b) => (b[0]?.term.length ?? 0) - (a[0]?.term.length ?? 0));

function fits({ kind, term, isStart, isEnd }: SearchWish, values: Values): string {
  if (isEnd) {
    const [four, whole] = [values.add(term.slice(-4)), values.add(term)];
    return `(t.kind = 'phone' and right(t.term, 4) = ${four} and right(t.term, length(${whole})) = ${whole})`;
  }
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
