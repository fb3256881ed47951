import { AppError } from '@loopwell/kit';
import type { Tx } from '../database/database.ts';
import type { Rows } from '../database/rows.generated.ts';
import { byLockOrder } from '../ledger/lock-order.ts';

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

/** @throws AppError CONFLICT when another tenant has a connection of this id, or one of it was deleted */
export async function saveConnectionSettings(
  tx: Tx,
  one: Omit<ConnectionSettings, 'revision'>,
): Promise<void> {
  const { rowCount } = await tx.query(
    `insert into connection as c (id, tenant, base, quirks, credentials, client, secret, patients, since, aliases)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (id) do update set base = excluded.base, quirks = excluded.quirks, credentials = excluded.credentials,
        client = excluded.client, secret = excluded.secret, patients = excluded.patients, since = excluded.since, aliases = excluded.aliases,
        revision = c.revision + 1, changed_at = now()
      where c.tenant = excluded.tenant and c.deleted_at is null`,
    [
      one.id,
      one.tenant,
      one.base,
      one.quirks,
      one.credentials,
      JSON.stringify(one.client),
      one.secret,
      JSON.stringify(one.patients),
      one.since,
      JSON.stringify(one.aliases),
    ],
  );
  if (rowCount === 0) throw new AppError('CONFLICT', 'This id is taken');
}

/** What coding reads with a connection: the site's own codes in LOINC (FHIR ConceptMap) and its choices, as JSON text. */
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

/** Lanes that waited because their connection was paused go on from where they stopped. What failed meanwhile stays as it is. */
export async function wakeCursors(tx: Tx, connection: string, batch: string): Promise<void> {
  await tx.query(
    `with waiting as (
       select stage, subject from ledger k where stage = 'pull' and waits_for = 'operator' and error_code is null
          and subject in (select id from pull_cursor where connection = $1)
        order by ${byLockOrder('k')} for update)
     update ledger l set waits_for = 'worker', due = clock_timestamp(), generation = generation + 1, batch = $2,
         waited_for = l.waits_for, waited_since = l.since, since = now(),
         owed_by = 'worker', owed_since = clock_timestamp()
       from waiting w where l.stage = w.stage and l.subject = w.subject`,
    [connection, batch],
  );
}
