import { addressOf, type Principal } from '@loopwell/http';
import { type ListedState, listedReferrals, peopleInDanger, type Tx } from '@loopwell/store';
import { personNames } from '../../person-names.ts';
import { type ListPage, listState, partnerNames } from '../../read/lists.ts';
import { type RecordView, readRecords } from '../../read/record.ts';
import { listAskOf } from '../../read/worklist-query.ts';
import { momentOf, type ReviewDeps, todayOf } from '../../reviewer.ts';
import { showPeople } from '../../shown-people.ts';
import type { FindPageView, ListPageView, ListRow } from '../list-page.ts';

/** Reads the view of a page of one of the other lists. */
export async function readList(
  tx: Tx,
  principal: Principal,
  query: Readonly<Record<string, unknown>>,
  state: ListedState,
  deps: ReviewDeps,
): Promise<ListPageView> {
  const ask = listAskOf(query, state, momentOf(deps));
  const { category, person } = ask;
  const listed = await listState(tx, principal.tenant, ask);
  const people = listed.items.map((review) => review.person.id);
  const named = person === undefined ? people : [...people, person];
  const visible = await showPeople(tx, { principal, page: '/review' }, named);
  const page = {
    ...listed,
    items: listed.items.filter((review) => visible.has(review.person.id)),
    rows: listed.rows.filter((row) => visible.has(row.person)),
  };
  const records = await readRecords(tx, deps, page.rows);
  const isVisible = person !== undefined && visible.has(person);
  return {
    state,
    person,
    personFirst: isVisible && (await isSeenFirst(tx, principal, person)),
    rows: listRows(page, records),
    names: await personNames(tx, [...visible], todayOf(deps)),
    partners: await partnerNames(tx, principal.tenant),
    next: page.next && addressOf('/review', { state, category, person, after: page.next }),
  };
}

function listRows(page: ListPage, records: ReadonlyMap<string, RecordView>): ListRow[] {
  return page.rows.map((row, index) => ({
    row,
    tasks: page.tasks.get(row.id) ?? [],
    seeFirst: page.items[index]?.seeFirst === true,
    isUnclear: row.state === 'partner' && records.get(row.person)?.standing === 'unclear',
  }));
}

/**
 * Tells whether the person that a list is about is to be seen first. Their referrals need not be on
 * the list.
 */
async function isSeenFirst(
  tx: Tx,
  { tenant }: Principal,
  person: string | undefined,
): Promise<boolean> {
  if (person === undefined) return false;
  return (await peopleInDanger(tx, tenant, [person])).has(person);
}

/** Finds the people under a Patient id of the chart. */
export async function findPeople(
  tx: Tx,
  principal: Principal,
  patient: string,
  today: string,
): Promise<FindPageView> {
  const id = patient.replace(/^Patient\//, '');
  const isId = /^[A-Za-z0-9.-]{1,64}$/.test(id);
  const { tenant } = principal;
  const matches = isId ? await listedReferrals.peopleByPatient(tx, tenant, id) : [];
  const showing = { principal, page: '/review/find', what: 'search' } as const;
  const visible = await showPeople(tx, showing, matches);
  const people = matches.filter((person) => visible.has(person));
  return {
    patient,
    people,
    names: await personNames(tx, people, today),
    first: await peopleInDanger(tx, tenant, people),
  };
}
