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

/** What claimed rows are about. */
type Known = { lane: PullCursor; connection: Connection };

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
 * An EHR that is slow or left alone holds up its own lanes: they are given back, and the others are
 * read.
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
