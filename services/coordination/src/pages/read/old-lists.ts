import { addressOf } from '@loopwell/http';
import { isSafetyCategory } from '@loopwell/sdoh';
import { stateOf } from '../../read/worklist-query.ts';

type Query = Readonly<Record<string, unknown>>;

/** The list of people that has what waited at a gate before. */
const pathsByGate: Readonly<Record<string, string>> = {
  review: '/decide',
  agreement: '/ask',
  consent: '/signature',
  noServiceCode: '/service',
  withoutHelp: '/without-help',
  noPartner: '/without-help',
  saidNo: '/later',
  postponed: '/later',
  hold: '/waiting',
  send: '/waiting',
};

/** The list of people that has the referrals of a state. */
const pathsByState: Readonly<Record<string, string>> = {
  withoutHelp: '/without-help',
  noPartner: '/without-help',
  hold: '/waiting',
  send: '/waiting',
  partner: '/waiting',
  closed: '/helped',
};

/** Lists of referrals that are on no list of people, because nothing is left to do. */
const endedStates = ['failed', 'refused', 'withdrawn'];

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Gives the address at which an old address of a list (`/review?…`) is now; undefined where the old
 * one has stayed. What a form has just recorded goes along.
 *
 * @throws AppError REQUEST_INVALID for a list that never was
 */
export function newAddressOf(query: Query): string | undefined {
  const { person, category, done, n, request } = query;
  stateOf(query);
  const isPerson = typeof person === 'string' && uuid.test(person);
  if (isPerson) return `/people/${person}`;
  if (endedStates.includes(String(query.state))) return undefined;
  const path = listPathOf(query);
  const need = isNeed(category) ? category : undefined;
  return addressOf(path, { need, ...made({ done, n, request }) });
}

/** Gives the address of the list for a state and a gate. */
export function listPathOf({ state, gate }: Query): string {
  const byState = pathsByState[String(state)];
  return byState ?? pathsByGate[String(gate ?? 'review')] ?? '/decide';
}

const isNeed = (category: unknown): category is string =>
  typeof category === 'string' && /^[a-z-]{1,60}$/.test(category) && !isSafetyCategory(category);

/** Gives the parameters that say what was just recorded, as our own redirects write them. */
function made(query: Query): Record<string, string | undefined> {
  const names = ['done', 'n', 'request'];
  const texts = names.map((name) => {
    const text = query[name];
    const isOurs = typeof text === 'string' && /^[a-z0-9-]{1,60}$/.test(text);
    return [name, isOurs ? text : undefined] as const;
  });
  return Object.fromEntries(texts);
}
