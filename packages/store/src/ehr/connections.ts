import { AppError } from '@loopwell/kit';
import type { Tx } from '../database/database.ts';
import type { Rows } from '../database/rows.generated.ts';

/** The way in which an EHR is reached. `given`: by credentials that the process is started with. */
export type CredentialsKind = Rows['connection']['credentials'];

/** The public facts of a SMART client, without its secret. */
export type SmartClient = {
  clientId?: string;
  keyId?: string;
  tokenUrl?: string;
  scopes?: string;
};

export type ConnectionSettings = {
  id: string;
  tenant: string;
  base: string;
  quirks: string;
  credentials: CredentialsKind;
  client: SmartClient;
  /** Sealed; null where there is none. */
  secret: string | null;
  /** Ids of the patients to read; everyone when empty. */
  patients: readonly string[];
  since: Date | null;
  /** Other bases under which the EHR names itself in its links. */
  aliases: readonly string[];
  /** Grows with each change: an open client of an older one is not used any more. */
  revision: number;
};

type Stored = Omit<ConnectionSettings, 'client' | 'patients' | 'aliases'> & {
  client: string;
  patients: string;
  aliases: string;
};

const columns =
  'id, tenant, base, quirks, credentials, client, secret, patients, since, aliases, revision';

/** Parses the JSON columns of a stored connection. */
const settingsOf = (row: Stored): ConnectionSettings => ({
  ...row,
  client: JSON.parse(row.client) as SmartClient,
  patients: JSON.parse(row.patients) as string[],
  aliases: JSON.parse(row.aliases) as string[],
});

/**
 * Loads a connection by its id alone, of any tenant. Workers use it, which get ids of connections
 * from rows of ours.
 */
export async function loadConnection(tx: Tx, id: string): Promise<ConnectionSettings | undefined> {
  const { rows } = await tx.query<Stored>(
    `select ${columns} from connection where tenant = $tenant and id = $1 and deleted_at is null`,
    [id],
  );
  return rows[0] && settingsOf(rows[0]);
}

/** Lists a tenant's connections in the order of their ids. */
export async function listConnections(tx: Tx, tenant: string): Promise<ConnectionSettings[]> {
  const { rows } = await tx.query<Stored>(
    `select ${columns} from connection where tenant = $1 and deleted_at is null order by id`,
    [tenant],
  );
  return rows.map(settingsOf);
}

/**
 * Locks the configuration of a connection until the transaction ends, and loads it. It waits for
 * another process that is configuring the same connection.
 */
export async function lockConnection(tx: Tx, id: string): Promise<ConnectionSettings | undefined> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 1))', [
    `connection/${tx.tenant}/${id}`,
  ]);
  return loadConnection(tx, id);
}

/**
 * Saves the settings of a connection, new or changed, and raises its revision.
 *
 * @throws AppError CONFLICT when another tenant has a connection of this id, or one of it was
 *   deleted
 */
export async function saveConnectionSettings(
  tx: Tx,
  connectionSettings: Omit<ConnectionSettings, 'revision'>,
): Promise<void> {
  const { rowCount } = await tx.query(
    `insert into connection as c (id, tenant, base, quirks, credentials, client, secret, patients,
      since, aliases)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (tenant, id) do update set base = excluded.base, quirks = excluded.quirks,
     credentials = excluded.credentials,
        client = excluded.client, secret = excluded.secret, patients = excluded.patients,
        since = excluded.since, aliases = excluded.aliases,
        revision = c.revision + 1, changed_at = loopwell_now()
      where c.deleted_at is null`,
    [
      connectionSettings.id,
      connectionSettings.tenant,
      connectionSettings.base,
      connectionSettings.quirks,
      connectionSettings.credentials,
      JSON.stringify(connectionSettings.client),
      connectionSettings.secret,
      JSON.stringify(connectionSettings.patients),
      connectionSettings.since,
      JSON.stringify(connectionSettings.aliases),
    ],
  );
  if (rowCount === 0) throw new AppError('CONFLICT', 'This id is taken');
}

/**
 * The coding settings of a connection: the site's own codes in LOINC (FHIR ConceptMap) and its
 * choices, as JSON text.
 */
export type SiteSettings = Pick<Rows['connection'], 'concept_map' | 'choices'>;

/**
 * Loads the coding settings of a connection of this tenant. A connection of another tenant gives
 * undefined.
 */
export async function loadSite(
  tx: Tx,
  tenant: string,
  id: string,
): Promise<SiteSettings | undefined> {
  const { rows } = await tx.query<SiteSettings>(
    'select concept_map, choices from connection where id = $1 and tenant = $2',
    [id, tenant],
  );
  return rows[0];
}

/**
 * Saves the coding settings of a connection. An open client goes on, since the way in which the EHR
 * is reached does not change.
 */
export async function saveSite(tx: Tx, id: string, site: SiteSettings): Promise<void> {
  await tx.query(
    `update connection set concept_map = $2, choices = $3, changed_at = loopwell_now()
      where tenant = $tenant and id = $1`,
    [id, site.concept_map, site.choices],
  );
}

/**
 * Saves a connection with its coding settings, and revives a deleted one. A map that is left out
 * stays as it was and an empty one ends it. Of the choices, those that are named are changed.
 */
export async function saveConnection(tx: Tx, connection: Connection): Promise<void> {
  await tx.query(
    `insert into connection as c (id, tenant, base, quirks, concept_map, choices, aliases)
     values ($1, $2, $3, $4, nullif($5, ''), $6, $7)
     on conflict (tenant, id) do update set base = excluded.base, quirks = excluded.quirks,
     aliases = excluded.aliases,
        deleted_at = null, deleted_by = null,
        concept_map = case when $5::text is null then c.concept_map else excluded.concept_map end,
        choices = case when $6::text is null then c.choices
                       else (coalesce(c.choices, '{}')::jsonb || $6::jsonb)::text end`,
    [
      connection.id,
      connection.tenant,
      connection.base,
      connection.quirks,
      connection.concept_map ?? null,
      connection.choices ?? null,
      JSON.stringify(connection.aliases ?? []),
    ],
  );
}

/** A connection with its coding settings, without credentials. */
export type Connection = {
  id: string;
  tenant: string;
  base: string;
  quirks: string;
  /** FHIR ConceptMap from the site's own codes to LOINC, as JSON text. */
  concept_map?: string | null;
  /** The site's choices that differ from the guide's advice, as JSON text. */
  choices?: string | null;
  /** Other bases under which the EHR names itself in its links. */
  aliases?: readonly string[];
};

/** Loads connections by their ids. */
export async function loadConnections(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, Connection>> {
  const { rows } = await tx.query<Connection>(
    `select id, tenant, base, quirks, concept_map, choices from connection
      where tenant = $tenant and id = any($1)`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Saves the HTTP status with which the EHR answered `/metadata`. */
export async function saveMetadataStatus(
  tx: Tx,
  connection: string,
  status: number,
): Promise<void> {
  await tx.query(
    `update connection set metadata_status = $2 where tenant = $tenant and id = $1
      and metadata_status is distinct from $2`,
    [connection, status],
  );
}
