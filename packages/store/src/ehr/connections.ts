import { AppError } from '@loopwell/kit';
import type { Tx } from '../database/database.ts';
import type { Rows } from '../database/rows.generated.ts';

/** How an EHR is reached. `given`: by credentials that whoever runs the process brings along. */
export type CredentialsKind = Rows['connection']['credentials'];

/** What is told about a SMART client and is no secret. */
export type SmartClient = { clientId?: string; keyId?: string; tokenUrl?: string; scopes?: string };

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

const settingsOf = (row: Stored): ConnectionSettings => ({
  ...row,
  client: JSON.parse(row.client) as SmartClient,
  patients: JSON.parse(row.patients) as string[],
  aliases: JSON.parse(row.aliases) as string[],
});

/** By its id alone: for workers, which get ids of connections from rows of ours. */
export async function loadConnection(tx: Tx, id: string): Promise<ConnectionSettings | undefined> {
  const { rows } = await tx.query<Stored>(
    `select ${columns} from connection where id = $1 and deleted_at is null`,
    [id],
  );
  return rows[0] && settingsOf(rows[0]);
}

export async function listConnections(tx: Tx, tenant: string): Promise<ConnectionSettings[]> {
  const { rows } = await tx.query<Stored>(
    `select ${columns} from connection where tenant = $1 and deleted_at is null order by id`,
    [tenant],
  );
  return rows.map(settingsOf);
}

/** Waits for whoever else is configuring this connection. */
export async function lockConnection(tx: Tx, id: string): Promise<ConnectionSettings | undefined> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 1))', [`connection/${id}`]);
  return loadConnection(tx, id);
}

/**
 * @throws AppError CONFLICT when another tenant has a connection of this id, or one of it was
 * deleted
 */
export async function saveConnectionSettings(
  tx: Tx,
  connectionSettings: Omit<ConnectionSettings, 'revision'>,
): Promise<void> {
  const { rowCount } = await tx.query(
    `insert into connection as c (id, tenant, base, quirks, credentials, client, secret, patients, since, aliases)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (id) do update set base = excluded.base, quirks = excluded.quirks, credentials = excluded.credentials,
        client = excluded.client, secret = excluded.secret, patients = excluded.patients, since = excluded.since, aliases = excluded.aliases,
        revision = c.revision + 1, changed_at = now()
      where c.tenant = excluded.tenant and c.deleted_at is null`,
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
 * What coding reads with a connection: the site's own codes in LOINC (FHIR ConceptMap) and its
 * choices, as JSON text.
 */
export type SiteSettings = Pick<Rows['connection'], 'concept_map' | 'choices'>;

/** Of this tenant only: somebody else's connection is none. */
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

/** An open client of the connection goes on: how the EHR is reached is not changed by it. */
export async function saveSite(tx: Tx, id: string, site: SiteSettings): Promise<void> {
  await tx.query(
    'update connection set concept_map = $2, choices = $3, changed_at = now() where id = $1',
    [id, site.concept_map, site.choices],
  );
}

/**
 * A map that is left out stays as it was and an empty one ends it; of the choices, those that are
 * named are changed.
 */
export async function saveConnection(tx: Tx, connection: Connection): Promise<void> {
  await tx.query(
    `insert into connection as c (id, tenant, base, quirks, concept_map, choices, aliases)
     values ($1, $2, $3, $4, nullif($5, ''), $6, $7)
     on conflict (id) do update set base = excluded.base, quirks = excluded.quirks, aliases = excluded.aliases,
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

export type Connection = {
  id: string;
  tenant: string;
  base: string;
  quirks: string;
  /** FHIR ConceptMap from the site's own codes to LOINC, as JSON text. */
  concept_map?: string | null;
  /** What the site wants otherwise than the guide advises, as JSON text. */
  choices?: string | null;
  /** Other bases under which the EHR names itself in its links. */
  aliases?: readonly string[];
};

export async function loadConnections(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, Connection>> {
  const { rows } = await tx.query<Connection>(
    'select id, tenant, base, quirks, concept_map, choices from connection where id = any($1)',
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Notes how `/metadata` of the EHR was answered. */
export async function saveMetadataStatus(
  tx: Tx,
  connection: string,
  status: number,
): Promise<void> {
  await tx.query(
    'update connection set metadata_status = $2 where id = $1 and metadata_status is distinct from $2',
    [connection, status],
  );
}
