import { addressOf, type Principal } from '@loopwell/http';
import { peopleInDanger, type Tx } from '@loopwell/store';
import { serviceChoices } from '../../decide/apply-decision.ts';
import { signedNoes } from '../../decide/consent/signed-no.ts';
import { nothingTyped } from '../../decide/form-data.ts';
import { personNames } from '../../person-names.ts';
import { screeningsToLookAt } from '../../read/read-screenings.ts';
import { readRecords } from '../../read/record.ts';
import { listReviews, reviewGates, type WorklistAsk } from '../../read/review-view.ts';
import { askOf, viewOf, type WorklistView } from '../../read/worklist-query.ts';
import { momentOf, type ReviewDeps, todayOf } from '../../reviewer.ts';
import { showPeople } from '../../shown-people.ts';
import type { ScreeningsPageView } from '../screenings-page.ts';
import type { WorklistPageView } from '../worklist-page.ts';
import { type Counted, countTabs } from './tabs.ts';

type Query = Readonly<Record<string, unknown>>;

/**
 * Reads the view of a page of the worklist. Without a chosen gate it opens at the first one where a
 * referral waits.
 */
export async function readWorklist(
  tx: Tx,
  principal: Principal,
  query: Query,
  deps: ReviewDeps,
): Promise<WorklistPageView> {
  const moment = momentOf(deps);
  const { today } = moment;
  const { needsIn, ...counted } = await countTabs(tx, principal, today);
  const gate = gateOf(query, counted.counts);
  const ask = askOf({ ...query, gate }, moment);
  const listed = await listReviews(tx, principal.tenant, ask);
  const named = listed.items.map(({ person }) => person.id);
  const about = ask.person === undefined ? [] : [ask.person];
  const visible = await showPeople(tx, { principal, page: '/review' }, [...named, ...about]);
  const page = {
    ...listed,
    items: listed.items.filter(({ person }) => visible.has(person.id)),
    rows: listed.rows.filter(({ person }) => visible.has(person)),
  };
  const isVisible = ask.person !== undefined && visible.has(ask.person);
  const noes = gate === 'consent' ? await signedNoes(tx, deps, page.rows) : new Map();
  return {
    gate,
    tabs: { ...counted, current: gate },
    ask,
    items: page.items,
    names: await personNames(tx, [...visible], today),
    records: await readRecords(tx, deps, page.rows),
    personFirst: isVisible && (await isSeenFirst(tx, principal, ask.person)),
    needs: needsIn(gate),
    noes,
    services: serviceChoices(''),
    contactFromChart: deps.contactFromChart ?? false,
    here: worklistAddress(gate, ask, ask.cursor),
    next: page.next && worklistAddress(gate, ask, page.next),
    today,
    tomorrow: dayAfter(today),
    typed: nothingTyped,
  };
}

function gateOf(query: Query, counts: Counted['counts']): WorklistView {
  const asked = query.state === 'withoutHelp' ? query.state : viewOf(query.gate);
  return asked ?? reviewGates.find((gate) => counts[gate] > 0) ?? 'review';
}

/**
 * Gives the address of a page of the worklist. The same page is shown again if a decision could not
 * be made.
 */
function worklistAddress(gate: WorklistView, ask: WorklistAsk, after: string | undefined): string {
  const { sort, category, person } = ask;
  const sorted = sort === 'urgency' ? undefined : sort;
  return addressOf('/review', { gate, sort: sorted, category, person, after });
}

/**
 * Tells whether the person that a list is about is to be seen first. Their referrals need not be on
 * the list.
 */
export async function isSeenFirst(
  tx: Tx,
  { tenant }: Principal,
  person: string | undefined,
): Promise<boolean> {
  if (person === undefined) return false;
  return (await peopleInDanger(tx, tenant, [person])).has(person);
}

/** Gives the day after a day (YYYY-MM-DD). */
export const dayAfter = (day: string): string =>
  new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);

/** The most screenings on one page. A reviewed one makes room for the next. */
const mostScreenings = 100;

/** Reads the view of the page of screenings that need review. */
export async function readScreenings(
  tx: Tx,
  principal: Principal,
  deps: ReviewDeps,
): Promise<ScreeningsPageView> {
  const today = todayOf(deps);
  const { needsIn: _needs, ...counted } = await countTabs(tx, principal, today);
  const listed = await screeningsToLookAt(tx, principal.tenant, mostScreenings);
  const people = listed.map(({ person }) => person);
  const visible = await showPeople(tx, { principal, page: '/review/screenings' }, people);
  const screenings = listed.filter(({ person }) => visible.has(person));
  return {
    tabs: { ...counted, current: 'screenings' },
    screenings,
    names: await personNames(tx, [...visible], today),
  };
}
