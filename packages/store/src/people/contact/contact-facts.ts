import {
  type ContactFacts,
  type ContactTry,
  defaultTryBudget,
  parseTryBudget,
  type TryBudget,
} from '@loopwell/sdoh';
import type { Tx } from '../../database/database.ts';
import { readSite } from '../../database/site.ts';
import { reachOf } from '../reach-choices.ts';
import { seeInPersonFacts } from '../safety/safety-facts.ts';
import { nosOfPeople } from './nos.ts';
import { personTries } from './tries.ts';

/**
 * Loads what decides whether people may be contacted, by Patient, over all records of each human.
 * Everybody that is asked about has a line.
 */
export async function contactFacts(
  tx: Tx,
  patients: readonly string[],
): Promise<Map<string, ContactFacts>> {
  const nos = await nosOfPeople(tx, patients);
  const tries = await personTries(tx, patients);
  const reach = await reachOf(tx, patients);
  const seenInPerson = await seeInPersonFacts(tx, patients);
  const budget = await readTryBudget(tx);
  const facts = new Map<string, ContactFacts>();
  for (const patient of patients)
    facts.set(patient, {
      nos: nos.get(patient) ?? [],
      tries: (tries.get(patient) ?? []).map(tryOf),
      budget,
      reach: reach.get(patient)?.recorded?.choice,
      seeInPerson: seenInPerson.get(patient),
      standing: reach.get(patient)?.standing ?? 'inactive',
    });
  return facts;
}

const tryOf = ({ day, channel, outcome }: ContactTry): ContactTry => ({ day, channel, outcome });

/** Reads how often a person of this site may be tried. */
export async function readTryBudget(tx: Tx): Promise<TryBudget> {
  const site = await readSite(tx);
  const { tryBudget } = JSON.parse(site?.settings ?? '{}') as { tryBudget?: string | null };
  return parseTryBudget(tryBudget ?? '') ?? defaultTryBudget;
}
