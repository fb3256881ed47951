import { AppError } from '@loopwell/kit';
import { requireRow, type Tx } from '../../database/database.ts';

/** The row of the people on duty. `people` is JSON whose fields the domain knows. */
export type OnDutyRow = {
  version: number;
  people: string;
  phone: string | null;
  changed_at: Date;
  changed_by: string;
};

const columns = 'version, people, phone, changed_at, changed_by';

/** Reads who is on duty; undefined where nobody was ever named. */
export async function readOnDuty(tx: Tx): Promise<OnDutyRow | undefined> {
  const { rows } = await tx.query<OnDutyRow>(
    `select ${columns} from on_duty where tenant = $tenant`,
  );
  return rows[0];
}

/** Lists the latest versions, the current one first. */
export async function onDutyVersions(tx: Tx, most: number): Promise<OnDutyRow[]> {
  const { rows } = await tx.query<OnDutyRow>(
    `select ${columns} from on_duty_version where tenant = $tenant and version > 0
      order by version desc limit $1`,
    [most],
  );
  return rows;
}

/** Locks the row, which is made where it is missing, until the transaction ends. */
export async function lockOnDuty(tx: Tx, by: string): Promise<OnDutyRow> {
  await tx.query(
    'insert into on_duty (tenant, changed_by) values ($tenant, $1) on conflict (tenant) do nothing',
    [by],
  );
  const { rows } = await tx.query<OnDutyRow>(
    `select ${columns} from on_duty where tenant = $tenant for update`,
  );
  return requireRow(rows, 'on duty');
}

/**
 * Changes who is on duty. The row was locked by `lockOnDuty` before.
 *
 * @param change.version the version that was changed; left out, whichever there is
 * @throws AppError CONFLICT where somebody has changed another version meanwhile
 */
export async function changeOnDuty(
  tx: Tx,
  change: { version?: number | undefined; people: object; phone: string; by: string },
): Promise<OnDutyRow> {
  const row = await lockOnDuty(tx, change.by);
  if (change.version !== undefined && row.version !== change.version)
    throw new AppError('CONFLICT', 'Somebody changed this list meanwhile: look at it again', {
      facts: { field: 'version', version: row.version },
    });
  const { rows } = await tx.query<OnDutyRow>(
    `update on_duty set version = version + 1, people = $1, phone = $2,
        changed_at = loopwell_now(), changed_by = $3
      where tenant = $tenant returning ${columns}`,
    [JSON.stringify(change.people), change.phone, change.by],
  );
  return requireRow(rows, 'on duty');
}
