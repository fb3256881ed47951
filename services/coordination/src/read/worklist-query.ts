import { AppError } from '@loopwell/kit';
import { type ListedState, listedReferrals, type WorklistSort } from '@loopwell/store';
import { limitOf, uuid } from '../decide/form-data.ts';
import type { Moment } from '../reviewer.ts';
import type { ListAsk } from './lists.ts';
import { type ReviewGate, reviewGates, type WorklistAsk } from './review-view.ts';

/**
 * The referrals that a page of the worklist shows: those that wait at one gate, or those that were
 * postponed at any.
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

/** Reads the view from a page's `gate` parameter. */
const viewOf = (parameter: unknown): WorklistView | undefined =>
  parameter === 'postponed' ? 'postponed' : reviewGates.find((gate) => gate === parameter);

const wholeStates = ['waiting', 'withoutHelp', ...listedReferrals.listedStates] as const;

/**
 * Reads which list a query asks for; undefined for the worklist of reviewers.
 *
 * @throws AppError REQUEST_INVALID naming the parameter, for an unknown state and for parameters
 *   that only the worklist has
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

/** Reads a page's or the API's query for one of the other lists. */
export function listAskOf(query: Query, state: ListedState, moment: Moment): ListAsk {
  const { limit, cursor, category, person } = askOf(query, moment);
  return { state, limit, ...moment, cursor, category, person };
}

/**
 * Reads a page's or the API's query for the worklist. Unknown values are ignored, because the
 * contract refuses them for the API.
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
