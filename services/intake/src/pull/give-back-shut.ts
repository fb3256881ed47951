import { mapDefined } from '@loopwell/fhir';
import type { Lease } from '@loopwell/pipeline';
import {
  type Connection,
  type LedgerRow,
  loadConnections,
  type PullCursor,
  pullCursors,
  type Tx,
} from '@loopwell/store';
import type { PullStageDeps } from './ports.ts';

/** The cursor and the connection of a claimed row. */
type Known = { lane: PullCursor; connection: Connection };

/**
 * Loads the cursor and the connection of each row, by the cursor's id. Rows without either are left
 * out.
 */
export async function loadKnown(tx: Tx, rows: readonly LedgerRow[]): Promise<Map<string, Known>> {
  const cursors = await pullCursors.loadCursors(
    tx,
    rows.map((row) => row.subject),
  );
  const connections = await loadConnections(tx, [
    ...new Set(cursors.map((lane) => lane.connection)),
  ]);
  return new Map(
    mapDefined(cursors, (lane) => {
      const connection = connections.get(lane.connection);
      return connection ? ([lane.id, { lane, connection }] as const) : undefined;
    }),
  );
}

/**
 * Gives back the rows of EHRs that are slow or must not be asked now, and returns the others. So
 * such an EHR delays only its own cursors.
 */
export async function giveBackShut(
  deps: Pick<PullStageDeps, 'waitFor'>,
  lease: Lease<Tx, LedgerRow>,
  claimed: ReadonlyMap<string, Known>,
): Promise<readonly LedgerRow[]> {
  const free: LedgerRow[] = [];
  for (const [base, rows] of Map.groupBy(
    lease.rows,
    (row) => claimed.get(row.subject)?.connection.base,
  )) {
    const waitMs = base === undefined ? undefined : deps.waitFor(base, rows.length);
    if (waitMs !== undefined) {
      await lease.giveBack(rows, waitMs);
      continue;
    }
    if (base !== undefined) lease.waitAt(rows, base);
    free.push(...rows);
  }
  return free;
}
