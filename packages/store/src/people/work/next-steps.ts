import { newId } from '@loopwell/kit';
import type { Tx } from '../../database/database.ts';
import type { Rows } from '../../database/rows.generated.ts';

/** What is done next for a person, and on which day. */
export type StepRow = Rows['next_step'];

/** A next step that is recorded now. */
export type NewStep = { person: string; step: string; dueOn: string; by: string };

/** Records the one next step for a person. The one before is done with. */
export async function planStep(
  tx: Tx,
  patients: readonly string[],
  entered: NewStep,
): Promise<void> {
  await endSteps(tx, patients, entered.by);
  await tx.query(
    `insert into next_step (tenant, id, person, step, due_on, recorded_by)
     values ($tenant, $1, $2, $3, $4, $5)`,
    [newId(), entered.person, entered.step, entered.dueOn, entered.by],
  );
}

/** Says that the next step of a person is done. Gives false where there is none. */
export async function endSteps(tx: Tx, patients: readonly string[], by: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update next_step set done_at = loopwell_now(), done_by = $2
      where tenant = $tenant and person = any($1::uuid[]) and done_at is null`,
    [patients, by],
  );
  return (rowCount ?? 0) > 0;
}

/** Finds the next step of a person; undefined where there is none. */
export async function nextStepOf(
  tx: Tx,
  patients: readonly string[],
): Promise<StepRow | undefined> {
  const { rows } = await tx.query<StepRow>(
    `select * from next_step
      where tenant = $tenant and person = any($1::uuid[]) and done_at is null
      order by recorded_at desc, id limit 1`,
    [patients],
  );
  return rows[0];
}
