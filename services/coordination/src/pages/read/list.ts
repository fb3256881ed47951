import { addressOf, type Principal } from '@loopwell/http';
import { type ListedState, listedReferrals, peopleInDanger, type Tx } from '@loopwell/store';
import { personNames } from '../../person-names.ts';
import { type ListPage, listState, partnerNames } from '../../read/lists.ts';
import { type RecordView, readRecords } from '../../read/record.ts';
import { listAskOf } from '../../read/worklist-query.ts';
import { momentOf, type ReviewDeps, todayOf } from '../../reviewer.ts';
import type { FindPageView, ListPageView, ListRow } from '../list-page.ts';
import { isSeenFirst } from './worklist.ts';

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
  const page = await listState(tx, principal.tenant, ask);
  const people = page.items.map((review) => review.person.id);
  const records = await readRecords(tx, deps, page.rows);
  const named = person === undefined ? people : [...people, person];
  return {
    state,
    person,
    personFirst: await isSeenFirst(tx, principal, person),
    rows: listRows(page, records),
    names: await personNames(tx, named, todayOf(deps)),
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

/** Finds the people under a Patient id of the chart. */
export async function findPeople(
  tx: Tx,
  { tenant }: Principal,
  patient: string,
  today: string,
): Promise<FindPageView> {
  const id = patient.replace(/^Patient\//, '');
  const isId = /^[A-Za-z0-9.-]{1,64}$/.test(id);
  const people = isId ? await listedReferrals.peopleByPatient(tx, tenant, id) : [];
  return {
    patient,
    people,
    names: await personNames(tx, people, today),
    first: await peopleInDanger(tx, tenant, people),
  };
}
