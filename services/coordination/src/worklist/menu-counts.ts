import type { Principal } from '@loopwell/http';
import {
  leftToTell,
  operations,
  partnerCalls,
  peopleLists,
  restrictedCharts,
  reviews,
  safety,
  type Tx,
} from '@loopwell/store';
import { listPlaces } from '../read/people-lists.ts';

/**
 * Reads the counts of the menu by address, as the viewer may see the lists: what other processes
 * have committed is counted, and restricted charts of others are not,
 * but on the lists of people in danger.
 */
export async function readMenuCounts(
  tx: Tx,
  principal: Principal,
  today: string,
): Promise<ReadonlyMap<string, number>> {
  await peopleLists.readForPage(tx);
  const hidden = await restrictedCharts.hiddenPatients(tx, principal);
  const marked = await peopleLists.markedPeople(tx);
  const lists = await peopleLists.countLists(tx, { today, marked }, hidden);
  // Somebody has to see and call these people: whoever may not open one is told that there is one.
  const danger = await safety.countDanger(tx, today);
  const attention = await reviews.countAttention(tx, principal.tenant);
  return new Map([
    ['/call-today', danger.callToday],
    ['/see-first', danger.seeFirst],
    ...listPlaces.map(({ path, list }) => [path, lists[list]] as const),
    ['/appointments', danger.toMeet],
    ['/people', await peopleLists.countAll(tx, hidden)],
    ['/review/screenings', attention.all - attention.danger],
    ['/partners', await operations.countPartners(tx)],
    ['/partners/calls', (await partnerCalls.countCalls(tx)) + (await leftToTell.countUntold(tx))],
  ]);
}
