import {
  type ContactFacts,
  type ContactTry,
  defaultTryBudget,
  parseTryBudget,
  type RecordedReach,
  type TryBudget,
} from '@loopwell/sdoh';
import type { Tx } from '../../database/database.ts';
import { readSite } from '../../database/site.ts';
import { reachOf } from '../reach-choices.ts';
import { seeInPersonFacts } from '../safety/safety-facts.ts';
import { familiesOf } from '../work/households.ts';
import { nosOfPeople } from './nos.ts';
import { personTries, type TryRow } from './tries.ts';

/**
 * Loads what decides whether people may be contacted, by Patient, over all records of each human.
 * Everybody that is asked about has a line.
 */
export async function contactFacts(
  tx: Tx,
  patients: readonly string[],
): Promise<Map<string, ContactFacts>> {
  const nos = await nosOfPeople(tx, patients);
  const families = await familiesOf(tx, patients);
  const siblings = [...families.values()].flatMap((family) => family.siblings);
  const tries = await personTries(tx, [...patients, ...siblings]);
  const reach = await reachOf(tx, patients);
  const seenInPerson = await seeInPersonFacts(tx, patients);
  const budget = await readTryBudget(tx);
  const facts = new Map<string, ContactFacts>();
  for (const patient of patients)
    facts.set(patient, {
      nos: nos.get(patient) ?? [],
      tries: triesOf(patient, families.get(patient)?.siblings ?? [], tries).map(tryOf),
      budget,
      reach: reach.get(patient)?.recorded?.choice,
      reachAloneAt: aloneAt(reach.get(patient)?.recorded),
      seeInPerson: seenInPerson.get(patient),
      standing: reach.get(patient)?.standing ?? 'inactive',
    });
  return facts;
}

/** Gives when somebody who was alone said how to reach them. */
const aloneAt = (recorded: RecordedReach | undefined): Date | undefined =>
  recorded?.askedAlone ? recorded.answeredAt : undefined;

/** Lists the tries that count for a person. Brothers and sisters share them: one message for all. */
function triesOf(
  patient: string,
  siblings: readonly string[],
  tries: ReadonlyMap<string, readonly TryRow[]>,
): TryRow[] {
  const all = [patient, ...siblings].flatMap((one) => tries.get(one) ?? []);
  return [...new Map(all.map((row) => [row.id, row])).values()];
}

const tryOf = ({ day, channel, outcome }: ContactTry): ContactTry => ({ day, channel, outcome });

/** Reads how often a person of this site may be tried. */
export async function readTryBudget(tx: Tx): Promise<TryBudget> {
  const site = await readSite(tx);
  const { tryBudget } = JSON.parse(site?.settings ?? '{}') as { tryBudget?: string | null };
  return parseTryBudget(tryBudget ?? '') ?? defaultTryBudget;
}
