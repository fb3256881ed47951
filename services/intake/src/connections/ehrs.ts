import { backendServices, type Credentials, createFhirClient, type FhirClient, type Outbound, staticBearer } from '@loopwell/fhir/client';
import { AppError, type Clock } from '@loopwell/kit';
import { type ConnectionSettings, connections, type Secrets, type Tx } from '@loopwell/store';

/** An EHR that can be talked to. */
export type Ehr = { client: FhirClient; quirks: string };
export type FindEhr = (connection: string) => Promise<Ehr>;

type Named = {
  connection: { id: string; base: string; quirks: string; aliases?: readonly string[] };
  credentials?: Credentials | undefined;
};

export type EhrResources = { db: Tx; outbound: Outbound; clock: Clock; secrets?: Secrets | undefined; signal?: AbortSignal };

/** Where the secret of a connection is kept, for its seal. */
export const placeOf = (one: { organisation: string; id: string }): string => `connection/${one.organisation}/${one.id}`;

/**
 * Opens EHRs by the id of their connection: those that were named, with the credentials that came along, and any other
 * as its row says. A row that has changed gives a new client; the limits of an unchanged one go on.
 *
 * @throws AppError (the found function) NOT_FOUND for a connection that nobody has configured
 */
export function createEhrs(named: readonly Named[], resources: EhrResources): FindEhr {
  const { outbound, clock, signal } = resources;
  const stop = signal ? { signal } : {};
  const given = new Map(
    named.map(({ connection, credentials }) => {
      const client = createFhirClient({ base: connection.base, aliases: connection.aliases ?? [], outbound, credentials, clock, ...stop });
      return [connection.id, { client, quirks: connection.quirks }];
    }),
  );
  const opened = new Map<string, Ehr & { revision: number }>();
  return async (id) => {
    const known = given.get(id);
    if (known) return known;
    const row = await connections.loadConnection(resources.db, id);
    if (!row || row.credentials === 'given') throw new AppError('NOT_FOUND', 'This EHR is not connected', { facts: { connection: id } });
    const open = opened.get(id);
    if (open?.revision === row.revision) return open;
    const client = createFhirClient({
      base: row.base,
      aliases: row.aliases,
      outbound,
      credentials: credentialsOf(row, resources),
      clock,
      ...stop,
    });
    const made = { client, quirks: row.quirks, revision: row.revision };
    opened.set(id, made);
    return made;
  };
}

function credentialsOf(row: ConnectionSettings, { outbound, clock, secrets }: EhrResources): Credentials | undefined {
  if (row.credentials === 'none') return undefined;
  if (!secrets) throw new AppError('CONFIG_INVALID', 'This process has no key for the secrets of connections');
  const secret = secrets.open(row.secret ?? '', placeOf(row));
  if (row.credentials === 'bearer') return staticBearer(secret);
  const { clientId = '', keyId, tokenUrl, scopes = 'system/*.rs' } = row.client;
  return backendServices({ base: row.base, clientId, keyFile: { text: secret }, keyId, tokenUrl, scopes, outbound, clock });
}
