import type { Tx } from '../database/database.ts';

const isEndangering =
  "danger is not null and state in ('waiting', 'partner') and approval is distinct from 'refused'";

/**
 * Selects the people of a tenant ($1) who are to be seen first, as part of a statement.
 * DECISIONS D25. DECISIONS D80.
 */
export const endangeredPeople = `select person from screening where tenant = $1 and (safety
  or danger)
  union select person from referral where tenant = $1 and ${isEndangering}`;

/**
 * Conditions that rank a list: an urgent danger first, then other referrals of people to be seen
 * first, then the rest. They are parts of a statement over `referral r` beside which `endangered`
 * holds the people of `endangeredPeople`.
 */
export const seeFirstRanks = [
  'r.danger is not null',
  'r.danger is null and r.person in (select person from endangered)',
  'r.danger is null and r.person not in (select person from endangered)',
] as const;

/**
 * Finds those of some people who are to be seen first: an open referral names a danger, or a
 * screening has an answer about safety that warns or cannot be read. A review of the screening ends
 * no danger; a record that says otherwise does. A harmless answer ("never hurt") marks no person.
 */
export async function peopleInDanger(
  tx: Tx,
  tenant: string,
  persons: readonly string[],
): Promise<Set<string>> {
  if (persons.length === 0) return new Set();
  const { rows } = await tx.query<{ person: string }>(
    `select person from screening where tenant = $1 and person = any($2) and (safety or danger)
     union
     select person from referral
      where tenant = $1 and person = any($2) and ${isEndangering}`,
    [tenant, persons],
  );
  return new Set(rows.map((row) => row.person));
}
