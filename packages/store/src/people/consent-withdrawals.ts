import { newId } from '@loopwell/kit';
import type { Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';
import { samePeople } from './same-human.ts';

/** A withdrawal of everything: its id, and the moment from which no earlier consent counts. */
export type EverythingWithdrawn = { id: string; at: Date };

/** Records that people took back every consent. It is never changed: only a later yes counts. */
export async function addConsentWithdrawals(
  tx: Tx,
  people: readonly string[],
  { at, by, request }: { at: Date; by: string; request: string },
): Promise<void> {
  await insertRows(
    tx,
    'consent_withdrawal',
    ['tenant', 'id', 'person', 'withdrawn_at', 'withdrawn_by', 'request'],
    people.map((person) => [tx.tenant, newId(), person, at, by, request]),
  );
}

/**
 * Loads the latest withdrawal of everything, by the Patients that were asked about. It counts for
 * all Patients of the same person.
 */
export async function consentWithdrawalsOf(
  tx: Tx,
  people: readonly string[],
): Promise<Map<string, EverythingWithdrawn>> {
  if (people.length === 0) return new Map();
  const { rows } = await tx.query<EverythingWithdrawn & { asked: string }>(
    `with same as (${samePeople('$1')})
     select distinct on (n.asked) n.asked, w.id, w.withdrawn_at as at
       from same n join consent_withdrawal w on w.tenant = $tenant and w.person = n.patient
      order by n.asked, w.withdrawn_at desc, w.id`,
    [people],
  );
  return new Map(rows.map(({ asked, id, at }) => [asked, { id, at }]));
}
