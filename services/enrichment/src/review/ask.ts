import type { WorklistSort } from '@loopwell/store';
import { limitOf, uuid } from './forms.ts';
import { type ReviewGate, reviewGates, type WorklistAsk } from './read.ts';

/** What a page of the worklist shows: those that wait at one gate, or those that were postponed at any. */
export type WorklistView = ReviewGate | 'postponed';

const sorts: readonly WorklistSort[] = ['urgency', 'person', 'need'];

type Query = Readonly<Record<string, unknown>>;

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const categoryIn = (value: unknown): string | undefined => {
  const text = textOf(value);
  return text !== undefined && /^[a-z-]{1,60}$/.test(text) ? text : undefined;
};

export const viewOf = (value: unknown): WorklistView | undefined =>
  value === 'postponed' ? 'postponed' : reviewGates.find((gate) => gate === value);

/** Reads a page's or the API's query; what it does not know it leaves out, for the contract has refused it where there is one. */
export function askOf(query: Query, { now, today }: Pick<WorklistAsk, 'now' | 'today'>): WorklistAsk {
  const view = viewOf(query.gate);
  const person = textOf(query.person);
  return {
    gates: view === undefined || view === 'postponed' ? reviewGates : [view],
    sort: sorts.find((one) => one === query.sort) ?? 'urgency',
    limit: limitOf(query.limit),
    now,
    today,
    cursor: textOf(query.cursor) ?? textOf(query.after),
    category: categoryIn(query.category),
    person: person !== undefined && uuid.test(person) ? person : undefined,
    postponed: view === 'postponed' || query.postponed === true || query.postponed === 'true',
  };
}
