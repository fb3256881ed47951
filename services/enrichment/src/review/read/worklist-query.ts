import { AppError } from '@loopwell/kit';
import { type ListedState, listedReferrals, type WorklistSort } from '@loopwell/store';
import { limitOf, uuid } from '../decide/form-data.ts';
import type { Moment } from '../reviewer.ts';
import type { ListAsk } from './lists.ts';
import { type ReviewGate, reviewGates, type WorklistAsk } from './review-view.ts';

/**
 * What a page of the worklist shows: those that wait at one gate, or those that were postponed at
 * any.
 */
export type WorklistView = ReviewGate | 'postponed';

const sorts: readonly WorklistSort[] = ['urgency', 'person', 'need'];

type Query = Readonly<Record<string, unknown>>;

const textOf = (parameter: unknown): string | undefined =>
  typeof parameter === 'string' && parameter !== '' ? parameter : undefined;

const categoryIn = (parameter: unknown): string | undefined => {
  const text = textOf(parameter);
  return text !== undefined && /^[a-z-]{1,60}$/.test(text) ? text : undefined;
};

export const viewOf = (parameter: unknown): WorklistView | undefined =>
  parameter === 'postponed' ? 'postponed' : reviewGates.find((gate) => gate === parameter);

const wholeStates = ['waiting', 'withoutHelp', ...listedReferrals.listedStates] as const;

/**
 * Which list is asked for: what waits for a reviewer (undefined), or another one.
 *
 * @throws AppError REQUEST_INVALID naming the parameter, for a state that is none, and for what
 *   belongs to the worklist only
 */
export function stateOf(query: Query): ListedState | undefined {
  const state =
    query.state === undefined ? 'waiting' : wholeStates.find((one) => one === query.state);
  if (state === undefined) throw wrong('There is no such list of referrals', 'state');
  if (state === 'waiting') return undefined;
  if (state === 'withoutHelp') {
    if (query.gate !== undefined && query.gate !== 'withoutHelp')
      throw wrong('These wait at the gate withoutHelp', 'gate');
    return undefined;
  }
  if (query.gate !== undefined)
    throw wrong('Only what waits for a reviewer is listed by gate', 'gate');
  if (query.postponed === true || query.postponed === 'true')
    throw wrong('Only what waits for a reviewer is postponed', 'postponed');
  if (query.sort !== undefined && query.sort !== 'urgency')
    throw wrong('Only what waits for a reviewer is sorted', 'sort');
  return state;
}

const wrong = (message: string, field: string) =>
  new AppError('REQUEST_INVALID', message, { facts: { field } });

/** A page's or the API's query for one of the other lists. */
export function listAskOf(query: Query, state: ListedState, moment: Moment): ListAsk {
  const { limit, cursor, category, person } = askOf(query, moment);
  return { state, limit, ...moment, cursor, category, person };
}

/**
 * Reads a page's or the API's query; what it does not know it leaves out, for the contract has
 * refused it where there is one.
 */
export function askOf(query: Query, moment: Moment): WorklistAsk {
  const view = query.state === 'withoutHelp' ? 'withoutHelp' : viewOf(query.gate);
  const person = textOf(query.person);
  return {
    gates: view === undefined || view === 'postponed' ? reviewGates : [view],
    sort: sorts.find((one) => one === query.sort) ?? 'urgency',
    limit: limitOf(query.limit),
    ...moment,
    cursor: textOf(query.cursor) ?? textOf(query.after),
    category: categoryIn(query.category),
    person: person !== undefined && uuid.test(person) ? person : undefined,
    postponed: view === 'postponed' || query.postponed === true || query.postponed === 'true',
  };
}
