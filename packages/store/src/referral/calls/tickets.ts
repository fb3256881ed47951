import { randomInt } from 'node:crypto';
import type { Tx } from '../../database/database.ts';

/** Digits and consonants that nobody mixes up. Without vowels no code is a word. */
const signs = '23456789BCDFGHJKMNPQRSTVWXZ';
/** Short enough to be said over a counter. A code opens nothing, so that it need not be secret. */
const length = 5;

const newCode = (): string =>
  Array.from({ length }, () => signs.charAt(randomInt(signs.length))).join('');

/** Gives a code to each Task that has none. */
export async function addTickets(tx: Tx, tasks: readonly string[]): Promise<void> {
  if (tasks.length === 0) return;
  await tx.query(
    `insert into ticket (tenant, task, code)
     select $tenant, n.task, n.code from unnest($1::uuid[], $2::text[]) as n(task, code)
     on conflict do nothing`,
    [tasks, tasks.map(newCode)],
  );
}

/** Reads the codes of some Tasks, by Task. */
export async function ticketsOf(
  tx: Tx,
  tasks: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await tx.query<{ task: string; code: string }>(
    'select task, code from ticket where tenant = $tenant and task = any($1::uuid[])',
    [tasks],
  );
  return new Map(rows.map(({ task, code }) => [task, code]));
}
