import { insertRows, type Tx } from './database.ts';

/** How far one connection, type and scope has been pulled: a durable cursor. */
export type Lane = {
  id: string;
  organisation: string;
  connection: string;
  type: string;
  /** Empty for everyone, else the id of one Patient. */
  scope: string;
  upto: Date | null;
  window_from: Date | null;
  window_to: Date | null;
  next_url: string | null;
  pages: number;
  resources: number;
  final_to: Date | null;
  done: boolean;
  note: string | null;
};

export async function addLanes(
  tx: Tx,
  lanes: readonly { id: string; organisation: string; connection: string; type: string; scope: string; upto: Date | null }[],
): Promise<void> {
  await insertRows(
    tx,
    'pull_lane',
    ['id', 'organisation', 'connection', 'type', 'scope', 'upto'],
    lanes.map((lane) => [lane.id, lane.organisation, lane.connection, lane.type, lane.scope, lane.upto]),
    'on conflict (id) do nothing',
  );
}

export async function loadLanes(tx: Tx, ids: readonly string[]): Promise<Lane[]> {
  const { rows } = await tx.query<Lane>('select * from pull_lane where id = any($1)', [ids]);
  return rows;
}

export async function saveLane(tx: Tx, lane: Lane): Promise<void> {
  await tx.query(
    `update pull_lane set upto = $2, window_from = $3, window_to = $4, next_url = $5, pages = $6, resources = $7,
        final_to = $8, done = $9, note = $10 where id = $1`,
    [
      lane.id,
      lane.upto,
      lane.window_from,
      lane.window_to,
      lane.next_url,
      lane.pages,
      lane.resources,
      lane.final_to,
      lane.done,
      lane.note,
    ],
  );
}

export async function saveConnection(
  tx: Tx,
  connection: { id: string; organisation: string; base: string; quirks: string },
): Promise<void> {
  await tx.query(
    `insert into connection (id, organisation, base, quirks) values ($1, $2, $3, $4)
     on conflict (id) do update set base = excluded.base, quirks = excluded.quirks`,
    [connection.id, connection.organisation, connection.base, connection.quirks],
  );
}

export type Connection = { id: string; organisation: string; base: string; quirks: string };

export async function loadConnections(tx: Tx, ids: readonly string[]): Promise<Map<string, Connection>> {
  const { rows } = await tx.query<Connection>('select id, organisation, base, quirks from connection where id = any($1)', [ids]);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Ids of Patients that are known of a connection: pulled, or named by a scope. */
export async function knownPatients(tx: Tx, connection: string): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select source_id as id from pulled where connection = $1 and type = 'Patient'
     union select scope from pull_lane where connection = $1 and scope <> '' order by id`,
    [connection],
  );
  return rows.map((row) => row.id);
}

/** Lanes that were finished by an earlier run go on from where they stopped. */
export async function reopenLanes(tx: Tx, connection: string): Promise<void> {
  await tx.query('update pull_lane set done = false, note = null, final_to = null, window_to = null where connection = $1', [connection]);
}
