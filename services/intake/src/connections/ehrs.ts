import { withoutUndefined } from '@loopwell/fhir';
import {
  backendServices,
  type Credentials,
  createFhirClient,
  type FhirClient,
  type Outbound,
  staticBearer,
} from '@loopwell/fhir/client';
import { AppError, type Clock } from '@loopwell/kit';
import {
  type ConnectionSettings,
  connections,
  placeOfConnection,
  type Secrets,
  type Tx,
} from '@loopwell/store';
import type { NotePlace, Notes } from './notes.ts';
import { scopesFor } from './smart-scopes.ts';

/** An EHR that can be talked to. DECISIONS D100. */
export type Ehr = { client: FhirClient; quirks: string };
export type FindEhr = (connection: string) => Promise<Ehr>;

type Named = {
  connection: NotePlace & { base: string; quirks: string; aliases?: readonly string[] };
  credentials?: Credentials | undefined;
};

export type EhrResources = {
  db: Tx;
  outbound: Outbound;
  clock: Clock;
  secrets?: Secrets | undefined;
  signal?: AbortSignal;
  /** Scopes for writing are asked for too. */
  writeBack: boolean;
  notes: Notes;
};

/**
 * Opens EHRs by the id of their connection: those that were named, with the credentials that came
 * along, and any other as its row says. A row that has changed gives a new client; the limits of an
 * unchanged one go on.
 *
 * @throws AppError (the found function) NOT_FOUND for a connection that nobody has configured
 */
export function createEhrs(configured: readonly Named[], resources: EhrResources): FindEhr {
  const { outbound, clock, signal, notes } = resources;
  const stop = { hasPages: true, ...withoutUndefined({ signal: signal || undefined }) };
  const open = (
    place: NotePlace,
    at: { base: string; aliases?: readonly string[] },
    credentials: Credentials | undefined,
  ) =>
    createFhirClient({
      ...{ base: at.base, aliases: at.aliases ?? [], outbound, clock, ...stop },
      credentials: credentials && watched(credentials, (granted) => notes.granted(place, granted)),
      onWait: (until) => notes.waits(place, until),
    });
  const namedEhrs = new Map(
    configured.map(({ connection, credentials }) => {
      const client = open(connection, connection, credentials);
      return [connection.id, { client, quirks: connection.quirks }];
    }),
  );
  const opened = new Map<string, Ehr & { revision: number }>();
  return async (id) => {
    const named = namedEhrs.get(id);
    if (named) return named;
    const row = await connections.loadConnection(resources.db, id);
    if (!row || row.credentials === 'given')
      throw new AppError('NOT_FOUND', 'This EHR is not connected', { facts: { connection: id } });
    const openedEhr = opened.get(id);
    if (openedEhr?.revision === row.revision) return openedEhr;
    const client = open(row, row, credentialsOf(row, resources));
    const made = { client, quirks: row.quirks, revision: row.revision };
    opened.set(id, made);
    return made;
  };
}

/** Tells which scopes came with a token, each time that they are others. */
function watched(credentials: Credentials, tell: (granted: string) => void): Credentials {
  let last: string | undefined;
  const look = (bearer: string | undefined) => {
    const granted = credentials.granted?.();
    if (granted !== undefined && granted !== last) tell(granted);
    last = granted;
    return bearer;
  };
  return {
    ...credentials,
    bearer: async () => look(await credentials.bearer()),
    renew: async (refused) => look(await credentials.renew(refused)),
  };
}

function credentialsOf(
  row: ConnectionSettings,
  { outbound, clock, secrets, writeBack }: EhrResources,
): Credentials | undefined {
  if (row.credentials === 'none') return undefined;
  if (!secrets)
    throw new AppError('CONFIG_INVALID', 'This process has no key for the secrets of connections');
  const secret = secrets.open(row.secret ?? '', placeOfConnection(row));
  if (row.credentials === 'bearer') return staticBearer(secret);
  const { clientId = '', keyId, tokenUrl, scopes = scopesFor(writeBack) } = row.client;
  return backendServices({
    base: row.base,
    clientId,
    keyFile: { text: secret },
    keyId,
    tokenUrl,
    scopes,
    outbound,
    clock,
  });
}
