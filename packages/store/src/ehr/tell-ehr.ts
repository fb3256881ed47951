import { newId } from '@loopwell/kit';
import type { Tx } from '../database/database.ts';
import type { DueRow } from '../ledger/ledger.ts';
import { type WantedResource, wantWriteBacks } from './write-backs.ts';

/** A person whose EHR is to learn something, and the trace of the work that says so. */
type Addressee = Pick<DueRow, 'tenant' | 'trace'> & { person: string };

/**
 * Makes the ledger rows of `write-back` for some people. A worker then brings their EHRs up to
 * date.
 */
export function writeBackDue(people: readonly Addressee[], batch: string): DueRow[] {
  return people.map(({ tenant, person, trace }) => ({
    tenant,
    stage: 'write-back',
    subject: person,
    person,
    batch,
    trace,
  }));
}

/**
 * Notes that resources of ours are to be written to their EHRs. The caller has locked the people's
 * rows of `write-back` before, with `awaitStage`, or by making them due.
 *
 * @returns the rows that become due: those of the people whose EHR is to learn something new. A
 *   caller that made their rows due before does not need them.
 */
export async function tellEhr(
  tx: Tx,
  resources: readonly (WantedResource & { trace: string })[],
): Promise<DueRow[]> {
  const people = await wantWriteBacks(tx, resources);
  const isNews = ({ person }: WantedResource) => people.has(person);
  return writeBackDue(resources.filter(isNews), newId());
}
