import { withoutUndefined } from '@loopwell/fhir';
import {
  backendServices,
  type Credentials,
  createFhirClient,
  type FhirClient,
  staticBearer,
} from '@loopwell/fhir/client';
import { AppError, type Clock } from '@loopwell/kit';
import type { Outbound } from '@loopwell/outbound';
import {
  type ConnectionSettings,
  connections,
  placeOfConnection,
  type Secrets,
  type Tx,
} from '@loopwell/store';
import type { NotePlace, Notes } from './notes.ts';
import { scopesFor } from './smart-scopes.ts';

/** A client for one EHR, with its kind. DECISIONS D100. */
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
  /** Whether to ask for scopes for writing, too. */
  writeBack: boolean;
  notes: Notes;
};

/**
 * Creates the function that opens EHRs by the id of their connection: named ones with the given
 * credentials, others by their row. A changed row gives a new client; an unchanged one keeps its
 * client and rate limits.
 * @throws AppError (the found function) NOT_FOUND for a connection that is not configured
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

/**
 * Wraps credentials so that `tell` gets the scopes that came with a token, each time that they
 * change.
 */
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
