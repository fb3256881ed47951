import { ehrs } from '@loopwell/ehrs';
import { isRealDate, withoutUndefined } from '@loopwell/fhir';
import { parsePrivateKey } from '@loopwell/fhir/client';
import { type Problem, RequestProblems } from '@loopwell/http';
import { AppError, newId } from '@loopwell/kit';
import type { components } from '@loopwell/openapi/generated/intake.ts';
import type { Outbound } from '@loopwell/outbound';
import {
  type ConnectionSettings,
  connections,
  type Database,
  type Hold,
  ledger,
  placeOfConnection,
  pullCursors,
  type Secrets,
  type SmartClient,
} from '@loopwell/store';
import { openLanesOf } from '../pull/open-cursors.ts';

type Settings = components['schemas']['ConnectionSettings'];

/** A connection as an administrator wants it, with defaults for what was left out. */
export type ConnectionBody = Settings & Required<Pick<Settings, 'quirks' | 'patients' | 'aliases'>>;

/**
 * Fills in the defaults that a request left out. The contract (openapi/intake.yaml) was checked
 * before.
 */
export const connectionBody = (body: Settings): ConnectionBody => ({
  ...body,
  quirks: body.quirks ?? 'plain-r4',
  patients: body.patients ?? [],
  aliases: body.aliases ?? [],
});

export type ConfigureDeps = { db: Database; outbound: Outbound; secrets: Secrets };

type Who = { id: string; tenant: string };

/**
 * Creates or changes a connection and makes its cursors due; the reconciler looks at them in its
 * next interval. Pulled resources are keyed by the connection, so its base and start cannot change.
 * Patients may be added.
 * @throws RequestProblems naming every field that is wrong and the rule; AppError CONFLICT for a
 *   change of what must stay
 */
export async function configure(
  deps: ConfigureDeps,
  who: Who,
  id: string,
  wanted: ConnectionBody,
): Promise<{ settings: ConnectionSettings; isNew: boolean }> {
  await refuseWrong(deps.outbound, wanted);
  return deps.db.tx(async (tx) => {
    await pullCursors.lockForOpening(tx, id);
    const connectionSettings = await connections.lockConnection(tx, id);
    const { tenant } = who;
    if (connectionSettings && connectionSettings.tenant !== tenant)
      throw new AppError('CONFLICT', 'This id is taken');
    const base = wanted.base.replace(/\/+$/, '');
    const since = wanted.since === undefined ? null : new Date(wanted.since);
    if (connectionSettings) refuseMoved(connectionSettings, base, since, wanted.patients);
    const settings = {
      id,
      tenant,
      base,
      quirks: wanted.quirks,
      patients: wanted.patients,
      since,
      aliases: wanted.aliases,
      ...sealed(deps.secrets, { id, tenant }, wanted, connectionSettings),
    };
    await connections.saveConnectionSettings(tx, settings);
    await openLanesOf(tx, settings, settings);
    await ledger.appendHistory(tx, [
      {
        tenant,
        stage: 'pull',
        subject: `connection:${id}`,
        outcome: 'configured',
        trace: newId(),
        principal: who.id,
        facts: { credentials: settings.credentials },
      },
    ]);
    return {
      settings: { ...settings, revision: (connectionSettings?.revision ?? 0) + 1 },
      isNew: !connectionSettings,
    };
  });
}

async function refuseWrong(outbound: Outbound, wanted: ConnectionBody): Promise<void> {
  const problems: Problem[] = [];
  const address = (path: string, url: string) => {
    try {
      outbound.checkUrl(url);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      problems.push({ path, rule: 'address-refused' });
    }
  };
  address('/body/base', wanted.base);
  if (URL.canParse(wanted.base) && /[?#]/.test(wanted.base))
    problems.push({ path: '/body/base', rule: 'no-query' });
  for (const [index, alias] of wanted.aliases.entries())
    if (!/^https?:\/\/[^?#]+$/.test(alias) || !URL.canParse(alias))
      problems.push({ path: `/body/aliases/${index}`, rule: 'web-address' });
  if (!ehrs.some((one) => one.id === wanted.quirks))
    problems.push({ path: '/body/quirks', rule: 'unknown-quirks' });
  if (new Set(wanted.patients).size < wanted.patients.length)
    problems.push({ path: '/body/patients', rule: 'duplicate' });
  if (wanted.since !== undefined && !isRealDate(wanted.since))
    problems.push({ path: '/body/since', rule: 'date-time' });
  const withCredentials = wanted.credentials;
  if (withCredentials?.kind === 'smart-backend') {
    if (withCredentials.tokenUrl !== undefined)
      address('/body/credentials/tokenUrl', withCredentials.tokenUrl);
    const key = await parsePrivateKey(withCredentials.privateKey, withCredentials.keyId).catch(
      () => undefined,
    );
    if (!key) problems.push({ path: '/body/credentials/privateKey', rule: 'private-key' });
    else if (withCredentials.keyId === undefined && key.keyId === undefined)
      problems.push({ path: '/body/credentials/keyId', rule: 'required' });
  }
  if (problems.length > 0) throw new RequestProblems('The connection is not usable', problems);
}

function refuseMoved(
  connectionSettings: ConnectionSettings,
  base: string,
  since: Date | null,
  patients: readonly string[],
): void {
  const stays = (field: string) =>
    new AppError(
      'CONFLICT',
      'What was read is kept under this connection: make another one for a different ' +
        'base, start or choice of patients',
      { facts: { field } },
    );
  if (connectionSettings.base !== base) throw stays('base');
  if ((connectionSettings.since?.getTime() ?? 0) !== (since?.getTime() ?? 0)) throw stays('since');
  const isEveryone = (list: readonly string[]) => list.length === 0;
  if (
    isEveryone(connectionSettings.patients) !== isEveryone(patients) ||
    connectionSettings.patients.some((one) => !patients.includes(one))
  )
    throw stays('patients');
}

/**
 * Seals the wanted credentials, or keeps the present ones when they are left out, because they
 * cannot be read back to send them again. They are kept only for the origins that they were given
 * for, and those do not change.
 */
function sealed(
  secrets: Secrets,
  place: { id: string; tenant: string },
  wanted: ConnectionBody,
  connectionSettings: ConnectionSettings | undefined,
): Pick<ConnectionSettings, 'credentials' | 'client' | 'secret'> {
  const withCredentials = wanted.credentials;
  if (withCredentials === undefined) {
    if (connectionSettings && connectionSettings.credentials !== 'given')
      return {
        credentials: connectionSettings.credentials,
        client: connectionSettings.client,
        secret: connectionSettings.secret,
      };
    throw new RequestProblems('The connection is not usable', [
      { path: '/body/credentials', rule: 'required' },
    ]);
  }
  if (withCredentials.kind === 'none') return { credentials: 'none', client: {}, secret: null };
  const seal = (text: string) => secrets.seal(text, placeOfConnection(place));
  if (withCredentials.kind === 'bearer')
    return { credentials: 'bearer', client: {}, secret: seal(withCredentials.token) };
  const { kind, privateKey, ...client } = withCredentials;
  return { credentials: kind, client: client as SmartClient, secret: seal(privateKey) };
}

/** Returns a connection as the API shows it: that there is a secret, never the secret. */
export function connectionJson(
  connectionSettings: Omit<ConnectionSettings, 'revision'>,
  paused?: Hold,
): object {
  const {
    id,
    base,
    quirks,
    patients,
    since,
    aliases,
    credentials: kind,
    client,
  } = connectionSettings;
  return {
    id,
    base,
    quirks,
    credentials: { kind, ...client, hasSecret: connectionSettings.secret !== null },
    patients,
    ...withoutUndefined({
      since: since ? since.toISOString() : undefined,
      aliases: aliases.length > 0 ? [...aliases] : undefined,
      paused: paused
        ? { by: paused.principal, at: paused.at.toISOString(), reason: paused.reason }
        : undefined,
    }),
  };
}
