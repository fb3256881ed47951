import { quirksOf } from '@loopwell/ehrs';
import type { Connection, Tx } from '@loopwell/store';
import { allTypes, openLanes } from './stage.ts';

/**
 * Opens the lanes of a connection: one for each type and everyone, or one for each type and each named patient. Types that
 * this kind of server only searches for one patient wait until patients are named.
 */
export async function openLanesOf(tx: Tx, connection: Connection, read: { patients: readonly string[]; since: Date | null }): Promise<void> {
  const patientOnly = new Set(quirksOf(connection.quirks).patientOnly ?? []);
  const scoped = read.patients.length > 0 ? allTypes : [];
  const open = read.patients.length > 0 ? [] : allTypes.filter((type) => !patientOnly.has(type));
  if (open.length > 0) await openLanes(tx, connection, open, [], { since: read.since });
  if (scoped.length > 0) await openLanes(tx, connection, scoped, read.patients, { since: read.since });
}
