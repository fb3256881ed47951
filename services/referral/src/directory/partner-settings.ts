import { AppError, type Clock } from '@loopwell/kit';
import type { Channel, ChannelShelf, RawSettings } from '@loopwell/partners';
import {
  directory,
  type NewPartner,
  type PartnerRow,
  placeOfSetting,
  type Secrets,
  type Tx,
} from '@loopwell/store';

/** Where a Task goes or went: the partner, its channel and its address. */
export type Destination = { partner: string; channel: string; address: string };

/** Gives the settings of a partner's channel, with secrets opened and with the address. */
export type SettingsOf = (destination: Destination) => Promise<RawSettings>;

type Place = Pick<PartnerRow, 'tenant' | 'id' | 'address'>;

/** One way to reach a partner, as it is stored. */
type Way = {
  kind: string;
  address: string;
  settings: Record<string, unknown>;
};

/** A secret setting as it is stored. */
type Sealed = { sealed: string };

const isSealed = (setting: unknown): setting is Sealed =>
  typeof setting === 'object' && setting !== null && 'sealed' in setting;

const placeOf = ({ tenant, id, address }: Place, name: string) =>
  placeOfSetting({ tenant, partner: id, address, name });

const noKey = () =>
  new AppError('CONFIG_INVALID', 'A secret setting of a partner needs LOOPWELL_SECRET_KEY', {
    facts: { waitsFor: 'secret-key' },
  });

/**
 * Seals the secret settings of partners before they are stored.
 *
 * @throws AppError CONFIG_INVALID when there is one and no key
 */
export function sealSettings(
  partners: readonly NewPartner[],
  shelf: ChannelShelf,
  secrets: Secrets | undefined,
): NewPartner[] {
  return partners.map((partner) => {
    const body = JSON.parse(partner.body) as { ways?: Way[] };
    const sealed = (way: Way) => sealWay(partner, way, shelf, secrets);
    const first = sealed({
      kind: partner.kind ?? '',
      address: partner.address,
      settings: JSON.parse(partner.settings ?? '{}') as Record<string, unknown>,
    });
    const ways = body.ways?.map(sealed);
    return {
      ...partner,
      body: JSON.stringify({ ...body, ways }),
      settings: JSON.stringify(first.settings),
    };
  });
}

/** Seals the secret settings of one way. */
function sealWay(
  { tenant, id }: NewPartner,
  { kind, address, settings }: Way,
  shelf: ChannelShelf,
  secrets: Secrets | undefined,
): Way {
  const sealed = { ...settings };
  for (const name of shelf[kind]?.secrets ?? []) {
    const secret = sealed[name];
    if (secret === undefined || isSealed(secret)) continue;
    if (!secrets) throw noKey();
    const place = placeOf({ tenant, id, address }, name);
    sealed[name] = { sealed: secrets.seal(JSON.stringify(secret), place) };
  }
  return {
    kind,
    address,
    settings: sealed,
  };
}

/** Lists the ways to a partner, in the order in which they are tried. */
export function waysOf({ kind, address, settings, body }: PartnerRow): readonly Way[] {
  const { ways } = JSON.parse(body) as { ways?: readonly Way[] };
  if (ways) return ways;
  const only = {
    kind,
    address,
    settings: JSON.parse(settings) as Way['settings'],
  };
  return [only];
}

/** Finds the way of the directory by which a Task goes or went; undefined where it has left it. */
export function wayOf(
  rows: readonly PartnerRow[],
  { partner, channel, address }: Destination,
): Way | undefined {
  const ofPartner = rows.filter(({ id }) => id === partner);
  const ways = ofPartner.flatMap(waysOf);
  return ways.find((way) => {
    return way.kind === channel && way.address === address;
  });
}

/** Gives the settings of a partner that may be shown. Secret ones are left out. */
export function shownSettings(partner: PartnerRow, channel: Channel | undefined): RawSettings {
  const settings = Object.entries(JSON.parse(partner.settings) as RawSettings);
  const isShown = ([name, setting]: [string, unknown]) =>
    channel !== undefined && !channel.secrets.includes(name) && !isSealed(setting);
  return Object.fromEntries(settings.filter(isShown));
}

/** Opens the secret settings of a way. */
function openSettings(place: Place, way: Way, secrets: Secrets | undefined): RawSettings {
  const settings = { ...way.settings };
  for (const [name, setting] of Object.entries(settings)) {
    if (!isSealed(setting)) continue;
    if (!secrets) throw noKey();
    settings[name] = JSON.parse(secrets.open(setting.sealed, placeOf(place, name)));
  }
  return settings;
}

/** How long settings that were read count. */
const keptMs = 5_000;

/**
 * Reads the settings of partners from the directory, again after a few seconds. A partner that has
 * left the directory is reached at the address of its Task, with the settings that a channel has by
 * itself.
 */
export function settingsInDirectory(
  { db, secrets, clock }: { db: Tx; secrets: Secrets | undefined; clock: Clock },
  tenant: string,
  shelf: ChannelShelf,
): SettingsOf {
  const rowsNow = keptForAWhile(clock, () => directory.loadDirectory(db, tenant));
  return async (destination) => {
    const { partner, channel, address } = destination;
    const way = wayOf(await rowsNow(), destination);
    const place = { tenant, id: partner, address };
    const settings = way ? openSettings(place, way, secrets) : {};
    const hasNoAddress = shelf[channel]?.address === 'none';
    return hasNoAddress ? settings : { ...settings, address };
  };
}

/** Makes a reader whose result counts for a few seconds, unless it failed. */
function keptForAWhile<T>(clock: Clock, read: () => Promise<T>): () => Promise<T> {
  let kept: { at: number; result: Promise<T> } | undefined;
  return () => {
    const now = clock.now().getTime();
    if (kept && Math.abs(now - kept.at) <= keptMs) return kept.result;
    const result = read();
    kept = { at: now, result };
    result.catch(() => {
      kept = undefined;
    });
    return result;
  };
}
