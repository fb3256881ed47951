import type { PatientStanding } from '../patient-standing.ts';
import type { PersonProfile } from '../profile-model.ts';
import type { ReachChoice } from './reach-choice.ts';

/** A choice with who asked and when, and the record's contacts of that time. */
export type RecordedReach = {
  /** Id of the answer. Each answer is kept. */
  id: string;
  choice: ReachChoice;
  answeredAt: Date;
  askedBy: string;
  /** They were alone with whoever asked. */
  askedAlone: boolean;
  recordKey: string;
};

/** How many days an answer about how to reach a person counts. */
const reachDays = 90;

const dayMs = 86_400_000;

/** Whether a person is to be asked how to reach them, and why, or from when on. */
export type NextAsk =
  | { isDue: true; why: 'never-asked' | 'answer-is-old' | 'record-changed' }
  | { isDue: false; from: Date };

/**
 * Tells when a person is to be asked again how to reach them: after 90 days, and where numbers or
 * addresses of the record have changed since.
 */
export function nextAsk(
  recorded: Pick<RecordedReach, 'answeredAt' | 'recordKey'> | undefined,
  { now, recordKey }: { now: Date; recordKey: string },
): NextAsk {
  if (recorded === undefined) return { isDue: true, why: 'never-asked' };
  if (recorded.recordKey !== recordKey) return { isDue: true, why: 'record-changed' };
  const from = new Date(recorded.answeredAt.getTime() + reachDays * dayMs);
  return from <= now ? { isDue: true, why: 'answer-is-old' } : { isDue: false, from };
}

/**
 * Writes numbers and addresses of a profile as one text, in an order of its own, so that two
 * versions of a record can be compared.
 */
export function reachableText({ contacts, addresses }: PersonProfile): string {
  const numbers = contacts.map(({ system, address, use, period }) =>
    JSON.stringify([system, address, use, period?.start, period?.end]),
  );
  const places = addresses.map(({ lines, city, state, postalCode, text, use, period }) =>
    JSON.stringify([lines, city, state, postalCode, text, use, period?.start, period?.end]),
  );
  return [...numbers.sort(), ...places.sort()].join('\n');
}

/**
 * How a person stands toward everything that goes out to them. `changed`: numbers or addresses of
 * the record have changed since the person was asked how to reach them.
 */
export type ContactStanding = 'active' | 'deceased' | 'inactive' | 'merged' | 'changed';

/**
 * Judges from all Patients of one person whether anything may go out to them. One record of a death
 * is enough. A record that cannot be read clearly stops everything until a person has looked.
 */
export function contactStanding(
  standings: readonly PatientStanding[],
  hasChanged: boolean,
): ContactStanding {
  if (standings.includes('died')) return 'deceased';
  if (standings.length === 0 || standings.includes('unclear')) return 'inactive';
  const inUse = standings.filter((standing) => standing !== 'merged');
  if (inUse.length === 0) return 'merged';
  if (inUse.every((standing) => standing === 'inactive')) return 'inactive';
  return hasChanged ? 'changed' : 'active';
}
