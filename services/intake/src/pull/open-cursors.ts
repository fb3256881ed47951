import { quirksOf } from '@loopwell/ehrs';
import { newId } from '@loopwell/kit';
import { type Connection, ledger, pullCursors, type Tx } from '@loopwell/store';
import { type PulledType, pulledTypes } from './check/pulled-types.ts';

const allTypes = Object.keys(pulledTypes) as PulledType[];

const laneId = (connection: string, type: string, scope: string): string =>
  [connection, type, scope].join('/');

type Place = Pick<Connection, 'id' | 'tenant'>;

/**
 * Opens the cursors of a connection: one for each type and all people, or one for each type and
 * each named patient. Types that this kind of server searches for one patient only are read for
 * each Patient when it becomes known.
 */
export async function openLanesOf(
  tx: Tx,
  connection: Connection,
  read: { patients: readonly string[]; since: Date | null },
): Promise<void> {
  const { patients, since } = read;
  await pullCursors.readAnewUnder(tx, connection.id, connection.aliases ?? []);
  if (patients.length > 0) {
    await pullCursors.forgetUnknown(tx, connection.id, patients);
    return openLanes(tx, connection, allTypes, patients, { since });
  }
  const patientOnly = new Set(quirksOf(connection.quirks).patientOnly ?? []);
  const scoped = allTypes.filter((type) => patientOnly.has(type));
  await openLanes(
    tx,
    connection,
    allTypes.filter((type) => !patientOnly.has(type)),
    [],
    { since },
  );
  if (scoped.length === 0) return;
  await pullCursors.lockConnection(tx, connection.id);
  await pullCursors.addCursors(
    tx,
    scoped.map((type) => laneOf(connection, type, '', since)),
  );
  await pullCursors.markByPatient(tx, connection.id, scoped);
  const knownPatients = await pullCursors.knownPatients(tx, connection.id);
  if (knownPatients.length > 0) await openLanes(tx, connection, scoped, knownPatients, { since });
}

/** Opens cursors and makes them due: for all people (no scopes), or for each of some patients. */
export async function openLanes(
  tx: Tx,
  place: Place,
  types: readonly PulledType[],
  scopes: readonly string[],
  options: { since: Date | null },
): Promise<void> {
  const rows = types.flatMap((type) =>
    (scopes.length > 0 ? scopes : ['']).map((scope) => laneOf(place, type, scope, options.since)),
  );
  await pullCursors.addCursors(tx, rows);
  await makeDue(tx, rows);
}

/**
 * Opens cursors of newly known patients, once, for the types that this EHR refuses to search across
 * patients.
 */
export async function openLanesForPatients(
  tx: Tx,
  place: Place,
  patients: readonly string[],
): Promise<void> {
  if (patients.length === 0) return;
  await pullCursors.lockConnection(tx, place.id);
  const types = await pullCursors.typesByPatient(tx, place.id);
  const rows = types.flatMap(({ type, since }) =>
    patients.map((patient) => laneOf(place, type, patient, since)),
  );
  const there = new Set(
    (
      await pullCursors.loadCursors(
        tx,
        rows.map((row) => row.id),
      )
    ).map((lane) => lane.id),
  );
  const newRows = rows.filter((row) => !there.has(row.id));
  await pullCursors.addCursors(tx, newRows);
  await makeDue(tx, newRows);
}

const laneOf = (place: Place, type: string, scope: string, since: Date | null) => ({
  id: laneId(place.id, type, scope),
  tenant: place.tenant,
  connection: place.id,
  type,
  scope,
  since,
});

async function makeDue(tx: Tx, rows: readonly { id: string; tenant: string }[]): Promise<void> {
  const batch = newId();
  await ledger.due(
    tx,
    rows.map((lane) => ({
      tenant: lane.tenant,
      stage: 'pull',
      subject: lane.id,
      batch,
      trace: newId(),
    })),
  );
}
