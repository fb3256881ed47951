import type { Tx } from '../database/database.ts';
import { patientsOfHuman } from './patients-of-human.ts';

/**
 * How a person was shown.
 *
 * - `list`: one row among others; `search`: a result of a search
 * - `person`: the page of the person, or of one referral
 * - `safety`: the words of a safety answer; `address`: the address of where they live
 * - `print`, `copy` and `export`: something that leaves the page
 */
export type ViewKind =
  | 'list'
  | 'search'
  | 'person'
  | 'safety'
  | 'address'
  | 'print'
  | 'copy'
  | 'export';

/** A page or an answer of the API that shows people to somebody. */
export type PeopleShown = {
  principal: { id: string };
  /** The page or route as it is declared, such as `/people/:id`. It holds no id and no word. */
  page: string;
  /** The derived ids of the Patients that are shown; each counts once. */
  people: Iterable<string>;
  what?: ViewKind;
};

/**
 * Records that somebody was shown some people. It is called in the transaction that reads them, so
 * that nobody is shown whose view was not recorded. DECISIONS D158.
 */
export async function logViews(tx: Tx, shown: PeopleShown): Promise<void> {
  const people = [...new Set(shown.people)];
  if (people.length === 0) return;
  await tx.prepared(
    `insert into person_view (tenant, person, principal, page, what)
     select $4, person, $2, $3, $5 from unnest($1::uuid[]) person`,
    [people, shown.principal.id, shown.page, tx.tenant, shown.what ?? 'list'],
  );
}

/** One view of a person. */
export type PersonView = {
  id: number;
  at: Date;
  /** The human being, and the Patient that was shown. */
  person: string;
  patient: string;
  principal: string;
  page: string;
  what: ViewKind;
};

/** Which views are asked for. What is left out does not limit them. */
export type ViewSearch = {
  /** A human being, by the person's id or that of one of their Patients. */
  person?: string | undefined;
  /** The id of who looked. */
  principal?: string | undefined;
  from?: Date | undefined;
  /** The first moment that is not asked for any more. */
  to?: Date | undefined;
  /** The id of the last view of the page before. */
  after?: number | undefined;
  limit: number;
};

/** Lists views of people, the latest first. */
export async function listViews(tx: Tx, search: ViewSearch): Promise<PersonView[]> {
  const { rows } = await tx.query<PersonView>(
    `select v.id, v.at, coalesce(l.person, v.person) as person, v.person as patient, v.principal,
        v.page, v.what
       from person_view v
       left join patient_link l on l.tenant = v.tenant and l.patient = v.person
      where v.tenant = $tenant
        and ($1::uuid is null or v.person = any(${patientsOfHuman('$1')}))
        and ($2::text is null or v.principal = $2)
        and ($3::timestamptz is null or v.at >= $3) and ($4::timestamptz is null or v.at < $4)
        and ($5::bigint is null or v.id < $5)
      order by v.id desc limit $6`,
    [
      search.person ?? null,
      search.principal ?? null,
      search.from ?? null,
      search.to ?? null,
      search.after ?? null,
      search.limit,
    ],
  );
  return rows;
}
