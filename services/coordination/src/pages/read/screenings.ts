import type { Principal } from '@loopwell/http';
import { reviews, type Tx } from '@loopwell/store';
import { personNames } from '../../person-names.ts';
import { screeningsToLookAt } from '../../read/read-screenings.ts';
import { type ReviewDeps, todayOf } from '../../reviewer.ts';
import { showPeople } from '../../shown-people.ts';
import type { ScreeningsPageView } from '../screenings-page.ts';

/** The most screenings on one page. A reviewed one makes room for the next. */
const mostScreenings = 100;

/** Reads the view of the page of screenings that need review. */
export async function readScreenings(
  tx: Tx,
  principal: Principal,
  deps: ReviewDeps,
): Promise<ScreeningsPageView> {
  const today = todayOf(deps);
  const attention = await reviews.countAttention(tx, principal.tenant);
  const listed = await screeningsToLookAt(tx, principal.tenant, mostScreenings);
  const people = listed.map(({ person }) => person);
  const visible = await showPeople(tx, { principal, page: '/review/screenings' }, people);
  const screenings = listed.filter(({ person }) => visible.has(person));
  return {
    // People with an answer about safety are on the list See first.
    count: attention.all - attention.danger,
    screenings,
    names: await personNames(tx, [...visible], today),
  };
}
