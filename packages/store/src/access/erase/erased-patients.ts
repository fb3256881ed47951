import type { Tx } from '../../database/database.ts';

const lockName = (tx: Tx): string => `erase/${tx.tenant}`;

/** Waits until nobody stores resources, and lets nobody store any until the commit. */
export async function lockErasing(tx: Tx): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 9))', [lockName(tx)]);
}

/**
 * Finds those of some Patients who were erased: nothing of them is stored again. Nobody can be
 * erased from then on until the commit.
 */
export async function erasedAmong(tx: Tx, patients: readonly string[]): Promise<Set<string>> {
  // A statement of its own, so that the next one sees what was committed while this one waited.
  await tx.query('select pg_advisory_xact_lock_shared(hashtextextended($1, 9))', [lockName(tx)]);
  const { rows } = await tx.query<{ patient: string }>(
    'select patient from erased_patient where tenant = $tenant and patient = any($1::uuid[])',
    [patients],
  );
  return new Set(rows.map(({ patient }) => patient));
}
